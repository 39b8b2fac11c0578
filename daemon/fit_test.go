package daemon

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/fit"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// fake is a kind whose jobs are prepared as their numbers say.
type fake map[uint64]func(ctx context.Context) (kind.Work, error)

func (f fake) Terms(context.Context, []byte) (job.Terms, error) { return job.Terms{}, nil }
func (f fake) Prepare(ctx context.Context, j job.Job) (kind.Work, error) {
	return f[j.Id](ctx)
}

// size of a work, of a move in a dispute about it, and its time.
type weight struct {
	memory, move int64
	takes        time.Duration
}

func (w weight) Memory() int64                                { return w.memory }
func (w weight) MoveMemory() int64                            { return w.move }
func (w weight) Takes(context.Context) (time.Duration, error) { return w.takes, nil }
func (w weight) Run(context.Context) (kind.Outcome, error)    { return kind.Outcome{}, nil }
func (w weight) Again(context.Context) (player.Run, error)    { return nil, nil }

func weighs(w weight) func(context.Context) (kind.Work, error) {
	return func(context.Context) (kind.Work, error) { return w, nil }
}

// judges is a daemon that only has opinions, and what it sees of the chain.
func judges(f fake, memory int64) (*daemon, board, market) {
	d := &daemon{
		Config: Config{Log: slog.New(slog.DiscardHandler), Memory: memory}, me: "me", opinions: newOpinions(),
		works: kind.NewWorks(kind.Kinds{job.KindTrain: f}, 0), memory: newMemory(memory), news: newNews(), slots: newSlots(1),
	}
	b := board{height: 100, me: worker.Worker{
		Address: "me", Stake: math.NewInt(50_000_000), Locked: math.ZeroInt(),
		Offers: []worker.Offer{{Kind: job.KindTrain, Price: math.NewInt(2)}},
	}}
	return d, b, market{pace: time.Second}
}

// offer is an open job that protects its worker.
func offer(id uint64) held {
	return held{job.Job{Id: id, State: job.StateOpen, Creator: "creator", Terms: job.Terms{
		Kind: job.KindTrain, Proof: job.ProofReferee, Spec: []byte{1}, Units: 1_000_000, MaxPrice: math.NewInt(3),
		CheckPay: math.ZeroInt(), Stake: math.NewInt(5_000_000), Work: 1000, Window: 5,
	}}, RoleTrain}
}

// TestABrokenJobStopsNothing: a job over which this program panics, and one whose blobs never come, are left alone; the
// next is prepared all the same.
func TestABrokenJobStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, b, m := judges(fake{
			1: func(context.Context) (kind.Work, error) { panic("as a stranger wants it") },
			2: func(ctx context.Context) (kind.Work, error) {
				<-ctx.Done()
				return nil, context.Cause(ctx)
			},
			3: weighs(weight{}),
		}, 0)
		for id := range uint64(3) {
			require.False(t, d.ready(t.Context(), b, m, offer(1+id)), "nothing is ready at once")
		}
		synctest.Wait()
		require.True(t, d.ready(t.Context(), b, m, offer(3)))
		require.Equal(t, fit.ReasonFault, fit.ReasonOf(d.opinions.of(offer(1)).err))
		require.False(t, d.ready(t.Context(), b, m, offer(2)), "it still waits for its blobs")

		d.beside.Wait() // as long as is waited for blobs
		require.Equal(t, fit.ReasonMissing, fit.ReasonOf(d.opinions.of(offer(2)).err))
		require.Len(t, d.opinions.left(), 2)
		d.opinions.forget(func(uint64) bool { return true })
		require.Empty(t, d.opinions.left())
	})
}

// TestFewArePreparedAtATime: who posts many jobs whose blobs never come takes no more than some goroutines.
func TestFewArePreparedAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, begun := fake{}, 0
		for id := range uint64(100) {
			f[id] = func(ctx context.Context) (kind.Work, error) {
				begun++
				<-ctx.Done()
				return nil, context.Cause(ctx)
			}
		}
		d, b, m := judges(f, 0)
		ctx, stop := context.WithCancel(t.Context())
		for id := range uint64(100) {
			d.ready(ctx, b, m, offer(id))
			synctest.Wait()
		}
		require.Equal(t, mostPreparing, begun)
		stop()
		d.beside.Wait()
		require.Empty(t, d.opinions.left(), "that the daemon ends is no opinion on a job")
	})
}

// TestWhatIsTaken: a job fits if this machine has the memory for a move in a dispute about it, and does it in half of
// the time, after what it has to do already.
func TestWhatIsTaken(t *testing.T) {
	for _, c := range []struct {
		name   string
		work   weight
		queued time.Duration
		change func(*job.Terms)
		reason fit.Reason // empty: it is taken
	}{
		{"fits", weight{60, 100, 400 * time.Second}, 0, nil, ""},
		{"cannot afford a move", weight{60, 101, 0}, 0, nil, fit.ReasonMemory},
		{"too slow", weight{60, 100, 499 * time.Second}, 0, nil, fit.ReasonTime},
		{"too slow after other work", weight{60, 100, 400 * time.Second}, 100 * time.Second, nil, fit.ReasonTime},
		{"the late trap", weight{}, 0, func(t *job.Terms) { t.Work = 1 }, fit.ReasonTime},
		{"all of the stake", weight{}, 0, func(t *job.Terms) { t.Stake = math.NewInt(50_000_000) }, fit.ReasonStake},
		{"a check for nothing", weight{}, 0, func(t *job.Terms) { t.Checkers = 5 }, fit.ReasonCheckPay},
		{"nobody can check", weight{}, 0, func(t *job.Terms) {
			t.Checkers, t.CheckPay = 5, math.NewInt(1_000_000)
		}, fit.ReasonCheckers},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, b, m := judges(fake{7: weighs(c.work)}, 100)
				m.queued = c.queued
				h := offer(7)
				if c.change != nil {
					c.change(&h.Terms)
				}
				d.ready(t.Context(), b, m, h)
				synctest.Wait()
				require.Equal(t, c.reason == "", d.ready(t.Context(), b, m, h))
				if c.reason != "" {
					require.Equal(t, c.reason, fit.ReasonOf(d.opinions.of(h).err))
				}
			})
		})
	}
}

// TestOpinionsChange: a job that does not fit is looked at again after ever more blocks, and one that nobody can do
// never.
func TestOpinionsChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		missing := true
		d, b, m := judges(fake{
			1: func(context.Context) (kind.Work, error) {
				if missing {
					return nil, errors.New("no source has the blob")
				}
				return weight{}, nil
			},
			2: func(context.Context) (kind.Work, error) { return nil, kind.ErrJob },
		}, 0)
		look := func(id uint64) bool {
			ready := d.ready(t.Context(), b, m, offer(id))
			synctest.Wait()
			return ready
		}
		for range 2 {
			look(1)
			look(2)
		}
		missing = false
		require.False(t, look(1), "not in this block")
		b.height++
		require.False(t, look(1))
		require.True(t, look(1))
		b.height += 1_000_000
		require.False(t, look(2))
		require.Equal(t, kind.Never(), d.opinions.of(offer(2)).Backoff)
	})
}
