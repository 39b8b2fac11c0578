package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// checkGradient compares grad with central differences of loss, a float64 model of
// the operator followed by a weighted sum. The tolerance is relative to the
// largest gradient: float32 keeps 6e-8 a step, and a row has some dozen steps.
func checkGradient(t *testing.T, name string, grad []float32, x []float64, loss func() float64) {
	t.Helper()
	const h, tolerance = 1e-5, 5e-6
	exact, largest := make([]float64, len(x)), 1e-3
	for i, v := range x {
		x[i] = v + h
		up := loss()
		x[i] = v - h
		down := loss()
		x[i] = v
		exact[i] = (up - down) / (2 * h)
		largest = max(largest, math.Abs(exact[i]))
	}
	for i := range x {
		if e := math.Abs(float64(grad[i]) - exact[i]); !(e <= tolerance*largest) {
			t.Errorf("%s: element %d is %g, finite differences give %g", name, i, grad[i], exact[i])
		}
	}
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func weighted(w []float32, y []float64) (sum float64) {
	for i, v := range y {
		sum += float64(w[i]) * v
	}
	return sum
}

func TestGradients(t *testing.T) {
	for _, name := range Names() {
		b := backend(t, name, 1)
		for seed := range uint64(4) {
			d := draws{Rand: rand.New(rand.NewPCG(seed, 9))}
			checkRMSNormGrad(t, b, d)
			checkSwiGLUGrad(t, b, d)
			checkCrossEntropyGrad(t, b, d)
			checkRopeGrad(t, b, d)
			checkEmbedGrad(t, b, d)
		}
	}
}

func checkRMSNormGrad(t *testing.T, b *Backend, d draws) {
	rows, width := 1+d.IntN(4), 1+d.IntN(40)
	const eps = 1e-3
	x, gain, dy := d.floats(rows*width), d.floats(width), d.floats(rows*width)
	y, rinv := make([]float32, rows*width), make([]float32, rows)
	dx, dgain, dot := make([]float32, rows*width), make([]float32, width), make([]float32, rows)
	b.RMSNorm(y, rinv, x, gain, rows, width, eps)
	b.RMSNormGrad(dx, dgain, dot, dy, x, gain, rinv, rows, width)
	x64, gain64 := wide(x), wide(gain)
	loss := func() float64 {
		out := make([]float64, rows*width)
		for r := range rows {
			var squares float64
			for _, v := range x64[r*width : (r+1)*width] {
				squares += v * v
			}
			s := 1 / math.Sqrt(squares/float64(width)+eps)
			for i := range width {
				out[r*width+i] = x64[r*width+i] * s * gain64[i]
			}
		}
		return weighted(dy, out)
	}
	checkGradient(t, "RMSNorm dx", dx, x64, loss)
	checkGradient(t, "RMSNorm dgain", dgain, gain64, loss)
}

func checkSwiGLUGrad(t *testing.T, b *Backend, d draws) {
	n := 1 + d.IntN(60)
	gate, up, dy := d.floats(n), d.floats(n), d.floats(n)
	dgate, dup := make([]float32, n), make([]float32, n)
	b.SwiGLUGrad(dgate, dup, dy, gate, up)
	gate64, up64 := wide(gate), wide(up)
	loss := func() float64 {
		out := make([]float64, n)
		for i, g := range gate64 {
			out[i] = g / (1 + math.Exp(-g)) * up64[i]
		}
		return weighted(dy, out)
	}
	checkGradient(t, "SwiGLU dgate", dgate, gate64, loss)
	checkGradient(t, "SwiGLU dup", dup, up64, loss)
}

func checkCrossEntropyGrad(t *testing.T, b *Backend, d draws) {
	rows, vocab := 1+d.IntN(5), 1+d.IntN(50)
	scale := 1 / float32(rows)
	logits, targets := d.floats(rows*vocab), d.tokens(rows, vocab)
	loss, max, sum := make([]float32, rows), make([]float32, rows), make([]float32, rows)
	dlogits := make([]float32, rows*vocab)
	b.CrossEntropy(loss, max, sum, logits, targets, rows, vocab)
	b.CrossEntropyGrad(dlogits, logits, max, sum, targets, rows, vocab, scale)
	logits64 := wide(logits)
	model := func() (total float64) {
		for r := range rows {
			var sum float64
			for _, v := range logits64[r*vocab : (r+1)*vocab] {
				sum += math.Exp(v)
			}
			total += math.Log(sum) - logits64[r*vocab+int(targets[r])]
		}
		return total / float64(rows)
	}
	mean := make([]float32, 1)
	b.Mean(mean, loss)
	if e := math.Abs(float64(mean[0]) - model()); e > 5e-6 {
		t.Errorf("mean loss is %g, want %g", mean[0], model())
	}
	checkGradient(t, "CrossEntropy", dlogits, logits64, model)
}

func checkRopeGrad(t *testing.T, b *Backend, d draws) {
	batch, length, heads, hd, start := 1+d.IntN(2), 1+d.IntN(4), 1+d.IntN(3), 2+2*d.IntN(4), d.IntN(100)
	n := batch * length * heads * hd
	x, dy, y, dx := d.floats(n), d.floats(n), make([]float32, n), make([]float32, n)
	cos, sin := make([]float32, length*hd/2), make([]float32, length*hd/2)
	b.RopeTable(cos, sin, start, length, hd, 10000)
	b.Rope(y, x, cos, sin, batch, length, heads, hd)
	b.RopeGrad(dx, dy, cos, sin, batch, length, heads, hd)
	x64 := wide(x)
	model := func() []float64 {
		out := make([]float64, n)
		for i := 0; i < n; i += 2 {
			position := start + i/(heads*hd)%length
			angle := float64(position) * math.Pow(10000, -float64(i%hd)/float64(hd))
			s, c := math.Sincos(angle)
			out[i], out[i+1] = x64[i]*c-x64[i+1]*s, x64[i]*s+x64[i+1]*c
		}
		return out
	}
	for i, want := range model() {
		if math.Abs(float64(y[i])-want) > 5e-5 { // the angle's own rounding, at positions near 100
			t.Errorf("Rope: element %d is %g, want %g", i, y[i], want)
		}
	}
	// The gradient is exact for the tables given, so compare with their angles.
	loss := func() float64 {
		out := make([]float64, n)
		for i := 0; i < n; i += 2 {
			at := i/(heads*hd)%length*(hd/2) + i%hd/2
			c, s := float64(cos[at]), float64(sin[at])
			out[i], out[i+1] = x64[i]*c-x64[i+1]*s, x64[i]*s+x64[i+1]*c
		}
		return weighted(dy, out)
	}
	checkGradient(t, "Rope", dx, x64, loss)
}

func checkEmbedGrad(t *testing.T, b *Backend, d draws) {
	vocab, rows, width := 1+d.IntN(6), 1+d.IntN(12), 1+d.IntN(10)
	table, tokens, dy := d.floats(vocab*width), d.tokens(rows, vocab), d.floats(rows*width)
	dtable := make([]float32, vocab*width)
	b.EmbedGrad(dtable, dy, tokens, vocab, width)
	table64 := wide(table)
	checkGradient(t, "Embed", dtable, table64, func() float64 {
		out := make([]float64, 0, rows*width)
		for _, token := range tokens {
			out = append(out, table64[int(token)*width:(int(token)+1)*width]...)
		}
		return weighted(dy, out)
	})
}
