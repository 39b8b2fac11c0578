package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	cmttypes "github.com/cometbft/cometbft/types"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/chain"
)

var (
	// ErrNoHome means that there is no node in a home yet.
	ErrNoHome = errors.New("no node here")
	// ErrExists means that there is a node in a home already.
	ErrExists = errors.New("there is a node already")
)

// bond is what the first validators put in, in uminga: 1,000 MINGA.
const bond = 1_000_000_000

// Identity is what others need to know of a node.
type Identity struct {
	// ID names the node among its peers.
	ID string
	// Key signs its blocks when it is a validator.
	Key crypto.PubKey
}

// Init makes a home and in it the genesis of a new chain, whose first validator is
// this node. operator owns the validator: it is given its bond, and should be among
// the accounts to have coins for fees. Chain ids end in a number, as in minga-test-1.
func Init(home, chainID string, operator sdk.AccAddress, accounts []chain.Account) (Identity, error) {
	id, err := makeKeys(home)
	if err != nil {
		return Identity{}, err
	}
	doc, err := chain.Genesis{
		ChainID: chainID, Time: time.Now(), Accounts: accounts,
		Validators: []chain.Validator{{Operator: operator, Key: id.Key, Moniker: "first", Stake: math.NewInt(bond)}},
	}.Doc()
	if err != nil {
		return Identity{}, err
	}
	return id, writeGenesis(home, doc)
}

// Join makes a home for a node of a chain whose genesis is given.
func Join(home string, doc *cmttypes.GenesisDoc) (Identity, error) {
	id, err := makeKeys(home)
	if err != nil {
		return Identity{}, err
	}
	return id, writeGenesis(home, doc)
}

// Identify reads the identity of the node in a home.
func Identify(home string) (Identity, error) {
	key, signer, err := loadKeys(home)
	if err != nil {
		return Identity{}, err
	}
	return Identity{ID: string(key.ID()), Key: signer.Key.PubKey}, nil
}

// ReadGenesis reads a genesis from a file and checks its form.
func ReadGenesis(file string) (*cmttypes.GenesisDoc, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the genesis: %w", err)
	}
	doc, err := cmttypes.GenesisDocFromJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("%s is not a genesis: %w", file, err)
	}
	return doc, nil
}

func readGenesis(home string) (*cmttypes.GenesisDoc, error) {
	if _, err := os.Stat(paths(home).GenesisFile()); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoHome, home)
	}
	return ReadGenesis(paths(home).GenesisFile())
}

func writeGenesis(home string, doc *cmttypes.GenesisDoc) error {
	if err := doc.SaveAs(paths(home).GenesisFile()); err != nil {
		return fmt.Errorf("write the genesis: %w", err)
	}
	return nil
}

// paths are CometBFT's usual names in a home.
func paths(home string) *cmtcfg.Config {
	c := cmtcfg.DefaultConfig()
	c.SetRoot(home)
	return c
}

// makeKeys makes a home with new keys. It never replaces any.
func makeKeys(home string) (Identity, error) {
	c := paths(home)
	for _, f := range []string{c.PrivValidatorKeyFile(), c.GenesisFile()} {
		if _, err := os.Stat(f); err == nil {
			return Identity{}, fmt.Errorf("%w in %s", ErrExists, home)
		}
	}
	for _, dir := range []string{filepath.Dir(c.GenesisFile()), filepath.Dir(c.PrivValidatorStateFile())} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return Identity{}, fmt.Errorf("make the home: %w", err)
		}
	}
	key, err := p2p.LoadOrGenNodeKey(c.NodeKeyFile())
	if err != nil {
		return Identity{}, fmt.Errorf("make the node's key: %w", err)
	}
	signer := privval.GenFilePV(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile())
	signer.Save()
	return Identity{ID: string(key.ID()), Key: signer.Key.PubKey}, nil
}

// loadKeys reads a home's keys. The files are looked for first: CometBFT ends the
// process when one is missing.
func loadKeys(home string) (*p2p.NodeKey, *privval.FilePV, error) {
	c := paths(home)
	for _, f := range []string{c.NodeKeyFile(), c.PrivValidatorKeyFile(), c.PrivValidatorStateFile()} {
		if _, err := os.Stat(f); err != nil {
			return nil, nil, fmt.Errorf("%w: %s: %w", ErrNoHome, home, err)
		}
	}
	key, err := p2p.LoadNodeKey(c.NodeKeyFile())
	if err != nil {
		return nil, nil, fmt.Errorf("read the node's key: %w", err)
	}
	return key, privval.LoadFilePV(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile()), nil
}
