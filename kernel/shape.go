package kernel

// shaped is the first elements of x, as many as the dimensions multiply to. A
// shorter x panics like any index out of range, here, before a generated loop
// runs past its end. A slice expression alone would not: it looks at the capacity,
// and a tensor is often part of a larger buffer.
func shaped[T float32 | int32](x []T, dimensions ...int) []T {
	n := 1
	for _, d := range dimensions {
		n *= d
	}
	if n == 0 {
		return nil
	}
	_ = x[n-1]
	return x[:n:n]
}
