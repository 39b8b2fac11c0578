package planted

import (
	"slices"

	"github.com/minga-network/minga/examples/mnist"
	"github.com/minga-network/minga/nn"
)

// Digits is a game in which ten contributors bring data for a classifier of handwritten digits.
type Digits struct {
	seed     uint64
	portions [][]int32 // of each portion, its rows of the table
	held     []int32   // rows to validate on
	images   []float32 // the table: each row has the pixels of a digit, and a 1
	class    []int32   // of each row
}

const digitPixels = mnist.Size + 1

// NewDigits plants the portions. Digits 3 and 8 are rare in all portions but one, which
// has no other digits.
func NewDigits(seed uint64) *Digits {
	g := &Digits{seed: seed}
	d := &source{dice: dice{seed: seed, stream: 1}, pool: mnist.Train()}
	d.left = d.order(len(d.pool))
	large, plain := d.take(600, d.usual), d.take(400, d.usual)
	for _, portion := range [][]mnist.Digit{
		large,
		plain,
		d.take(160, d.usual),
		d.mislabel(d.take(400, d.usual), 0.2),
		d.mislabel(d.take(400, d.any), 0.5),
		d.mislabel(d.take(400, d.any), 1),
		plain,
		d.random(400),
		d.take(240, rare),
		large[:len(large)/2],
	} {
		g.portions = append(g.portions, g.add(portion))
	}
	g.held = g.add(mnist.Test())
	return g
}

// Names implements Game.
func (g *Digits) Names() []string {
	return []string{"clean, large", "clean", "clean, small", "20 % wrong labels", "50 % wrong labels", "random labels",
		"repeats the second", "random pixels", "rare classes only", "half of the first"}
}

// Sizes implements Game.
func (g *Digits) Sizes() []Size {
	return []Size{
		{"the training itself", 200, 100, 32, 0.004},
		{"½ steps, ¼ width, rate ×5", 100, 100, 8, 0.02},
		{"½ steps, ½ width, rate ×4", 100, 100, 16, 0.016},
		{"½ steps, ½ rows, ½ width, rate ×6", 100, 50, 16, 0.024},
		{"⅓ steps, ½ rows, ¼ width, rate ×6", 70, 50, 8, 0.024},
		{"½ steps, ½ rows, ½ width, same rate", 100, 50, 16, 0.004},
	}
}

// Tokens implements Game: the tokens of a portion are its rows in a step.
func (g *Digits) Tokens() []float64 {
	var tokens []float64
	for _, q := range g.quotas(g.Sizes()[0].Rows) {
		tokens = append(tokens, float64(q))
	}
	return tokens
}

// add appends digits to the table and returns their rows.
func (g *Digits) add(digits []mnist.Digit) []int32 {
	var rows []int32
	for _, d := range digits {
		rows = append(rows, int32(len(g.class)))
		g.class = append(g.class, int32(d.Class))
		for _, p := range d.Pixels {
			g.images = append(g.images, float32(p)/15)
		}
		g.images = append(g.images, 1)
	}
	return rows
}

// quotas is how many rows of each portion are in a step: in proportion to its size, but at least one.
func (g *Digits) quotas(batch int) []int {
	every := 0
	for _, rows := range g.portions {
		every += len(rows)
	}
	quotas := make([]int, len(g.portions))
	for u, rows := range g.portions {
		quotas[u] = max(1, (len(rows)*batch+every/2)/every)
	}
	return quotas
}

// Open implements Game.
func (g *Digits) Open(s Size) (Trainer, error) {
	return &digits{game: g, size: s, quotas: g.quotas(s.Rows), net: nn.Classifier{
		Images: len(g.class), Pixels: digitPixels, Hidden: s.Width, Classes: 10,
	}}, nil
}

// source gives out digits, each of them once.
type source struct {
	dice
	pool []mnist.Digit
	left []int
}

// take returns the next n digits that fit.
func (d *source) take(n int, fits func(class int) bool) []mnist.Digit {
	var digits []mnist.Digit
	d.left = slices.DeleteFunc(d.left, func(i int) bool {
		if len(digits) == n || !fits(d.pool[i].Class) {
			return false
		}
		digits = append(digits, d.pool[i])
		return true
	})
	return digits
}

func rare(class int) bool              { return class == 3 || class == 8 }
func (d *source) usual(class int) bool { return !rare(class) || d.chance(0.15) }
func (d *source) any(int) bool         { return true }

// mislabel gives a share of the digits a random class.
func (d *source) mislabel(digits []mnist.Digit, share float32) []mnist.Digit {
	for i := range digits {
		if d.chance(share) {
			digits[i].Class = d.below(10)
		}
	}
	return digits
}

// random returns images of random pixels, with random classes.
func (d *source) random(n int) []mnist.Digit {
	digits := make([]mnist.Digit, n)
	for i := range digits {
		digits[i].Class = d.below(10)
		for p := range digits[i].Pixels {
			digits[i].Pixels[p] = byte(d.below(16))
		}
	}
	return digits
}
