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

// perByte is about how many bytes of memory a byte of data takes while it is prepared: itself, its tokens, of a word
// each, and the hashes of its records.
const perByte = 4

// ErrSize marks a job that is too large for what this machine may use.
var ErrSize = errors.New("too large for this machine")

// holds refuses data of so many bytes, before any of it is fetched, if the memory or the store of this machine could
// not hold it. Of the store a job may use a quarter: the rest stays for other jobs.
func (h Host) holds(bytes int64) error {
	switch room := h.Store.Limit() / 4; {
	case h.Memory > 0 && bytes > h.Memory/perByte:
		return fmt.Errorf("%w: %d bytes of data take %d times as many, and %d may be used: allow more memory",
			ErrSize, bytes, perByte, h.Memory)
	case bytes > room:
		return fmt.Errorf("%w: %d bytes of data, and a job may have %d of the store: allow the store more",
			ErrSize, bytes, room)
	}
	return nil
}

// blob gets the bytes of a blob, from the own store or from whoever has it: first the address and the accounts given.
func (h Host) blob(ctx context.Context, root []byte, size int64, url string, accounts ...string) ([]byte, error) {
	if len(root) != len(blob.Hash{}) {
		return nil, fmt.Errorf("%w: a blob's name has %d bytes", ErrJob, len(root))
	}
	hash := blob.Hash(root)
	if !h.Store.Has(hash) {
		sources, err := h.Chain.Sources(ctx, url, accounts...)
		if err != nil {
			return nil, err
		}
		if err := transfer.Fetch(ctx, h.Transport, h.Store, hash, sources, size); err != nil {
			return nil, fmt.Errorf("fetch blob %s: %w", hash, err)
		}
	}
	return h.stored(hash, size)
}

// stored reads a blob of the own store, which may have got it as something of another size.
func (h Host) stored(hash blob.Hash, most int64) ([]byte, error) {
	content, size, err := h.Store.Get(hash)
	if err != nil {
		return nil, err
	}
	if err := content.Close(); err != nil {
		return nil, err
	}
	if size > most {
		return nil, fmt.Errorf("blob %s has %d bytes, %d at most are wanted: %w", hash, size, most, transfer.ErrTooBig)
	}
	return h.Store.Bytes(hash)
}

// file gets the job file of a job.
func (h Host) file(ctx context.Context, j job.Job) ([]byte, error) {
	raw, err := h.blob(ctx, j.Terms.Spec, maxFile, j.Terms.Source, j.Creator, j.Worker)
	if errors.Is(err, transfer.ErrTooBig) {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	return raw, err
}

// record is what the chain has of an asset.
func (h Host) record(ctx context.Context, id uint64) (asset.Asset, error) {
	r, err := asset.NewQueryClient(h.Chain).Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return asset.Asset{}, fmt.Errorf("asset %d: %w", id, err)
	}
	if r.Asset.Bytes > 1<<62 {
		return asset.Asset{}, fmt.Errorf("%w: asset %d has %d bytes", ErrSize, id, r.Asset.Bytes)
	}
	return r.Asset, nil
}

// content gets the bytes of an asset. A model is at the machine that made it.
func (h Host) content(ctx context.Context, a asset.Asset) ([]byte, error) {
	accounts := []string{a.Creator}
	if a.Job != 0 && len(a.Root) == len(blob.Hash{}) && !h.Store.Has(blob.Hash(a.Root)) {
		r, err := job.NewQueryClient(h.Chain).Job(ctx, &job.QueryJobRequest{Id: a.Job})
		if err != nil {
			return nil, fmt.Errorf("job %d, which made asset %d: %w", a.Job, a.Id, err)
		}
		accounts = []string{r.Job.Worker, a.Creator}
	}
	return h.blob(ctx, a.Root, int64(a.Bytes), a.Source, accounts...)
}

// model gets a model and its bytes.
func (h Host) model(ctx context.Context, id uint64) (asset.Asset, []byte, error) {
	a, err := h.record(ctx, id)
	if err != nil {
		return a, nil, err
	}
	if err := h.holds(int64(a.Bytes)); err != nil {
		return a, nil, fmt.Errorf("asset %d: %w", id, err)
	}
	content, err := h.content(ctx, a)
	return a, content, err
}

// data gets all that a training reads: its datasets by their ids, the model that it begins with, and the text that it
// validates on. With hidden, it gets the text that measures as well.
func (h Host) data(ctx context.Context, s *train.Spec, ids []uint64, j job.Job, hidden bool) ([]train.Data, error) {
	if base, ok := asset.ParseDenom(s.Model.Base); ok {
		ids = append(slices.Clone(ids), base)
	}
	assets, err := h.records(ctx, ids)
	if err != nil {
		return nil, err
	}
	var data []train.Data
	for _, a := range assets {
		content, err := h.content(ctx, a)
		if err != nil {
			return nil, err
		}
		data = append(data, train.Data{Asset: asset.Denom(a.Id), Bytes: content, Since: a.Since})
	}
	texts := []string{s.Validation.Text}
	if hidden && s.Hidden() != s.Validation.Text {
		texts = append(texts, s.Hidden())
	}
	for _, name := range texts {
		if name == "" {
			continue
		}
		content, err := h.text(ctx, name, j)
		if err != nil {
			return nil, err
		}
		data = append(data, train.Data{Asset: name, Bytes: content})
	}
	return data, nil
}

// records are what the chain has of assets that a job reads. Their sizes are those that were registered; bytes of
// another size are not fetched.
func (h Host) records(ctx context.Context, ids []uint64) (all []asset.Asset, err error) {
	sum := int64(0)
	for _, id := range ids {
		a, err := h.record(ctx, id)
		if err != nil {
			return nil, err
		}
		sum += int64(min(a.Bytes, 1<<52)) // 2^10 of these do not overflow, and more than fits is refused
		all = append(all, a)
	}
	return all, h.holds(sum)
}

// text gets a text that a job file names as "blob/" and its hash.
func (h Host) text(ctx context.Context, name string, j job.Job) ([]byte, error) {
	hash, err := blob.ParseHash(strings.TrimPrefix(name, "blob/"))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrJob, name, err)
	}
	most := int64(maxText)
	if h.Memory > 0 {
		most = min(most, h.Memory/perByte)
	}
	content, err := h.blob(ctx, hash[:], most, j.Terms.Source, j.Creator)
	if errors.Is(err, transfer.ErrTooBig) {
		return nil, fmt.Errorf("%w: the text %s: %w", ErrSize, name, err)
	}
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
