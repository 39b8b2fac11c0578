package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/kind"
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
		err := kind.Contain(func() error { return g.look(ctx) })
		if err != nil && ctx.Err() == nil {
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
	g.dropLost(ctx)
	g.seen()
	err = g.takeOpen(ctx, me)
	g.settleOver(ctx)
	g.sweep(ctx)
	return errors.Join(err, g.list.Write(g.left()))
}

// takeOpen takes the open jobs that fit.
func (g *Gateway) takeOpen(ctx context.Context, me worker.Worker) error {
	m, err := g.market(ctx, me)
	if err != nil {
		return err
	}
	open, err := g.ledger.Jobs(ctx, job.StateOpen)
	if err != nil {
		return err
	}
	g.forgetRefusals(open)
	wanted := map[uint64]bool{}
	for _, j := range g.best(me, open) {
		wants, took := g.consider(ctx, m, j)
		if wants {
			wanted[j.Terms.Infer.Model] = true
		}
		if took {
			m.me.Locked = m.me.Locked.Add(j.Terms.Stake)
		}
	}
	g.evict(wanted)
	return nil
}

// seen marks that every session of ours is known.
func (g *Gateway) seen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looked = true
}

// adopt opens a session for each job that is ours: one that was taken just now, or before this gateway was started
// again. What fails for one job is tried again later.
func (g *Gateway) adopt(ctx context.Context) error {
	taken, err := g.ledger.Jobs(ctx, job.StateTaken)
	if err != nil {
		return err
	}
	ours := map[uint64]bool{}
	for _, j := range taken {
		if j.Worker == g.me {
			ours[j.Id] = true
			g.try("adopt", j.Id, func() error { return g.adoptJob(ctx, j) })
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.DeleteFunc(g.failed, func(e errand, _ kind.Backoff) bool { return !ours[e.job] })
	return nil
}

// errand is something that is done about one of our jobs.
type errand struct {
	what string
	job  uint64
}

// hurry is the most blocks after which an errand that failed is tried again.
const hurry = 4

// try does an errand. A failure concerns that job alone: it is logged, and tried again later.
func (g *Gateway) try(what string, id uint64, do func() error) {
	e := errand{what, id}
	g.mu.Lock()
	before, height := g.failed[e], g.height
	g.mu.Unlock()
	if before.Waits(height) {
		return
	}
	err := kind.Contain(do)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil {
		delete(g.failed, e)
		return
	}
	g.failed[e] = before.After(height, hurry)
	g.Log.Error("tried again some blocks later", "what", what, "job", id, "err", err)
}

// adoptJob opens the session of a job that is ours, if it is not open yet, and keeps it up to date.
func (g *Gateway) adoptJob(ctx context.Context, j job.Job) error {
	s := g.session(j.Id)
	if s == nil {
		if s = g.add(j); s == nil {
			return nil // its key still has another session
		}
		if err := g.open(s); err != nil {
			return err
		}
	}
	m, err := g.want(ctx, j.Terms.Infer.Model)
	s.mu.Lock()
	s.due, s.model = j.Due, m
	s.mu.Unlock()
	if err != nil && !errors.Is(err, errLoading) {
		return fmt.Errorf("the model of a job that was taken cannot be loaded: %w", err)
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
func (g *Gateway) open(s *session) error {
	j, l, torn, err := openJournal(g.Dir, s.id)
	if err != nil {
		s.fail()
		g.forget(s)
		return fmt.Errorf("a session cannot be opened: %w", err)
	}
	if torn > 0 {
		g.Log.Warn("the journal had a torn end: dropped", "job", s.id, "bytes", torn)
	}
	s.open(j, l)
	g.Log.Info("session open", "job", s.id, "units", s.terms.Units, "used", l.Units())
	return nil
}

// dropLost ends the sessions whose jobs the chain has ended without us.
func (g *Gateway) dropLost(ctx context.Context) {
	for _, s := range g.active() {
		g.try("look after", s.id, func() error { return g.dropIfLost(ctx, s) })
	}
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
		return fmt.Errorf("ask for it: %w", err)
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

// take binds the job to this worker. Requests with its key wait for the outcome.
func (g *Gateway) take(ctx context.Context, s *session) {
	err := g.ledger.Send(ctx, &job.MsgTake{Worker: g.me, Job: s.id})
	if err == nil {
		g.try("open", s.id, func() error { return g.open(s) })
		g.wake() // to learn when the job is due
		return
	}
	s.fail()
	g.mu.Lock()
	delete(g.sessions, s.key)
	g.release(s.terms.Infer.Model)
	g.mu.Unlock()
	if !errors.Is(err, job.ErrTurn) && ctx.Err() == nil { // its turn may come
		g.refuse(s.id, "chain", err)
	}
}
