package main

import (
	"fmt"
	"math/big"
)

// percent writes basis points.
func percent(points uint64) string { return fmt.Sprintf("%d.%02d %%", points/100, points%100) }

// grouped writes a number with a comma after every three digits.
func grouped(n uint64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// fraction writes a number of fractions, of which allShares make one, exactly.
func fraction(n *big.Int) string {
	whole, rest := new(big.Int).QuoRem(n, big.NewInt(allShares), new(big.Int))
	if rest.Sign() == 0 {
		return whole.String()
	}
	return fmt.Sprintf("%s.%09d", whole, rest)
}

// decimal writes a value with 9 digits after the point, rounded to the nearest, halves to
// even.
func decimal(v *big.Rat) string {
	n := new(big.Int).Mul(new(big.Int).Abs(v.Num()), big.NewInt(2_000_000_000))
	q, r := n.QuoRem(n, v.Denom(), new(big.Int)) // halves of the last digit
	up := q.Bit(0) == 1 && (r.Sign() > 0 || q.Bit(1) == 1)
	q.Rsh(q, 1)
	if up {
		q.Add(q, big.NewInt(1))
	}
	if v.Sign() < 0 {
		q.Neg(q)
	}
	return new(big.Rat).SetFrac(q, big.NewInt(1_000_000_000)).FloatString(9)
}
