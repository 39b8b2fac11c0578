package record

import (
	"bytes"
	"html"
	"strconv"
	"unicode"
	"unicode/utf16"
)

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

// unescape reads an HTML entity, a tag within a line (as a space), or a backslash escape at the
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
			if end := bytes.IndexAny(head, ">\n"); end > 0 && head[end] == '>' {
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
