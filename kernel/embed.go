package kernel

// Embed copies row tokens[i] of table (vocab, d) to row i of y (rows, d).
func (b *Backend) Embed(y, table []float32, tokens []int32, d int) {
	y, table = shaped(y, len(tokens), d), shaped(table, len(table))
	b.parallel(len(tokens), rowGrain(cheapGrain, d), func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			t := int(tokens[i])
			copy(y[i*d:(i+1)*d], table[t*d:(t+1)*d])
		}
	})
}

// EmbedGrad sets dtable (vocab, d) to the gradient of Embed: row t is the sum, from
// +0 and over increasing i, of the rows of dy (rows, d) whose tokens[i] is t.
func (b *Backend) EmbedGrad(dtable, dy []float32, tokens []int32, vocab, d int) {
	dtable, dy = shaped(dtable, vocab, d), shaped(dy, len(tokens), d)
	if b.reference {
		for t := range vocab {
			for j := range d {
				sum := float32(0)
				for i, token := range tokens {
					if int(token) == t {
						sum += dy[i*d+j]
					}
				}
				dtable[t*d+j] = sum
			}
		}
		return
	}
	b.parallel(vocab, rowGrain(cheapGrain, d), func(_, lo, hi int) {
		clear(dtable[lo*d : hi*d])
		for i, token := range tokens {
			if t := int(token); lo <= t && t < hi {
				row := dtable[t*d : (t+1)*d]
				b.add(row, row, dy[i*d:(i+1)*d])
			}
		}
	})
}
