package nn

import (
	mathbits "math/bits"
	"slices"

	"github.com/minga-network/minga/kernel"
)

// Sampling says how tokens are drawn from logits. Equal logits give equal tokens
// on every machine, because what is added up are integers: the sums do not
// depend on an order.
//
//	max     the largest logit
//	weight  ⌊e^((logit−max)/temperature) · 2²³⌋, so 2²³ for the largest, and all 0 but
//	        these at temperature 0
//	floor   the largest number such that the weights from it on have top p of the
//	        sum of all: the most likely tokens are drawn from (Holtzman et al., "The
//	        Curious Case of Neural Text Degeneration", 2020), all of equals or none
//	choice  where the weights from the floor on, added up by id, are more than a
//	        random number below their sum; at temperature 0 the first of them
type Sampling struct {
	Temperature float32 // 0 takes the most likely token each time
	TopP        uint32  // in parts of TopPWhole, at least 1
	Seed        uint64
}

const (
	// certain is the weight of the most likely token.
	certain = 1 << 23
	// floorBits is how many bits a floor has.
	floorBits = 24
	// sampleStream sets the draws of tokens apart from others by the same seed.
	sampleStream = 1 << 30
)

// Sampler draws tokens. It is used by one goroutine at a time.
type Sampler struct {
	b       *kernel.Backend
	powers  []float32 // (vocab), of e
	weights []int32   // (vocab)
}

// NewSampler prepares for logits of a vocabulary.
func NewSampler(b *kernel.Backend, vocab int) *Sampler {
	return &Sampler{b, make([]float32, vocab), make([]int32, vocab)}
}

// Choose returns the token at a position (the first of a text is 0) from the
// logits of the one before.
func (r *Sampler) Choose(s Sampling, logits []float32, position int) int32 {
	most := largest(logits)
	if s.Temperature == 0 && s.TopP > 0 { // nothing else weighs
		return int32(max(slices.Index(logits, most), 0))
	}
	r.weigh(s, r.weights, logits, most)
	floor := int32(1) // of all that weigh anything
	if s.TopP != TopPWhole {
		floor = s.floor(r.weights)
	}
	return s.draw(r.weights, floor, position)
}

// weigh fills weights.
func (r *Sampler) weigh(s Sampling, weights []int32, logits []float32, max float32) {
	r.b.Exponentials(r.powers, logits, max, s.Temperature)
	for i, x := range logits {
		weights[i] = weight(x == max, r.powers[i])
	}
}

func largest(logits []float32) float32 {
	m := unword(lowest()[0])
	for _, x := range logits {
		m = kernel.Larger(m, x)
	}
	return m
}

// weight is 0 for what is no number, as e^NaN.
func weight(most bool, power float32) int32 {
	switch {
	case most || power >= 1:
		return certain
	case !(power > 0):
		return 0
	}
	return int32(power * certain)
}

// enough tells whether part has top p of the total. Sums of weights are below 2⁴².
func (s Sampling) enough(part, total uint64) bool { return part*TopPWhole >= total*uint64(s.TopP) }

// floor finds a byte at a time, from the sums of the weights by that byte.
func (s Sampling) floor(weights []int32) int32 {
	var above, total uint64 // above: of the weights beyond those that have the bytes found
	for _, w := range weights {
		total += uint64(w)
	}
	if total == 0 { // the search would end here too
		return 1<<floorBits - 1
	}
	found := uint32(0)
	for shift := floorBits - 8; shift >= 0; shift -= 8 {
		var sums [256]uint64
		for _, w := range weights {
			if uint32(w)>>(shift+8) == found {
				sums[uint32(w)>>shift&255] += uint64(w)
			}
		}
		b := uint32(255)
		for ; b > 0 && !s.enough(above+sums[b], total); b-- {
			above += sums[b]
		}
		found = found<<8 | b
	}
	return int32(found)
}

// draw walks through the weights.
func (s Sampling) draw(weights []int32, floor int32, position int) int32 {
	w := walk{}
	for _, x := range weights {
		w.gather(x, floor)
	}
	w.draw(s, position)
	for i, x := range weights {
		if w.visit(i, x, floor); w.found == 1 {
			break
		}
	}
	return int32(w.choice)
}

// walk goes through the weights that are not below the floor, once to add them
// up and once to where a random part of their sum is reached.
type walk struct {
	choice, found uint32
	at            uint64
}

func (w *walk) gather(weight, floor int32) {
	if uint32(weight) >= uint32(floor) {
		w.at += uint64(uint32(weight))
	}
}

// draw turns at, the sum, into a number below it. The high word of a product maps
// 64 bits evenly.
func (w *walk) draw(s Sampling, position int) {
	if s.Temperature == 0 {
		w.at = 0
		return
	}
	r := kernel.Philox(s.Seed, [4]uint32{uint32(position), 0, 0, sampleStream})
	w.at, _ = mathbits.Mul64(uint64(r[0])|uint64(r[1])<<32, w.at)
}

func (w *walk) visit(id int, weight, floor int32) {
	switch x := uint64(uint32(weight)); {
	case w.found == 1 || uint32(weight) < uint32(floor):
	case w.at < x:
		w.choice, w.found = uint32(id), 1
	default:
		w.at -= x
	}
}

// sampleRows draws a token from each row of logits that chose one; its inner values
// are those of Sampling. The weights of the other rows are 0.
var sampleRows = operator{
	name: "sample",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		rows, vocab := matrix(in, 0)
		r := ints(rows)
		return []Value{floats(rows), ints(rows, vocab), r, r}, want(in, floats(rows, vocab), r, ints(CallWords(rows)))
	},
	run: func(b *kernel.Backend, c *call) {
		vocab := c.in[0].shape[1]
		s, r := samplingOf(words(c.in[2].i)), NewSampler(b, vocab)
		for row, next := range c.in[1].i {
			logits, weights := c.in[0].f[row*vocab:(row+1)*vocab], c.out[1].i[row*vocab:(row+1)*vocab]
			c.out[0].f[row] = largest(logits)
			if next < 0 {
				clear(weights)
			} else {
				r.weigh(s, weights, logits, c.out[0].f[row])
			}
			floor := s.floor(weights)
			c.out[2].i[row], c.out[3].i[row] = floor, s.draw(weights, floor, row+1)
		}
	},
	fold: func(c *folding, output, e int) Fold {
		vocab := c.in[0].Shape[1]
		switch output {
		case 0:
			return maximum(vocab, func(p int, read Reader) float32 { return read.Float(In(0), e*vocab+p) })
		case 1:
			return integer(func(read Reader) int32 {
				if read.Int(In(1), e/vocab) < 0 {
					return 0
				}
				x, most := read.Float(In(0), e), read.Float(Own(0), e/vocab)
				return weight(x == most, kernel.Exp((x-most)/samplingOf(read).Temperature))
			})
		case 2:
			return foldFloor(e, vocab)
		}
		return foldChoice(e, vocab)
	},
}

// foldFloor adds up all weights, and then finds the floor bit by bit: for each it
// adds up the weights that are not below.
func foldFloor(row, vocab int) Fold {
	const floor, total, part = 0, 1, 3 // registers
	return Fold{Start: make([]uint32, 5), Steps: vocab + floorBits*(vocab+1), Step: func(p int, r []uint32, read Reader) {
		if p < vocab {
			put(r, total, get(r, total)+uint64(uint32(read.Int(Own(1), row*vocab+p))))
			return
		}
		bit, p := (p-vocab)/(vocab+1), (p-vocab)%(vocab+1)
		try := r[floor] | 1<<(floorBits-1-bit)
		if p < vocab {
			if w := uint32(read.Int(Own(1), row*vocab+p)); w >= try {
				put(r, part, get(r, part)+uint64(w))
			}
			return
		}
		if samplingOf(read).enough(get(r, part), get(r, total)) {
			r[floor] = try
		}
		put(r, part, 0)
	}}
}

func foldChoice(row, vocab int) Fold {
	return Fold{Start: make([]uint32, 4), Steps: 2*vocab + 1, Step: func(p int, r []uint32, read Reader) {
		w := walk{choice: r[0], found: r[1], at: get(r, 2)}
		weight := func(i int) int32 { return read.Int(Own(1), row*vocab+i) }
		switch {
		case p < vocab:
			w.gather(weight(p), read.Int(Own(2), row))
		case p == vocab:
			w.draw(samplingOf(read), row+1)
		default:
			w.visit(p-vocab-1, weight(p-vocab-1), read.Int(Own(2), row))
		}
		r[0], r[1] = w.choice, w.found
		put(r, 2, w.at)
	}}
}

// get and put keep 64 bits in two registers.
func get(r []uint32, i int) uint64    { return uint64(r[i]) | uint64(r[i+1])<<32 }
func put(r []uint32, i int, x uint64) { r[i], r[i+1] = uint32(x), uint32(x>>32) }
