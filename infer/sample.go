package infer

import (
	"cmp"
	"slices"

	"github.com/minga-network/minga/kernel"
)

// drawStream keeps the draws of sampling apart from other uses of a seed.
const drawStream = 0x73616d706c65 // "sample"

// sampler picks tokens from logits. It allocates nothing after it is made.
type sampler struct {
	b     *kernel.Backend
	probs []float32 // (vocab), by id
	ids   []int32   // (vocab), those that may be drawn in front
}

func newSampler(b *kernel.Backend, vocab int) *sampler {
	return &sampler{b: b, probs: make([]float32, vocab), ids: make([]int32, vocab)}
}

// pick chooses the token at a position: the most likely one at temperature 0,
// otherwise one drawn from the most likely that together have topP of the
// probability (Holtzman et al., "The Curious Case of Neural Text
// Degeneration", 2020). Of equals the lower id goes first.
func (s *sampler) pick(logits []float32, temperature, topP float32, seed, position uint64) int32 {
	if temperature == 0 {
		return greedy(logits)
	}
	s.b.Softmax(s.probs, logits, temperature)
	ids := s.nucleus(topP)
	var total float32
	for _, id := range ids {
		total += s.probs[id]
	}
	return s.draw(ids, total*kernel.Uniform(seed, drawStream, position))
}

func greedy(logits []float32) int32 {
	best := 0
	for i, x := range logits {
		if x > logits[best] {
			best = i
		}
	}
	return int32(best)
}

// nucleus returns the shortest list of most likely tokens that have at least
// topP of the probability; all of them, in order of id, if topP is 0 or 1.
func (s *sampler) nucleus(topP float32) []int32 {
	for i := range s.ids {
		s.ids[i] = int32(i)
	}
	if topP == 0 || topP == 1 {
		return s.ids
	}
	slices.SortFunc(s.ids, func(a, b int32) int {
		return cmp.Or(cmp.Compare(s.probs[b], s.probs[a]), cmp.Compare(a, b))
	})
	var sum float32
	for n, id := range s.ids {
		if sum += s.probs[id]; sum >= topP {
			return s.ids[:n+1]
		}
	}
	return s.ids
}

// draw walks to where the probabilities sum to more than a threshold below
// their total. Rounding may leave the sum short of it: then the last token
// that has any probability is taken.
func (s *sampler) draw(ids []int32, threshold float32) int32 {
	var sum float32
	last := ids[0]
	for _, id := range ids {
		if s.probs[id] > 0 {
			last = id
		}
		if sum += s.probs[id]; sum > threshold {
			return id
		}
	}
	return last
}
