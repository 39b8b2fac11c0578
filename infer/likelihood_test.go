package infer

import (
	"math"
	"testing"
)

func TestTopIsSortedAndAgreesWithLogprob(t *testing.T) {
	logits := []float32{0.5, 2, -1, 2, 3, float32(math.Inf(-1))}
	l := likelihood{b: backend(t, "", 1)}
	chosen := l.logprob(logits, 3)
	top := l.top(logits, 4)
	for i, want := range []int32{4, 1, 3, 0} {
		if top[i].ID != want {
			t.Fatalf("%v", top)
		}
	}
	if len(top) != 4 || top[2].Logprob != chosen {
		t.Errorf("top %v, chosen %v", top, chosen)
	}
	sum := 0.0
	for _, p := range l.top(logits, len(logits)) {
		sum += math.Exp(float64(p.Logprob))
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("probabilities sum to %v", sum)
	}
}
