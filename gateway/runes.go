package gateway

import "unicode/utf8"

// runes makes text of bytes that come in pieces: an incomplete character waits for its other bytes, and bytes that are
// no character become U+FFFD.
type runes struct{ rest []byte }

// push takes bytes and returns the text that is complete.
func (r *runes) push(b []byte) string {
	r.rest = append(r.rest, b...)
	var text []byte
	for len(r.rest) > 0 && utf8.FullRune(r.rest) {
		c, n := utf8.DecodeRune(r.rest)
		text = utf8.AppendRune(text, c)
		r.rest = r.rest[n:]
	}
	return string(text)
}

// flush returns what was waiting, at the end.
func (r *runes) flush() string {
	if len(r.rest) == 0 {
		return ""
	}
	r.rest = nil
	return string(utf8.RuneError)
}
