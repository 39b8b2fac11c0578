// Package receipt writes down why each holder of a model got what it got of one
// session's fee, so that somebody without a node, without this program and
// without trust in either can check it: cmd/minga-verify reads what is made here.
//
// A receipt is a [Bundle]: the records of the chain that the fee's way leads
// through, each with a proof against the application hash of one block, and that
// block's header with its validators' signatures. [Make] asks a node for all of
// it: the session and what it paid; the model that it paid to and who held its
// shares, and the data that the answers repeat, if that is paid for; the job that
// trained the model, which gave out those shares; the proxies that measured what
// each dataset did, and the datasets. The block is the one that paid the session,
// so the shares are those that the fee was divided by; a proof that the session was
// not paid one block earlier shows it.
//
// What can go wrong: a node forgets old states. Then the block is the node's last
// one, the holders are those of that block, and the receipt says so by not having
// the earlier proof. Nothing here is believed by anybody: what a node tells wrongly,
// minga-verify refuses.
package receipt

import (
	"context"
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// Options say what a receipt has besides what it needs.
type Options struct {
	// Text gives the bytes of a dataset to be put into the bundle; nil leaves all out.
	Text func(context.Context, asset.Asset) ([]byte, error)
}

// Make makes the receipt of a paid session. It may wait for one block. Errors:
// ErrUnpaid, and what the node refuses.
func Make(ctx context.Context, c *client.Client, session uint64, o Options) (*Bundle, error) {
	height, exact, err := settled(ctx, c, session)
	if err != nil {
		return nil, err
	}
	g := newGather(c, height)
	b := &Bundle{Version: version, Session: session, Texts: map[blob.Hash][]byte{}}
	if b.Block, err = block(ctx, c, height+1); err != nil {
		return nil, err
	}
	datasets, err := g.chain(ctx, session)
	if err != nil {
		return nil, err
	}
	b.Stores, b.Entries = g.sorted()
	if exact {
		if err := b.before(ctx, c, height-1); err != nil {
			return nil, err
		}
	}
	return b, b.include(ctx, datasets, o)
}

// before adds the session as it was after the block of a height, and the next header,
// which that state's hash stands in.
func (b *Bundle) before(ctx context.Context, c *client.Client, height int64) error {
	g := newGather(c, height)
	if _, err := g.job(ctx, b.Session); err != nil {
		return err
	}
	stores, entries := g.sorted()
	b.Before = &Before{Store: stores[0], Entry: entries[0]}
	parent, err := c.Signed(ctx, height+1)
	if err != nil {
		return err
	}
	b.Block.Parent, err = parent.Header.ToProto().Marshal()
	return err
}

// include adds the datasets' bytes, if they are asked for.
func (b *Bundle) include(ctx context.Context, datasets []asset.Asset, o Options) error {
	if o.Text == nil {
		return nil
	}
	for _, d := range datasets {
		text, err := o.Text(ctx, d)
		if err != nil {
			return fmt.Errorf("text of asset/%d: %w", d.Id, err)
		}
		b.Texts[blob.Hash(d.Root)] = text
	}
	return nil
}

// block is the header of a height and who signed it.
func block(ctx context.Context, c *client.Client, height int64) (Block, error) {
	signed, err := c.Signed(ctx, height)
	if err != nil {
		return Block{}, err
	}
	validators, err := c.Validators(ctx, height)
	if err != nil {
		return Block{}, err
	}
	var b Block
	if b.Header, err = signed.Header.ToProto().Marshal(); err != nil {
		return b, err
	}
	if b.Commit, err = signed.Commit.ToProto().Marshal(); err != nil {
		return b, err
	}
	for _, v := range validators {
		b.Validators = append(b.Validators, Validator{Key: v.PubKey.Bytes(), Power: v.VotingPower})
	}
	return b, nil
}

// chain gathers all that a session's fee leads through, and returns the datasets.
func (g *gather) chain(ctx context.Context, session uint64) ([]asset.Asset, error) {
	s, err := g.job(ctx, session)
	if err != nil {
		return nil, err
	}
	if err := g.repeated(ctx, s); err != nil {
		return nil, err
	}
	model, err := g.bases(ctx, s.Terms.Infer.Model)
	if err != nil {
		return nil, err
	}
	training, err := g.job(ctx, model.Job)
	if err != nil {
		return nil, err
	}
	if training.Terms.Train.Split.Method != contribution.Tokens {
		if err := g.proxies(ctx, training.Id); err != nil {
			return nil, err
		}
	}
	return g.datasets(ctx, training)
}

// repeated gathers who holds the datasets that a session paid for repeating them.
func (g *gather) repeated(ctx context.Context, s job.Job) error {
	for _, p := range s.Paid {
		if p.Role != job.RoleQuoted {
			continue
		}
		if err := g.holders(ctx, p.Asset); err != nil {
			return err
		}
	}
	return nil
}

// maxBases is how many models up a royalty goes.
const maxBases = 32

// bases gathers a model and those that it owes royalties, with their holders.
func (g *gather) bases(ctx context.Context, id uint64) (asset.Asset, error) {
	model, err := g.asset(ctx, id)
	if err != nil {
		return model, err
	}
	for a, n := model, 0; ; n++ {
		if err := g.holders(ctx, a.Id); err != nil {
			return model, err
		}
		if a.Base == 0 || n == maxBases {
			return model, nil
		}
		if a, err = g.asset(ctx, a.Base); err != nil || a.Royalty == 0 {
			return model, err
		}
	}
}

// proxies gathers how a training's data was measured.
func (g *gather) proxies(ctx context.Context, training uint64) error {
	m, err := g.measured(ctx, training)
	if err != nil || m.Reason != "" {
		return err
	}
	for run := range uint64(m.Runs) {
		if _, err := g.job(ctx, m.First+run); err != nil {
			return err
		}
	}
	return nil
}

// datasets gathers what a training learned from.
func (g *gather) datasets(ctx context.Context, training job.Job) ([]asset.Asset, error) {
	var all []asset.Asset
	for _, id := range training.Terms.Train.Datasets {
		d, err := g.asset(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}
