package planted

import "github.com/minga-network/minga/kernel"

// dice gives random numbers. They depend on the seed and on the stream, of which each purpose has its own.
type dice struct{ seed, stream, next uint64 }

// below returns a number from 0 to n−1.
func (d *dice) below(n int) int {
	d.next++
	return min(n-1, int(kernel.Uniform(d.seed, d.stream, d.next)*float32(n)))
}

// chance is true with probability p.
func (d *dice) chance(p float32) bool {
	d.next++
	return kernel.Uniform(d.seed, d.stream, d.next) < p
}

// order returns the numbers from 0 to n−1, shuffled.
func (d *dice) order(n int) []int {
	order := make([]int, n)
	for i := range order {
		j := d.below(i + 1)
		order[i], order[j] = order[j], i
	}
	return order
}
