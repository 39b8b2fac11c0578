package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// Live is a view of the jobs of some kinds that have not ended. It reads all of them once, and
// afterwards only those that the events of new blocks name, so that a quiet block costs the
// same however many jobs there are. It is safe for concurrent use.
type Live struct {
	Log *slog.Logger // is told of what cannot be read

	c     *Client
	kinds []worker.Kind

	mu     sync.Mutex
	height int64 // up to which events are applied; 0: nothing is read yet
	jobs   map[uint64]job.Job
	later  map[item]int64 // what the chain could not show, and the height at which it is asked for again
}

// item is something of the view to be read anew: a job, or the open children of one.
type item struct {
	job      uint64
	children bool
}

// laterBlocks is after how many blocks something is asked for again that the chain could not show.
const laterBlocks = 20

// Live begins a view of the jobs of some kinds.
func (c *Client) Live(kinds ...worker.Kind) *Live {
	return &Live{Log: slog.New(slog.DiscardHandler), c: c, kinds: kinds}
}

// In returns the jobs in one of some states, by id, as of the newest block.
func (l *Live) In(ctx context.Context, states ...job.State) ([]job.Job, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.update(ctx); err != nil {
		return nil, fmt.Errorf("the jobs on chain: %w", err)
	}
	var in []job.Job
	for _, j := range l.jobs {
		if slices.Contains(states, j.State) {
			in = append(in, j)
		}
	}
	slices.SortFunc(in, func(a, b job.Job) int { return cmp.Compare(a.Id, b.Id) })
	return in, nil
}

// update applies what has happened since the last update. Where the node has no more of the
// blocks in between, it reads everything anew.
func (l *Live) update(ctx context.Context) error {
	head := l.c.feed.now()
	if l.height == 0 {
		return l.load(ctx, head)
	}
	err := l.apply(ctx, head)
	if errors.Is(err, ErrGone) {
		return l.load(ctx, head)
	}
	return err
}

// load reads all live jobs. The state may be newer than head: then events are applied twice,
// which changes nothing.
func (l *Live) load(ctx context.Context, head int64) error {
	l.jobs, l.later, l.height = map[uint64]job.Job{}, map[item]int64{}, 0
	for state := range job.State_name {
		state := job.State(state)
		if state == job.StateUnspecified || state.Final() {
			continue
		}
		for _, kind := range l.kinds {
			if err := l.list(ctx, &job.QueryJobsRequest{State: state, Kind: kind}); err != nil {
				return err
			}
		}
	}
	l.height = head
	return nil
}

// list reads all jobs of a list into the view, as far as they are of its kinds.
func (l *Live) list(ctx context.Context, request *job.QueryJobsRequest) error {
	return Pages(func(page *query.PageRequest) (*query.PageResponse, error) {
		request.Pagination = page
		r, err := job.NewQueryClient(l.c).Jobs(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, j := range r.Jobs {
			if slices.Contains(l.kinds, j.Terms.Kind) {
				l.jobs[j.Id] = j
			}
		}
		return r.Pagination, nil
	})
}

// apply reads each job anew that the events up to head name, if it is in the view or may come into it.
func (l *Live) apply(ctx context.Context, head int64) error {
	changed := map[item]bool{}
	for h := l.height + 1; h <= head; h++ {
		b, err := l.c.block(ctx, h)
		if err != nil {
			return err
		}
		for _, e := range b.Events {
			l.heed(e, changed)
		}
	}
	for i, at := range l.later {
		if at <= head {
			changed[i] = true
		}
	}
	for i := range changed {
		if err := l.refresh(ctx, i, head); err != nil {
			return err
		}
	}
	l.height = head
	return nil
}

// refresh reads something anew. What the chain refuses to show is asked for again later, and holds up nothing else. An
// error is the connection's.
func (l *Live) refresh(ctx context.Context, i item, head int64) error {
	read := l.read
	if i.children {
		read = l.readChildren
	}
	err := read(ctx, i.job)
	if err == nil {
		delete(l.later, i)
	}
	if _, refused := status.FromError(err); err == nil || !refused || ctx.Err() != nil {
		return err
	}
	l.later[i] = head + laterBlocks
	l.Log.Warn("the chain does not show a job", "job", i.job, "children", i.children, "again_at", head+laterBlocks,
		"err", err)
	return nil
}

// heed adds what an event says something about, if it matters here. One event tells of all new children of a job.
func (l *Live) heed(event proto.Message, changed map[item]bool) {
	switch e := event.(type) {
	case *job.EventPosted:
		if slices.Contains(l.kinds, e.Kind) {
			changed[item{job: e.Job}] = true
		}
	case *job.EventMeasure:
		changed[item{e.Job, true}] = true
	case interface{ GetJob() uint64 }:
		if _, known := l.jobs[e.GetJob()]; known {
			changed[item{job: e.GetJob()}] = true
		}
	}
}

// readChildren reads the open children of a job.
func (l *Live) readChildren(ctx context.Context, parent uint64) error {
	return l.list(ctx, &job.QueryJobsRequest{Parent: parent, State: job.StateOpen})
}

// read reads one job anew.
func (l *Live) read(ctx context.Context, id uint64) error {
	r, err := job.NewQueryClient(l.c).Job(ctx, &job.QueryJobRequest{Id: id})
	if status.Code(err) == codes.NotFound {
		return nil // posted by a transaction that failed in the end
	}
	if err != nil {
		return err
	}
	if r.Job.State.Final() {
		delete(l.jobs, id)
	} else {
		l.jobs[id] = r.Job
	}
	return nil
}
