package record

import (
	"bytes"
	"html"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

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

func (l *letters) utf16() rune {
	unit := func(at int) rune {
		if at+2 > len(l.text) {
			return 0
		}
		if l.wide == bigEndian {
			return rune(l.text[at])<<8 | rune(l.text[at+1])
		}
		return rune(l.text[at+1])<<8 | rune(l.text[at])
	}
	r := unit(l.at)
	l.at = min(l.at+2, len(l.text))
	if utf16.IsSurrogate(r) {
		if full := utf16.DecodeRune(r, unit(l.at)); full != unicode.ReplacementChar {
			l.at += 2
			return full
		}
	}
	return r
}

// utf16Order tells UTF-16 by its byte order mark, or by every second byte being
// zero in most of the first bytes.
func utf16Order(text []byte) int {
	if bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		return bigEndian
	}
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) {
		return littleEndian
	}
	head := text[:min(len(text), 4096)&^1]
	var zeros, other [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		} else {
			other[i%2]++
		}
	}
	switch {
	case 2*zeros[0] > other[0] && zeros[1] == 0:
		return bigEndian
	case 2*zeros[1] > other[1] && zeros[0] == 0:
		return littleEndian
	}
	return 0
}

// unescape reads an HTML entity, a tag (as a space), or a backslash escape at the
// beginning of text: the character and how many bytes it takes, 0 if none.
func unescape(text []byte) (rune, int) {
	switch head := text[:min(len(text), escapeMax)]; head[0] {
	case '&':
		if end := bytes.IndexByte(head, ';'); end > 1 {
			runes := []rune(html.UnescapeString(string(head[:end+1])))
			if len(runes) == 1 {
				return runes[0], end + 1
			}
		}
	case '<':
		if len(head) > 1 && (head[1] == '/' || unicode.IsLetter(rune(head[1]))) {
			if end := bytes.IndexByte(head, '>'); end > 0 {
				return ' ', end + 1
			}
		}
	case '\\':
		return backslash(head)
	}
	return 0, 0
}

func backslash(head []byte) (rune, int) {
	if len(head) < 2 {
		return 0, 0
	}
	switch head[1] {
	case 'n':
		return '\n', 2
	case 'r', 't':
		return ' ', 2
	case 'u':
		if len(head) >= 6 {
			if r, err := strconv.ParseUint(string(head[2:6]), 16, 16); err == nil {
				return rune(r), 6
			}
		}
	}
	return 0, 0
}

// folds remembers what characters beyond ASCII fold to.
type folds map[rune][]rune

// of returns the letters of one character: none if it is no letter.
func (f folds) of(r rune) []rune {
	if folded, known := f[r]; known {
		return folded
	}
	folded := foldRune(r)
	f[r] = folded
	return folded
}

// foldRune decomposes for compatibility (norm's NFKD), drops the marks, then
// lowers case and replaces what NFKD leaves alone.
func foldRune(r rune) []rune {
	var folded []rune
	for _, d := range norm.NFKD.String(string(r)) {
		d = unicode.ToLower(unicode.ToUpper(d))
		if plain, ok := lookalikes[d]; ok {
			folded = append(folded, []rune(plain)...)
		} else if unicode.IsLetter(d) || unicode.IsNumber(d) {
			folded = append(folded, d)
		}
	}
	return folded
}

// lookalikes are letters that a reader takes for Latin ones, or that are usually
// written with them.
var lookalikes = map[rune]string{
	'а': "a", 'в': "b", 'с': "c", 'ԁ': "d", 'е': "e", 'һ': "h", 'н': "h", 'і': "i", 'ј': "j", 'к': "k", 'ӏ': "l",
	'м': "m", 'о': "o", 'р': "p", 'ѕ': "s", 'т': "t", 'ѵ': "v", 'ԝ': "w", 'х': "x", 'у': "y",
	'α': "a", 'β': "b", 'ε': "e", 'ζ': "z", 'η': "h", 'ι': "i", 'κ': "k", 'μ': "m", 'ν': "v", 'ο': "o", 'ρ': "p",
	'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'χ': "x",
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'ħ': "h", 'ı': "i", 'þ': "th", 'ſ': "s",
}
