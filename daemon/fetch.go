package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// errSpec marks a job that nobody could do as it is posted.
var errSpec = errors.New("the job cannot be done")

// maxSpec bounds the blob that a spec is, and maxText one that a spec names, in bytes.
const (
	maxSpec = 64 << 10
	maxText = 256 << 20
)

// blob gets the bytes of a blob, from the own store or from whoever has it.
func (c *Config) blob(ctx context.Context, root []byte, size int64, source string) ([]byte, error) {
	if len(root) != len(blob.Hash{}) {
		return nil, fmt.Errorf("%w: a blob's name has %d bytes", errSpec, len(root))
	}
	hash := blob.Hash(root)
	if !c.Store.Has(hash) {
		sources, err := c.Client.Sources(ctx, source)
		if err != nil {
			return nil, err
		}
		if err := transfer.Fetch(ctx, c.Store, hash, sources, size); err != nil {
			return nil, fmt.Errorf("fetch blob %s: %w", hash, err)
		}
	}
	return c.Store.Bytes(hash)
}

// asset gets one asset and its bytes.
func (c *Config) asset(ctx context.Context, id uint64) (asset.Asset, []byte, error) {
	r, err := asset.NewQueryClient(c.Client).Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return asset.Asset{}, nil, fmt.Errorf("asset %d: %w", id, err)
	}
	content, err := c.blob(ctx, r.Asset.Root, int64(r.Asset.Bytes), r.Asset.Source)
	return r.Asset, content, err
}

// Plan writes a spec out with its datasets, which are fetched into a store if it
// does not have them. It is for whoever posts a job: see Terms.
func Plan(ctx context.Context, c *client.Client, s *store.Store, spec *train.Spec) (*train.Plan, error) {
	ids, err := named(spec)
	if err != nil {
		return nil, err
	}
	data, err := (&Config{Client: c, Store: s}).data(ctx, spec, ids, "", false)
	if err != nil {
		return nil, err
	}
	return train.NewPlan(spec, data)
}

// Measuring finds what there is to measure of a job's data. Spec, datasets and texts are
// fetched into a store if it does not have them. It is for whoever measures a job: see
// Measure.
func Measuring(ctx context.Context, c *client.Client, s *store.Store, j job.Job) (*train.Spec, *train.Measure, error) {
	own := &Config{Client: c, Store: s}
	spec, err := own.spec(ctx, j)
	if err != nil {
		return nil, nil, err
	}
	data, err := own.data(ctx, spec, j.Terms.Datasets, j.Terms.Source, true)
	if err != nil {
		return nil, nil, err
	}
	m, err := train.NewMeasure(spec, data)
	return spec, m, err
}

// Sessions is the task of any session with a model, which is fetched into a store if it
// does not have it. It is for whoever pays for a key.
func Sessions(ctx context.Context, c *client.Client, s *store.Store, model uint64) (*verify.Task, error) {
	a, content, err := (&Config{Client: c, Store: s}).asset(ctx, model)
	if err != nil {
		return nil, err
	}
	m, err := file.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("asset %d: %w", model, err)
	}
	return SessionTask(m, blob.Hash(a.Root), int64(a.Bytes))
}

// named are the ids of the datasets that a spec names.
func named(spec *train.Spec) ([]uint64, error) {
	var ids []uint64
	for _, name := range spec.Data.Datasets {
		id, ok := asset.ParseDenom(name)
		if !ok {
			return nil, fmt.Errorf("data.datasets: %q is no asset", name)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// data gets all that a job reads: its datasets by their ids, the model that it begins with
// and the text that its spec names to validate on, to measure it the hidden one too.
func (c *Config) data(ctx context.Context, s *train.Spec, ids []uint64, source string, hidden bool) ([]train.Data, error) {
	var data []train.Data
	if base, ok := asset.ParseDenom(s.Model.Base); ok {
		ids = append(slices.Clone(ids), base)
	}
	for _, id := range ids {
		a, content, err := c.asset(ctx, id)
		if err != nil {
			return nil, err
		}
		data = append(data, train.Data{Asset: asset.Denom(id), Bytes: content, Since: a.Since})
	}
	texts := []string{s.Validation.Text}
	if hidden && s.Hidden() != s.Validation.Text {
		texts = append(texts, s.Hidden())
	}
	for _, name := range texts {
		if name == "" {
			continue
		}
		content, err := c.text(ctx, name, source)
		if err != nil {
			return nil, err
		}
		data = append(data, train.Data{Asset: name, Bytes: content})
	}
	return data, nil
}

// text gets a text that a spec names as "blob/" and its hash.
func (c *Config) text(ctx context.Context, name, source string) ([]byte, error) {
	hash, err := blob.ParseHash(strings.TrimPrefix(name, "blob/"))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errSpec, name, err)
	}
	content, err := c.blob(ctx, hash[:], maxText, source)
	if err != nil {
		return nil, fmt.Errorf("the text %s, which the job's creator keeps with `minga blob put FILE` and serves: %w", name, err)
	}
	return content, nil
}

// spec gets a job's spec.
func (c *Config) spec(ctx context.Context, j job.Job) (*train.Spec, error) {
	raw, err := c.blob(ctx, j.Terms.Spec, maxSpec, j.Terms.Source)
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
	return s, nil
}
