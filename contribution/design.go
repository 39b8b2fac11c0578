package contribution

import (
	"errors"
	"fmt"
)

// ErrDesign says that there is no design for this method and number of units.
var ErrDesign = errors.New("no such design")

// Design is the list of runs that measure a number of units.
type Design struct {
	Units      int
	Coalitions []Coalition // distinct and not empty; the first is all units

	method string
	half   []Coalition // the balanced design, the empty coalition and repeats included
	index  map[Coalition]int
}

// NewDesign returns the runs of method Measure or Exact for a number of units,
// in an order that depends on nothing else. Errors: ErrDesign.
func NewDesign(method string, units int) (*Design, error) {
	most := MaxUnits
	switch method {
	case Measure:
	case Exact:
		most = MaxExact
	default:
		return nil, fmt.Errorf("%w: method %q measures nothing; %s and %s do", ErrDesign, method, Measure, Exact)
	}
	if units < 1 || units > most {
		return nil, fmt.Errorf("%w: %s takes 1 to %d units, not %d; choose another size of unit", ErrDesign, method, most, units)
	}
	d := &Design{Units: units, method: method, index: map[Coalition]int{}}
	d.add(all(units))
	if method == Exact {
		for c := Coalition(1); c < all(units); c++ {
			d.add(c)
		}
		return d, nil
	}
	for u := range units {
		d.add(1 << u)
	}
	for u := range units {
		d.add(all(units) &^ (1 << u))
	}
	d.half = folded(units)
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

// folded returns the rows of a Hadamard matrix as coalitions, each followed by
// its complement: every unit is in half of them, every pair in a quarter, every
// triple in an eighth.
func folded(units int) []Coalition {
	var rows []Coalition
	for _, row := range hadamard(units) {
		var c Coalition
		for u := range units {
			if row[u+1] > 0 {
				c |= 1 << u
			}
		}
		rows = append(rows, c, all(units)&^c)
	}
	return rows
}
