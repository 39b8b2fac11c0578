package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/fit"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

const (
	// mostLooked is how many open jobs are looked at after a block, those that pay best.
	mostLooked = 64
	// mostOfModel and mostOfCustomer bound how many keys are served at a time.
	mostOfModel, mostOfCustomer = 256, 64
)

// The reasons that only a gateway has.
const (
	reasonModel fit.Reason = "model" // it cannot be loaded
	reasonKeys  fit.Reason = "keys"  // its model, or its customer, has many keys here already
)

// refused is why a job was left alone, and until when.
type refused struct {
	reason fit.Reason
	why    string
	kind.Backoff
}

// market is what does not depend on one job.
type market struct {
	me      worker.Worker
	workers []worker.Worker
	pace    time.Duration // from one block to the next
}

func (g *Gateway) market(ctx context.Context, me worker.Worker) (m market, err error) {
	m.me = me
	for _, s := range g.active() {
		if !s.isOpen() { // it is being taken, and the chain does not show it yet
			m.me.Locked = m.me.Locked.Add(s.terms.Stake)
		}
	}
	if m.workers, err = g.ledger.Workers(ctx); err != nil {
		return m, err
	}
	if m.pace, err = g.ledger.Pace(ctx); err != nil {
		return m, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pace = m.pace
	return m, nil
}

// best are the open jobs that pay best, of those that are not left alone for now and whose key is not served.
func (g *Gateway) best(me worker.Worker, open []job.Job) []job.Job {
	type paid struct {
		job.Job
		pay math.Int
	}
	var some []paid
	g.mu.Lock()
	for _, j := range open {
		served := g.sessions[[32]byte(j.Terms.Infer.Key)] != nil
		if !served && !g.refused[j.Id].Waits(g.height) {
			some = append(some, paid{j, fit.Pay(me, j)})
		}
	}
	g.mu.Unlock()
	slices.SortStableFunc(some, func(x, y paid) int {
		switch {
		case x.pay.GT(y.pay):
			return -1
		case x.pay.LT(y.pay):
			return 1
		}
		return 0
	})
	var best []job.Job
	for _, p := range some[:min(mostLooked, len(some))] {
		best = append(best, p.Job)
	}
	return best
}

// consider takes an open job if it fits, as soon as its model is loaded. It tells whether the model is wanted, and
// whether the job is being taken.
func (g *Gateway) consider(ctx context.Context, m market, j job.Job) (wants, took bool) {
	var model *model
	err := kind.Contain(func() (err error) {
		if err = g.fits(m, j); err == nil {
			wants = true
			model, err = g.serves(ctx, m, j)
		}
		return err
	})
	if errors.Is(err, errLoading) {
		return true, false
	}
	if err != nil {
		g.refuse(j.Id, reasonOf(err), err)
		return false, false
	}
	s := g.add(j)
	if s == nil {
		return false, false // its key has a session now
	}
	s.mu.Lock()
	s.model = model // the session is known already: a request may look
	s.mu.Unlock()
	g.start(ctx, func(ctx context.Context) { g.take(ctx, s) })
	return true, true
}

// fits says why a job is not for this worker, as far as its terms tell.
func (g *Gateway) fits(m market, j job.Job) error {
	if err := g.Policy.Terms(m.me, j); err != nil {
		return err
	}
	if err := fit.Checkers(m.me, j, m.workers); err != nil {
		return err
	}
	if err := fit.Time(0, j.Terms.Work, m.pace); err != nil {
		return err
	}
	ofModel, ofCustomer := 0, 0
	for _, s := range g.active() {
		if s.terms.Infer.Model == j.Terms.Infer.Model {
			ofModel++
		}
		if s.creator == j.Creator {
			ofCustomer++
		}
	}
	if ofModel >= mostOfModel || ofCustomer >= mostOfCustomer {
		return &fit.Refusal{Reason: reasonKeys, Why: fmt.Sprintf("%d keys of its model and %d of its customer are served "+
			"already: at most %d and %d are", ofModel, ofCustomer, mostOfModel, mostOfCustomer)}
	}
	return nil
}

// errModel means that a job's model is the reason to leave it alone.
var errModel = errors.New("its model cannot be served")

// serves returns the model of a job that fits, or says why it cannot be served with that.
func (g *Gateway) serves(ctx context.Context, m market, j job.Job) (*model, error) {
	model, err := g.want(ctx, j.Terms.Infer.Model)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errModel, err)
	}
	if j.Terms.Proof == job.ProofReferee && !bytes.Equal(j.Terms.Task, model.task) {
		return nil, fmt.Errorf("%w: its task is not that of sessions with its model", kind.ErrTerms)
	}
	return model, fit.Time(model.longest(), j.Terms.Work, m.pace)
}

// longest is about how long an answer takes that fills the context.
func (m *model) longest() time.Duration { return time.Duration(m.config.Context) * m.speed.Made }

// reasonOf is the word for what kept a job from being taken.
func reasonOf(err error) fit.Reason {
	reason := fit.ReasonOf(err)
	if errors.Is(err, errModel) && reason != fit.ReasonMemory {
		return reasonModel
	}
	return reason
}

// refuse counts and logs why a job was left alone, if it is news, and leaves it alone for some blocks, or for good if
// its terms are wrong.
func (g *Gateway) refuse(id uint64, reason fit.Reason, why error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.refused[id]
	now := refused{reason, why.Error(), before.After(g.height, kind.LongestPause)}
	if errors.Is(why, kind.ErrJob) {
		now.Backoff = kind.Never()
	}
	g.refused[id] = now
	if before.reason != reason {
		refusals.WithLabelValues(string(reason)).Inc()
		g.Log.Warn("job left alone", "job", id, "reason", reason, "why", why)
	}
}

// forgetRefusals keeps the reasons of jobs that are still open only.
func (g *Gateway) forgetRefusals(open []job.Job) {
	g.mu.Lock()
	defer g.mu.Unlock()
	still := map[uint64]refused{}
	for _, j := range open {
		if why, ok := g.refused[j.Id]; ok {
			still[j.Id] = why
		}
	}
	g.refused = still
}

// left lists the jobs that are left alone.
func (g *Gateway) left() (all []fit.Left) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, r := range g.refused {
		all = append(all, fit.Left{Job: id, Role: "serve", Reason: r.reason, Why: r.why})
	}
	return all
}
