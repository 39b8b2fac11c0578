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

// Bounds of the methods, in units.
const (
	maxUnits = 31
	maxExact = 6
)

// coalition is a set of units: bit u is unit u.
type coalition uint32

// design is the list of runs that measure a number of units: run i trains on coalition i.
type design struct {
	units      int
	coalitions []coalition
	half       []coalition // of a balanced design: each unit is in half of them, each pair in a quarter
	exact      bool
	run        map[coalition]int
}

// newDesign lists the runs in their order: all units; then each alone; all but each; and the
// rows of a balanced design with their complements; each once. The exact method has every
// coalition, in the order of their numbers. false: there is no such design.
func newDesign(method string, units int) (*design, bool) {
	exact := method == byExact
	if units < 1 || units > maxUnits || exact && units > maxExact || !exact && method != byMeasure {
		return nil, false
	}
	d := &design{units: units, exact: exact, run: map[coalition]int{}}
	d.add(d.all())
	if exact {
		for c := coalition(1); c < d.all(); c++ {
			d.add(c)
		}
		return d, true
	}
	for u := range units {
		d.add(1 << u)
	}
	for u := range units {
		d.add(d.all() &^ (1 << u))
	}
	for _, row := range balanced(units) {
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
// no unit has. Columns are turned round one after the other, again and again, each where
// that makes the fourth powers of the rows' sums sum to less, until none does: then no
// coalition is much larger than another.
func balanced(units int) [][]int {
	order := (units/4 + 1) * 4
	rows := make([][]int, order)
	for i := range rows {
		for u := range units {
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
		for u := range units {
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

func (d *design) all() coalition { return 1<<d.units - 1 }

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

// String lists the units of a coalition from 0, as in "0 3 4".
func (c coalition) String() string {
	var units []string
	for u := range maxUnits {
		if c.has(u) {
			units = append(units, strconv.Itoa(u))
		}
	}
	return strings.Join(units, " ")
}
