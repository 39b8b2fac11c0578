package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable writes what would control a terminal by its number. A receipt is a stranger's: an escape
// sequence in the name of a chain or a licence could hide what is said about trust, and an end of line
// could say something in its place.
func printable(text string) string {
	var safe strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&safe, `\x%02x`, text[0])
		case unicode.IsGraphic(r):
			safe.WriteRune(r)
		default:
			fmt.Fprintf(&safe, `\u%04x`, r)
		}
		text = text[size:]
	}
	return safe.String()
}
