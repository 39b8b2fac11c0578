package verify_test

import (
	"crypto/sha256"
	"fmt"

	"github.com/minga-network/minga/verify"
)

// If both checkers get what the worker got, its claim stands. If one objects, more
// seats open, and what most of all seats report holds.
func ExampleQuorum() {
	claimed := verify.Claim(sha256.Sum256([]byte("what the worker says")))
	other := verify.Claim(sha256.Sum256([]byte("what it should have said")))

	decision, _ := verify.Quorum(claimed, []verify.Claim{claimed, claimed}, 2, 2, false)
	fmt.Println(decision == verify.Stands)

	decision, _ = verify.Quorum(claimed, []verify.Claim{claimed, other}, 2, 2, false)
	fmt.Println(decision == verify.Contest, verify.Seats(2), "seats")

	reports := []verify.Claim{claimed, other, other, claimed, other}
	decision, holds := verify.Quorum(claimed, reports, 2, verify.Seats(2), false)
	fmt.Println(decision == verify.Falls, holds == other)
	// Output:
	// true
	// true 5 seats
	// true true
}
