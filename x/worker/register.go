package worker

import (
	"context"
	"slices"
	"strings"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Kind names a kind of job. x/job says which kinds there are.
type Kind string

// maxKind bounds the bytes of a kind's name, and maxOffers how many offers a worker makes.
const (
	maxKind   = 32
	maxOffers = 16
)

// maxEndpoint bounds the bytes of an endpoint.
const maxEndpoint = 256

var _ MsgServer = Keeper{}

// Register joins with a stake and offers.
func (k Keeper) Register(ctx context.Context, msg *MsgRegister) (*MsgRegisterResponse, error) {
	account, err := k.addr.StringToBytes(msg.Worker)
	if err != nil {
		return nil, ErrUnknown.Wrapf("%q is not an address: %s", msg.Worker, err)
	}
	if err = checkOffers(msg.Offers, msg.Endpoint); err != nil {
		return nil, err
	}
	known, err := k.Workers.Has(ctx, account)
	if err != nil {
		return nil, err
	}
	if known {
		return nil, ErrRegistered.Wrapf("%s: update the offers, or wait until the unbonded stake is paid back", msg.Worker)
	}
	if err = k.checkStake(ctx, msg.Stake); err != nil {
		return nil, err
	}
	if err = k.bank.SendCoinsFromAccountToModule(ctx, account, Name, coins(msg.Stake)); err != nil {
		return nil, err
	}
	w, err := k.add(ctx, account, msg)
	if err != nil {
		return nil, err
	}
	return &MsgRegisterResponse{Id: w.Id}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventRegistered{Worker: w.Address, Id: w.Id, Stake: w.Stake.String() + Coin})
}

// add writes a new worker under the next id, which begins at 1.
func (k Keeper) add(ctx context.Context, account sdk.AccAddress, msg *MsgRegister) (Worker, error) {
	last, err := k.LastID.Next(ctx)
	if err != nil {
		return Worker{}, err
	}
	addr, err := k.addr.BytesToString(account)
	if err != nil {
		return Worker{}, err
	}
	w := Worker{
		Id: last + 1, Address: addr, Offers: msg.Offers, Endpoint: msg.Endpoint,
		Stake: msg.Stake, Locked: math.ZeroInt(),
	}
	if err := k.rank(ctx, account, w); err != nil {
		return Worker{}, err
	}
	if err := k.reweigh(ctx, Worker{}, w); err != nil {
		return Worker{}, err
	}
	if err := k.Members.Set(ctx, w.Id, account); err != nil {
		return Worker{}, err
	}
	return w, k.Workers.Set(ctx, account, w)
}

func (k Keeper) checkStake(ctx context.Context, stake math.Int) error {
	p, err := k.params(ctx)
	if err != nil {
		return err
	}
	if stake.IsNil() || stake.LT(p.MinStake) {
		return ErrStake.Wrapf("a worker puts down at least %s%s, not %s%s", p.MinStake, Coin, stake, Coin)
	}
	return nil
}

// checkOffers guards what a worker says of itself. A price fits 64 bits, as it is a key.
func checkOffers(offers []Offer, endpoint string) error {
	if len(offers) == 0 || len(offers) > maxOffers {
		return ErrOffer.Wrapf("%d offers: offer 1 to %d kinds of work, for instance train or infer", len(offers), maxOffers)
	}
	for i, o := range offers {
		same := func(other Offer) bool { return other.Kind == o.Kind }
		switch {
		case !o.Kind.valid():
			return ErrOffer.Wrapf("kind %.40q: give 1 to %d lower-case letters, digits and hyphens", o.Kind, maxKind)
		case slices.ContainsFunc(offers[:i], same):
			return ErrOffer.Wrapf("kind %s is offered twice: offer each kind once", o.Kind)
		case o.Price.IsNil() || !o.Price.IsUint64():
			return ErrOffer.Wrapf("price of %s: give a whole number of %s from 0 to 2^64-1", o.Kind, Coin)
		}
	}
	if endpoint != "" && !IsURL(endpoint) {
		return ErrOffer.Wrapf("endpoint %.80q: give an http or https address of at most %d bytes without spaces",
			endpoint, maxEndpoint)
	}
	return nil
}

// valid tells whether the name of a kind is well formed: lower-case letters, digits and hyphens.
func (k Kind) valid() bool {
	for _, c := range []byte(k) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return len(k) > 0 && len(k) <= maxKind
}

// IsURL is as much as the chain wants to know of an address that only others dial: http
// or https, printable ASCII, at most 256 bytes.
func IsURL(s string) bool {
	_, rest, found := strings.Cut(s, "://")
	if !found || rest == "" || len(s) > maxEndpoint ||
		!(strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")) {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
