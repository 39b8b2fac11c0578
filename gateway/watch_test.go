package gateway

import (
	"strings"
	"testing"

	"cosmossdk.io/math"

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
		"pays at most":  func(x *job.Terms) { x.MaxPrice = math.NewInt(4) },
		"is free":       func(x *job.Terms) { x.Stake = math.NewInt(1001) },
		"too short":     func(x *job.Terms) { x.Work = 7 },
		"file":          func(x *job.Terms) { x.Infer.Model = 6 },
		"no source":     func(x *job.Terms) { x.Infer.Model = 7 },
		"at most 21474": func(x *job.Terms) { x.Infer.Model = 8 },
	} {
		_, hash := NewKey()
		terms := job.Terms{Kind: job.KindInfer, Infer: &job.InferTerms{Model: 5, Key: hash}, Units: 10,
			MaxPrice: math.NewInt(5), Stake: math.NewInt(1), Work: 1000}
		change(&terms)
		id := w.chain.post(terms)
		w.eventually(why, func() bool {
			w.chain.block()
			w.g.mu.Lock()
			defer w.g.mu.Unlock()
			return strings.Contains(w.g.refused[id], why)
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
	id := w.chain.post(job.Terms{Kind: job.KindInfer, Infer: &job.InferTerms{Model: 5, Key: hash}, Units: 100,
		MaxPrice: math.NewInt(5), Stake: math.NewInt(1), Work: 1000})
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
	id := w.chain.post(job.Terms{
		Kind: job.KindInfer, Proof: job.ProofReferee, Infer: &job.InferTerms{Model: 5, Key: hash}, Units: 10,
		MaxPrice: math.NewInt(5), Stake: math.NewInt(1), Work: 1000, Task: task.Encode(),
	})
	w.eventually("it is refused", func() bool {
		w.chain.block()
		w.g.mu.Lock()
		defer w.g.mu.Unlock()
		return strings.Contains(w.g.refused[id], "task")
	})
}
