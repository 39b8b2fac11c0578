package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// errSpec marks a job that nobody could do as it is posted.
var errSpec = errors.New("the job cannot be done")

// maxSpec bounds the blob that a spec is, in bytes.
const maxSpec = 64 << 10

// blob gets the bytes of a blob, from the own store or from whoever has it.
func (d *daemon) blob(ctx context.Context, root []byte, size int64, source string) ([]byte, error) {
	if len(root) != len(blob.Hash{}) {
		return nil, fmt.Errorf("%w: a blob's name has %d bytes", errSpec, len(root))
	}
	hash := blob.Hash(root)
	if !d.Store.Has(hash) {
		sources, err := d.Client.Sources(ctx, source)
		if err != nil {
			return nil, err
		}
		if err := transfer.Fetch(ctx, d.Store, hash, sources, size); err != nil {
			return nil, fmt.Errorf("fetch blob %s: %w", hash, err)
		}
	}
	return d.Store.Bytes(hash)
}

// spec gets a job's spec and checks that it says what was posted.
func (d *daemon) spec(ctx context.Context, j job.Job) (*train.Spec, error) {
	raw, err := d.blob(ctx, j.Terms.Spec, maxSpec, j.Terms.Source)
	if errors.Is(err, transfer.ErrTooBig) {
		return nil, fmt.Errorf("%w: %w", errSpec, err)
	}
	if err != nil {
		return nil, err
	}
	s, err := train.ParseSpec(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSpec, err)
	}
	terms, err := Terms(s, blob.Hash(j.Terms.Spec), j.Terms.Source)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSpec, err)
	}
	return s, sameTerms(j.Terms, terms)
}

// datasets gets the bytes of all datasets of a job, in the order of its terms.
func (d *daemon) datasets(ctx context.Context, j job.Job) ([]train.Data, error) {
	var data []train.Data
	for _, id := range j.Terms.Datasets {
		_, content, err := d.asset(ctx, id)
		if err != nil {
			return nil, err
		}
		data = append(data, train.Data{Asset: asset.Denom(id), Bytes: content})
	}
	return data, nil
}

// asset gets one asset and its bytes.
func (d *daemon) asset(ctx context.Context, id uint64) (asset.Asset, []byte, error) {
	r, err := asset.NewQueryClient(d.Client).Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return asset.Asset{}, nil, fmt.Errorf("asset %d: %w", id, err)
	}
	content, err := d.blob(ctx, r.Asset.Root, int64(r.Asset.Bytes), r.Asset.Source)
	return r.Asset, content, err
}
