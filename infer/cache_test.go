package infer

import (
	"fmt"
	"testing"

	"github.com/minga-network/minga/kernel"
)

// TestCacheHasTheBitsOfTheWholePass passes a text in pieces of several sizes
// and compares the logits after each with those of a pass without a cache by
// the reference backend.
func TestCacheHasTheBitsOfTheWholePass(t *testing.T) {
	for _, tied := range []bool{true, false} {
		m := model(t, tied, 256)
		tokens := m.Tokenizer.Encode([]byte(text + text))[:150]
		want := whole(m, backend(t, "reference", 1), tokens)
		for _, name := range kernel.Names() {
			for _, threads := range []int{1, 3} {
				t.Run(fmt.Sprint(name, threads, tied), func(t *testing.T) {
					c := newCache(m, backend(t, name, threads))
					c.reserve(len(tokens))
					start := 0
					for i := 0; start < len(tokens); i++ {
						end := min(start+[]int{1, 1, chunk, 7, 2, 1, 33}[i%7], len(tokens))
						c.forward(tokens[start:end], start)
						if row := want[(end-1)*m.Config.Vocab : end*m.Config.Vocab]; !sameBits(c.last(), row) {
							t.Fatalf("logits after %d tokens, the last %d at once, differ", end, end-start)
						}
						start = end
					}
				})
			}
		}
	}
}

func TestASecondTextForgetsTheFirst(t *testing.T) {
	m := model(t, true, 64)
	b := backend(t, "", 1)
	used, fresh := newCache(m, b), newCache(m, b)
	used.reserve(50)
	used.forward(m.Tokenizer.Encode([]byte(text))[:50], 0)
	tokens := m.Tokenizer.Encode([]byte("Let there be light"))
	for _, c := range []*cache{used, fresh} {
		c.reserve(len(tokens))
		c.forward(tokens, 0)
	}
	if !sameBits(used.last(), fresh.last()) {
		t.Error("what came before changes the logits")
	}
}

func TestReserveStaysWithinTheContext(t *testing.T) {
	c := newCache(model(t, true, 100), backend(t, "", 1))
	for _, want := range [][2]int{{30, 30}, {31, 60}, {60, 60}, {61, 100}, {100, 100}} {
		if c.reserve(want[0]); c.capacity != want[1] || len(c.keys[0]) != want[1]*c.cfg.Dim {
			t.Errorf("room for %d after %d were reserved, want %d", c.capacity, want[0], want[1])
		}
	}
}
