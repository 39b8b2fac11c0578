package gateway

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/x/job"
)

// ErrNoSession means that this gateway serves no session of a job.
var ErrNoSession = errors.New("gateway: no session of this job is served here")

// longestGrace is how long answers under way may take at most before a session is claimed.
const longestGrace = 20 * time.Second

// grace is how long they may take of a session: at most half of the time that is left before its job is due, so that no
// answer makes the claim late.
func (g *Gateway) grace(s *session) time.Duration {
	s.mu.Lock()
	due := s.due
	s.mu.Unlock()
	g.mu.Lock()
	defer g.mu.Unlock()
	if due == 0 || g.pace == 0 {
		return longestGrace // it is not known yet
	}
	left := max(0, due-g.height)
	return min(longestGrace, time.Duration(left)*g.pace/2)
}

// Settle ends the session of a job now: its key is no longer served, answers under way may end, and what was served is
// claimed. It returns when a block has the claim. If the claim failed, Run claims the session again.
func (g *Gateway) Settle(ctx context.Context, id uint64) error {
	s := g.session(id)
	if s == nil {
		return fmt.Errorf("%w: job %d", ErrNoSession, id)
	}
	select {
	case <-s.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	return g.settle(ctx, s)
}

// settleOver claims the sessions that are over.
func (g *Gateway) settleOver(ctx context.Context) {
	g.mu.Lock()
	height := g.height
	g.mu.Unlock()
	for _, s := range g.active() {
		why := s.over(height, g.Idle)
		if why == "" {
			continue
		}
		s.mu.Lock()
		s.busy = true
		s.mu.Unlock()
		g.start(ctx, func(ctx context.Context) {
			g.Log.Info("session ends", "job", s.id, "reason", why)
			if err := g.settle(ctx, s); err != nil && ctx.Err() == nil {
				g.Log.Error("claim failed", "job", s.id, "err", err)
			}
		})
	}
}

// settle closes and claims a session, once.
func (g *Gateway) settle(ctx context.Context, s *session) error {
	s.settling.Lock()
	defer s.settling.Unlock()
	if s.claimed {
		return nil
	}
	if !s.isOpen() {
		return fmt.Errorf("%w: job %d", ErrNoSession, s.id)
	}
	s.setBusy(true)
	defer s.setBusy(false)
	patience, cancel := context.WithTimeout(ctx, g.grace(s))
	defer cancel()
	s.close(patience)
	claim, err := g.claim(ctx, s)
	if err != nil {
		return err
	}
	err = g.ledger.Send(ctx, &job.MsgClaim{Worker: g.me, Job: s.id, Claim: claim})
	if err != nil {
		if err = g.afterRefusal(ctx, s, err); err != nil {
			return err
		}
	}
	s.claimed = true
	claimed.Inc()
	g.Log.Info("session claimed", "job", s.id, "calls", s.calls, "units", claim.Units)
	g.end(s)
	return nil
}

func (s *session) setBusy(busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = busy
}

// claim makes a blob of the session's calls, which checkers can fetch, and says what they gave. It needs the model:
// until that is in memory, there is no claim.
func (g *Gateway) claim(ctx context.Context, s *session) (job.Claim, error) {
	m, err := g.want(ctx, s.terms.Infer.Model)
	if err != nil {
		return job.Claim{}, fmt.Errorf("job %d cannot be claimed yet: %w", s.id, err)
	}
	data, err := s.journal.read()
	if err != nil {
		return job.Claim{}, err
	}
	l, err := infer.ParseLog(data)
	if err != nil {
		return job.Claim{}, fmt.Errorf("the journal of job %d was changed on disk: %w", s.id, err)
	}
	file := l.File(m.config.Context)
	root := blob.Sum(file)
	if err := g.Store.Pin(root); err != nil {
		return job.Claim{}, err
	}
	if _, err := g.Store.PutBytes(file); err != nil {
		return job.Claim{}, err
	}
	leaves := m.trace.Leaves(l)
	trace := blob.Root(leaves)
	c := job.Claim{
		Result: root[:], Bytes: uint64(len(file)), State: m.asset.Root, Trace: trace[:], Units: l.Units(),
		Infer: &job.InferClaim{Quoted: m.quotes.Session(callsOf(l))},
	}
	if s.terms.Proof == job.ProofReferee {
		last := len(leaves) - 1
		c.State = leaves[last][:]
		for _, h := range append(m.trace.ProveUnits(l), blob.Path(leaves, last)...) {
			c.End = append(c.End, h[:])
		}
	}
	return c, nil
}

func callsOf(l infer.Log) (calls []nn.Call) {
	for _, c := range l.Calls {
		calls = append(calls, c.Call)
	}
	return calls
}

// afterRefusal finds out what a failed claim means: an earlier one has passed after all (nil), the session is lost, or
// it may be tried again.
func (g *Gateway) afterRefusal(ctx context.Context, s *session, refusal error) error {
	j, err := g.ledger.Job(ctx, s.id)
	if err != nil {
		return errors.Join(refusal, err)
	}
	ours := j.Worker == g.me
	if ours && j.Claim != nil {
		return nil
	}
	if !ours || j.State != job.StateTaken {
		g.lose(s, refusal.Error())
	}
	return refusal
}

// end forgets a session. Its journal stays until the job has ended.
func (g *Gateway) end(s *session) {
	s.stop()
	g.forget(s)
	if err := s.journal.close(); err != nil {
		g.Log.Warn("close a journal", "job", s.id, "err", err)
	}
}

// sweptAtOnce bounds how many jobs sweep asks about after a block.
const sweptAtOnce = 16

// sweep removes what was kept for jobs that have ended: no checker wants it any more.
func (g *Gateway) sweep(ctx context.Context) {
	g.mu.Lock()
	var some []uint64
	for id := range g.kept { // in no order, so each has its turn
		if some = append(some, id); len(some) == sweptAtOnce {
			break
		}
	}
	g.mu.Unlock()
	for _, id := range some {
		j, err := g.ledger.Job(ctx, id)
		if err != nil || !j.State.Final() {
			continue
		}
		if err := g.discard(j); err != nil {
			g.Log.Warn("remove what was kept for a job", "job", id, "err", err)
			continue
		}
		g.mu.Lock()
		delete(g.kept, id)
		g.mu.Unlock()
	}
}

func (g *Gateway) discard(j job.Job) error {
	if j.Claim != nil && j.Worker == g.me && len(j.Claim.Result) == len(blob.Hash{}) {
		if err := g.Store.Unpin(blob.Hash(j.Claim.Result)); err != nil {
			return err
		}
	}
	if err := os.Remove(journalPath(g.Dir, j.Id)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
