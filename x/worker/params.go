package worker

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
)

// DefaultParams hold until governance sets others: a stake of 1 MINGA, and a wait
// as long as the longest window x/job's defaults allow.
func DefaultParams() Params {
	return Params{MinStake: math.NewInt(1_000_000), UnbondBlocks: 100_000}
}

// mostUnbond is the longest wait that can be set: more than a year, at two seconds a block. Added to a
// height it is far from the largest number.
const mostUnbond = 20_000_000

// check bounds the parameters, of a genesis and of a proposal alike.
func (p Params) check() error {
	if p.MinStake.IsNil() || !p.MinStake.IsPositive() || p.UnbondBlocks < 1 || p.UnbondBlocks > mostUnbond {
		return ErrParams.Wrapf("min_stake must be at least 1, and unbond_blocks from 1 to %d", mostUnbond)
	}
	return nil
}

// UpdateParams is for governance.
func (k Keeper) UpdateParams(ctx context.Context, msg *MsgUpdateParams) (*MsgUpdateParamsResponse, error) {
	if msg.Authority != k.authority {
		return nil, ErrUnauthorized.Wrapf("%s may not: propose the change to governance (%s)", msg.Authority, k.authority)
	}
	if err := msg.Params.check(); err != nil {
		return nil, err
	}
	return &MsgUpdateParamsResponse{}, k.Params.Set(ctx, msg.Params)
}

// params returns what governance set, or the defaults where it has set nothing.
func (k Keeper) params(ctx context.Context) (Params, error) {
	p, err := k.Params.Get(ctx)
	if stderrors.Is(err, collections.ErrNotFound) {
		return DefaultParams(), nil
	}
	return p, err
}
