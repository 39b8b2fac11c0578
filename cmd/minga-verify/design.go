package main

import (
	"math/bits"
	"strconv"
	"strings"
)

// Methods of dividing the data part.
const (
	byTokens  = "tokens"
	byMeasure = "measure"
	byExact   = "measure-exact"
)

// Bounds of the methods, in portions.
const (
	maxPortions = 31
	maxExact    = 6
)

// coalition is a set of portions: bit u is portion u.
type coalition uint32

// design is the list of runs that measure a number of portions: run i trains on coalition i.
type design struct {
	portions   int
	coalitions []coalition
	half       []coalition // of a balanced design: each portion is in half of them, each pair in a quarter
	exact      bool
	run        map[coalition]int
}

// newDesign lists the runs in their order: all portions; then each alone; all but each; and the
// rows of a balanced design with their complements; each once. The exact method has every
// coalition, in the order of their numbers. false: there is no such design.
func newDesign(method string, portions int) (*design, bool) {
	exact := method == byExact
	if portions < 1 || portions > maxPortions || exact && portions > maxExact || !exact && method != byMeasure {
		return nil, false
	}
	d := &design{portions: portions, exact: exact, run: map[coalition]int{}}
	d.add(d.all())
	if exact {
		for c := coalition(1); c < d.all(); c++ {
			d.add(c)
		}
		return d, true
	}
	for u := range portions {
		d.add(1 << u)
	}
	for u := range portions {
		d.add(d.all() &^ (1 << u))
	}
	for _, row := range balanced(portions) {
		var c coalition
		for u, x := range row {
			if x > 0 {
				c |= 1 << u
			}
		}
		d.half = append(d.half, c, d.all()&^c)
	}
	for _, c := range d.half {
		d.add(c)
	}
	return d, true
}

// balanced is a Hadamard matrix of the next order without its first column and those that
// no portion has. Columns are turned round one after the other, again and again, each where
// that makes the fourth powers of the rows' sums sum to less, until none does: then no
// coalition is much larger than another.
func balanced(portions int) [][]int {
	order := (portions/4 + 1) * 4
	rows := make([][]int, order)
	for i := range rows {
		for u := range portions {
			rows[i] = append(rows[i], hadamard(order, i, u+1))
		}
	}
	turn := func(u int) {
		for _, row := range rows {
			row[u] = -row[u]
		}
	}
	least := unevenness(rows)
	for turned := true; turned; {
		turned = false
		for u := range portions {
			turn(u)
			if x := unevenness(rows); x < least {
				least, turned = x, true
			} else {
				turn(u)
			}
		}
	}
	return rows
}

// unevenness is the sum of the fourth powers of the rows' sums.
func unevenness(rows [][]int) int {
	total := 0
	for _, row := range rows {
		sum := 0
		for _, x := range row {
			sum += x
		}
		total += sum * sum * sum * sum
	}
	return total
}

func (d *design) all() coalition { return 1<<d.portions - 1 }

func (d *design) add(c coalition) {
	if _, known := d.run[c]; !known && c != 0 {
		d.run[c] = len(d.coalitions)
		d.coalitions = append(d.coalitions, c)
	}
}

// hadamard is an element of a matrix of an order whose rows are orthogonal and whose first
// row and column are +1: Paley's first construction where the order less 1 is a prime that
// leaves 3 modulo 4, his second for 28, and for 16 the one of 8 doubled.
func hadamard(order, i, j int) int {
	switch order {
	case 16:
		h := hadamard(8, i%8, j%8)
		if i >= 8 && j >= 8 {
			return -h
		}
		return h
	case 28:
		return paley2(i, j) * paley2(i, 0) * paley2(0, j) * paley2(0, 0)
	}
	switch {
	case i == 0 || j == 0:
		return 1
	case i == j:
		return -1
	}
	return -square(i-j, order-1)
}

// paley2 is Paley's second construction for the prime 13: a conference matrix whose entries
// c are c·[+ +; + −], and whose diagonal is [+ −; − −].
func paley2(i, j int) int {
	a, b, low := i/2, j/2, i%2 == 1 && j%2 == 1
	c := 1
	switch {
	case a == b:
		if i%2 == 0 && j%2 == 0 {
			return 1
		}
		return -1
	case a > 0 && b > 0:
		c = square(a-b, 13)
	}
	if low {
		return -c
	}
	return c
}

// square is 1 where x is a square modulo the prime q, −1 where it is none, 0 for 0.
func square(x, q int) int {
	x = ((x % q) + q) % q
	if x == 0 {
		return 0
	}
	for y := 1; y < q; y++ {
		if y*y%q == x {
			return 1
		}
	}
	return -1
}

func (c coalition) has(u int) bool { return c>>u&1 == 1 }
func (c coalition) size() int      { return bits.OnesCount32(uint32(c)) }

// String lists the portions of a coalition from 0, as in "0 3 4".
func (c coalition) String() string {
	var portions []string
	for u := range maxPortions {
		if c.has(u) {
			portions = append(portions, strconv.Itoa(u))
		}
	}
	return strings.Join(portions, " ")
}
