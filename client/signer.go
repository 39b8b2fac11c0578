package client

import (
	"context"
	"fmt"
	"sync"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

// Signer is one account that sends. It gives its transactions their numbers one
// after another, so many goroutines may send with it. Two Signers of one account
// (two processes) get in each other's way, but recover.
type Signer struct {
	Address sdk.AccAddress

	key  cryptotypes.PubKey
	sign func(message []byte) ([]byte, error)

	mu       sync.Mutex // held from choosing a sequence number until the node has the transaction
	known    bool       // the numbers below are as on the chain
	account  uint64
	sequence uint64
}

// NewSigner signs with a key in memory.
func NewSigner(key cryptotypes.PrivKey) *Signer {
	return &Signer{Address: key.PubKey().Address().Bytes(), key: key.PubKey(), sign: key.Sign}
}

// KeyringSigner signs with a named key of a keyring, which may ask for its password.
func KeyringSigner(ring keyring.Keyring, name string) (*Signer, error) {
	record, err := ring.Key(name)
	if err != nil {
		return nil, fmt.Errorf("key %q (`minga keys list` shows those there are): %w", name, err)
	}
	key, err := record.GetPubKey()
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", name, err)
	}
	return &Signer{Address: key.Address().Bytes(), key: key, sign: func(message []byte) ([]byte, error) {
		signature, _, err := ring.Sign(name, message, signing.SignMode_SIGN_MODE_DIRECT)
		return signature, err
	}}, nil
}

// String is the account's address.
func (s *Signer) String() string { return s.Address.String() }

// learn asks the chain for the account's numbers.
func (s *Signer) learn(ctx context.Context, c *Client) error {
	r, err := authtypes.NewQueryClient(c).AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: s.String()})
	if err != nil {
		return fmt.Errorf("account %s (it must have received coins once): %w", s, err)
	}
	s.account, s.sequence, s.known = r.Info.AccountNumber, r.Info.Sequence, true
	return nil
}
