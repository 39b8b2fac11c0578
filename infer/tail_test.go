package infer

import (
	"errors"
	"math/rand"
	"strings"
	"testing"
)

// through pushes the pieces of a text until a stop sequence is met, and
// returns what came out after each push and in all.
func through(t *testing.T, stop, pieces []string) (after []string, all string, stopped bool) {
	t.Helper()
	var out strings.Builder
	result := &Result{}
	tl := &tail{result: result, emit: func(tok Token) error {
		out.Write(tok.Bytes)
		return nil
	}}
	for _, s := range stop {
		tl.stop = append(tl.stop, []byte(s))
	}
	for _, p := range pieces {
		var err error
		if stopped, err = tl.push(Token{Bytes: []byte(p)}); err != nil {
			t.Fatal(err)
		}
		if stopped {
			return after, out.String(), true
		}
		after = append(after, out.String())
	}
	if err := tl.flush(); err != nil {
		t.Fatal(err)
	}
	return after, out.String(), false
}

func TestTail(t *testing.T) {
	for _, c := range []struct {
		name         string
		stop, pieces string // parted by |
		want         string
		stopped      bool
	}{
		{"no stop sequence", "", "a|b|c", "abc", false},
		{"a whole token", "END", "a |END|x", "a ", true},
		{"across tokens", "END", "a E|N|D", "a ", true},
		{"within a token", "END", "a ENDING|x", "a ", true},
		{"at the start", "END", "E|ND", "", true},
		{"a beginning that goes on otherwise", "END", "E|N|E|N|T", "ENENT", false},
		{"a beginning at the end", "END", "a|E|N", "aEN", false},
		{"a beginning within a beginning", "aab", "a|a|a|b", "a", true},
		{"the one that begins first", "cd|bcde", "ab|cde", "a", true},
		{"the one that is complete first", "bc|abcd", "a|bc|d", "a", true},
		{"bytes of a character", "é", "caf\xc3|\xa9!", "caf", true},
	} {
		var stop []string
		if c.stop != "" {
			stop = strings.Split(c.stop, "|")
		}
		_, got, stopped := through(t, stop, strings.Split(c.pieces, "|"))
		if got != c.want || stopped != c.stopped {
			t.Errorf("%s: %q, stopped %v, want %q, %v", c.name, got, stopped, c.want, c.stopped)
		}
	}
}

// TestTailOnRandomText compares with a look at the whole text after each
// token, and checks that nothing is held without need.
func TestTailOnRandomText(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	word := func(most int) string {
		b := make([]byte, 1+r.Intn(most))
		for i := range b {
			b[i] = "ab"[r.Intn(2)]
		}
		return string(b)
	}
	ended := 0
	for range 5000 {
		stop := []string{word(6) + "a", word(6), "bb" + word(5)}[:1+r.Intn(3)]
		var pieces []string
		for range 12 {
			pieces = append(pieces, word(3))
		}
		text, want, wantStopped := "", "", false
		var least []string // that must be out after each token
		for _, p := range pieces {
			text += p
			cut := len(text)
			for _, s := range stop {
				if at := strings.Index(text, s); at >= 0 && at < cut {
					cut, wantStopped = at, true
				}
			}
			if want = text[:cut]; wantStopped {
				break
			}
			least = append(least, text[:len(text)*boolean(!begins(stop, text))])
		}
		after, got, stopped := through(t, stop, pieces)
		if got != want || stopped != wantStopped {
			t.Fatalf("stop %q, pieces %q: %q, %v, want %q, %v", stop, pieces, got, stopped, want, wantStopped)
		}
		for i := range after {
			if len(after[i]) < len(least[i]) {
				t.Fatalf("stop %q, pieces %q: only %q is out after %d", stop, pieces, after[i], i+1)
			}
		}
		ended += boolean(stopped)
	}
	if ended == 0 || ended == 5000 {
		t.Errorf("%d of 5000 texts met a stop sequence", ended)
	}
}

// begins says whether some end of the text begins a stop sequence.
func begins(stop []string, text string) bool {
	for _, s := range stop {
		for n := 1; n < len(s); n++ {
			if strings.HasSuffix(text, s[:n]) {
				return true
			}
		}
	}
	return false
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestTailReturnsTheErrorOfItsReader(t *testing.T) {
	broken := errors.New("broken pipe")
	tl := &tail{stop: [][]byte{[]byte("END")}, result: &Result{}, emit: func(Token) error { return broken }}
	if _, err := tl.push(Token{Bytes: []byte("E")}); err != nil {
		t.Errorf("nothing was to be emitted: %v", err)
	}
	if _, err := tl.push(Token{Bytes: []byte("x")}); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}
