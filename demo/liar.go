package demo

import (
	"context"
	"encoding/json"
	"fmt"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/demo/check"
	"github.com/minga-network/minga/demo/stage"
	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// liar is a training of which a worker that lies does the first: it flips one bit of
// one gradient. Another finds other bits, the two narrow it down to one scalar step,
// the chain executes that, and an honest worker trains instead.
var liar = story{
	name: "liar",
	cast: func() market {
		m := newMarket()
		m.unmeasured = true
		m.trainers = append([]stage.Machine{{Owner: stage.NewPerson("Julio"), Train: 1}}, m.trainers...)
		return m
	},
	acts: func(p *play) []act {
		return []act{
			p.hireLiar, p.startWorkers, p.publish, p.post, p.trainFalsely, p.settleDispute,
			p.trainAgain, p.verify, p.showModel,
		}
	},
	checks: func(Options) []check.Check {
		return []check.Check{check.SameBits, check.LossFell(1), check.FoundTheBit, check.LiarPays, check.SmallMessages}
	},
	ending: "the flipped bit was found, the liar lost stake, and an honest worker made the model",
}

// lying is what the liar's acts leave for those after them.
type lying struct {
	told     chan blob.Hash // what the liar wrote down, before it claims
	taken    chan struct{}  // closed when the liar has the job
	disputed uint64         // the dispute's id
}

// hireLiar makes the first worker, which is the cheapest, lie. The others begin once it
// has the job: however busy this machine is, it is the first.
func (p *play) hireLiar(context.Context) error {
	p.told, p.taken = make(chan blob.Hash, 1), make(chan struct{})
	raw, err := p.specText()
	if err != nil {
		return err
	}
	spec, err := kind.Training(raw)
	if err != nil {
		return err
	}
	liar := &p.trainers[0]
	liar.Observe = newCheat(p.Seed, spec.Train.Steps, func(l lie) { p.confess(liar.Owner.Name, l) }).observe
	for i := range p.trainers[1:] {
		p.trainers[1+i].Wait = p.taken
	}
	return nil
}

// confess tells the audience what the liar did, and nobody else; and keeps it for the
// checks, by the hash of what it wrote down.
func (p *play) confess(name string, l lie) {
	p.Say("%s lies in training step %d, which is step %d of the run: element %s of a gradient (%s, %s) is %s\n"+
		"and becomes %s. The others do not hear this.",
		name, l.number+1, l.step, index.Thousands(l.element), l.op, index.Dims(l.shape),
		valued(l.right), valued(l.wrong))
	text, err := json.Marshal(check.Lie{
		Step: uint64(l.step), Node: uint64(l.node), Element: uint64(l.element),
		Right: word(l.right), Wrong: word(l.wrong),
	})
	if err != nil {
		panic(err) // numbers and strings can always be written
	}
	root, err := p.Put(text)
	if err != nil {
		p.Log.Error("the lie is not written down", "err", err)
	}
	p.told <- root
}

// trainFalsely waits until the liar has claimed.
func (p *play) trainFalsely(ctx context.Context) error {
	p.Act("A worker trains: the best ranked by price takes the job and locks stake")
	if err := p.showTaken(ctx); err != nil {
		return err
	}
	close(p.taken)
	return p.claimed(ctx)
}

// trainAgain waits until an honest worker has claimed.
func (p *play) trainAgain(ctx context.Context) error {
	p.Act("An honest worker trains: the next by price takes the job, which is open again")
	if err := p.showTaken(ctx); err != nil {
		return err
	}
	if p.report.Dispute.Winner == p.job.Worker {
		p.Say("%s has done the work already, when it checked.", p.Named(p.job.Worker))
	}
	return p.claimed(ctx)
}

// settleDispute follows how a checker finds the liar's claim to be false, and how the
// chain decides between the two.
func (p *play) settleDispute(ctx context.Context) error {
	p.Act("Another worker trains again, gets other bits and challenges: they narrow it down to one scalar step")
	select {
	case p.subject.Lie = <-p.told: // before it claimed
	default:
		return fmt.Errorf("%s trained honestly", p.Named(p.job.Worker))
	}
	d, err := p.challenged(ctx)
	if err != nil {
		return err
	}
	spent := since()
	before, err := p.Balance(ctx, d.Challenger)
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
	if _, err := p.Await(ctx, p.job.Id, job.StateDisputed); err != nil {
		return job.Dispute{}, err
	}
	r, err := job.NewQueryClient(p.Client).Disputes(ctx, &job.QueryDisputesRequest{Job: p.job.Id})
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
	for range p.Client.Blocks(ctx) {
		r, err := job.NewQueryClient(p.Client).Dispute(ctx, &job.QueryDisputeRequest{Id: id})
		if err != nil {
			return nil, err
		}
		lines := index.Dispute(r.Dispute, r.View, p.Named)
		for _, line := range lines[told:] {
			p.Say("%s", line)
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
	after, err := p.Balance(ctx, d.Challenger)
	if err != nil {
		return err
	}
	r, err := worker.NewQueryClient(p.Client).Worker(ctx, &worker.QueryWorkerRequest{Address: d.Claimant})
	if err != nil {
		return err
	}
	reward := after.Sub(before)
	p.Table([][]string{
		{"slashed", "to", "amount"},
		{p.Named(d.Claimant), p.Named(d.Challenger), index.Coins(reward.Int64())},
		{"", "burned", index.Coins(d.Slashed.Sub(reward).Int64())},
	})
	p.Say("%s has %s of its stake left and no more part in job %d, which is open again with all its escrow.",
		p.Named(d.Claimant), index.Coins(r.Worker.Stake.Int64()), d.Job)
	return nil
}

func reported(r *job.QueryDisputeResponse, seconds float64) *Dispute {
	v := r.View
	return &Dispute{
		Rounds: v.Exchanges, Step: v.At("steps"), Node: v.At("nodes"), Operator: v.Operator,
		Element: v.At("element"), Position: v.At("position"),
		Claimed: v.Claimed, Correct: v.Correct,
		Winner: r.Dispute.Winner, Slashed: r.Dispute.Slashed.String() + client.Denom,
		LargestMessage: v.LargestMessage, Blocks: v.Blocks, Seconds: seconds,
	}
}
