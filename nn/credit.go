package nn

import (
	"fmt"
	"math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
)

// In-run credits. To first order, the part that one token of a batch has in what
// a step takes off the validation loss V is
//
//	rate · clip · ⟨∇loss, P·∇V⟩ / n,   P = 1 / (√v̂ + eps),   n tokens
//
// since AdamW moves the weights by rate·P·m̂, in which the token's gradient comes
// to weigh clip/n over the steps. The product is found without the token's own
// gradient, by how its loss changes when the weights go a little way along the
// other factor:
//
//	loss(θ) − loss(θ − share·rate·clip·P·∇V) ≈ share · rate · clip · ⟨∇loss, P·∇V⟩
//
// The operator probe makes these weights and the operator credit adds up, for
// each stretch of the corpus, the changes of its tokens over share·n. The credits
// of all tokens of a step sum to what it takes off V, as far as that is linear.

// probeShare is the part of a step that a probe takes: small, so that what is
// not linear is small, and large beside the rounding of losses. A power of two.
const probeShare = 1.0 / 16

// probe moves weights as AdamW would by a gradient alone, without moments, and by
// a share of its rate. The second moment is the one after the step.
var probe = operator{
	name:  "probe",
	attrs: 2, // eps, share
	shape: func(a []uint64, in []Value) ([]Value, error) {
		if len(in) == 0 {
			return nil, fmt.Errorf("%w: probe has no inputs", ErrProgram)
		}
		p := in[0]
		p.Kind = Float
		return []Value{p}, want(in, p, p, p, floats(3), floats(1)) // weights, v, gradient, schedule, clip
	},
	run: func(b *kernel.Backend, c *call) {
		b.Probe(c.out[0].f, c.in[0].f, c.in[1].f, c.in[2].f, c.in[3].f, c.in[4].f, float(c.attr[0]), float(c.attr[1]))
	},
	fold: func(c *folding, _, e int) Fold {
		eps, share := float(c.attr[0]), float(c.attr[1])
		return Fold{Start: []uint32{0}, Steps: 2, Step: func(p int, r []uint32, read Reader) {
			if p == 0 {
				g := kernel.Clipped(read.Float(In(2), e), read.Float(In(4), 0))
				r[0] = blob.Word(kernel.Direction(g, read.Float(In(1), e), 1, read.Float(In(3), 2), eps))
				return
			}
			r[0] = blob.Word(kernel.Moved(read.Float(In(0), e), unword(r[0]), float32(read.Float(In(3), 0)*share), 0))
		}}
	},
}

// credit adds to one element for each stretch of a corpus what the losses of its
// tokens fell by. Windows begin at starts, their losses are those of the token
// after each; the elements before the stretches' stay. Ends has the first token
// of each stretch and the one after its last.
var credit = operator{
	name:  "credit",
	attrs: 3, // elements before the stretches', context, scale
	shape: func(a []uint64, in []Value) ([]Value, error) {
		if len(in) != 5 || len(in[4].Shape) != 2 || len(in[3].Shape) != 1 {
			return nil, fmt.Errorf("%w: credit wants sums, losses before and after, starts and ends", ErrProgram)
		}
		stretches, rows := uint64(in[4].Shape[0]), uint64(in[3].Shape[0])
		if a[0] > math.MaxInt32 || a[1] < 1 || a[1] > maxElements/rows {
			return nil, fmt.Errorf("%w: credit of %d windows of %d after %d elements", ErrProgram, rows, a[1], a[0])
		}
		losses, sums := floats(int(rows*a[1])), floats(int(a[0]+stretches))
		return []Value{sums}, want(in, sums, losses, losses, ints(int(rows)), ints(int(stretches), 2))
	},
	run: runCredit,
	fold: func(c *folding, _, e int) Fold {
		s, context := e-int(c.attr[0]), int(c.attr[1])
		if s < 0 {
			return expression(func(read Reader) float32 { return read.Float(In(0), e) })
		}
		all := sum(c.in[1].Size(), func(p int, read Reader) float32 {
			at := creditAt(read.Int(In(3), p/context), p%context)
			if at < read.Int(In(4), 2*s) || at >= read.Int(In(4), 2*s+1) {
				return 0
			}
			return read.Float(In(1), p) - read.Float(In(2), p)
		})
		return then(all, func(x float32, read Reader) float32 {
			return read.Float(In(0), e) + float32(x*float(c.attr[2]))
		})
	},
	over: [][2]int{{0, 0}},
}

// credits writes the credits of the step that the windows from starts on are for:
// their losses before are those with the weights, moved says how AdamW moves
// these. They are added to sums from an element on.
func (t *phase) credits(c Phases, sums ID, first int, starts, before ID, moved movement) ID {
	tokens, targets := t.tokens, t.targets
	ids := t.apply(OpCycle, []uint64{uint64(c.CreditRows()), uint64(c.Config.Context)}, t.windows, t.step)
	t.tokens, t.targets = ids[0], ids[1]
	t.backward(t.losses(t.weights))
	probes := make([]ID, len(t.weights))
	for i, w := range t.weights {
		probes[i] = t.one(OpProbe, []uint64{bits(c.Optimizer.Eps), bits(probeShare)},
			w, moved.v[i], t.grads[w], moved.rates, moved.clip)
	}
	t.tokens, t.targets = tokens, targets
	scale := 1 / (probeShare * float32(c.Batch*c.Config.Context))
	return t.one(OpCredit, []uint64{uint64(first), uint64(c.Config.Context), bits(scale)},
		sums, before, t.losses(probes), starts, t.ends)
}

// creditAt is where the token stands that loss number i of a window is about.
func creditAt(start int32, i int) int32 { return start + int32(i) + 1 }

// runCredit visits the tokens once for each stretch, as the fold does; tokens of
// other stretches add +0, which changes no sum that begins with +0.
func runCredit(_ *kernel.Backend, c *call) {
	y, old, before, after := c.out[0].f, c.in[0].f, c.in[1].f, c.in[2].f
	first, context := int(c.attr[0]), int(c.attr[1])
	copy(y[:first], old[:first])
	ends := c.in[4].i
	for s := range y[first:] {
		total, lo, hi := float32(0), ends[2*s], ends[2*s+1]
		for row, start := range c.in[3].i {
			if stretchless(start, context, lo, hi) {
				continue
			}
			for i := range context {
				if at := creditAt(start, i); at >= lo && at < hi {
					total += before[row*context+i] - after[row*context+i]
				}
			}
		}
		y[first+s] = old[first+s] + float32(total*float(c.attr[2]))
	}
}

// stretchless tells of a window that it surely has no token of a stretch. It
// counts in 64 bits, since starts can be anything.
func stretchless(start int32, context int, lo, hi int32) bool {
	first, last := int64(start)+1, int64(start)+int64(context)
	return last <= math.MaxInt32 && (last < int64(lo) || first >= int64(hi))
}
