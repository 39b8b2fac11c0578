package kind

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// maxText bounds a text that a job file names, in bytes.
const maxText = 256 << 20

// blob gets the bytes of a blob, from the own store or from whoever has it.
func (h Host) blob(ctx context.Context, root []byte, size int64, source string) ([]byte, error) {
	if len(root) != len(blob.Hash{}) {
		return nil, fmt.Errorf("%w: a blob's name has %d bytes", ErrJob, len(root))
	}
	hash := blob.Hash(root)
	if !h.Store.Has(hash) {
		sources, err := h.Chain.Sources(ctx, source)
		if err != nil {
			return nil, err
		}
		if err := transfer.Fetch(ctx, h.Transport, h.Store, hash, sources, size); err != nil {
			return nil, fmt.Errorf("fetch blob %s: %w", hash, err)
		}
	}
	return h.Store.Bytes(hash)
}

// file gets the job file of a job.
func (h Host) file(ctx context.Context, j job.Job) ([]byte, error) {
	raw, err := h.blob(ctx, j.Terms.Spec, maxFile, j.Terms.Source)
	if errors.Is(err, transfer.ErrTooBig) {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	return raw, err
}

// asset gets an asset and its bytes.
func (h Host) asset(ctx context.Context, id uint64) (asset.Asset, []byte, error) {
	r, err := asset.NewQueryClient(h.Chain).Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return asset.Asset{}, nil, fmt.Errorf("asset %d: %w", id, err)
	}
	content, err := h.blob(ctx, r.Asset.Root, int64(r.Asset.Bytes), r.Asset.Source)
	return r.Asset, content, err
}

// data gets all that a training reads: its datasets by their ids, the model that it begins with, and the text that it
// validates on. With hidden, it gets the text that measures as well.
func (h Host) data(ctx context.Context, s *train.Spec, ids []uint64, source string, hidden bool) ([]train.Data, error) {
	if base, ok := asset.ParseDenom(s.Model.Base); ok {
		ids = append(slices.Clone(ids), base)
	}
	var data []train.Data
	for _, id := range ids {
		a, content, err := h.asset(ctx, id)
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
		content, err := h.text(ctx, name, source)
		if err != nil {
			return nil, err
		}
		data = append(data, train.Data{Asset: name, Bytes: content})
	}
	return data, nil
}

// text gets a text that a job file names as "blob/" and its hash.
func (h Host) text(ctx context.Context, name, source string) ([]byte, error) {
	hash, err := blob.ParseHash(strings.TrimPrefix(name, "blob/"))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrJob, name, err)
	}
	content, err := h.blob(ctx, hash[:], maxText, source)
	if err != nil {
		return nil, fmt.Errorf("the text %s: its creator keeps it with `minga blob put FILE` and serves it: %w", name, err)
	}
	return content, nil
}

// keep stores a result for those who will fetch it.
func (h Host) keep(content []byte) (blob.Hash, error) {
	root, err := h.Store.PutBytes(content)
	if err != nil {
		return root, err
	}
	return root, h.Store.Pin(root)
}
