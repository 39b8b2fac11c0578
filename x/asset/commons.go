package asset

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Spend pays coins or shares from the commons. Only governance may.
func (m msgs) Spend(ctx context.Context, msg *MsgSpend) (*MsgSpendResponse, error) {
	if msg.Authority != m.authority {
		return nil, ErrNotAllowed.Wrapf("%s spends from the commons: submit a proposal to %s", msg.Authority, m.authority)
	}
	to, err := m.account(msg.To)
	if err != nil {
		return nil, err
	}
	// Validate panics on a coin without a number.
	if msg.Amount.Empty() || msg.Amount.IsAnyNil() || msg.Amount.Validate() != nil {
		return nil, ErrInvalid.Wrapf("amount %q: give coins sorted by name, each once and more than 0", msg.Amount)
	}
	if err := m.bank.SendCoinsFromModuleToAccount(ctx, Commons, to, msg.Amount); err != nil {
		return nil, err
	}
	return &MsgSpendResponse{}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventSpent{To: msg.To, Amount: msg.Amount.String()})
}
