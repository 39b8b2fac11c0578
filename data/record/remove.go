package record

// remover takes the copied words out of one text: records of which more than half
// is copied, or that are an earlier one letter by letter, go as a whole, of other
// records the passages. What has no letter after a record (empty lines) goes with
// it, also at the beginning of the next text.
type remover struct {
	*finder
	copied []bool
	text   []byte
	learn  bool // its records are known to those that come after
	kept   []byte
	from   int  // what is before here is kept or left out
	gone   bool // the record before went as a whole
}

// remove returns what is left of the text: itself if nothing goes.
func (s *remover) remove(pieces []piece) []byte {
	if s.gone {
		s.from = pieces[0].start
	}
	for n, p := range pieces[:len(pieces)-1] {
		next := pieces[n+1]
		if s.gone = s.repeats(p, next); s.gone {
			s.kept = append(s.kept, s.text[s.from:p.start]...)
			s.from = next.start
		} else {
			s.passages(p, next)
		}
	}
	if s.from == 0 {
		return s.text
	}
	return append(s.kept, s.text[s.from:]...)
}

// passages takes the copied words out of a record that stays.
func (s *remover) passages(p, next piece) {
	for i := p.first; i < next.first; {
		if !s.copied[i] {
			i++
			continue
		}
		s.kept = append(s.kept, s.text[s.from:s.start(p, i)]...)
		for i < next.first && s.copied[i] {
			i++
		}
		if s.from = p.last; i < next.first {
			s.from = s.start(p, i)
		}
	}
}

func (s *remover) start(p piece, word int) int { return p.start + int(s.words.starts[word]) }

// repeats tells whether a whole record is an earlier one's. A record that only
// continues a word goes with that word.
func (s *remover) repeats(p, next piece) bool {
	if p.first == next.first {
		return p.first > 0 && s.copied[p.first-1]
	}
	all, part := 0, 0
	for i := p.first; i < next.first; i++ {
		all += int(s.info[i])
		if s.copied[i] {
			part += int(s.info[i])
		}
	}
	if all < exactTells*s.unit/4 {
		return 2*part > all
	}
	_, known := s.records[p.hash]
	if s.learn {
		s.records[p.hash] = struct{}{}
	}
	return known || 2*part > all
}
