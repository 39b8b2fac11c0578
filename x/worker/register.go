package worker

import (
	"context"
	"strings"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// The kinds of work there are.
const (
	Train = "train"
	Infer = "infer"
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
	seen := ""
	for _, o := range offers {
		switch {
		case o.Kind != Train && o.Kind != Infer:
			return ErrOffer.Wrapf("kind %q: offer train or infer", o.Kind)
		case o.Kind == seen:
			return ErrOffer.Wrapf("kind %s is offered twice: offer each kind once", o.Kind)
		case o.Price.IsNil() || !o.Price.IsUint64():
			return ErrOffer.Wrapf("price of %s: give a whole number of %s from 0 to 2^64-1", o.Kind, Coin)
		}
		seen = o.Kind
	}
	switch {
	case len(offers) == 0:
		return ErrOffer.Wrap("no kind of work: offer train, infer or both")
	case len(offers) > 2:
		return ErrOffer.Wrapf("%d offers for 2 kinds: offer each kind once", len(offers))
	case endpoint != "" && !IsURL(endpoint):
		return ErrOffer.Wrapf("endpoint %.80q: give an http or https address of at most %d bytes without spaces", endpoint,
			maxEndpoint)
	}
	return nil
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
