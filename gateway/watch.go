package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/math"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// ErrBlocks means that the chain could not be followed any longer.
var ErrBlocks = errors.New("gateway: the node tells of no more blocks: is it still running?")

// Run watches the chain, takes the jobs of keys that this gateway can serve, and claims sessions that are over. It
// returns nil when ctx ends. The journals stay, so a gateway that is started again goes on.
func (g *Gateway) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer g.tasks.Wait()
	defer cancel()
	blocks := g.ledger.Blocks(ctx)
	g.wake()
	if g.defend != nil {
		g.start(ctx, g.defend)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.news:
		case h, ok := <-blocks:
			if !ok && ctx.Err() == nil {
				return ErrBlocks
			}
			g.mu.Lock()
			g.height = max(g.height, h)
			g.mu.Unlock()
		}
		if err := g.look(ctx); err != nil && ctx.Err() == nil {
			g.Log.Warn("the chain could not be asked; again at the next block", "err", err)
		}
	}
}

// look does what the chain now asks for.
func (g *Gateway) look(ctx context.Context) error {
	me, err := g.ledger.Self(ctx)
	if status.Code(err) == codes.NotFound {
		g.seen() // not registered: there is nothing to serve
		return nil
	}
	if err != nil {
		return err
	}
	if err := g.adopt(ctx); err != nil {
		return err
	}
	if err := g.dropLost(ctx); err != nil {
		return err
	}
	g.seen()
	open, err := g.ledger.Jobs(ctx, job.StateOpen)
	if err != nil {
		return err
	}
	for _, j := range open {
		g.consider(ctx, me, j)
	}
	g.forgetRefusals(open)
	g.settleOver(ctx)
	g.sweep(ctx)
	return nil
}

// seen marks that every session of ours is known.
func (g *Gateway) seen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looked = true
}

// adopt opens a session for each job that is ours: one that was taken just now, or before this gateway was started
// again.
func (g *Gateway) adopt(ctx context.Context) error {
	taken, err := g.ledger.Jobs(ctx, job.StateTaken)
	if err != nil {
		return err
	}
	for _, j := range taken {
		if j.Worker != g.me {
			continue
		}
		s := g.session(j.Id)
		if s == nil {
			if s = g.add(j); s == nil {
				continue // its key still has another session
			}
			g.open(s)
		}
		m, err := g.want(ctx, j.Terms.Infer.Model)
		if err != nil && !errors.Is(err, errLoading) {
			g.refuse(j.Id, "model", "the model of a job that was taken cannot be loaded: "+err.Error())
		}
		s.mu.Lock()
		s.due, s.model = j.Due, m
		s.mu.Unlock()
	}
	return nil
}

// add adds a session; nil if its key has one already.
func (g *Gateway) add(j job.Job) *session {
	s := newSession(j)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sessions[s.key] != nil {
		return nil
	}
	g.sessions[s.key] = s
	delete(g.kept, s.id)
	g.hold(j.Terms.Infer.Model)
	return s
}

// open gives a session its journal.
func (g *Gateway) open(s *session) {
	j, l, torn, err := openJournal(g.Dir, s.id)
	if err != nil {
		g.Log.Error("a session cannot be opened; again at the next block", "job", s.id, "err", err)
		s.fail()
		g.forget(s)
		return
	}
	if torn > 0 {
		g.Log.Warn("the journal had a torn end: dropped", "job", s.id, "bytes", torn)
	}
	s.open(j, l)
	g.Log.Info("session open", "job", s.id, "units", s.terms.Units, "used", l.Units())
}

// dropLost ends the sessions whose jobs the chain has ended without us.
func (g *Gateway) dropLost(ctx context.Context) error {
	for _, s := range g.active() {
		if err := g.dropIfLost(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gateway) dropIfLost(ctx context.Context, s *session) error {
	if !s.isOpen() || !s.settling.TryLock() {
		return nil
	}
	defer s.settling.Unlock()
	if s.claimed {
		return nil
	}
	j, err := g.ledger.Job(ctx, s.id)
	if err != nil {
		return fmt.Errorf("job %d: %w", s.id, err)
	}
	if j.State != job.StateTaken || j.Worker != g.me {
		g.lose(s, "the job is "+j.State.Word())
	}
	return nil
}

// lose drops a session that can no longer be claimed. The caller has s.settling.
func (g *Gateway) lose(s *session, why string) {
	s.stop()
	s.close(s.ctx)
	g.Log.Error("session lost", "job", s.id, "units", s.used, "reason", why)
	lost.Inc()
	g.end(s)
}

// consider takes an open job if it fits, as soon as its model is loaded.
func (g *Gateway) consider(ctx context.Context, me worker.Worker, j job.Job) {
	g.mu.Lock()
	served := g.sessions[[32]byte(j.Terms.Infer.Key)] != nil
	g.mu.Unlock()
	if served {
		return
	}
	if reason, why := unfit(me, j); why != "" {
		g.refuse(j.Id, reason, why)
		return
	}
	m, err := g.want(ctx, j.Terms.Infer.Model)
	if errors.Is(err, errLoading) {
		return
	}
	if err != nil {
		g.refuse(j.Id, "model", err.Error())
		return
	}
	if j.Terms.Proof == job.ProofReferee && !bytes.Equal(j.Terms.Task, m.task) {
		g.refuse(j.Id, "terms", "its task is not that of sessions with its model")
		return
	}
	if s := g.add(j); s != nil {
		s.model = m
		g.start(ctx, func(ctx context.Context) { g.take(ctx, s) })
	}
}

// unfit says, in a word and in a sentence, why a job is not for this worker. Both are empty if it is.
func unfit(me worker.Worker, j job.Job) (reason, why string) {
	price, offered := priceOf(me)
	switch t := j.Terms; {
	case !offered:
		return "offer", "infer is not offered"
	case me.Release != 0:
		return "leaving", "this worker is leaving"
	case j.Creator == me.Address:
		return "own", "this worker posted the job itself"
	case price.GT(t.MaxPrice):
		return "price", fmt.Sprintf("a token costs %s here, the job pays at most %s", price, t.MaxPrice)
	case me.Free().LT(t.Stake):
		return "stake", fmt.Sprintf("%s of the stake is free, the job locks %s", me.Free(), t.Stake)
	case t.Work < shortestWork:
		return "work", fmt.Sprintf("the job leaves %d blocks for work; less than %d is too short to serve and claim",
			t.Work, shortestWork)
	}
	return "", ""
}

func priceOf(me worker.Worker) (price math.Int, offered bool) {
	for _, o := range me.Offers {
		if o.Kind == job.KindInfer {
			return o.Price, true
		}
	}
	return math.Int{}, false
}

// shortestWork is the least number of blocks that a session may last.
const shortestWork = 8

// take binds the job to this worker. Requests with its key wait for the outcome.
func (g *Gateway) take(ctx context.Context, s *session) {
	err := g.ledger.Send(ctx, &job.MsgTake{Worker: g.me, Job: s.id})
	if err == nil {
		g.open(s)
		g.wake() // to learn when the job is due
		return
	}
	s.fail()
	g.mu.Lock()
	delete(g.sessions, s.key)
	g.release(s.terms.Infer.Model)
	g.mu.Unlock()
	if !errors.Is(err, job.ErrTurn) && ctx.Err() == nil { // its turn may come
		g.refuse(s.id, "chain", err.Error())
	}
}

// refuse counts and logs why a job was left alone, once for each reason.
func (g *Gateway) refuse(id uint64, reason, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refused[id] == why {
		return
	}
	g.refused[id] = why
	refusals.WithLabelValues(reason).Inc()
	g.Log.Warn("job left alone", "job", id, "reason", why)
}

// forgetRefusals keeps the reasons of jobs that are still open only.
func (g *Gateway) forgetRefusals(open []job.Job) {
	g.mu.Lock()
	defer g.mu.Unlock()
	still := map[uint64]string{}
	for _, j := range open {
		if why, ok := g.refused[j.Id]; ok {
			still[j.Id] = why
		}
	}
	g.refused = still
}
