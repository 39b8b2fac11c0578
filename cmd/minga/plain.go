package main

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf8"
)

// plain passes text on without what would control a terminal. Names, licences, reasons and addresses are
// written by strangers, and a node may answer anything: an escape sequence could hide what else is said.
// All commands write through it, so that none can forget it.
type plain struct {
	to io.Writer

	mu   sync.Mutex
	rest []byte // the beginning of a letter whose end has not come yet
}

// Write writes letters, numbers, signs, spaces and ends of lines as they are, and the rest by its number.
func (p *plain) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var safe bytes.Buffer
	left := append(p.rest, text...)
	for utf8.FullRune(left) {
		r, size := utf8.DecodeRune(left)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&safe, `\x%02x`, left[0])
		case unicode.IsGraphic(r) || r == '\n' || r == '\t':
			safe.WriteRune(r)
		default:
			fmt.Fprintf(&safe, `\u%04x`, r)
		}
		left = left[size:]
	}
	p.rest = bytes.Clone(left)
	if _, err := p.to.Write(safe.Bytes()); err != nil {
		return 0, err
	}
	return len(text), nil
}
