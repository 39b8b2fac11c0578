package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// operators are all but the products and attention: each draws shapes and inputs,
// runs and returns all outputs.
var operators = map[string]func(b *Backend, d draws) [][]float32{
	"Add": func(b *Backend, d draws) [][]float32 {
		n := d.size(100, 70000)
		y := make([]float32, n)
		b.Add(y, d.floats(n), d.floats(n))
		return [][]float32{y}
	},
	"Embed": func(b *Backend, d draws) [][]float32 {
		vocab, rows, width := 1+d.IntN(50), d.size(20, 1000), d.size(40, 80)
		y := make([]float32, rows*width)
		b.Embed(y, d.floats(vocab*width), d.tokens(rows, vocab), width)
		return [][]float32{y}
	},
	"EmbedGrad": func(b *Backend, d draws) [][]float32 {
		vocab, rows, width := d.size(20, 900), 1+d.IntN(60), d.size(40, 80)
		y := d.floats(vocab * width) // to be overwritten
		b.EmbedGrad(y, d.floats(rows*width), d.tokens(rows, vocab), vocab, width)
		return [][]float32{y}
	},
	"RMSNorm": func(b *Backend, d draws) [][]float32 {
		rows, width := d.size(10, 400), d.size(70, 200)
		y, rinv := make([]float32, rows*width), make([]float32, rows)
		b.RMSNorm(y, rinv, d.floats(rows*width), d.floats(width), rows, width, 1e-5)
		return [][]float32{y, rinv}
	},
	"RMSNormGrad": func(b *Backend, d draws) [][]float32 {
		rows, width := d.size(10, 400), d.size(70, 200)
		dx, dgain, dot := make([]float32, rows*width), d.floats(width), make([]float32, rows)
		b.RMSNormGrad(dx, dgain, dot, d.floats(rows*width), d.floats(rows*width), d.floats(width), d.floats(rows), rows,
			width)
		return [][]float32{dx, dgain, dot}
	},
	"RopeTable": func(b *Backend, d draws) [][]float32 {
		rows, half := d.size(10, 500), 1+d.IntN(20)
		cos, sin := make([]float32, rows*half), make([]float32, rows*half)
		b.RopeTable(cos, sin, d.IntN(5000), rows, 2*half, 10000)
		return [][]float32{cos, sin}
	},
	"Rope": func(b *Backend, d draws) [][]float32 {
		batch, t, heads, half := 1+d.IntN(3), d.size(10, 200), 1+d.IntN(4), 1+d.IntN(20)
		n := batch * t * heads * 2 * half
		cos, sin := d.floats(t*half), d.floats(t*half)
		y, dx := make([]float32, n), make([]float32, n)
		b.Rope(y, d.floats(n), cos, sin, batch, t, heads, 2*half)
		b.RopeGrad(dx, d.floats(n), cos, sin, batch, t, heads, 2*half)
		return [][]float32{y, dx}
	},
	"SwiGLU": func(b *Backend, d draws) [][]float32 {
		n := d.size(100, 9000)
		y := make([]float32, n)
		b.SwiGLU(y, d.floats(n), d.floats(n))
		return [][]float32{y}
	},
	"SwiGLUGrad": func(b *Backend, d draws) [][]float32 {
		n := d.size(100, 9000)
		dgate, dup := make([]float32, n), make([]float32, n)
		b.SwiGLUGrad(dgate, dup, d.floats(n), d.floats(n), d.floats(n))
		return [][]float32{dgate, dup}
	},
	"CrossEntropy": func(b *Backend, d draws) [][]float32 {
		rows, vocab := d.size(8, 60), d.size(90, 300)
		loss, max, sum := make([]float32, rows), make([]float32, rows), make([]float32, rows)
		b.CrossEntropy(loss, max, sum, d.floats(rows*vocab), d.tokens(rows, vocab), rows, vocab)
		return [][]float32{loss, max, sum}
	},
	"CrossEntropyGrad": func(b *Backend, d draws) [][]float32 {
		rows, vocab := d.size(8, 60), d.size(90, 300)
		y := make([]float32, rows*vocab)
		b.CrossEntropyGrad(y, d.floats(rows*vocab), d.floats(rows), d.floats(rows), d.tokens(rows, vocab), rows, vocab, 0.37)
		return [][]float32{y}
	},
	"Mean and SumSquares": func(b *Backend, d draws) [][]float32 {
		x := d.floats(d.size(100, 5000))
		y, z := make([]float32, 1), make([]float32, 1)
		b.Mean(y, x)
		b.SumSquares(z, x)
		return [][]float32{y, z}
	},
	"ClipScale": func(b *Backend, d draws) [][]float32 {
		y := make([]float32, 1)
		b.ClipScale(y, d.floats(1+d.IntN(40)), float32(d.IntN(3)))
		return [][]float32{y}
	},
	"AdamW": func(b *Backend, d draws) [][]float32 {
		n := d.size(100, 9000)
		p, m, v, clip := d.floats(n), d.floats(n), d.floats(n), draws{Rand: d.Rand}.floats(1)
		b.AdamW(p, m, v, d.floats(n), []float32{1e-3, 1.7, 3.1}, clip, 0.9, 0.95, 1e-8, 0.1)
		return [][]float32{p, m, v}
	},
	"Normal": func(b *Backend, d draws) [][]float32 {
		y := make([]float32, d.size(20, 5000))
		b.Normal(y, d.Uint64(), d.Uint64(), 0.02)
		return [][]float32{y}
	},
	"Exponentials": func(b *Backend, d draws) [][]float32 {
		x := d.floats(d.size(100, 1000))
		b.Exponentials(x, x, d.floats(1)[0], 0.7)
		return [][]float32{x}
	},
	"multiply": func(b *Backend, d draws) [][]float32 {
		x, s := d.floats(d.size(100, 1000)), d.floats(1)[0]
		if b.reference {
			for i := range x {
				x[i] *= s
			}
		} else {
			b.multiply(x, s)
		}
		return [][]float32{x}
	},
	"softmaxGradRow": func(b *Backend, d draws) [][]float32 {
		n := d.size(100, 1000)
		ds, p, dp, s := make([]float32, n), d.floats(n), d.floats(n), d.floats(2)
		if b.reference {
			for i := range ds {
				ds[i] = float32(p[i]*float32(dp[i]-s[0])) * s[1]
			}
		} else {
			b.softmaxGradRow(ds, p, dp, s[0], s[1])
		}
		return [][]float32{ds}
	},
	"softmaxRow": func(b *Backend, d draws) [][]float32 {
		x := d.floats(d.size(100, 1000))
		y := make([]float32, len(x))
		max, sum := b.softmaxRow(y, x, 1+d.IntN(len(x)))
		return [][]float32{y, {max, sum}}
	},
}

// Every operator gives the bits of its reference: on every backend, with 1 to 3
// threads, at ragged shapes, with and without values at the edges of float32.
func TestOperatorsMatchReference(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	reference := backend(t, "reference", 1)
	for operator, run := range operators {
		for _, name := range Names() {
			t.Run(operator+" on "+name, func(t *testing.T) {
				for seed := range uint64(rounds) {
					b := backend(t, name, 1+int(seed/2)%3)
					edges := seed%2 == 1
					want := run(reference, draws{rand.New(rand.NewPCG(seed, 1)), edges})
					got := run(b, draws{rand.New(rand.NewPCG(seed, 1)), edges})
					requireAllSame(t, fmt.Sprintf("seed %d, %d threads", seed, b.Threads()), got, want)
				}
			})
		}
	}
}

func TestScheduleAgainstFloat64(t *testing.T) {
	b := backend(t, "portable", 1)
	s := Schedule{Peak: 3e-3, Floor: 3e-4, Warmup: 10, Steps: 200, Beta1: 0.9, Beta2: 0.99}
	beta1, beta2 := float64(s.Beta1), float64(s.Beta2)
	y := make([]float32, 3)
	for step := range 250 {
		rate := 3e-4
		switch {
		case step < 10:
			rate = 3e-3 * float64(step+1) / 10
		case step < 200:
			rate = 3e-4 + (3e-3-3e-4)/2*(1+math.Cos(math.Pi*float64(step-10)/190))
		}
		b.Schedule(y, step, s)
		for i, want := range []float64{rate, 1 / (1 - math.Pow(beta1, float64(step+1))),
			1 / (1 - math.Pow(beta2, float64(step+1)))} {
			if math.Abs(float64(y[i])-want) > 2e-5*want {
				t.Errorf("step %d, number %d: %g, want %g", step, i, y[i], want)
			}
		}
	}
}

func TestClipScale(t *testing.T) {
	b := backend(t, "portable", 1)
	for _, c := range []struct {
		name        string
		sums        []float32
		limit, want float32
	}{
		{"above the limit", []float32{9, 16}, 1, 0.2},
		{"at the limit", []float32{9, 16}, 5, 1},
		{"below the limit", []float32{9, 16}, 6, 1},
		{"no limit", []float32{1e30}, 0, 1},
		{"no gradient", []float32{0}, 1, 1},
		{"infinite norm", []float32{float32(math.Inf(1))}, 1, 0},
	} {
		y := []float32{-1}
		if b.ClipScale(y, c.sums, c.limit); y[0] != c.want {
			t.Errorf("%s: %g, want %g", c.name, y[0], c.want)
		}
	}
}

// 100 steps on a quadratic, in float32 and in float64.
func TestAdamWAgainstFloat64(t *testing.T) {
	const beta1, beta2, eps, decay = 0.9, 0.99, 1e-8, 0.1
	b := backend(t, "portable", 1)
	s := Schedule{Peak: 0.05, Floor: 0.005, Warmup: 5, Steps: 100, Beta1: beta1, Beta2: beta2}
	d := draws{Rand: rand.New(rand.NewPCG(3, 4))}
	p, goal := d.floats(37), d.floats(37)
	m, v, g := make([]float32, 37), make([]float32, 37), make([]float32, 37)
	p64, m64, v64 := make([]float64, 37), make([]float64, 37), make([]float64, 37)
	for i := range p {
		p64[i] = float64(p[i])
	}
	sched := make([]float32, 3)
	for step := range 100 {
		b.Schedule(sched, step, s)
		for i := range p {
			g[i] = p[i] - goal[i]
			g64 := (p64[i] - float64(goal[i])) * 0.5
			m64[i] = beta1*m64[i] + (1-beta1)*g64
			v64[i] = beta2*v64[i] + (1-beta2)*g64*g64
			mhat := m64[i] / (1 - math.Pow(beta1, float64(step+1)))
			vhat := v64[i] / (1 - math.Pow(beta2, float64(step+1)))
			p64[i] -= float64(sched[0]) * (mhat/(math.Sqrt(vhat)+eps) + decay*p64[i])
		}
		b.AdamW(p, m, v, g, sched, []float32{0.5}, beta1, beta2, eps, decay)
	}
	for i := range p {
		if math.Abs(float64(p[i])-p64[i]) > 2e-4 {
			t.Errorf("parameter %d is %g after 100 steps, want %g", i, p[i], p64[i])
		}
	}
}
