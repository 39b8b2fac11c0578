// Package beacon gives random numbers that nobody chooses, for draws about money.
//
// With its vote for a block each validator shows the output of a verifiable random function (RFC 9381) of the chain's
// id, the height and the last seed: one output a validator and height, which nobody knows without the key, and anybody
// can check. The proposer of the next block must show the extensions of votes of more than two thirds of the voting
// power. Package chain carries them (chain/beacon.go); here they are checked and mixed.
//
// Not all outputs are mixed: a proposer may leave out a third of the power, and could choose among 2^(n/3) hashes. Each
// output is a ticket in a lottery that a validator wins by its power, and only the best ticket counts. If a block
// leaves out the best, then every validator that has seen it adds it to its next vote, under its signature, and the
// block after must show it. So a proposer has no choice unless all who saw the ticket are its friends. What is left:
// who holds the best ticket may keep it to itself.
//
//	seed, ready, err := k.Draw(ctx, from) // ready in the block from+Wait
//
// What can go wrong: who asks later than Keep blocks after finds nothing. Validators that hold a third of the power
// together can stop the chain, and choose seeds.
package beacon

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	stderrors "errors"
	"math"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"cosmossdk.io/errors"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"google.golang.org/grpc/codes"
)

// Name is the module's name and its store's.
const Name = "beacon"

const (
	// Wait is how many blocks after something is final its draws are ready. Who wants to know a draw before must foresee
	// the best tickets of Wait-1 blocks.
	Wait = 8
	// Keep is how many blocks a seed is kept.
	Keep = 1000
)

// Errors a caller may react to.
var (
	ErrSeed = errors.RegisterWithGRPCCode(Name, 2, codes.NotFound, "no seed")
	ErrVote = errors.RegisterWithGRPCCode(Name, 3, codes.InvalidArgument, "invalid vote")
)

// Keeper holds the seeds of the last blocks.
type Keeper struct {
	Schema collections.Schema
	Seeds  collections.Map[int64, Seed]
}

// NewKeeper opens the module's store.
func NewKeeper(kv store.KVStoreService, cdc codec.Codec) (Keeper, error) {
	sb := collections.NewSchemaBuilder(kv)
	k := Keeper{
		Seeds: collections.NewMap(sb, collections.NewPrefix(0), "seeds", collections.Int64Key, codec.CollValue[Seed](cdc)),
	}
	var err error
	k.Schema, err = sb.Build()
	return k, err
}

// Seed is the seed of a block of the last Keep ones.
func (k Keeper) Seed(ctx context.Context, height int64) (seed Seed, ok bool, err error) {
	seed, err = k.Seeds.Get(ctx, height)
	if stderrors.Is(err, collections.ErrNotFound) {
		return Seed{Ticket: math.MaxUint64}, false, nil
	}
	return seed, err == nil, err
}

// Draw is the seed of draws about what is final when the block from ends. It is ready from the beginning of the block
// from+Wait on, or a block or two later where a chain begins again from an exported state. Whoever needs it keeps it:
// it is forgotten Keep blocks later.
func (k Keeper) Draw(ctx context.Context, from int64) (seed []byte, ready bool, err error) {
	for height := from + Wait; ; height++ {
		s, ok, err := k.Seed(ctx, height)
		switch {
		case err != nil:
			return nil, false, err
		case !ok && height <= sdk.UnwrapSDKContext(ctx).BlockHeight()-Keep:
			return nil, false, ErrSeed.Wrapf("the seed of height %d is forgotten: it is kept for %d blocks", height, Keep)
		case !ok:
			return nil, false, nil
		case len(s.Lot) > 0:
			return mix("draw", binary.BigEndian.AppendUint64(nil, uint64(from)), s.Lot), true, nil
		}
	}
}

// Ready is the height from which the draws about what is final when the block from ends are ready.
func (k Keeper) Ready(from int64) int64 { return from + Wait }

// before is the seed that the outputs shown with the votes for a block are about.
func (k Keeper) before(ctx context.Context, height int64) ([]byte, error) {
	s, ok, err := k.Seed(ctx, height-1)
	if err != nil || ok {
		return s.Seed, err
	}
	return mix("first", []byte(sdk.UnwrapSDKContext(ctx).ChainID())), nil
}

// mix is a hash of parts, and of what it is for.
func mix(purpose string, parts ...[]byte) []byte {
	h := sha256.New()
	h.Write([]byte("minga beacon " + purpose))
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write(p)
	}
	return h.Sum(nil)
}
