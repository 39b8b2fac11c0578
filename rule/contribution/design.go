package contribution

import (
	"errors"
	"fmt"
)

// ErrDesign says that there is no design for this method and number of portions.
var ErrDesign = errors.New("no such design")

// Design is the list of runs that measure a number of portions.
type Design struct {
	Portions   int
	Coalitions []Coalition // distinct and not empty; the first is all portions

	method string
	half   []Coalition // the balanced design, the empty coalition and repeats included
	index  map[Coalition]int
}

// NewDesign returns the runs of method Measure or Exact for a number of portions,
// in an order that depends on nothing else. Errors: ErrDesign.
func NewDesign(method string, portions int) (*Design, error) {
	most := MaxPortions
	switch method {
	case Measure:
	case Exact:
		most = MaxExact
	default:
		return nil, fmt.Errorf("%w: method %q measures nothing; %s and %s do", ErrDesign, method, Measure, Exact)
	}
	if portions < 1 || portions > most {
		return nil, fmt.Errorf("%w: %s takes 1 to %d portions, not %d; choose another size of portion", ErrDesign, method,
			most, portions)
	}
	d := &Design{Portions: portions, method: method, index: map[Coalition]int{}}
	d.add(all(portions))
	if method == Exact {
		for c := Coalition(1); c < all(portions); c++ {
			d.add(c)
		}
		return d, nil
	}
	for u := range portions {
		d.add(1 << u)
	}
	for u := range portions {
		d.add(all(portions) &^ (1 << u))
	}
	d.half = folded(portions)
	for _, c := range d.half {
		d.add(c)
	}
	return d, nil
}

// add orders a run of c unless one is ordered or c is empty.
func (d *Design) add(c Coalition) {
	if _, listed := d.index[c]; listed || c == 0 {
		return
	}
	d.index[c] = len(d.Coalitions)
	d.Coalitions = append(d.Coalitions, c)
}

// Shapes numbers the shape of each run, from 0, in the order in which they first appear:
// runs on equally many portions are alike, but for the first, which also gives credits.
func (d *Design) Shapes() []int {
	shapes, known := make([]int, len(d.Coalitions)), map[int]int{}
	for run, c := range d.Coalitions[1:] {
		if _, ok := known[c.Size()]; !ok {
			known[c.Size()] = 1 + len(known)
		}
		shapes[run+1] = known[c.Size()]
	}
	return shapes
}

// folded returns the rows of a Hadamard matrix as coalitions, each followed by
// its complement: every portion is in half of them, every pair in a quarter, every
// triple in an eighth.
func folded(portions int) []Coalition {
	h := hadamard(portions)
	signs := spread(h, portions)
	var rows []Coalition
	for _, row := range h {
		var c Coalition
		for u := range portions {
			if row[u+1]*signs[u] > 0 {
				c |= 1 << u
			}
		}
		rows = append(rows, c, all(portions)&^c)
	}
	return rows
}

// spread chooses for each portion whether its column of the matrix is turned round,
// so that no coalition is much larger than another. Of sets drawn with chance ½
// hardly one is empty, and yet a matrix as it is built has a row of all portions,
// whose complement is empty: one of 24 runs, far below all others, would decide
// about every portion. Any choice keeps the balance of portions, pairs and triples, and
// with it the mean square of how far sizes are from half; this one makes the
// mean fourth power small, by turning columns as long as one of them helps.
func spread(h [][]int, portions int) []int {
	sums := make([]int, len(h)) // of each row: portions in its coalition less those that are not
	signs := make([]int, portions)
	for u := range signs {
		signs[u] = 1
		for r := range h {
			sums[r] += h[r][u+1]
		}
	}
	for better := true; better; {
		better = false
		for u := range signs {
			gain := 0
			for r := range h {
				turned := sums[r] - 2*signs[u]*h[r][u+1]
				gain += power4(sums[r]) - power4(turned)
			}
			if gain <= 0 {
				continue
			}
			better = true
			signs[u] = -signs[u]
			for r := range h {
				sums[r] += 2 * signs[u] * h[r][u+1]
			}
		}
	}
	return signs
}

func power4(x int) int { return x * x * x * x }
