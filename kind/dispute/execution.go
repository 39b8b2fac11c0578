package dispute

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
)

// claim is what disputes are about: a job and who claims to have done it.
type claim struct {
	job      uint64
	claimant string
}

func claimOf(d job.Dispute) claim { return claim{d.Job, d.Claimant} }

// execution is that of a job, for all disputes about it. It is prepared beside the loop: a blob that comes slowly holds
// up no dispute about another job.
type execution struct {
	mu      sync.Mutex
	done    bool
	err     error // why it could not be prepared
	task    *verify.Task
	run     player.Run
	release func() // of its memory
	dropped bool
}

// player plays the disputes about a job. It is nil as long as the execution is being prepared.
func (l *Loop) player(ctx context.Context, c claim) (*player.Player, error) {
	x, known := l.runs[c]
	if !known {
		x = &execution{}
		l.runs[c] = x
		l.beside.Go(func() {
			l.prepare(ctx, c, x)
			select {
			case l.news <- struct{}{}:
			default: // the loop has not looked yet
			}
		})
		return nil, nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case !x.done:
		return nil, nil
	case x.err != nil:
		delete(l.runs, c) // the next move tries again
		return nil, x.err
	}
	return player.New(x.task, x.run), nil
}

// prepare fills in the execution of a job.
func (l *Loop) prepare(ctx context.Context, c claim, x *execution) {
	var task *verify.Task
	var work kind.Work
	var run player.Run
	err := kind.Contain(func() error {
		r, err := job.NewQueryClient(l.Client).Job(ctx, &job.QueryJobRequest{Id: c.job})
		if err != nil {
			return fmt.Errorf("job %d, which is disputed: %w", c.job, err)
		}
		if holder := cmp.Or(r.Job.Defender, r.Job.Worker); holder != c.claimant {
			return fmt.Errorf("%s answers no longer for the claim about job %d: %s does", c.claimant, c.job, holder)
		}
		if task, err = r.Job.Task(); err != nil {
			return err
		}
		if work, err = l.Prepare(ctx, r.Job); err != nil {
			return err
		}
		run, err = work.Again(ctx)
		return err
	})
	x.mu.Lock()
	defer x.mu.Unlock()
	x.done, x.err, x.task, x.run = true, err, task, run
	if err == nil && l.Hold != nil && !x.dropped {
		x.release = l.Hold(work.MoveMemory())
	}
}

// drop gives back what the execution holds.
func (x *execution) drop() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.dropped = true
	if x.release != nil {
		x.release()
		x.release = nil
	}
}
