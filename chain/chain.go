// Package chain is the application that Minga's validators run: which modules
// there are, in which order they act, who may hold coins, and how a genesis is
// made, exported and upgraded.
//
// The pieces meet in New: ours.go lists our own modules, encoding.go says how bytes
// become messages, keepers.go opens the SDK's modules, modules.go puts all modules in
// order, ante.go says what a transaction must satisfy. genesis.go makes the first state of a new chain,
// export.go writes the present state as one, upgrade.go lists how the rules
// change at agreed heights. Package chain/node runs the application under
// CometBFT; nothing here opens a socket or reads a clock.
//
// What can go wrong: New and Genesis return errors. A handler that panics is
// caught by the SDK and fails its transaction; a panic in a block's begin or end
// stops the chain, and chain/node ends the process with the reason.
package chain

import (
	"os"

	"github.com/cosmos/cosmos-sdk/codec/address"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// Name is the application's name.
	Name = "minga"
	// Prefix begins every address: minga1..., mingavaloper1..., mingavalcons1...
	Prefix = "minga"
	// Denom is the only coin that is money: one millionth of a MINGA.
	Denom = "uminga"
)

// addresses writes and reads the accounts' addresses.
var addresses = address.NewBech32Codec(Prefix)

// The SDK prints addresses with one prefix for the whole process, so it is set
// before anything can print one. It asks for its configuration with every address. Without a name in the
// environment it asks the system for the host and for the program's file each time, which costs a
// program that counts coins a sixth of its time.
func init() {
	if err := os.Setenv(sdk.EnvConfigScope, Name); err != nil {
		panic(err) // the name is two constants
	}
	c := sdk.GetConfig()
	c.SetBech32PrefixForAccount(Prefix, Prefix+"pub")
	c.SetBech32PrefixForValidator(Prefix+"valoper", Prefix+"valoperpub")
	c.SetBech32PrefixForConsensusNode(Prefix+"valcons", Prefix+"valconspub")
	sdk.DefaultBondDenom = Denom
}
