package kind

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
)

// counting is a kind that counts how often it prepares a job.
type counting struct {
	prepared atomic.Int64
	broken   atomic.Bool
}

func (c *counting) Terms(context.Context, []byte) (job.Terms, error) { return job.Terms{}, nil }

func (c *counting) Prepare(_ context.Context, j job.Job) (Work, error) {
	c.prepared.Add(1)
	if c.broken.Load() {
		return nil, errors.New("broken")
	}
	return weighing(j.Terms.Units), nil
}

// weighing is a work that takes some memory.
type weighing int64

func (w weighing) Memory() int64                              { return int64(w) }
func (weighing) MoveMemory() int64                            { return 0 }
func (weighing) Takes(context.Context) (time.Duration, error) { return 0, nil }
func (weighing) Run(context.Context) (Outcome, error)         { return Outcome{}, nil }
func (weighing) Again(context.Context) (player.Run, error)    { return nil, nil }

// number is a job with a file of its own, or one about what is claimed.
func number(id uint64, memory uint64, spec bool, claim string) job.Job {
	j := job.Job{Id: id, Terms: job.Terms{Kind: "count", Units: memory}}
	if spec {
		j.Terms.Spec = []byte{1}
	}
	if claim != "" {
		j.Claim = &job.Claim{Result: []byte(claim)}
	}
	return j
}

func TestWorksPrepareOnce(t *testing.T) {
	c := &counting{}
	w := NewWorks(Kinds{"count": c}, 100)
	ask := func(j job.Job, want int64) {
		t.Helper()
		_, err := w.Prepare(t.Context(), j)
		require.NoError(t, err)
		require.EqualValues(t, want, c.prepared.Load())
	}
	ask(number(1, 40, true, ""), 1)
	ask(number(1, 40, true, "another's"), 1) // whoever claims, it is the same work
	ask(number(2, 40, false, "one"), 2)
	ask(number(2, 40, false, "one"), 2)
	ask(number(2, 40, false, "two"), 3) // another session; with it, the first job is too much
	ask(number(2, 40, false, "one"), 3)
	ask(number(1, 40, true, ""), 4)
	ask(number(3, 500, true, ""), 5) // too large, and kept alone
	ask(number(3, 500, true, ""), 5)
	ask(number(1, 40, true, ""), 6)
	w.Forget(func(id uint64) bool { return id == 1 })
	ask(number(1, 40, true, ""), 7)

	c.broken.Store(true)
	for range 2 { // what failed is tried again
		_, err := w.Prepare(t.Context(), number(9, 1, true, ""))
		require.Error(t, err)
	}
	c.broken.Store(false)
	ask(number(9, 1, true, ""), 10)
	ask(number(9, 1, true, ""), 10)
}

// TestWorksAreFew: many goroutines ask for the same jobs, and each is prepared once while few are kept.
func TestWorksAreFew(t *testing.T) {
	c := &counting{}
	w := NewWorks(Kinds{"count": c}, 0)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for id := range uint64(mostWorks) {
				if _, err := w.Prepare(t.Context(), number(id, 1, true, "")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, mostWorks, c.prepared.Load())
	for id := range uint64(3 * mostWorks) {
		_, err := w.Prepare(t.Context(), number(id, 1, true, ""))
		require.NoError(t, err, fmt.Sprint(id))
	}
	require.Len(t, w.kept, mostWorks)
}
