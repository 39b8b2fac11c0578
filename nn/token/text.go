package token

import (
	"fmt"
	"strings"
)

// textHeader is the first line of a merges file as GPT-2 and its successors
// write it.
const textHeader = "#version: 0.2\n"

// Text is the canonical form of the encoder: a merges file in the manner of
// GPT-2, a line for each merge in order of rank, its two tokens spelled in the
// byte alphabet and parted by a space. It determines every id.
func (t *Encoder) Text() string {
	var b strings.Builder
	b.WriteString(textHeader)
	for _, merge := range t.Merges() {
		b.WriteString(merge)
		b.WriteByte('\n')
	}
	return b.String()
}

// Merges lists the merges in order of rank, each as a line of Text.
func (t *Encoder) Merges() []string {
	merges := make([]string, len(t.merges))
	for rank, p := range t.merges {
		merges[rank] = t.Spell(p.left) + " " + t.Spell(p.right)
	}
	return merges
}

// Spell is a token in the byte alphabet, as lists of tokens have it. The end of a
// text, which has no bytes, is <|endoftext|>.
func (t *Encoder) Spell(id int32) string {
	if id == eos {
		return endOfText
	}
	text := t.Bytes(id)
	letters := make([]rune, len(text))
	for i, b := range text {
		letters[i] = alphabet[b]
	}
	return string(letters)
}

// Parse reads what Text writes, and only that: another spelling of
// the same encoder is refused, so that equal encoders have equal texts.
// Memory is bounded by the length of the text and 64 bytes a merge. The error
// wraps ErrTokenizer and names the line.
func Parse(text string) (*Encoder, error) {
	body, ok := strings.CutPrefix(text, textHeader)
	if !ok {
		return nil, fmt.Errorf("%w: line 1 is not %q", ErrTokenizer, strings.TrimSpace(textHeader))
	}
	t := newEncoder()
	for line := 2; body != ""; line++ {
		var merge string
		if merge, body, ok = strings.Cut(body, "\n"); !ok {
			return nil, fmt.Errorf("%w: line %d does not end", ErrTokenizer, line)
		}
		if err := t.parseMerge(merge); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrTokenizer, line, err)
		}
	}
	return t, nil
}

func (t *Encoder) parseMerge(line string) error {
	left, right, ok := strings.Cut(line, " ")
	if !ok {
		return fmt.Errorf("want two tokens, got %q", line)
	}
	p, ok := pair{}, false
	if p.left, ok = t.lookup(left); !ok {
		return fmt.Errorf("no token %q so far", left)
	}
	if p.right, ok = t.lookup(right); !ok {
		return fmt.Errorf("no token %q so far", right)
	}
	if _, twice := t.byPair[p]; twice {
		return fmt.Errorf("%q is there twice", line)
	}
	if !t.fits(p) {
		return fmt.Errorf("%q makes a token of more than %d bytes", line, maxTokenBytes)
	}
	if len(t.merges) >= maxVocab || t.Vocab() >= maxVocab {
		return fmt.Errorf("more than %d merges", maxVocab)
	}
	t.add(p)
	return nil
}

// lookup finds the token that is spelled so in the byte alphabet.
func (t *Encoder) lookup(spelled string) (int32, bool) {
	if len(spelled) > 2*maxTokenBytes {
		return 0, false
	}
	var raw []byte
	for _, r := range spelled {
		if int(r) >= len(byteOf) || byteOf[r] < 0 {
			return 0, false
		}
		raw = append(raw, byte(byteOf[r]))
	}
	id, ok := t.ids[string(raw)]
	return id, ok
}

// alphabet spells each byte as one printable character, as GPT-2 does: the
// printable ones of Latin-1 as themselves, the other 68 in order from U+0100.
var alphabet, byteOf = func() (letters [256]rune, back [256 + 68]int16) {
	for i := range back {
		back[i] = -1
	}
	shifted := rune(256)
	for b := range rune(256) {
		letters[b] = b
		if b < '!' || (b > '~' && b < '¡') || b == 0xAD {
			letters[b] = shifted
			shifted++
		}
		back[letters[b]] = int16(b)
	}
	return letters, back
}()
