package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// forward and backward run attention into destinations that hold rubbish and
// return every output.
func forward(b *Backend, q, k, v []float32, batch, t, count, hd int) [][]float32 {
	out := [][]float32{rubbish(len(q)), rubbish(batch * count * t * t), rubbish(batch * count * t),
		rubbish(batch * count * t)}
	b.Attention(out[0], out[1], out[2], out[3], q, k, v, batch, t, count, hd)
	return out
}

func backward(b *Backend, dy, q, k, v, prob []float32, batch, t, count, hd int) [][]float32 {
	squares, rows := batch*count*t*t, batch*count*t
	out := [][]float32{rubbish(len(q)), rubbish(len(q)), rubbish(len(q)), rubbish(squares), rubbish(squares),
		rubbish(rows)}
	b.AttentionGrad(out[0], out[1], out[2], out[3], out[4], out[5], dy, q, k, v, prob, batch, t, count, hd)
	return out
}

func TestAttentionMatchesReference(t *testing.T) {
	reference := backend(t, "reference", 1)
	shapes := [][4]int{{1, 1, 1, 1}, {2, 3, 2, 4}, {1, 12, 3, 32}, {1, 13, 1, 33}, {2, 25, 2, 24}, {1, 37, 2, 8},
		{1, 66, 1, 70}, {2, 31, 4, 64}, {3, 128, 4, 32}}
	for _, kind := range []string{"normal", "wide", "tiny", "special"} {
		for _, s := range shapes {
			batch, rows, count, hd := s[0], s[1], s[2], s[3]
			r := rand.New(rand.NewPCG(uint64(rows), uint64(hd)))
			var x [4][]float32
			for i := range x {
				x[i] = values(r, batch*rows*count*hd, kind)
			}
			q, k, v, dy := x[0], x[1], x[2], x[3]
			want := forward(reference, q, k, v, batch, rows, count, hd)
			wantGrad := backward(reference, dy, q, k, v, want[1], batch, rows, count, hd)
			for _, name := range Names() {
				for threads := firstThreads(name); threads <= 3; threads++ {
					b := backend(t, name, threads)
					what := fmt.Sprintf("%s %s %d threads %v", kind, name, threads, s)
					requireAllSame(t, "Attention "+what, forward(b, q, k, v, batch, rows, count, hd), want)
					requireAllSame(t, "AttentionGrad "+what, backward(b, dy, q, k, v, want[1], batch, rows, count, hd), wantGrad)
				}
			}
		}
	}
}

// TestAttentionNeverTouchesTheFuture poisons keys and values from one position
// on: no output before it may change.
func TestAttentionNeverTouchesTheFuture(t *testing.T) {
	const rows, count, hd = 40, 2, 24
	r := rand.New(rand.NewPCG(5, 6))
	q, k, v := values(r, rows*count*hd, "normal"), values(r, rows*count*hd, "normal"), values(r, rows*count*hd, "normal")
	for _, name := range Names() {
		b := backend(t, name, 1)
		want := forward(b, q, k, v, 1, rows, count, hd)[0]
		for from := 1; from < rows; from += 5 {
			badK, badV := append([]float32{}, k...), append([]float32{}, v...)
			copy(badK[from*count*hd:], rubbish(rows*count*hd))
			copy(badV[from*count*hd:], rubbish(rows*count*hd))
			got := forward(b, q, badK, badV, 1, rows, count, hd)[0]
			requireSame(t, fmt.Sprintf("%s poisoned from %d", name, from), got[:from*count*hd], want[:from*count*hd])
		}
	}
}

func TestAttentionStepIsARowOfAttention(t *testing.T) {
	for _, s := range [][3]int{{20, 3, 8}, {70, 2, 32}, {41, 1, 40}, {600, 4, 32}} {
		rows, count, hd := s[0], s[1], s[2]
		width := count * hd
		r := rand.New(rand.NewPCG(7, uint64(rows)))
		q, k, v := values(r, rows*width, "normal"), values(r, rows*width, "normal"), values(r, rows*width, "normal")
		for _, name := range Names() {
			b := backend(t, name, 2)
			want := forward(b, q, k, v, 1, rows, count, hd)[0]
			for pos := 0; pos < rows; pos += 1 + rows/25 {
				y := rubbish(width)
				b.AttentionStep(y, q[pos*width:], k[:(pos+1)*width], v[:(pos+1)*width], pos, count, hd)
				requireSame(t, fmt.Sprintf("%s %v position %d", name, s, pos), y, want[pos*width:(pos+1)*width])
			}
		}
	}
}

// TestAttentionGradNeverTouchesTheFuture: a Program may feed it any prob.
func TestAttentionGradNeverTouchesTheFuture(t *testing.T) {
	for _, rows := range []int{7, 32, 45, 64} {
		const count, hd = 2, 24
		r := rand.New(rand.NewPCG(9, uint64(rows)))
		var x [4][]float32
		for i := range x {
			x[i] = values(r, rows*count*hd, "normal")
		}
		prob := forward(backend(t, "reference", 1), x[0], x[1], x[2], 1, rows, count, hd)[1]
		bad := rubbish(len(prob))
		for row := range count * rows {
			at := row * rows
			copy(bad[at:], prob[at:at+row%rows+1])
		}
		want := backward(backend(t, "reference", 1), x[3], x[0], x[1], x[2], prob, 1, rows, count, hd)
		for _, name := range Names() {
			got := backward(backend(t, name, 1), x[3], x[0], x[1], x[2], bad, 1, rows, count, hd)
			requireAllSame(t, fmt.Sprintf("%s %d rows", name, rows), got, want)
		}
	}
}
