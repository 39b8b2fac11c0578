package token

import (
	"unicode"
	"unicode/utf8"
)

// class is what pre-tokenisation sees of a character. It comes from the
// Unicode tables of the Go release: a test pins them, because a release with
// newer tables would cut some texts differently.
type class byte

const (
	letter class = iota
	number
	space
	other // punctuation, symbols, marks, controls, and each byte of invalid UTF-8
)

// classes answers for ASCII without the Unicode tables.
var classes = func() (c [utf8.RuneSelf]class) {
	for r := range c {
		c[r] = classify(rune(r))
	}
	return c
}()

func classify(r rune) class {
	switch {
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r):
		return space
	}
	return other
}

// next returns the class and the width in bytes of the first character of s.
// The empty text counts as space of width 0, which ends every kind of run.
func next(s []byte) (class, int) {
	if len(s) == 0 {
		return space, 0
	}
	if s[0] < utf8.RuneSelf {
		return classes[s[0]], 1
	}
	r, width := utf8.DecodeRune(s)
	return classify(r), width
}

// split calls f for each pre-token of text in turn; merges never cross from
// one to the next. The rule is GPT-2's, as llama.cpp applies it for
// tokenizer.ggml.pre = "gpt-2":
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
func split(text []byte, f func([]byte)) {
	for len(text) > 0 {
		n := pretoken(text)
		f(text[:n])
		text = text[n:]
	}
}

// pretoken returns the length of the first pre-token of a text that is not
// empty.
func pretoken(s []byte) int {
	if n := contraction(s); n > 0 {
		return n
	}
	start := 0
	if s[0] == ' ' {
		start = 1
	}
	if c, _ := next(s[start:]); c != space {
		return start + run(s[start:], c)
	}
	return spaces(s)
}

// contraction returns the length of an English ending such as 's or 'll at the
// start of s, or 0.
func contraction(s []byte) int {
	if len(s) < 2 || s[0] != '\'' {
		return 0
	}
	switch s[1] {
	case 's', 't', 'm', 'd':
		return 2
	}
	if len(s) < 3 {
		return 0
	}
	switch string(s[1:3]) {
	case "re", "ve", "ll":
		return 3
	}
	return 0
}

// run returns the length of the characters of class c at the start of s.
func run(s []byte, c class) int {
	n := 0
	for n < len(s) {
		d, width := next(s[n:])
		if d != c {
			break
		}
		n += width
	}
	return n
}

// spaces returns the length of the white space at the start of s, less its
// last character when something follows: that one goes before the next word.
// A single one before a word that it cannot join (a newline) stands alone.
func spaces(s []byte) int {
	n, last := 0, 0
	for n < len(s) {
		c, width := next(s[n:])
		if c != space {
			break
		}
		n, last = n+width, width
	}
	if n < len(s) && n > last {
		return n - last
	}
	return n
}
