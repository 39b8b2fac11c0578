package beacon

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/ecvrf"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// The sizes of a validator's key, of a key with a proof, and of a consensus address.
const (
	sizeOfKey     = ed25519.PublicKeySize
	sizeOfProof   = sizeOfKey + ecvrf.ProofSize
	sizeOfAddress = 20
)

// proof is a public key and a proof of its holder's output.
type proof []byte

// Key is the public key of the validator whose vote an extension came with. It is nil if the extension is none.
func Key(extension []byte) []byte {
	if len(extension) < sizeOfProof {
		return nil
	}
	return extension[:sizeOfKey]
}

// parts are the proof of who votes, and the one of the block before that it adds, if any.
func parts(extension []byte) (own, added proof, err error) {
	switch len(extension) {
	case sizeOfProof:
		return extension, nil, nil
	case 2 * sizeOfProof:
		return extension[:sizeOfProof], extension[sizeOfProof:], nil
	}
	return nil, nil, ErrVote.Wrapf("an extension of %d bytes: run the chain's version of the node", len(extension))
}

// address is the consensus address of who made a proof: the beginning of the hash of its key.
func (p proof) address() []byte {
	hash := sha256.Sum256(p[:sizeOfKey])
	return hash[:sizeOfAddress]
}

// open verifies a proof and returns its output.
func (p proof) open(about []byte) ([]byte, error) {
	ok, output := ecvrf.Verify(ed25519.PublicKey(p[:sizeOfKey]), p[sizeOfKey:], about)
	if !ok {
		return nil, ErrVote.Wrapf("the proof of %X does not hold for this chain, height and seed", p.address())
	}
	return output, nil
}

// question is what the validators' functions are evaluated at in the votes for a block.
func (k Keeper) question(ctx context.Context, height int64) ([]byte, error) {
	before, err := k.before(ctx, height)
	if err != nil {
		return nil, err
	}
	id := []byte(sdk.UnwrapSDKContext(ctx).ChainID())
	return mix("question", id, binary.BigEndian.AppendUint64(nil, uint64(height)), before), nil
}

// Extend makes the extension of a validator's vote for a block: its public key and its proof.
func (k Keeper) Extend(ctx context.Context, height int64, key ed25519.PrivateKey) ([]byte, error) {
	about, err := k.question(ctx, height)
	if err != nil {
		return nil, err
	}
	if len(key) != ed25519.PrivateKeySize {
		return nil, ErrVote.Wrap("no key to prove with: start the node with the file of its validator's key")
	}
	return append(bytes.Clone(key[sizeOfKey:]), ecvrf.Prove(key, about)...), nil
}

// Check verifies the extension of a vote for a block by the validator with an address.
func (k Keeper) Check(ctx context.Context, height int64, address, extension []byte) error {
	own, added, err := parts(extension)
	if err != nil {
		return err
	}
	if !bytes.Equal(own.address(), address) {
		return ErrVote.Wrapf("the key is not that of the validator %X", address)
	}
	about, err := k.question(ctx, height)
	if err != nil {
		return err
	}
	if _, err = own.open(about); err != nil || added == nil {
		return err
	}
	if about, err = k.question(ctx, height-1); err != nil {
		return err
	}
	_, err = added.open(about)
	return err
}

// Add adds to an extension the best ticket that a block leaves out: among the extensions seen, all checked before, of
// votes for the block that the shown ones are for too.
func Add(extension []byte, voters []Voter, shown, seen [][]byte) []byte {
	_, least := best(voters, shown)
	if added, ticket := best(voters, seen); ticket < least {
		return append(extension, added...)
	}
	return extension
}

// best finds the least ticket among extensions whose proofs hold.
func best(voters []Voter, extensions [][]byte) (least proof, at uint64) {
	at = math.MaxUint64
	all := powers(voters)
	for _, e := range extensions {
		own, _, err := parts(e)
		if err != nil {
			continue
		}
		output, err := ecvrf.ProofToHash(own[sizeOfKey:])
		if err != nil {
			continue
		}
		if t := all.ticket(own.address(), output); t < at {
			least, at = own, t
		}
	}
	return least, at
}
