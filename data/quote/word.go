package quote

import (
	"unicode"
	"unicode/utf8"
)

// word is a run of letters and digits, or one ideograph; what stands between words
// belongs to a span only inside it.
type word struct{ start, end int }

const ideographs = 0x2e80 // characters from here on are words of their own

func cut(text []byte) []word {
	var words []word
	inside := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r):
			inside = false
		case inside && r < ideographs:
			words[len(words)-1].end = i + size
		default:
			words = append(words, word{i, i + size})
			inside = r < ideographs
		}
		i += size
	}
	return words
}
