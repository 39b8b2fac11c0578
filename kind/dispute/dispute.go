// Package dispute plays the disputes of one account, as claimant and as challenger, for a daemon that works and for a
// gateway that serves.
//
//	loop := dispute.Loop{Client: c, Signer: s, Prepare: works.Prepare, Log: log}
//	loop.Follow(ctx)
//
// Moves have deadlines, so the loop is a goroutine of its own, which waits for no other work. After each block it makes
// one move in each dispute in which it is this account's turn; while a move is on its way into a block, the next is
// computed. All that it keeps can be made again from the chain's games and the checkpoints: the execution of each job,
// and for each dispute a player, so that the step in dispute is executed once.
//
// What can go wrong: the process is killed. Run again, it goes on in the middle of a dispute. Who is away for too long
// loses by silence.
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
	"github.com/minga-network/minga/verify/player"
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

	runs    map[uint64]execution      // by job
	players map[uint64]*player.Player // by dispute
}

// execution is that of a job, for all disputes about it.
type execution struct {
	player.Run
	release func()
}

// mostPlayers bounds how many players are kept: each may have all values of a step.
const mostPlayers = 8

// open is a dispute that the account has a part in and that has not ended.
type open struct {
	job.Dispute
	about job.Job
}

// Follow makes after each block the moves that the chain waits for, until ctx ends.
func (l *Loop) Follow(ctx context.Context) {
	l.runs, l.players = map[uint64]execution{}, map[uint64]*player.Player{}
	defer l.forget(nil)
	for range l.Client.Blocks(ctx) {
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
		msg, err := l.move(ctx, d)
		if err != nil {
			l.Log.Warn("no move", "dispute", d.Id, "job", d.Job, "err", err)
			continue
		}
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
func (l *Loop) open(ctx context.Context) ([]open, error) {
	var all []open
	mine := job.QueryDisputesRequest{Party: l.Signer.String()}
	err := client.Pages(func(page *query.PageRequest) (*query.PageResponse, error) {
		mine.Pagination = page
		r, err := job.NewQueryClient(l.Client).Disputes(ctx, &mine)
		if err != nil {
			return nil, fmt.Errorf("ask for disputes: %w", err)
		}
		for _, x := range r.Disputes {
			about, err := job.NewQueryClient(l.Client).Job(ctx, &job.QueryJobRequest{Id: x.Dispute.Job})
			if err != nil {
				return nil, fmt.Errorf("job %d, which is disputed: %w", x.Dispute.Job, err)
			}
			all = append(all, open{x.Dispute, about.Job})
		}
		return r.Pagination, nil
	})
	slices.SortStableFunc(all, func(a, b open) int { return cmp.Compare(a.Due, b.Due) })
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
func (l *Loop) forget(all []open) {
	maps.DeleteFunc(l.players, func(id uint64, _ *player.Player) bool {
		return !slices.ContainsFunc(all, func(d open) bool { return d.Id == id })
	})
	maps.DeleteFunc(l.runs, func(id uint64, x execution) bool {
		over := !slices.ContainsFunc(all, func(d open) bool { return d.Job == id })
		if over {
			x.release()
		}
		return over
	})
}

// move is the account's next move in a dispute; nil if it is the other side's turn.
func (l *Loop) move(ctx context.Context, d open) (sdk.Msg, error) {
	g, err := verify.DecodeGame(d.Game)
	if err != nil {
		return nil, err
	}
	switch turn, me := g.Turn(), l.Signer.String(); {
	case turn == verify.Claimant && d.Claimant == me:
		return l.answer(ctx, d, g)
	case turn == verify.Challenger && d.Challenger == me:
		return l.deny(ctx, d, g)
	}
	return nil, nil
}

func (l *Loop) answer(ctx context.Context, d open, g *verify.Game) (sdk.Msg, error) {
	p, err := l.player(ctx, d)
	if err != nil {
		return nil, err
	}
	a, err := p.Answer(g)
	if err != nil {
		return nil, err
	}
	return &job.MsgAnswer{Claimant: d.Claimant, Dispute: d.Id, Answer: a.Encode()}, nil
}

func (l *Loop) deny(ctx context.Context, d open, g *verify.Game) (sdk.Msg, error) {
	p, err := l.player(ctx, d)
	if err != nil {
		return nil, err
	}
	denial, err := p.Deny(g)
	if err != nil {
		return nil, err
	}
	return &job.MsgDeny{Challenger: d.Challenger, Dispute: d.Id, Denial: denial.Encode()}, nil
}

// player is the one that plays a dispute, or a new one from the checkpoints.
func (l *Loop) player(ctx context.Context, d open) (*player.Player, error) {
	if p, ok := l.players[d.Id]; ok {
		return p, nil
	}
	task, err := d.about.Task()
	if err != nil {
		return nil, err
	}
	run, err := l.run(ctx, d.about)
	if err != nil {
		return nil, err
	}
	if len(l.players) >= mostPlayers {
		clear(l.players)
	}
	l.players[d.Id] = player.New(task, run)
	return l.players[d.Id], nil
}

// run is the execution of a job, one for all disputes about it.
func (l *Loop) run(ctx context.Context, j job.Job) (player.Run, error) {
	if x, ok := l.runs[j.Id]; ok {
		return x.Run, nil
	}
	work, err := l.Prepare(ctx, j)
	if err != nil {
		return nil, err
	}
	run, err := work.Again(ctx)
	if err != nil {
		return nil, err
	}
	x := execution{run, func() {}}
	if l.Hold != nil {
		x.release = l.Hold(work.Memory())
	}
	l.runs[j.Id] = x
	return run, nil
}
