package infer

import "bytes"

// tail stands between the model and its reader. It holds back the last tokens
// while their text may be the beginning of a stop sequence, lets them go when
// it is not, and cuts the text where a stop sequence begins.
type tail struct {
	stop   [][]byte
	held   []Token
	text   []byte // the bytes of held, in a row
	result *Result
	emit   func(Token) error
}

// push takes the next token and says whether a stop sequence is complete; then
// everything before it has been let go and the rest is dropped.
func (t *tail) push(tok Token) (stopped bool, err error) {
	t.held = append(t.held, tok)
	t.text = append(t.text, tok.Bytes...)
	if at := t.match(); at >= 0 {
		return true, t.release(at, true)
	}
	return false, t.release(len(t.text)-t.open(), false)
}

// flush lets everything go: no more tokens will come.
func (t *tail) flush() error { return t.release(len(t.text), false) }

// match returns where the first complete stop sequence begins, or -1. Text
// that was let go cannot be part of one.
func (t *tail) match() int {
	first := -1
	for _, s := range t.stop {
		if at := bytes.Index(t.text, s); at >= 0 && (first < 0 || at < first) {
			first = at
		}
	}
	return first
}

// open returns the length of the longest end of the text that begins a stop
// sequence.
func (t *tail) open() int {
	longest := 0
	for _, s := range t.stop {
		for n := min(len(s)-1, len(t.text)); n > longest; n-- {
			if bytes.HasSuffix(t.text, s[:n]) {
				longest = n
				break
			}
		}
	}
	return longest
}

// release lets the tokens go that end within the first n bytes of the text; if
// cut, also the part of the next one that does.
func (t *tail) release(n int, cut bool) error {
	whole := 0
	for _, tok := range t.held {
		if len(tok.Bytes) > n {
			break
		}
		n -= len(tok.Bytes)
		whole++
	}
	for _, tok := range t.held[:whole] {
		if err := t.send(tok); err != nil {
			return err
		}
	}
	t.text = t.text[:copy(t.text, t.text[bytesOf(t.held[:whole]):])]
	t.held = t.held[:copy(t.held, t.held[whole:])]
	if cut && n > 0 {
		part := t.held[0]
		part.Bytes = part.Bytes[:n:n]
		return t.send(part)
	}
	return nil
}

func bytesOf(tokens []Token) int {
	n := 0
	for _, tok := range tokens {
		n += len(tok.Bytes)
	}
	return n
}

func (t *tail) send(tok Token) error {
	t.result.Tokens = append(t.result.Tokens, tok)
	if t.emit == nil {
		return nil
	}
	return t.emit(tok)
}
