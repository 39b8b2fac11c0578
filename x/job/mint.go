package job

import (
	"context"
	stderrors "errors"

	"github.com/minga-network/minga/x/asset"
)

// mint registers the model that a train job made. What no checker has confirmed becomes none, and neither does a file
// that belongs to a model claimed earlier.
func (k Keeper) mint(ctx context.Context, j *Job) error {
	if j.reported() == 0 {
		return nil
	}
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
	t := j.Terms.Train
	j.Asset, err = k.assets.MintModel(ctx, asset.Asset{
		Kind: asset.KindModel, Name: t.Name, Creator: j.Creator, Licence: t.Licence,
		Root: j.Claim.Result, Bytes: j.Claim.Bytes, State: j.Claim.State,
		Parents: t.Datasets, Job: j.Id, Parts: parts(*j, datasets, commons, d),
		Base: t.Base, Royalty: t.Split.Royalty, Attribution: t.Split.Attribution,
		Vested: vested(height(ctx), t.Split.Vesting), Since: j.Claimed,
	})
	if stderrors.Is(err, asset.ErrExists) {
		j.Reason = "it made no model: " + err.Error()
		return nil
	}
	return err
}

// vested is the height from which all first shares of a model may be sent; 0: at once.
func vested(height, blocks int64) int64 {
	if blocks == 0 {
		return 0
	}
	return height + blocks
}

// datasets are those that a training pays for.
func (k Keeper) datasets(ctx context.Context, j *Job) ([]asset.Asset, error) {
	datasets := make([]asset.Asset, len(j.Terms.Train.Datasets))
	for i, id := range j.Terms.Train.Datasets {
		d, err := k.assets.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		datasets[i] = d
	}
	return datasets, nil
}
