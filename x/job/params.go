package job

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"

	"github.com/minga-network/minga/x/asset"
)

// Bounds of what a genesis or governance can set. With these, heights stay far from overflowing and one settlement
// stays small.
const (
	mostBlocks   = 1 << 40
	mostCheckers = 50
	whole        = 10_000 // basis points
)

// DefaultParams hold until governance sets others.
func DefaultParams() Params {
	return Params{OfferBlocks: 5, MaxBlocks: 100_000, MaxCheckers: 5, MaxDatasets: 256, LateSlash: 1_000, AnswerBlocks: 20}
}

// check bounds the parameters, of a genesis and of a proposal alike.
func (p Params) check() error {
	switch {
	case p.OfferBlocks < 1 || p.OfferBlocks > mostBlocks:
		return ErrParams.Wrapf("offer_blocks %d: give 1 to %d", p.OfferBlocks, int64(mostBlocks))
	case p.MaxBlocks < 1 || p.MaxBlocks > mostBlocks:
		return ErrParams.Wrapf("max_blocks %d: give 1 to %d", p.MaxBlocks, int64(mostBlocks))
	case p.MaxCheckers > mostCheckers:
		return ErrParams.Wrapf("max_checkers %d: give 0 to %d", p.MaxCheckers, mostCheckers)
	case p.MaxDatasets < 1 || p.MaxDatasets > asset.MaxParents:
		return ErrParams.Wrapf("max_datasets %d: give 1 to %d", p.MaxDatasets, asset.MaxParents)
	case p.AnswerBlocks < 1 || p.AnswerBlocks > mostBlocks:
		return ErrParams.Wrapf("answer_blocks %d: give 1 to %d", p.AnswerBlocks, int64(mostBlocks))
	case p.LateSlash > whole:
		return ErrParams.Wrapf("late_slash %d: give 0 to %d basis points", p.LateSlash, whole)
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
