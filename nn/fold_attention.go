package nn

import (
	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
)

// heads says where the elements of an attention lie. q, k, v, y and their
// gradients are (batch·t, count·width); prob and its gradients are
// (batch, count, t, t); max, sum and dot have a number for each row of prob.
// Index h counts the heads of all sequences.
type heads struct{ t, count, width int }

func headsOf(prob, q []int) heads {
	_, t, count, width := attentionSizes(prob, q)
	return heads{t, count, width}
}

// vector is the place of number d of head h at position i, in an array as q.
func (a heads) vector(h, i, d int) int {
	return ((h/a.count*a.t+i)*a.count+h%a.count)*a.width + d
}

// ofVector is the inverse of vector.
func (a heads) ofVector(e int) (h, i, d int) {
	row, column := e/(a.count*a.width), e%(a.count*a.width)
	return row/a.t*a.count + column/a.width, row % a.t, column % a.width
}

// pair is the place of query i and key j, in an array as prob.
func (a heads) pair(h, i, j int) int { return (h*a.t+i)*a.t + j }

// ofPair is the inverse of pair.
func (a heads) ofPair(e int) (h, i, j int) { return e / a.t / a.t, e / a.t % a.t, e % a.t }

// before is one number of y or dq: over the keys up to the query,
// x[i,j]·y[j].
func (a heads) before(e int, x, y Operand) Fold {
	h, i, d := a.ofVector(e)
	return chain(i+1, x, y, func(j int) (int, int) { return a.pair(h, i, j), a.vector(h, j, d) })
}

// after is one number of dk or dv: over the queries from the key on,
// x[i,j]·y[i].
func (a heads) after(e int, x, y Operand) Fold {
	h, j, d := a.ofVector(e)
	return chain(a.t-j, x, y, func(p int) (int, int) { return a.pair(h, j+p, j), a.vector(h, j+p, d) })
}

// product is x[i]·y[j] over the width of a head.
func (a heads) product(h, i, j int, x, y Operand) Fold {
	return chain(a.width, x, y, func(d int) (int, int) { return a.vector(h, i, d), a.vector(h, j, d) })
}

// scores goes through the scores of a row, one after the other.
func (a heads) scores(row int, start []uint32, take func(j int, score float32, r []uint32, read Reader)) Fold {
	h, i := row/a.t, row%a.t
	scale := kernel.AttentionScale(a.width)
	at := func(j, d int) (int, int) { return a.vector(h, i, d), a.vector(h, j, d) }
	return chains(start, i+1, a.width, In(0), In(1), at, func(j int, sum float32, r []uint32, read Reader) {
		take(j, float32(sum*scale), r, read)
	})
}

func attentionFold(c *folding, output, e int) Fold {
	a := headsOf(c.out[1].Shape, c.in[0].Shape)
	switch output {
	case 0:
		return a.before(e, Own(1), In(2))
	case 1:
		return a.prob(e)
	case 2:
		return a.scores(e, lowest(), func(_ int, score float32, r []uint32, _ Reader) {
			r[0] = blob.Word(kernel.Larger(unword(r[0]), score))
		})
	}
	return addLanes(a.scores(e, make([]uint32, laneCount), func(j int, score float32, r []uint32, read Reader) {
		addTo(&r[j%laneCount], kernel.Exp(score-read.Float(Own(2), e)))
	}))
}

// prob computes the score once more, as it is no output, then its share.
func (a heads) prob(e int) Fold {
	h, i, j := a.ofPair(e)
	if j > i {
		return zero()
	}
	scale := kernel.AttentionScale(a.width)
	return then(a.product(h, i, j, In(0), In(1)), func(x float32, read Reader) float32 {
		return kernel.Probability(float32(x*scale), read.Float(Own(2), e/a.t), read.Float(Own(3), e/a.t))
	})
}

func attentionGradFold(c *folding, output, e int) Fold {
	const dscore, q, k, dy, v, prob = 4, 1, 2, 0, 3, 4
	a := headsOf(c.in[prob].Shape, c.in[q].Shape)
	switch output {
	case 0:
		return a.before(e, Own(dscore), In(k))
	case 1:
		return a.after(e, Own(dscore), In(q))
	case 2:
		return a.after(e, In(prob), In(dy))
	case 5:
		row := e * a.t
		return laneSum(e%a.t+1, func(j int, read Reader) float32 {
			return float32(read.Float(In(prob), row+j) * read.Float(Own(3), row+j))
		})
	}
	h, i, j := a.ofPair(e)
	if j > i {
		return zero()
	}
	if output == 3 {
		return a.product(h, i, j, In(dy), In(v))
	}
	return expression(func(read Reader) float32 {
		return kernel.ScoreGrad(read.Float(In(prob), e), read.Float(Own(3), e), read.Float(Own(5), e/a.t),
			kernel.AttentionScale(a.width))
	})
}
