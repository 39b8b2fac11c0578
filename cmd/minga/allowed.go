package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/kind/fit"
)

// allowed is what the owner of a machine allows strangers' jobs to take of it.
type allowed struct {
	memory    int64 // MiB
	stakePart int64 // basis points
	majority  bool
}

// usualMemory is allowed, in MiB, where the machine does not say how much it has.
const usualMemory = 4096

// flags are those of a command that works for strangers.
func (a *allowed) flags(cmd *cobra.Command, what string) {
	most := int64(usualMemory)
	if all := machineMemory(); all > 0 {
		most = all >> 20 / 4 * 3
	}
	f := cmd.Flags()
	f.Int64Var(&a.memory, "memory", most,
		"most MiB that "+what+" may take together; what needs more is refused; 0 is no bound")
	f.Int64Var(&a.stakePart, "stake-part", fit.DefaultStakePart,
		"how much of its free stake one job may lock, in basis points")
	f.BoolVar(&a.majority, "majority", false, "take jobs about which a bare majority of the checkers decides")
}

// check refuses what cannot be.
func (a *allowed) check() error {
	switch {
	case a.memory < 0 || a.memory > 1<<30:
		return usage(fmt.Errorf("--memory %d: give 1 to %d, or 0", a.memory, 1<<30))
	case a.stakePart < 1 || a.stakePart > 10_000:
		return usage(fmt.Errorf("--stake-part %d: give 1 to 10000", a.stakePart))
	}
	return nil
}

// policy is which jobs are taken.
func (a *allowed) policy() fit.Policy {
	return fit.Policy{StakePart: a.stakePart, Majority: a.majority}
}
