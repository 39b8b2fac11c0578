package token

// heap is a binary heap whose order is given at each call; the first element
// is the least. Unlike container/heap it does not allocate for each element.
type heap[T any] []T

func (h *heap[T]) push(x T, less func(a, b T) bool) {
	s := append(*h, x)
	for i := len(s) - 1; i > 0; {
		parent := (i - 1) / 2
		if !less(s[i], s[parent]) {
			break
		}
		s[i], s[parent] = s[parent], s[i]
		i = parent
	}
	*h = s
}

func (h *heap[T]) pop(less func(a, b T) bool) T {
	s := *h
	top, end := s[0], len(s)-1
	s[0] = s[end]
	s = s[:end]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < end; child++ {
			if less(s[child], s[least]) {
				least = child
			}
		}
		if least == i {
			break
		}
		s[i], s[least] = s[least], s[i]
		i = least
	}
	*h = s
	return top
}
