// Package asset is what people own and what it earns: datasets they publish and
// models that were trained from them.
//
// An asset is registered once and does not change. A dataset is registered by its owner,
// who commits to it in one block and shows it in a later one, so that nobody who sees it can
// be there first (commit.go, register.go); with its sketch, by which one that repeats an earlier
// dataset is marked for all to see (similar.go). A model is registered by the train job
// that made it (mint.go). At that moment the 1,000,000,000 shares are given out as the
// bank coin asset/<id>; they move with ordinary bank sends, first shares of a model
// perhaps not all at once (vest.go), and no more are ever minted or burned.
//
// Whoever pays for an asset deposits uminga; the income belongs to whoever held the
// shares when it came, in proportion, and waits in the module's account until they
// withdraw it (income.go). A model trained from another passes a royalty on to that one's
// holders in the same deposit (royalty.go). Before shares move, both sides are brought up
// to date (restrict.go), so a sale takes no income along and leaves none behind. No step
// loops over holders. The commons, a second module account, holds shares and coins that
// governance spends (commons.go). Lineage tells what an asset was made from.
//
// What can go wrong: the send restriction must be appended to the bank keeper. Without
// it nothing fails at once, but income follows shares to their buyers or is counted
// twice, and shares that are not vested can be sold. The coins of the module's account
// belong to holders: no plain send may reach it.
package asset

import (
	"context"
	stderrors "errors"
	"strconv"
	"strings"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/store"
	"cosmossdk.io/errors"
	"cosmossdk.io/math"
	"google.golang.org/grpc/codes"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

const (
	// Name is the module's name, its store key and the account that holds income; it mints shares.
	Name = "asset"
	// Commons is the module account that holds the commons' shares and coins.
	Commons = "commons"
	// Shares is how many shares each asset has, for ever.
	Shares = 1_000_000_000

	// money is the coin that income is paid in.
	money = "uminga"
)

// The refusals of this module. Their numbers are never used again.
var (
	ErrUnknown      = errors.RegisterWithGRPCCode(Name, 2, codes.NotFound, "no such asset")
	ErrInvalid      = errors.RegisterWithGRPCCode(Name, 3, codes.InvalidArgument, "not acceptable")
	ErrExists       = errors.RegisterWithGRPCCode(Name, 4, codes.AlreadyExists, "already registered")
	ErrNothing      = errors.RegisterWithGRPCCode(Name, 5, codes.FailedPrecondition, "nothing to withdraw")
	ErrNotAllowed   = errors.RegisterWithGRPCCode(Name, 6, codes.PermissionDenied, "not allowed")
	ErrNotCommitted = errors.RegisterWithGRPCCode(Name, 7, codes.FailedPrecondition, "no valid commitment")
	ErrLocked       = errors.RegisterWithGRPCCode(Name, 8, codes.FailedPrecondition, "not vested yet")
	ErrUseless      = errors.RegisterWithGRPCCode(Name, 9, codes.InvalidArgument, "cannot use shares")
)

// Bank is what assets need of x/bank.
type Bank interface {
	GetBalance(ctx context.Context, addr sdk.AccAddress, denom string) sdk.Coin
	MintCoins(ctx context.Context, module string, amt sdk.Coins) error
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, to sdk.AccAddress, amt sdk.Coins) error
	SetDenomMetaData(ctx context.Context, m banktypes.Metadata)
	// BlockedAddr tells whether an account is a module's that refuses plain sends.
	BlockedAddr(addr sdk.AccAddress) bool
}

// Keeper holds every asset and what its holders have not withdrawn yet.
type Keeper struct {
	Schema collections.Schema

	// last is the id given last; ids start at 1.
	last collections.Sequence
	// assets never change once stored. What each deposit and withdrawal changes lies
	// apart, so that its cost does not grow with the asset's record; so does similar, as
	// an earlier dataset may appear later.
	assets       collections.Map[uint64, Asset]
	income, paid collections.Map[uint64, math.Int]
	// roots finds the dataset that has a blob: the one committed to first. models finds the model that has one: the
	// one claimed first. One blob may be both.
	roots    collections.Map[[]byte, uint64]
	models   collections.Map[[]byte, uint64]
	holdings collections.Map[collections.Pair[uint64, sdk.AccAddress], Holding]
	// similar has for a dataset that repeats an earlier one the earlier one.
	similar collections.Map[uint64, uint64]
	// bands lead from a key of a sketch to the dataset that first had it.
	bands collections.Map[[]byte, uint64]
	// commitments have the height at which their accounts made them; commitOrder has them
	// by it.
	commitments collections.Map[collections.Pair[sdk.AccAddress, []byte], int64]
	commitOrder collections.KeySet[collections.Triple[int64, sdk.AccAddress, []byte]]
	// royalties are what models owe those they were trained from, where it is not 0.
	royalties collections.Map[uint64, Royalty]
	locks     collections.Map[collections.Pair[uint64, sdk.AccAddress], Lock]

	addr      address.Codec
	bank      Bank
	authority string
}

// NewKeeper opens the module's store. authority is the account that may spend from the commons.
func NewKeeper(kv store.KVStoreService, cdc codec.Codec, addr address.Codec, bank Bank,
	authority string) (Keeper, error) {
	sb := collections.NewSchemaBuilder(kv)
	k := Keeper{
		last: collections.NewSequence(sb, collections.NewPrefix(0), "last"),
		assets: collections.NewMap(sb, collections.NewPrefix(1), "assets", collections.Uint64Key,
			codec.CollValue[Asset](cdc)),
		income: collections.NewMap(sb, collections.NewPrefix(2), "income", collections.Uint64Key, sdk.IntValue),
		paid:   collections.NewMap(sb, collections.NewPrefix(3), "paid", collections.Uint64Key, sdk.IntValue),
		roots:  collections.NewMap(sb, collections.NewPrefix(4), "roots", collections.BytesKey, collections.Uint64Value),
		models: collections.NewMap(sb, collections.NewPrefix(12), "models", collections.BytesKey,
			collections.Uint64Value),
		holdings: collections.NewMap(sb, collections.NewPrefix(5), "holdings",
			collections.PairKeyCodec(collections.Uint64Key, sdk.AccAddressKey), codec.CollValue[Holding](cdc)),
		commitments: collections.NewMap(sb, collections.NewPrefix(6), "commitments",
			collections.PairKeyCodec(sdk.AccAddressKey, collections.BytesKey), collections.Int64Value),
		commitOrder: collections.NewKeySet(sb, collections.NewPrefix(7), "commit_order",
			collections.TripleKeyCodec(collections.Int64Key, sdk.AccAddressKey, collections.BytesKey)),
		locks: collections.NewMap(sb, collections.NewPrefix(8), "locks",
			collections.PairKeyCodec(collections.Uint64Key, sdk.AccAddressKey), codec.CollValue[Lock](cdc)),
		similar: collections.NewMap(sb, collections.NewPrefix(9), "similar", collections.Uint64Key,
			collections.Uint64Value),
		bands: collections.NewMap(sb, collections.NewPrefix(11), "bands", collections.BytesKey, collections.Uint64Value),
		royalties: collections.NewMap(sb, collections.NewPrefix(10), "royalties", collections.Uint64Key,
			codec.CollValue[Royalty](cdc)),
		addr: addr, bank: bank, authority: authority,
	}
	var err error
	k.Schema, err = sb.Build()
	return k, err
}

// Get returns an asset as it stands now, or ErrUnknown.
func (k Keeper) Get(ctx context.Context, id uint64) (Asset, error) {
	a, err := k.assets.Get(ctx, id)
	if stderrors.Is(err, collections.ErrNotFound) {
		return Asset{}, ErrUnknown.Wrapf("asset %d: `minga query asset list` shows those there are", id)
	}
	if err != nil {
		return Asset{}, err
	}
	return k.today(ctx, a)
}

// today fills in what is stored apart from the asset.
func (k Keeper) today(ctx context.Context, a Asset) (Asset, error) {
	var err error
	if a.Income, err = k.earned(ctx, a.Id); err != nil {
		return Asset{}, err
	}
	if a.Paid, err = k.paid.Get(ctx, a.Id); err != nil {
		return Asset{}, err
	}
	a.Similar, err = k.similar.Get(ctx, a.Id)
	if stderrors.Is(err, collections.ErrNotFound) {
		err = nil
	}
	return a, err
}

// earned returns all income an asset ever had, in uminga, or ErrUnknown.
func (k Keeper) earned(ctx context.Context, id uint64) (math.Int, error) {
	income, err := k.income.Get(ctx, id)
	if stderrors.Is(err, collections.ErrNotFound) {
		return math.Int{}, ErrUnknown.Wrapf("asset %d: `minga query asset list` shows those there are", id)
	}
	return income, err
}

// account decodes an address of a message.
func (k Keeper) account(addr string) (sdk.AccAddress, error) {
	b, err := k.addr.StringToBytes(addr)
	if err != nil {
		return nil, ErrInvalid.Wrapf("address %q: %s; give an account of this chain", addr, err)
	}
	return b, nil
}

// CommonsAddress is the account that holds the commons' shares and coins.
func CommonsAddress() sdk.AccAddress { return authtypes.NewModuleAddress(Commons) }

// Denom names the coin that the shares of an asset are.
func Denom(id uint64) string { return Name + "/" + strconv.FormatUint(id, 10) }

// ParseDenom returns the asset whose shares a coin is; false for every other coin.
func ParseDenom(denom string) (uint64, bool) {
	digits, ok := strings.CutPrefix(denom, Name+"/")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseUint(digits, 10, 64)
	return id, err == nil && id > 0 && Denom(id) == denom
}
