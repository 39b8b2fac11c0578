package planted

import (
	"cmp"
	"math"
	"slices"
)

// parts are values as they are paid: those below 0 get nothing, and the sum is 1.
func parts(values []float64) []float64 {
	sum, out := 0.0, make([]float64, len(values))
	for _, v := range values {
		sum += max(0, v)
	}
	for i, v := range values {
		if sum > 0 {
			out[i] = max(0, v) / sum
		}
	}
	return out
}

// wrong is the share of the money that goes to the wrong portions: half the sum of what
// each of them gets too much or too little.
func wrong(values, exact []float64) float64 {
	sum := 0.0
	right := parts(exact)
	for i, p := range parts(values) {
		sum += math.Abs(p-right[i]) / 2
	}
	return sum
}

// spearman is the correlation of the ranks. Equal values get the mean of their ranks.
func spearman(a, b []float64) float64 {
	x, y := ranks(a), ranks(b)
	middle := float64(len(x)-1) / 2
	var xy, xx, yy float64
	for i := range x {
		xy += (x[i] - middle) * (y[i] - middle)
		xx += (x[i] - middle) * (x[i] - middle)
		yy += (y[i] - middle) * (y[i] - middle)
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

func ranks(v []float64) []float64 {
	order := ascending(v)
	out := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i
		for j+1 < len(order) && v[order[j+1]] == v[order[i]] {
			j++
		}
		for k := i; k <= j; k++ {
			out[order[k]] = float64(i+j) / 2
		}
		i = j + 1
	}
	return out
}

// ascending lists the indices of v from the smallest value on.
func ascending(v []float64) []int {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(v[i], v[j]) })
	return order
}

// removal is which part of the whole utility is left when portions are removed one after
// the other, the best or the worst first. Point k is without k portions.
func (u truth) removal(values []float64, bestFirst bool) []float64 {
	order := ascending(values)
	if bestFirst {
		slices.Reverse(order)
	}
	c := len(u) - 1
	curve := []float64{1}
	for _, i := range order {
		c &^= 1 << i
		curve = append(curve, u[c]/u[len(u)-1])
	}
	return curve
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	if len(s) == 0 {
		return 0
	}
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}
