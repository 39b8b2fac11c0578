package record

import "unicode/utf8"

// letters reads the letters and digits of a text, each folded to the one form
// that all its spellings share: without case, accents, width, ligatures and look-
// alikes, whatever the encoding (UTF-8, UTF-16, Latin-1), entities, escapes and
// markup around it. All else (white space, punctuation, control and invisible
// characters) is passed over; of it only ends of records are told.
type letters struct {
	text    []byte
	at      int    // next byte to read
	wide    int    // 0, or how a UTF-16 text is read: bigEndian, littleEndian
	ended   bool   // a sentence ended, white space is still to come
	pending []rune // letters of the last character that are still to come
	start   int    // where that character begins
	record  int    // where its record begins
	fold    folds
}

const (
	bigEndian    = 1
	littleEndian = 2
	recordMax    = 1024 // bytes; a longer one is cut, so that no line is endless
	escapeMax    = 32   // bytes of the longest entity, escape or tag that is looked for
)

// kinds of ASCII bytes; all other values are a folded letter or digit.
const (
	skip = iota
	space
	newline
	stop   // ends a sentence if white space follows
	escape // may begin an entity, an escape or markup
	wide   // not ASCII
)

var ascii = func() (kinds [256]byte) {
	for c := range 256 {
		switch {
		case c >= 0x80:
			kinds[c] = wide
		case 'A' <= c && c <= 'Z':
			kinds[c] = byte(c) + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			kinds[c] = byte(c)
		}
	}
	for _, c := range " \t\v\f\r" {
		kinds[c] = space
	}
	kinds['\n'] = newline
	for _, c := range ".!?" {
		kinds[c] = stop
	}
	for _, c := range "&<\\" {
		kinds[c] = escape
	}
	return kinds
}()

func newLetters(text []byte, fold folds) *letters {
	l := &letters{text: text, fold: fold}
	l.wide = utf16Order(text)
	return l
}

func (l *letters) next() (letter, bool) {
	for {
		if len(l.pending) > 0 {
			value := l.pending[0]
			l.pending = l.pending[1:]
			return letter{value, l.start, l.at, l.record}, true
		}
		if l.at >= len(l.text) {
			return letter{}, false
		}
		l.start = l.at
		if l.start-l.record >= recordMax {
			l.record = l.start
		}
		if l.wide != 0 {
			l.take(l.utf16())
			continue
		}
		kind := ascii[l.text[l.at]]
		if kind > wide {
			l.at++
			l.ended = false
			return letter{rune(kind), l.start, l.at, l.record}, true
		}
		l.other(kind)
	}
}

// other passes over what is no ASCII letter.
func (l *letters) other(kind byte) {
	switch kind {
	case escape:
		if r, n := unescape(l.text[l.at:]); n > 0 {
			l.at += n
			l.take(r)
			return
		}
		l.at++
	case wide:
		r, n := utf8.DecodeRune(l.text[l.at:])
		if r == utf8.RuneError && n == 1 {
			r = rune(l.text[l.at]) // Latin-1
		}
		l.at += n
		l.take(r)
	default:
		l.at++
		l.mark(kind)
	}
}

// take folds one decoded character.
func (l *letters) take(r rune) {
	if r < utf8.RuneSelf {
		if kind := ascii[r]; kind <= wide {
			l.mark(kind)
			return
		}
	}
	l.pending = l.fold.of(r)
	if len(l.pending) > 0 {
		l.ended = false
	} else if r == '。' || r == '…' || r == '！' || r == '？' {
		l.record = l.at
	}
}

// mark notices where records end.
func (l *letters) mark(kind byte) {
	switch {
	case kind == stop:
		l.ended = true
	case kind == newline, kind == space && l.ended:
		l.record, l.ended = l.at, false
	}
}
