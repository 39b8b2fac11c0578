package infer

import (
	"slices"

	"github.com/minga-network/minga/kernel"
)

// likelihood is the log probabilities of one row of logits, at temperature 1.
type likelihood struct {
	b              *kernel.Backend
	loss, max, sum [1]float32
	id             [1]int32
}

// logprob is the natural logarithm of the probability of a token: the negative
// of its training loss, to the bit.
func (l *likelihood) logprob(logits []float32, id int32) float32 {
	l.id[0] = id
	l.b.CrossEntropy(l.loss[:], l.max[:], l.sum[:], logits, l.id[:], 1, len(logits))
	return -l.loss[0]
}

// top returns the n most likely tokens, best first and of equals the lower id,
// for the logits that logprob was called with before.
func (l *likelihood) top(logits []float32, n int) []TokenLogprob {
	best := make([]TokenLogprob, 0, n+1)
	logSum := kernel.Log(l.sum[0])
	for id, x := range logits {
		p := -(logSum - (x - l.max[0]))
		if len(best) == n && p <= best[n-1].Logprob {
			continue
		}
		at := len(best)
		for at > 0 && p > best[at-1].Logprob {
			at--
		}
		best = slices.Insert(best, at, TokenLogprob{ID: int32(id), Logprob: p})
		best = best[:min(len(best), n)]
	}
	return best
}
