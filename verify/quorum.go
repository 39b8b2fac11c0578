package verify

// Claim is the SHA-256 of what one execution says the work gave.
type Claim [32]byte

// Decision is what a quorum says of a claim.
type Decision int

const (
	// Wait: reports are missing and may still come.
	Wait Decision = iota
	// Contest: a checker objects, so there must be Seats(checkers) seats.
	Contest
	// Stands: the claim is what the work gives.
	Stands
	// Falls: the work gives something else.
	Falls
	// Undecided: no more reports come and no result has enough of them.
	Undecided
)

// Seats is how many checkers may report once a claim that asked for so many is
// contested. It is odd, and the first ones keep their seats.
func Seats(checkers int) int { return 2*checkers + 1 }

// Quorum decides on a claim from the reports of its checkers, in any order.
// checkers is how many the job asked for and seats how many may report now: the
// same number, or Seats(checkers) once contested. closed means that no more
// reports come. For Stands and Falls it also returns the result that holds.
func Quorum(claim Claim, reports []Claim, checkers, seats int, closed bool) (Decision, Claim) {
	if seats <= checkers {
		return uncontested(claim, reports, checkers, closed)
	}
	if len(reports) < seats && !closed {
		return Wait, Claim{}
	}
	for _, r := range reports {
		if count(reports, r) <= seats/2 {
			continue
		}
		if r == claim {
			return Stands, r
		}
		return Falls, r
	}
	return Undecided, Claim{}
}

func uncontested(claim Claim, reports []Claim, checkers int, closed bool) (Decision, Claim) {
	agree := count(reports, claim)
	switch {
	case agree < len(reports):
		return Contest, Claim{}
	case agree >= checkers:
		return Stands, claim
	case closed:
		return Undecided, Claim{}
	}
	return Wait, Claim{}
}

func count(reports []Claim, c Claim) int {
	n := 0
	for _, r := range reports {
		if r == c {
			n++
		}
	}
	return n
}
