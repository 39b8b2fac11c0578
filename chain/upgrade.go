package chain

import (
	"context"
	"fmt"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// Version counts the chain's rules. Each upgrade adds one. TestVersionFixesTheRules has hashes
// of what a dependency could change in them.
const Version = 1

// release is one agreed change of the rules: governance passes a plan with its
// name and a height; there every node of the old version stops, and a node of
// the new version goes on.
type release struct {
	// name is "v" and the version that the upgrade leads to.
	name string
	// stores are added, renamed or deleted before the block of the upgrade.
	stores storetypes.StoreUpgrades
}

// upgrades are all that ever were, in order, so that a node can follow the chain
// from its genesis. Modules bring their own migrations with their consensus versions.
var upgrades = []release{}

// setUpgrades registers what each upgrade does, and changes the stores when the
// last run stopped for one of them.
func (a *App) setUpgrades(list []release, home string) error {
	for _, u := range list {
		migrate := func(ctx context.Context, _ upgradetypes.Plan, from module.VersionMap) (module.VersionMap, error) {
			return a.modules.RunMigrations(ctx, a.config, from)
		}
		a.Upgrade.SetUpgradeHandler(u.name, migrate)
	}
	if home == "" {
		return nil
	}
	plan, err := a.Upgrade.ReadUpgradeInfoFromDisk()
	if err != nil {
		return fmt.Errorf("read the note of an upgrade: %w", err)
	}
	for _, u := range list {
		if u.name == plan.Name {
			a.SetStoreLoader(upgradetypes.UpgradeStoreLoader(plan.Height, &u.stores))
		}
	}
	return nil
}
