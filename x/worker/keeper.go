// Package worker is who may work: machines and people that put down a stake and
// offer kinds of work at a price. Which kinds there are is a matter of x/job; an
// offer may have any well-formed name of a kind.
//
// A worker registers, changes its offers when it likes, and leaves by unbonding.
// Everything else happens to it from x/job, the only caller of Lock, Unlock,
// Slash and Record: a job locks a part of the stake while it is under way, gives
// it back or takes from it, and writes the outcome into the worker's record.
// Rank walks the offers of a kind from the best to the worst: the lowest price
// first, then the better record, then the longer membership. Draw draws by lot among all
// who offer a kind, by their stake, from a seed that x/beacon gives.
//
// What can go wrong: a worker that leaves is paid back unbond_blocks later, and
// never before its last job has ended, so that no stake escapes a challenge. A
// stake that falls below the minimum by slashing stays as it is. The worker then
// fits only jobs that ask for no more than it has left.
//
// The stakes of all workers are the module account's balance, to the last coin.
package worker

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	collcodec "cosmossdk.io/collections/codec"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/store"
	"cosmossdk.io/errors"
	"cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"google.golang.org/grpc/codes"
)

// Name is the module's name, its store key and the account that holds the stakes.
// The account needs the permission to burn.
const Name = "worker"

// Coin is the coin of stakes and prices.
const Coin = "uminga"

// Errors a caller may react to.
var (
	ErrUnknown      = errors.RegisterWithGRPCCode(Name, 2, codes.NotFound, "unknown worker")
	ErrRegistered   = errors.RegisterWithGRPCCode(Name, 3, codes.AlreadyExists, "already registered")
	ErrOffer        = errors.RegisterWithGRPCCode(Name, 4, codes.InvalidArgument, "invalid offer")
	ErrStake        = errors.RegisterWithGRPCCode(Name, 5, codes.FailedPrecondition, "not enough stake")
	ErrLeaving      = errors.RegisterWithGRPCCode(Name, 6, codes.FailedPrecondition, "worker is leaving")
	ErrUnauthorized = errors.RegisterWithGRPCCode(Name, 7, codes.PermissionDenied, "not the authority")
	ErrTree         = errors.RegisterWithGRPCCode(Name, 9, codes.Internal, "the lots cannot be read")
	ErrParams       = errors.RegisterWithGRPCCode(Name, 8, codes.InvalidArgument, "invalid parameters")
)

// Bank is what stakes need of x/bank.
type Bank interface {
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, to sdk.AccAddress, amt sdk.Coins) error
	BurnCoins(ctx context.Context, module string, amt sdk.Coins) error
}

// place is where an offer stands among those of its kind: price, record, id.
type place = collections.Quad[string, uint64, uint64, uint64]

// Keeper holds every worker that has not been paid back.
type Keeper struct {
	Schema  collections.Schema
	Params  collections.Item[Params]
	LastID  collections.Sequence
	Workers collections.Map[sdk.AccAddress, Worker]
	// Offers maps each offer's place to its worker, so that walking it is ranking.
	Offers collections.Map[place, sdk.AccAddress]
	// Leaving holds (release height, worker) of those whose stake waits to be paid back.
	Leaving collections.KeySet[collections.Pair[int64, sdk.AccAddress]]
	// Members has the worker of each id.
	Members collections.Map[uint64, sdk.AccAddress]
	// Nodes are the sums of stakes that lots are drawn from, and Past what they were before a block changed them.
	Nodes collections.Map[spot, []byte]
	Past  collections.Map[moment, []byte]

	addr      address.Codec
	bank      Bank
	authority string
}

// NewKeeper opens the module's store. The authority may change the parameters.
func NewKeeper(kv store.KVStoreService, cdc codec.Codec, addr address.Codec, bank Bank,
	authority string) (Keeper, error) {
	sb := collections.NewSchemaBuilder(kv)
	k := Keeper{
		Params:  collections.NewItem(sb, collections.NewPrefix(0), "params", codec.CollValue[Params](cdc)),
		LastID:  collections.NewSequence(sb, collections.NewPrefix(1), "last_id"),
		Workers: collections.NewMap(sb, collections.NewPrefix(2), "workers", sdk.AccAddressKey, codec.CollValue[Worker](cdc)),
		Offers: collections.NewMap(sb, collections.NewPrefix(3), "offers",
			collections.QuadKeyCodec(collections.StringKey, collections.Uint64Key, collections.Uint64Key, collections.Uint64Key),
			collcodec.KeyToValueCodec(sdk.AccAddressKey)),
		Leaving: collections.NewKeySet(sb, collections.NewPrefix(4), "leaving",
			collections.PairKeyCodec(collections.Int64Key, sdk.AccAddressKey)),
		Members: collections.NewMap(sb, collections.NewPrefix(5), "members", collections.Uint64Key,
			collcodec.KeyToValueCodec(sdk.AccAddressKey)),
		Nodes: collections.NewMap(sb, collections.NewPrefix(6), "nodes",
			collections.TripleKeyCodec(collections.StringKey, collections.Uint32Key, collections.Uint64Key),
			collections.BytesValue),
		Past: collections.NewMap(sb, collections.NewPrefix(7), "past",
			collections.QuadKeyCodec(collections.StringKey, collections.Uint32Key, collections.Uint64Key, collections.Int64Key),
			collections.BytesValue),
		addr: addr, bank: bank, authority: authority,
	}
	var err error
	k.Schema, err = sb.Build()
	return k, err
}

// Get returns a worker by its address, or ErrUnknown.
func (k Keeper) Get(ctx context.Context, addr string) (Worker, error) {
	_, w, err := k.load(ctx, addr)
	return w, err
}

// load is Get with the account's bytes, which are the key to write back to.
func (k Keeper) load(ctx context.Context, addr string) (sdk.AccAddress, Worker, error) {
	account, err := k.addr.StringToBytes(addr)
	if err != nil {
		return nil, Worker{}, ErrUnknown.Wrapf("%q is not an address: %s", addr, err)
	}
	w, err := k.Workers.Get(ctx, account)
	if stderrors.Is(err, collections.ErrNotFound) {
		return nil, Worker{}, ErrUnknown.Wrapf("%s has not registered: send MsgRegister with a stake first", addr)
	}
	return account, w, err
}

// coins is an amount as the bank takes it.
func coins(amt math.Int) sdk.Coins { return sdk.NewCoins(sdk.NewCoin(Coin, amt)) }

// height is the block being made.
func height(ctx context.Context) int64 { return sdk.UnwrapSDKContext(ctx).BlockHeight() }
