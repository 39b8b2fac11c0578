package record

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

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
	'а': "a", 'в': "b", 'с': "c", 'ԁ': "d", 'е': "e", 'һ': "h", 'н': "h", 'і': "i", 'ј': "j", 'к': "k",
	'ӏ': "l", 'м': "m", 'о': "o", 'р': "p", 'ѕ': "s", 'т': "t", 'ѵ': "v", 'ԝ': "w", 'х': "x", 'у': "y",
	'α': "a", 'β': "b", 'ε': "e", 'ζ': "z", 'η': "h", 'ι': "i", 'κ': "k", 'μ': "m", 'ν': "v", 'ο': "o",
	'ρ': "p", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'χ': "x",
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'ħ': "h", 'ı': "i",
	'þ': "th", 'ſ': "s",
}
