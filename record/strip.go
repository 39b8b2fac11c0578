package record

// strip returns text without what earlier texts have: records of which more than
// half is copied, or that are the same, as a whole; of other records the passages.
func (f *finder) strip(text []byte, pieces []piece) []byte {
	base, end := pieces[0].first, pieces[len(pieces)-1].first
	copied := f.copied(base, end)
	var kept []byte
	from := 0
	for n, p := range pieces[:len(pieces)-1] {
		next := pieces[n+1]
		if f.repeats(p, next, copied, base) {
			if n > 0 { // else what stands before the first record goes with it
				kept = append(kept, text[from:p.start]...)
			}
			from = next.start
			continue
		}
		for i := p.first; i < next.first; {
			if !copied[i-base] {
				i++
				continue
			}
			kept = append(kept, text[from:f.start(p, i)]...)
			for i < next.first && copied[i-base] {
				i++
			}
			if from = p.last; i < next.first {
				from = f.start(p, i)
			}
		}
	}
	if from == 0 {
		return text
	}
	return append(kept, text[from:]...)
}

// repeats tells whether a whole record is an earlier one's. A record that only
// continues a word goes with that word.
func (f *finder) repeats(p, next piece, copied []bool, base int) bool {
	if p.first == next.first {
		return p.first > base && copied[p.first-1-base]
	}
	all, part := 0, 0
	for i := p.first; i < next.first; i++ {
		all += int(f.info[i])
		if copied[i-base] {
			part += int(f.info[i])
		}
	}
	if _, known := f.records[p.hash]; known && all >= exactTells*f.unit/4 {
		return true
	}
	return 2*part > all
}

func (f *finder) start(p piece, word int) int { return p.start + int(f.words.starts[word]) }
