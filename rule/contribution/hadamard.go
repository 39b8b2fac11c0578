package contribution

// hadamard returns a matrix of ±1 whose rows are orthogonal, with a first row
// and column of +1, of the smallest order that is at least n+1 (n ≤ 31): a
// column for each portion beside the first. Paley's first construction gives
// orders 4, 8, 12, 20, 24 and 32, the second 28, Sylvester's doubling 16.
func hadamard(n int) [][]int {
	order := (n + 4) / 4 * 4
	switch order {
	case 16:
		return double(paley(7))
	case 28:
		return normal(paleyDouble(13))
	default:
		return normal(paley(order - 1))
	}
}

// residue returns the Legendre symbol of every number below the odd prime q:
// +1 for squares, −1 for others, 0 for 0.
func residue(q int) []int {
	symbol := make([]int, q)
	for x := range q {
		symbol[x] = -1
	}
	for x := 1; x < q; x++ {
		symbol[x*x%q] = 1
	}
	symbol[0] = 0
	return symbol
}

// paley is Paley's first construction for a prime q that leaves 3 when divided
// by 4: order q+1. Its core is cyclic: each row is the one before, moved by one,
// which is how Plackett and Burman print their designs.
func paley(q int) [][]int {
	symbol := residue(q)
	h := square(q + 1)
	for i := range h {
		for j := range h {
			switch {
			case i == j || j == 0:
				h[i][j] = 1
			case i == 0:
				h[i][j] = -1
			default:
				h[i][j] = symbol[(i-j+q)%q]
			}
		}
	}
	return normal(h)
}

// paleyDouble is Paley's second construction for a prime q that leaves 1 when
// divided by 4: order 2(q+1). Each entry c of a symmetric conference matrix
// becomes c·[+ +; + −], and each 0 of its diagonal becomes [+ −; − −].
func paleyDouble(q int) [][]int {
	symbol := residue(q)
	h := square(2 * (q + 1))
	for i := range q + 1 {
		for j := range q + 1 {
			block := [2][2]int{{1, -1}, {-1, -1}}
			if i != j {
				c := 1
				if i > 0 && j > 0 {
					c = symbol[(i-j+q)%q]
				}
				block = [2][2]int{{c, c}, {c, -c}}
			}
			for a := range 2 {
				copy(h[2*i+a][2*j:], block[a][:])
			}
		}
	}
	return h
}

// double is Sylvester's construction: [h h; h −h].
func double(h [][]int) [][]int {
	n := len(h)
	out := square(2 * n)
	for i := range n {
		for j := range n {
			out[i][j], out[i][j+n] = h[i][j], h[i][j]
			out[i+n][j], out[i+n][j+n] = h[i][j], -h[i][j]
		}
	}
	return out
}

// normal turns rows and columns over until the first of each is +1 throughout.
// That keeps the rows orthogonal.
func normal(h [][]int) [][]int {
	for i := range h {
		turn := h[i][0]
		for j := range h {
			h[i][j] *= turn
		}
	}
	for j := range h {
		turn := h[0][j]
		for i := range h {
			h[i][j] *= turn
		}
	}
	return h
}

func square(n int) [][]int {
	m := make([][]int, n)
	for i := range m {
		m[i] = make([]int, n)
	}
	return m
}
