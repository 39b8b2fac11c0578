// Package contribution says what each part of the training data did for a
// model, from a list of short trainings with and without it. Whoever pays out a
// model's shares uses it twice: before, to know which trainings to order
// ([NewDesign]), and after, to turn what they reached into parts of a whole
// ([Design.Values], [Inside], [Divide]).
//
// The players are portions: slices of the training data of equal size, cut without
// looking at who owns them, so that nobody gains by dividing data over accounts.
// A coalition S is a set of portions; its utility U(S) is what training on S alone
// takes off the validation loss, and 0 where it makes the model worse
// ([Utility]): nobody uses a model that is worse than none. The value of portion u
// is its Shapley value, which Owen writes as an integral over the chance p that
// each other portion takes part:
//
//	φ(u) = ∫₀¹ g(p) dp,   g(p) = E[U(S ∪ u) − U(S)],   S: each other portion with chance p
//
// Simpson's rule needs g at three points, and each is a small table of runs:
//
//	alone, p = 0:   U(u)                        one run for each portion
//	half,  p = ½:   mean U with u − without u   over a balanced design
//	last,  p = 1:   U(all) − U(all without u)   one run for each portion
//
//	value(u) = (alone + 4·half + last) / 6,   scaled so that all values sum to U(all)
//
// The balanced design for half is Plackett and Burman's, folded: the rows of a
// Hadamard matrix and their complements, with columns turned round until no run
// has nearly all portions or nearly none. Every portion is in half of its runs,
// every pair in a quarter and every triple in an eighth, so what two portions do
// only together, or only once, does not disturb the value of any third. Ten
// portions take 45 runs instead of 1,023.
//
// Everything is exact: utilities are the float32 losses as fractions, values are
// fractions, parts are whole numbers rounded down. Nothing is drawn at random, so
// nothing can be tried out until it suits. Work is bounded by [MaxPortions], and no
// input of a stranger panics: what cannot be used is an error or counts 0.
//
// The estimate is exact for utilities in which portions add up or act in pairs.
// For others it is near; docs/contribution.md measures how near.
//
// Sources: L. Shapley, A Value for n-Person Games (1953); G. Owen, Multilinear
// Extensions of Games (1972); R. Plackett and J. Burman, The Design of Optimum
// Multifactorial Experiments (1946); J. Castro, D. Gómez and J. Tejada,
// Polynomial Calculation of the Shapley Value Based on Sampling (2009).
package contribution

import (
	"math/bits"
	"strconv"
	"strings"
)

// Names of the methods by which a job divides the data part.
const (
	Tokens  = "tokens"        // by tokens used: no runs, nothing measured
	Measure = "measure"       // alone, half and last
	Exact   = "measure-exact" // every coalition, for few portions
)

const (
	MaxPortions = 31 // portions of one job; a larger job has larger portions
	MaxExact    = 6  // portions of a job measured by every coalition: 63 runs
)

// Coalition is a set of portions: bit u is portion u.
type Coalition uint32

// Has reports whether portion u takes part.
func (c Coalition) Has(u int) bool { return c>>u&1 == 1 }

// Size is the number of portions that take part.
func (c Coalition) Size() int { return bits.OnesCount32(uint32(c)) }

// String lists the portions, as "{0 3 4}".
func (c Coalition) String() string {
	var portions []string
	for u := range 32 {
		if c.Has(u) {
			portions = append(portions, strconv.Itoa(u))
		}
	}
	return "{" + strings.Join(portions, " ") + "}"
}

// all returns the coalition of the portions below n, which is at most MaxPortions.
func all(n int) Coalition { return 1<<n - 1 }
