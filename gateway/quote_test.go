package gateway

import (
	"fmt"
	"slices"
	"testing"

	"github.com/minga-network/minga/kind"
)

// TestASessionIsClaimedWithWhatItQuotes: the data is what the model answered once, so later answers repeat
// all of it. As long as nobody serves the data, the gateway leaves the job to others.
func TestASessionIsClaimedWithWhatItQuotes(t *testing.T) {
	ask := func(model int) string {
		return fmt.Sprintf(`{"model":"%d","prompt":"And God said","max_tokens":60,"temperature":0}`, model)
	}
	w := newWorld(t)
	key, first := w.key(1000)
	w.complete(key, ask(5))
	if err := w.g.Settle(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	claim, calls := w.claimed(first)
	if claim.Infer.Quoted != nil {
		t.Errorf("quoted %d with a model that owes nothing for it", claim.Infer.Quoted)
	}
	said := w.model.Tokenizer.Decode(calls[0].Made)

	m := w.chain.models[5]
	m.Id, m.Attribution = 6, 2000
	w.chain.mu.Lock()
	w.chain.models[6] = m
	w.chain.mu.Unlock()
	key, hash := NewKey()
	terms := w.terms(1000)
	terms.Infer.Model, terms.Infer.Key = 6, hash
	id := w.chain.post(terms)
	w.eventually("the job is left alone", func() bool {
		w.chain.block()
		w.g.mu.Lock()
		defer w.g.mu.Unlock()
		return w.g.refused[id].why != ""
	})
	texts := [][]byte{[]byte("nothing of the kind"), said, []byte(text)}
	w.chain.mu.Lock()
	w.chain.texts = texts
	w.chain.mu.Unlock()
	w.eventually("the job is taken", func() bool {
		w.chain.block()
		s := w.g.session(id)
		return s != nil && s.isOpen()
	})
	w.complete(key, ask(6))
	if err := w.g.Settle(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	claim, calls = w.claimed(id)
	if want := kind.NewQuotes(texts, w.model.Tokenizer).Session(calls); !slices.Equal(claim.Infer.Quoted, want) {
		t.Errorf("quoted %d, want %d", claim.Infer.Quoted, want)
	}
	if claim.Infer.Quoted[0] != 0 || claim.Infer.Quoted[1] < claim.Units/2 {
		t.Errorf("quoted %d of %d units, it said %q", claim.Infer.Quoted, claim.Units, said)
	}
}
