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
