// Package gas is what a transaction costs at least. A chain on which transactions are free
// can be filled with them: each takes time of every node, and what it stores stays. So there
// is a least price for a unit of gas, the same for every node and in every block, which
// governance may change within bounds. Package chain refuses what pays less.
//
// A node's operator may ask for more of the transactions that come to that node.
//
// What can go wrong: a price that nobody can pay would keep governance from taking it back.
// So the price is bounded above as well.
package gas

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/store"
	"cosmossdk.io/errors"
	"cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/codec"
	"google.golang.org/grpc/codes"
)

// Name is the module's name and its store key.
const Name = "gas"

// Errors a caller may react to.
var (
	ErrUnauthorized = errors.RegisterWithGRPCCode(Name, 2, codes.PermissionDenied, "not the authority")
	ErrParams       = errors.RegisterWithGRPCCode(Name, 3, codes.InvalidArgument, "invalid parameters")
)

// The bounds of the price, in uminga: a transaction of 100,000 gas costs 10 to 100,000.
const least, most = "0.0001", "1"

// Keeper holds the price.
type Keeper struct {
	Schema collections.Schema
	Params collections.Item[Params]

	authority string
}

// NewKeeper opens the module's store. The authority may change the parameters.
func NewKeeper(kv store.KVStoreService, cdc codec.Codec, authority string) (Keeper, error) {
	sb := collections.NewSchemaBuilder(kv)
	k := Keeper{
		Params:    collections.NewItem(sb, collections.NewPrefix(0), "params", codec.CollValue[Params](cdc)),
		authority: authority,
	}
	var err error
	k.Schema, err = sb.Build()
	return k, err
}

// DefaultParams hold until governance sets others: a block full of transactions costs 0.2 MINGA.
func DefaultParams() Params { return Params{MinPrice: math.LegacyNewDecWithPrec(1, 3)} }

// MinPrice is the least that a transaction pays for a unit of its gas limit, in uminga.
func (k Keeper) MinPrice(ctx context.Context) (math.LegacyDec, error) {
	p, err := k.params(ctx)
	return p.MinPrice, err
}

// UpdateParams is for governance.
func (k Keeper) UpdateParams(ctx context.Context, msg *MsgUpdateParams) (*MsgUpdateParamsResponse, error) {
	if msg.Authority != k.authority {
		return nil, ErrUnauthorized.Wrapf("%s may not: propose the change to governance (%s)", msg.Authority, k.authority)
	}
	if err := msg.Params.Check(); err != nil {
		return nil, err
	}
	return &MsgUpdateParamsResponse{}, k.Params.Set(ctx, msg.Params)
}

// Check bounds the parameters: of a genesis, of a proposal, and of what a node answers.
func (p Params) Check() error {
	low, high := math.LegacyMustNewDecFromStr(least), math.LegacyMustNewDecFromStr(most)
	if p.MinPrice.IsNil() || p.MinPrice.LT(low) || p.MinPrice.GT(high) {
		return ErrParams.Wrapf("min_price: give %s to %s uminga for a unit of gas", least, most)
	}
	return nil
}

// params returns what governance set, or the defaults where it has set nothing.
func (k Keeper) params(ctx context.Context) (Params, error) {
	p, err := k.Params.Get(ctx)
	if stderrors.Is(err, collections.ErrNotFound) {
		return DefaultParams(), nil
	}
	return p, err
}

// queries answers Query. It is a type of its own because Keeper has a field named as its method.
type queries struct{ k Keeper }

func (q queries) Params(ctx context.Context, _ *QueryParamsRequest) (*QueryParamsResponse, error) {
	p, err := q.k.params(ctx)
	return &QueryParamsResponse{Params: p}, err
}
