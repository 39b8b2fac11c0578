package demo

import (
	"context"
	"fmt"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// dispute follows how a checker finds the liar's claim to be false, and how the
// chain decides between the two.
func (p *play) dispute(ctx context.Context) error {
	p.act("Another worker trains again, gets other bits and challenges: they narrow it down to one scalar step")
	select {
	case p.lie = <-p.lies: // before it claimed
	default:
		return fmt.Errorf("%s trained honestly", p.named(p.training.Worker))
	}
	d, err := p.challenged(ctx)
	if err != nil {
		return err
	}
	spent := since()
	before, err := p.balance(ctx, d.Challenger)
	if err != nil {
		return err
	}
	r, err := p.follow(ctx, d.Id)
	if err != nil {
		return err
	}
	p.disputed, p.report.Dispute = d.Id, reported(r, spent())
	if r.Dispute.Winner != d.Challenger {
		return fmt.Errorf("the liar got away with it: %s", r.Dispute.Reason)
	}
	return p.showSlashed(ctx, r.Dispute, before)
}

// challenged waits until somebody challenges the claim.
func (p *play) challenged(ctx context.Context) (job.Dispute, error) {
	if _, err := p.await(ctx, p.training.Id, job.StateDisputed); err != nil {
		return job.Dispute{}, err
	}
	r, err := job.NewQueryClient(p.client).Disputes(ctx, &job.QueryDisputesRequest{Job: p.training.Id})
	if err != nil {
		return job.Dispute{}, err
	}
	return r.Disputes[0].Dispute, nil
}

// follow tells a dispute as it goes on, to its end.
func (p *play) follow(ctx context.Context, id uint64) (*job.QueryDisputeResponse, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	told := 0
	for range p.client.Blocks(ctx) {
		r, err := job.NewQueryClient(p.client).Dispute(ctx, &job.QueryDisputeRequest{Id: id})
		if err != nil {
			return nil, err
		}
		lines := Telling(r.Dispute, r.View, p.named)
		for _, line := range lines[told:] {
			p.say("%s", line)
		}
		told = len(lines)
		if r.Dispute.Ended != 0 {
			return r, nil
		}
	}
	return nil, fmt.Errorf("following dispute %d: %w", id, context.Cause(ctx))
}

// showSlashed tells where the stake went. Before is what the challenger had when
// the dispute began.
func (p *play) showSlashed(ctx context.Context, d job.Dispute, before math.Int) error {
	after, err := p.balance(ctx, d.Challenger)
	if err != nil {
		return err
	}
	r, err := worker.NewQueryClient(p.client).Worker(ctx, &worker.QueryWorkerRequest{Address: d.Claimant})
	if err != nil {
		return err
	}
	reward := after.Sub(before)
	p.table([][]string{
		{"slashed", "to", "amount"},
		{p.named(d.Claimant), p.named(d.Challenger), coins(reward.Int64())},
		{"", "burned", coins(d.Slashed.Sub(reward).Int64())},
	})
	p.say("%s has %s of its stake left and no more part in job %d, which is open again with all its escrow.",
		p.named(d.Claimant), coins(r.Worker.Stake.Int64()), d.Job)
	return nil
}

func reported(r *job.QueryDisputeResponse, seconds float64) *Dispute {
	v := r.View
	return &Dispute{
		Rounds: v.Exchanges, Step: v.Step, Node: v.Node, Operator: v.Operator, Element: v.Element, Position: v.Position,
		Claimed: v.Claimed, Correct: v.Correct, Winner: r.Dispute.Winner, Slashed: r.Dispute.Slashed.String() + client.Denom,
		LargestMessage: v.LargestMessage, Blocks: v.Blocks, Seconds: seconds,
	}
}
