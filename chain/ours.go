package chain

import (
	"slices"

	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/core/store"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/beacon"
	"github.com/minga-network/minga/x/gas"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// Ours is the state of our own modules.
type Ours struct {
	Gas    gas.Keeper
	Beacon beacon.Keeper
	Worker worker.Keeper
	Asset  asset.Keeper
	Job    job.Keeper
}

// own is one of our own modules: all that the application and the commands need to know of it.
type own struct {
	// name is the module's name and its store's.
	name string
	// about says in a line what its commands are about.
	about string
	// messages is the module without state. It knows the module's messages.
	messages appmodule.AppModule
	accounts []account
	// open opens the module over its store. The modules before it in the list are open.
	open func(*App, store.KVStoreService) (appmodule.AppModule, error)
}

// account is an account that belongs to a module.
type account struct {
	name string
	// may is what the module may do to the supply of coins.
	may []string
	// donations tells that anyone may send to it. Other accounts keep books of what they hold: a plain
	// send would be lost to everyone.
	donations bool
}

// ours are our own modules; each stands after those that it needs. Their stores, accounts, genesis,
// end of block, messages and commands all follow from this list.
var ours = []own{
	{
		name: gas.Name, about: "What gas costs at least", messages: gas.AppModule{},
		open: func(a *App, kv store.KVStoreService) (_ appmodule.AppModule, err error) {
			a.Gas, err = gas.NewKeeper(kv, a.Encoding.Codec, authority())
			return gas.NewModule(a.Gas), err
		},
	},
	{
		name: beacon.Name, about: "Random numbers that nobody chooses", messages: beacon.AppModule{},
		open: func(a *App, kv store.KVStoreService) (_ appmodule.AppModule, err error) {
			a.Beacon, err = beacon.NewKeeper(kv, a.Encoding.Codec)
			return beacon.NewModule(a.Beacon), err
		},
	},
	{
		name: worker.Name, about: "Machines that work: stake, offers, record", messages: worker.AppModule{},
		accounts: []account{{name: worker.Name, may: []string{authtypes.Burner}}},
		open: func(a *App, kv store.KVStoreService) (_ appmodule.AppModule, err error) {
			a.Worker, err = worker.NewKeeper(kv, a.Encoding.Codec, addresses, a.Bank, authority())
			return worker.NewModule(a.Worker), err
		},
	},
	{
		name: asset.Name, about: "Datasets and models: publish, income, lineage", messages: asset.AppModule{},
		accounts: []account{{name: asset.Name, may: []string{authtypes.Minter}}, {name: asset.Commons, donations: true}},
		open: func(a *App, kv store.KVStoreService) (_ appmodule.AppModule, err error) {
			a.Asset, err = asset.NewKeeper(kv, a.Encoding.Codec, addresses, a.Bank, authority())
			// Income is settled before shares move.
			a.Bank.AppendSendRestriction(a.Asset.SendRestriction)
			return asset.NewModule(a.Asset), err
		},
	},
	{
		name: job.Name, about: "Paid work: post, take, claim, check", messages: job.AppModule{},
		accounts: []account{{name: job.Name}},
		open: func(a *App, kv store.KVStoreService) (_ appmodule.AppModule, err error) {
			a.Job, err = job.NewKeeper(kv, a.Encoding.Codec, addresses, a.Bank, a.Worker, a.Asset, a.Beacon, authority())
			return job.NewModule(a.Job), err
		},
	},
}

// names lists our own modules in order of dependency.
func names() []string {
	var all []string
	for _, m := range ours {
		all = append(all, m.name)
	}
	return all
}

// ending is the order in which our own modules end a block: what depends on others comes before them. So
// jobs settle before leaving workers are paid, and a stake that a job lets go can leave in the same block.
func ending() []string {
	all := names()
	slices.Reverse(all)
	return all
}

// Subjects says what the commands of each of our own modules are about.
func Subjects() map[string]string {
	about := map[string]string{}
	for _, m := range ours {
		about[m.name] = m.about
	}
	return about
}
