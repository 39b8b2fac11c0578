package gateway

import (
	"slices"
	"strings"
	"testing"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// TestJobsThatAreLeftAlone posts jobs that this gateway cannot serve, each for another reason, and one that
// it can serve.
func TestJobsThatAreLeftAlone(t *testing.T) {
	w := newWorld(t)
	lie := w.model.Encode()[1:]
	root, err := w.store.PutBytes(lie)
	if err != nil {
		t.Fatal(err)
	}
	w.chain.models[6] = asset.Asset{Id: 6, Root: root[:], Bytes: uint64(len(lie))}
	w.chain.models[7] = asset.Asset{Id: 7, Root: make([]byte, 32), Bytes: 9}
	w.chain.models[8] = asset.Asset{Id: 8, Root: make([]byte, 32), Bytes: maxModel + 1}
	for why, change := range map[string]func(*job.Terms){
		"pays at most":       func(x *job.Terms) { x.MaxPrice = math.NewInt(4) },
		"one job may lock":   func(x *job.Terms) { x.Stake = math.NewInt(501) },
		"can lock a stake":   func(x *job.Terms) { x.Infer.Serving = 0 },
		"too few to do it":   func(x *job.Terms) { x.Work = 7 },
		"majority":           func(x *job.Terms) { x.Proof = job.ProofQuorum },
		"a check pays 0":     func(x *job.Terms) { x.Checkers, x.CheckPay = 1, math.ZeroInt() },
		"and 0 others offer": func(x *job.Terms) { x.Checkers, x.CheckPay = 1, math.NewInt(9) },
		"file":               func(x *job.Terms) { x.Infer.Model = 6 },
		"no source":          func(x *job.Terms) { x.Infer.Model = 7 },
		"at most 21474":      func(x *job.Terms) { x.Infer.Model = 8 },
	} {
		_, hash := NewKey()
		terms := w.terms(10)
		terms.Infer.Key = hash
		change(&terms)
		id := w.chain.post(terms)
		w.eventually(why, func() bool {
			w.chain.block()
			w.g.mu.Lock()
			defer w.g.mu.Unlock()
			return strings.Contains(w.g.refused[id].why, why)
		})
		if s := w.chain.state(id); s != job.StateOpen {
			t.Errorf("%s: %s", why, s.Word())
		}
	}
	key, _ := w.key(100)
	w.complete(key, hi)
}

func TestAGatewayThatRegistersLater(t *testing.T) {
	w := newWorld(t)
	me := w.chain.worker
	w.chain.mu.Lock()
	w.chain.worker = worker.Worker{}
	w.chain.mu.Unlock()
	secret, hash := NewKey()
	terms := w.terms(100)
	terms.Infer.Key = hash
	id := w.chain.post(terms)
	if res, body := w.do("POST", "/v1/completions", secret, hi); res.StatusCode != 401 && res.StatusCode != 503 {
		t.Errorf("%s %s", res.Status, body)
	}
	w.chain.mu.Lock()
	w.chain.worker = me
	w.chain.mu.Unlock()
	w.chain.block()
	w.eventually("the job is taken", func() bool { return w.g.session(id) != nil && w.g.session(id).isOpen() })
	w.complete(secret, hi)
}

func TestAModelLeavesTheMemoryWithItsLastSession(t *testing.T) {
	w := newWorld(t)
	_, one := w.key(100)
	_, two := w.key(100)
	loaded := func() bool {
		w.g.mu.Lock()
		defer w.g.mu.Unlock()
		return w.g.loads[5] != nil && w.g.loads[5].model != nil
	}
	for i, id := range []uint64{one, two} {
		if !loaded() {
			t.Errorf("gone after %d of 2 sessions", i)
		}
		if err := w.g.Settle(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if loaded() {
		t.Error("still there")
	}
}

// loaded is how many models are in memory, or on the way there.
func (w *world) loaded() int {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	return len(w.g.loads)
}

// twelve mints models with the file of model 5, and posts a job for each.
func (w *world) twelve(change func(*job.Terms)) (ids []uint64) {
	for i := range uint64(12) {
		w.chain.mu.Lock()
		a := w.chain.models[5]
		a.Id = 100 + i
		w.chain.models[a.Id] = a
		w.chain.mu.Unlock()
		terms := w.terms(10)
		_, terms.Infer.Key = NewKey()
		terms.Infer.Model = a.Id
		change(&terms)
		ids = append(ids, w.chain.post(terms))
	}
	return ids
}

// why is the reason for which a job was left alone.
func (w *world) why(id uint64) refused {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	return w.g.refused[id]
}

// TestModelsOfRefusedJobsLeaveTheMemory: a job whose task is wrong is found out with its model, which then goes.
func TestModelsOfRefusedJobsLeaveTheMemory(t *testing.T) {
	w := newWorld(t)
	ids := w.twelve(func(x *job.Terms) { x.Task = []byte("another task") })
	for _, id := range ids {
		w.eventually("all are refused", func() bool {
			w.chain.block()
			return w.why(id).reason == "terms"
		})
	}
	w.eventually("no model is in memory", func() bool {
		w.chain.block()
		return w.loaded() == 0
	})
	cheap := w.twelve(func(x *job.Terms) { x.MaxPrice = math.NewInt(1) })
	w.eventually("the last is refused", func() bool {
		w.chain.block()
		return w.why(cheap[11]).reason == "price"
	})
	if n := w.loaded(); n != 0 {
		t.Errorf("%d models were loaded for jobs that do not fit by their terms", n)
	}
}

// TestMemoryBoundsModels: a model that is too large by its shape is refused with the number, and one that fits only
// without others waits until these have gone.
func TestMemoryBoundsModels(t *testing.T) {
	w := newWorld(t)
	a := w.chain.models[5]
	serves, err := w.g.servable(a, w.model)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := infer.NewPlan(w.model.Config)
	if err != nil {
		t.Fatal(err)
	}
	moves := fileBytes(a) + kind.SessionMove(plan.Program)

	w.start(Config{Memory: moves - 1})
	id := w.twelve(func(*job.Terms) {})[0]
	w.eventually("refused", func() bool {
		w.chain.block()
		return w.why(id).reason == "memory"
	})
	if why := w.why(id).why; !strings.Contains(why, "MiB") {
		t.Errorf("without the number: %s", why)
	}
	for range 12 {
		w.chain.set(id, job.StateCancelled)
		id++
	}

	w.start(Config{Memory: moves})
	_, one := w.key(100)
	free := moves - serves
	w.g.dispute(free) // whatever else there is
	others := w.twelve(func(*job.Terms) {})
	served := func() bool {
		return slices.ContainsFunc(others, func(id uint64) bool { return w.g.session(id) != nil })
	}
	for range 20 {
		w.chain.block()
	}
	if served() {
		t.Error("two models at once")
	}
	if err := w.g.Settle(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	w.eventually("there is room again", func() bool {
		w.chain.block()
		return served()
	})
}

// TestKeysAreBounded: one customer has a bounded number of keys, and others are served all the same.
func TestKeysAreBounded(t *testing.T) {
	w := newWorld(t)
	w.chain.mu.Lock()
	w.chain.worker.Stake = math.NewInt(1_000_000)
	w.chain.mu.Unlock()
	for range mostOfCustomer {
		w.key(10)
	}
	terms := w.terms(10)
	_, terms.Infer.Key = NewKey()
	id := w.chain.post(terms)
	w.eventually("one more is refused", func() bool {
		w.chain.block()
		return w.why(id).reason == "keys"
	})
}

// TestOneBrokenJobStopsNothing: a job over which this program breaks is left alone, and others are served.
func TestOneBrokenJobStopsNothing(t *testing.T) {
	w := newWorld(t)
	terms := w.terms(10)
	_, terms.Infer.Key = NewKey()
	terms.Stake = math.Int{} // no chain has such a job
	terms.CheckPay, terms.Checkers = math.NewInt(9), 1
	w.chain.mu.Lock()
	w.chain.others = []worker.Worker{{Address: "other", Offers: w.chain.worker.Offers, Stake: math.NewInt(9),
		Locked: math.ZeroInt()}}
	w.chain.mu.Unlock()
	broken := w.chain.post(terms)
	w.eventually("it is left alone", func() bool {
		w.chain.block()
		return w.why(broken).reason == "fault"
	})
	key, _ := w.key(100)
	w.complete(key, hi)
}

// TestATaskOfAnotherModelIsLeftAlone: else a dispute would be about a Program that is not the model's.
func TestATaskOfAnotherModelIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	task := w.task()
	session, err := verify.ProgramsOf(task)
	if err != nil {
		t.Fatal(err)
	}
	session.Phases[0].Program[3]++
	_, hash := NewKey()
	terms := w.terms(10)
	terms.Infer.Key, terms.Task = hash, task.Encode()
	id := w.chain.post(terms)
	w.eventually("it is refused", func() bool {
		w.chain.block()
		w.g.mu.Lock()
		defer w.g.mu.Unlock()
		return strings.Contains(w.g.refused[id].why, "task")
	})
}
