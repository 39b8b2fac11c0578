package verify

import (
	"slices"
	"testing"
)

// slow decides as the rules say, in another way: it makes a list of all seats instead of counting. Claim and
// reports are small numbers; 0 is an empty seat.
func slow(claim byte, reports []byte, checkers, seats int, closed bool) (Decision, byte) {
	if seats == checkers {
		switch {
		case slices.ContainsFunc(reports, func(r byte) bool { return r != claim }):
			return Contest, 0
		case len(reports) == checkers:
			return Stands, claim
		case closed:
			return Undecided, 0
		}
		return Wait, 0
	}
	if len(reports) < seats && !closed {
		return Wait, 0
	}
	table := make([]byte, seats)
	copy(table, reports)
	slices.Sort(table)
	// If more than half of the places of a sorted table have the same value, the middle one has it too. Whether
	// they have shows where that value stands first: the place seats/2 further on has it as well.
	middle := table[seats/2]
	first := slices.Index(table, middle)
	if middle == 0 || first+seats/2 >= seats || table[first+seats/2] != middle {
		return Undecided, 0
	}
	if middle == claim {
		return Stands, middle
	}
	return Falls, middle
}

func TestQuorumAgainstTheSlowOne(t *testing.T) {
	inputs := 0
	for checkers := 0; checkers <= 3; checkers++ {
		for _, seats := range []int{checkers, Seats(checkers)} {
			for _, closed := range []bool{false, true} {
				eachReports(seats, func(reports []byte) {
					inputs++
					got, held := Quorum(Claim{1}, claims(reports), checkers, seats, closed)
					want, wantHeld := slow(1, reports, checkers, seats, closed)
					if got != want || held != (Claim{wantHeld}) {
						t.Fatalf("reports %v, %d checkers, %d seats, closed %v: got %d %d, want %d %d",
							reports, checkers, seats, closed, got, held[0], want, wantHeld)
					}
				})
			}
		}
	}
	if inputs < 6000 {
		t.Fatalf("only %d inputs", inputs)
	}
}

// TestReversedReportsDecideAlike: the order of the reports must not matter.
func TestReversedReportsDecideAlike(t *testing.T) {
	eachReports(7, func(reports []byte) {
		a, heldA := Quorum(Claim{1}, claims(reports), 3, 7, true)
		b := slices.Clone(reports)
		slices.Reverse(b)
		got, heldB := Quorum(Claim{1}, claims(b), 3, 7, true)
		if got != a || heldA != heldB {
			t.Fatalf("reports %v: %d, reversed %d", reports, a, got)
		}
	})
}

// eachReports calls fn with all sequences of up to n reports with values 1 to 3.
func eachReports(n int, fn func([]byte)) {
	var grow func([]byte)
	grow = func(reports []byte) {
		fn(reports)
		if len(reports) == n {
			return
		}
		for v := byte(1); v <= 3; v++ {
			grow(append(slices.Clone(reports), v))
		}
	}
	grow(nil)
}

func claims(reports []byte) []Claim {
	out := make([]Claim, len(reports))
	for i, r := range reports {
		out[i] = Claim{r}
	}
	return out
}

func TestOneObjectorAloneSlashesNobody(t *testing.T) {
	if d, _ := Quorum(Claim{1}, []Claim{{2}}, 1, Seats(1), true); d != Undecided {
		t.Fatalf("decided %d on one report of three seats", d)
	}
}
