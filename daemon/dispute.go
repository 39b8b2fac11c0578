package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/cosmos/cosmos-sdk/types/query"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
)

// court plays this worker's disputes, of both sides, beside its work: a move may not
// wait until a training ends. It is used by one goroutine.
//
// All that it keeps can be made again from the chain's games and the checkpoints: the
// execution of each job, and for each dispute a player, so that the step in dispute is
// executed once.
type court struct {
	*daemon
	runs    map[uint64]player.Run     // by job
	players map[uint64]*player.Player // by dispute
}

// mostPlayers bounds how many players are kept: each may have all values of a step.
const mostPlayers = 8

func newCourt(d *daemon) *court {
	return &court{d, map[uint64]player.Run{}, map[uint64]*player.Player{}}
}

// dispute is one that this worker has a part in and that has not ended.
type dispute struct {
	job.Dispute
	about job.Job
}

// Defend plays the disputes of somebody who does not work by Run, as a gateway
// that serves sessions, until ctx ends.
func Defend(ctx context.Context, c Config) { newCourt(newDaemon(c)).follow(ctx) }

// follow makes after each block the moves that the chain waits for.
func (c *court) follow(ctx context.Context) {
	for range c.Client.Blocks(ctx) {
		if err := c.sit(ctx); err != nil && ctx.Err() == nil {
			c.Log.Warn("disputes are tried again with the next block", "err", err)
		}
	}
}

// sit makes one move in each dispute in which it is this worker's turn. While a move
// is on its way into a block, the next is computed.
func (c *court) sit(ctx context.Context) error {
	all, err := c.open(ctx)
	if err != nil {
		return err
	}
	c.forget(all)
	var sent sync.WaitGroup
	defer sent.Wait()
	for _, d := range all {
		msg, err := c.move(ctx, d)
		if err != nil {
			c.Log.Warn("no move", "dispute", d.Id, "job", d.Job, "err", err)
			continue
		}
		if msg == nil {
			continue
		}
		sent.Go(func() {
			if _, err := c.Client.Send(ctx, c.Signer, msg); err != nil && ctx.Err() == nil {
				c.Log.Warn("a move did not pass", "dispute", d.Id, "job", d.Job, "err", err)
			}
		})
	}
	return nil
}

// open lists this worker's disputes that have not ended, those first in which time
// runs out first.
func (c *court) open(ctx context.Context) ([]dispute, error) {
	jobs, err := c.jobs(ctx, job.StateDisputed)
	if err != nil {
		return nil, err
	}
	var open []dispute
	for _, j := range jobs {
		mine, err := c.disputes(ctx, j.Id)
		if err != nil {
			return nil, err
		}
		for _, d := range mine {
			if d.Ended == 0 {
				open = append(open, dispute{d, j})
			}
		}
	}
	slices.SortStableFunc(open, func(a, b dispute) int { return cmp.Compare(a.Due, b.Due) })
	return open, nil
}

// disputes lists those about a job that this worker has or had a part in.
func (d *daemon) disputes(ctx context.Context, id uint64) (mine []job.Dispute, err error) {
	for page := new(query.PageRequest); page != nil; {
		r, err := job.NewQueryClient(d.Client).Disputes(ctx, &job.QueryDisputesRequest{Job: id, Pagination: page})
		if err != nil {
			return nil, fmt.Errorf("the disputes about job %d: %w", id, err)
		}
		for _, x := range r.Disputes {
			if x.Dispute.Claimant == d.me || x.Dispute.Challenger == d.me {
				mine = append(mine, x.Dispute)
			}
		}
		page = following(r.Pagination)
	}
	return mine, nil
}

// forget drops what was kept for disputes that have ended.
func (c *court) forget(all []dispute) {
	runs, players := map[uint64]player.Run{}, map[uint64]*player.Player{}
	for _, d := range all {
		if run, ok := c.runs[d.Job]; ok {
			runs[d.Job] = run
		}
		if p, ok := c.players[d.Id]; ok {
			players[d.Id] = p
		}
	}
	c.runs, c.players = runs, players
}

// move is this worker's next move in a dispute; nil if it is the other side's turn.
func (c *court) move(ctx context.Context, d dispute) (sdk.Msg, error) {
	g, err := verify.DecodeGame(d.Game)
	if err != nil {
		return nil, err
	}
	switch turn := g.Turn(); {
	case turn == verify.Claimant && d.Claimant == c.me:
		return c.answer(ctx, d, g)
	case turn == verify.Challenger && d.Challenger == c.me:
		return c.deny(ctx, d, g)
	}
	return nil, nil
}

func (c *court) answer(ctx context.Context, d dispute, g *verify.Game) (sdk.Msg, error) {
	p, err := c.player(ctx, d)
	if err != nil {
		return nil, err
	}
	a, err := p.Answer(g)
	if err != nil {
		return nil, err
	}
	return &job.MsgAnswer{Claimant: c.me, Dispute: d.Id, Answer: a.Encode()}, nil
}

func (c *court) deny(ctx context.Context, d dispute, g *verify.Game) (sdk.Msg, error) {
	p, err := c.player(ctx, d)
	if err != nil {
		return nil, err
	}
	denial, err := p.Deny(g)
	if err != nil {
		return nil, err
	}
	return &job.MsgDeny{Challenger: c.me, Dispute: d.Id, Denial: denial.Encode()}, nil
}

// player is the one that plays a dispute, or a new one from the checkpoints.
func (c *court) player(ctx context.Context, d dispute) (*player.Player, error) {
	if p, ok := c.players[d.Id]; ok {
		return p, nil
	}
	task, err := d.about.Task()
	if err != nil {
		return nil, err
	}
	run, ok := c.runs[d.Job]
	if !ok {
		if run, err = c.engines[d.about.Terms.Kind].again(ctx, d.about); err != nil {
			return nil, err
		}
		c.runs[d.Job] = run
	}
	if len(c.players) >= mostPlayers {
		clear(c.players)
	}
	c.players[d.Id] = player.New(task, run)
	return c.players[d.Id], nil
}
