package job

import (
	"context"

	"github.com/minga-network/minga/x/asset"
)

// mint registers the model that a train job made.
func (k Keeper) mint(ctx context.Context, j *Job) error {
	commons, err := k.addr.BytesToString(asset.CommonsAddress())
	if err != nil {
		return err
	}
	datasets, err := k.datasets(ctx, j)
	if err != nil {
		return err
	}
	d, err := k.divided(ctx, j)
	if err != nil {
		return err
	}
	policy := j.Terms.Policy
	j.Asset, err = k.assets.MintModel(ctx, asset.Asset{
		Kind: asset.KindModel, Name: j.Terms.Name, Creator: j.Creator, Licence: j.Terms.Licence,
		Root: j.Claim.Result, Bytes: j.Claim.Bytes, State: j.Claim.State,
		Parents: j.Terms.Datasets, Job: j.Id, Parts: parts(*j, datasets, commons, d),
		Base: j.Terms.Model, Royalty: policy.Royalty, Attribution: policy.Attribution, Vested: vested(height(ctx), policy.Vesting),
	})
	return err
}

// vested is the height from which all first shares of a model may be sent; 0: at once.
func vested(height, blocks int64) int64 {
	if blocks == 0 {
		return 0
	}
	return height + blocks
}

// datasets are those that a train job pays for: a run that measures another pays for none.
func (k Keeper) datasets(ctx context.Context, j *Job) ([]asset.Asset, error) {
	if j.isRun() {
		return nil, nil
	}
	datasets := make([]asset.Asset, len(j.Terms.Datasets))
	for i, id := range j.Terms.Datasets {
		d, err := k.assets.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		datasets[i] = d
	}
	return datasets, nil
}
