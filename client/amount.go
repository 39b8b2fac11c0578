package client

import (
	"fmt"
	"strings"

	"cosmossdk.io/math"
)

// ParseAmount reads an amount of money as people write it, "10MINGA",
// "0.5MINGA" or "3uminga", and returns it in uminga.
func ParseAmount(s string) (math.Int, error) {
	if digits, ok := strings.CutSuffix(s, Denom); ok {
		if n, ok := math.NewIntFromString(digits); ok && !n.IsNegative() && n.IsUint64() {
			return n, nil
		}
	} else if digits, ok := strings.CutSuffix(s, "MINGA"); ok {
		d, err := math.LegacyNewDecFromStr(digits)
		if err == nil && !d.IsNegative() {
			if n := d.MulInt64(1_000_000); n.IsInteger() && n.TruncateInt().IsUint64() {
				return n.TruncateInt(), nil
			}
		}
	}
	return math.Int{}, fmt.Errorf("%q is no amount: write it as 10MINGA, 0.5MINGA (at most six decimals) or 3%s", s, Denom)
}
