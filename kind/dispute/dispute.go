// Package dispute plays the disputes of one account, as claimant and as challenger, for a daemon that works and for a
// gateway that serves.
//
//	loop := dispute.Loop{Client: c, Signer: s, Prepare: works.Prepare, Log: log}
//	loop.Follow(ctx)
//
// Moves have deadlines, so the loop is a goroutine of its own, which waits for no other work. After each block it makes
// one move in each dispute in which it is this account's turn; while a move is on its way into a block, the next is
// computed. What a job needs is fetched beside the loop. All that it keeps can be made again from the chain's games and
// the checkpoints: the execution of each job, of which the steps in dispute are kept.
//
// What can go wrong: the process is killed. Run again, it goes on in the middle of a dispute. Who is away for too long
// loses by silence. An error, or a panic, over one dispute concerns that one only: it is logged with its number, and
// tried again some blocks later.
package dispute

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/cosmos/cosmos-sdk/types/query"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/job"
)

// Loop plays the disputes of the signer's account.
type Loop struct {
	Client *client.Client
	Signer *client.Signer
	// Prepare returns the work on a job that the account has done.
	Prepare func(ctx context.Context, j job.Job) (kind.Work, error)
	// Hold, if set, is told how much memory an execution takes, and returns what is called at its end.
	Hold func(bytes int64) (release func())
	Log  *slog.Logger

	runs   map[claim]*execution
	failed map[uint64]kind.Backoff // by dispute
	height int64
	news   chan struct{} // an execution is ready
	beside sync.WaitGroup
}

// hurry is the most blocks after which a move that failed is tried again.
const hurry = 4

// Follow makes after each block the moves that the chain waits for, until ctx ends.
func (l *Loop) Follow(ctx context.Context) {
	l.runs, l.failed, l.news = map[claim]*execution{}, map[uint64]kind.Backoff{}, make(chan struct{}, 1)
	defer l.forget(nil)
	defer l.beside.Wait()
	blocks := l.Client.Blocks(ctx)
	for {
		select {
		case height, more := <-blocks:
			if !more {
				return
			}
			l.height = height
		case <-l.news:
		}
		if err := l.play(ctx); err != nil && ctx.Err() == nil {
			l.Log.Warn("disputes are tried again with the next block", "err", err)
		}
	}
}

// play makes one move in each dispute in which it is this account's turn.
func (l *Loop) play(ctx context.Context) error {
	all, err := l.open(ctx)
	if err != nil {
		return err
	}
	l.forget(all)
	var sent sync.WaitGroup
	defer sent.Wait()
	for _, d := range all {
		if d.Due == 0 || l.failed[d.Id].Waits(l.height) {
			continue // it waits for its turn, or for another try
		}
		var msg sdk.Msg
		err := kind.Contain(func() (err error) {
			msg, err = l.move(ctx, d)
			return err
		})
		if err != nil {
			l.failed[d.Id] = l.failed[d.Id].After(l.height, hurry)
			l.Log.Warn("no move", "dispute", d.Id, "job", d.Job, "err", err)
			continue
		}
		delete(l.failed, d.Id)
		if msg == nil {
			continue
		}
		sent.Go(func() {
			if _, err := l.Client.Send(ctx, l.Signer, msg); err != nil && ctx.Err() == nil {
				l.Log.Warn("a move did not pass", "dispute", d.Id, "job", d.Job, "err", err)
			}
		})
	}
	return nil
}

// open lists the account's disputes that have not ended, those first in which time runs out first.
func (l *Loop) open(ctx context.Context) (all []job.Dispute, err error) {
	mine := job.QueryDisputesRequest{Party: l.Signer.String()}
	err = client.Pages(func(page *query.PageRequest) (*query.PageResponse, error) {
		mine.Pagination = page
		r, err := job.NewQueryClient(l.Client).Disputes(ctx, &mine)
		if err != nil {
			return nil, fmt.Errorf("ask for disputes: %w", err)
		}
		for _, x := range r.Disputes {
			all = append(all, x.Dispute)
		}
		return r.Pagination, nil
	})
	slices.SortStableFunc(all, func(a, b job.Dispute) int { return cmp.Compare(a.Due, b.Due) })
	return all, err
}

// Of lists the disputes about a job that an account has or had a part in.
func Of(ctx context.Context, c *client.Client, account string, id uint64) (mine []job.Dispute, err error) {
	err = client.Pages(func(page *query.PageRequest) (*query.PageResponse, error) {
		r, err := job.NewQueryClient(c).Disputes(ctx, &job.QueryDisputesRequest{Job: id, Pagination: page})
		if err != nil {
			return nil, fmt.Errorf("the disputes about job %d: %w", id, err)
		}
		for _, x := range r.Disputes {
			if x.Dispute.Claimant == account || x.Dispute.Challenger == account {
				mine = append(mine, x.Dispute)
			}
		}
		return r.Pagination, nil
	})
	return mine, err
}

// forget drops what was kept for disputes that have ended.
func (l *Loop) forget(all []job.Dispute) {
	maps.DeleteFunc(l.failed, func(id uint64, _ kind.Backoff) bool {
		return !slices.ContainsFunc(all, func(d job.Dispute) bool { return d.Id == id })
	})
	maps.DeleteFunc(l.runs, func(c claim, x *execution) bool {
		over := !slices.ContainsFunc(all, func(d job.Dispute) bool { return claimOf(d) == c })
		if over {
			x.drop()
		}
		return over
	})
}

// move is the account's next move in a dispute; nil if it is the other side's turn, or what it needs is not here yet.
func (l *Loop) move(ctx context.Context, d job.Dispute) (sdk.Msg, error) {
	g, err := verify.DecodeGame(d.Game)
	if err != nil {
		return nil, err
	}
	me := l.Signer.String()
	answers := g.Turn() == verify.Claimant && d.Claimant == me
	denies := g.Turn() == verify.Challenger && d.Challenger == me
	if !answers && !denies {
		return nil, nil
	}
	p, err := l.player(ctx, claimOf(d))
	if p == nil || err != nil {
		return nil, err
	}
	if answers {
		a, err := p.Answer(g)
		if err != nil {
			return nil, err
		}
		return &job.MsgAnswer{Claimant: me, Dispute: d.Id, Answer: a.Encode()}, nil
	}
	denial, err := p.Deny(g)
	if err != nil {
		return nil, err
	}
	return &job.MsgDeny{Challenger: me, Dispute: d.Id, Denial: denial.Encode()}, nil
}
