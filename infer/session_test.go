package infer

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"reflect"
	"testing"

	"github.com/minga-network/minga/nn"
)

// session makes calls with and without draws, stops, breaks and ends.
func session(t *testing.T, g *Generator) Log {
	t.Helper()
	var l Log
	encode := g.model.Tokenizer.Encode
	for i, r := range []Request{
		{Prompt: encode([]byte("In the")), MaxTokens: 12},
		{Prompt: encode([]byte("God said")), MaxTokens: 20, Temperature: 0.8, TopP: 0.9, Seed: 1 << 63},
		{Prompt: encode([]byte("and")), MaxTokens: 30, Temperature: 1.1, Seed: 5,
			Stop: [][]byte{{'e'}, {0xff, '"', '<'}, []byte("the w")}},
		{Prompt: encode([]byte("light")), MaxTokens: 9, Temperature: 1e-3, Seed: 6},
	} {
		given := 0
		res, err := g.Generate(context.Background(), r, func(Token) error {
			if given++; i == 3 && given == 4 {
				return errors.New("the reader has gone")
			}
			return nil
		})
		if (err != nil) != (i == 3) {
			t.Fatal(err)
		}
		l.Calls = append(l.Calls, res.Call)
	}
	if n := len(l.Calls[3].Made); n != 4 {
		t.Errorf("broken off after 4 tokens, logged as %d", n)
	}
	return l
}

func TestALogIsWrittenInOneWay(t *testing.T) {
	l := session(t, New(model(t, true, 64), backend(t, "", 1)))
	data := l.Encode()
	back, err := ParseLog(data)
	if err != nil || !reflect.DeepEqual(back, l) {
		t.Fatalf("%v: %+v, want %+v", err, back, l)
	}
	first := len(l.Calls[0].Line())
	for name, spoil := range map[string]func(line []byte){
		"context":     func(line []byte) { line[0]++ },
		"sizes":       func(line []byte) { line[4]++ },
		"none made":   func(line []byte) { line[4] += line[8]; line[8] = 0 },
		"temperature": func(line []byte) { line[12] = 0xff; line[15] = 0xff },
		"a context beyond all": func(line []byte) {
			binary.LittleEndian.PutUint32(line, maxTokens+1)
		},
	} {
		bad := bytes.Clone(data)
		spoil(bad[:first])
		binary.LittleEndian.PutUint32(bad[first-4:], crc32.ChecksumIEEE(bad[:first-4]))
		if got, err := ParseLog(bad); !errors.Is(err, ErrLog) || len(got.Calls) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestATornLog cuts and flips a log at every byte: what is whole before stays.
func TestATornLog(t *testing.T) {
	l := session(t, New(model(t, true, 64), backend(t, "", 1)))
	data := l.Encode()
	ends := map[int]bool{}
	for n := range len(data) {
		got, err := ParseLog(data[:n])
		if whole := got.Encode(); !bytes.HasPrefix(data, whole) || (len(whole) == n) != (err == nil) {
			t.Fatalf("cut at %d: %d calls, %v", n, len(got.Calls), err)
		}
		ends[len(got.Calls)] = true
		flipped := bytes.Clone(data)
		flipped[n] ^= 4
		if again, err := ParseLog(flipped); !errors.Is(err, ErrLog) || len(again.Calls) != len(got.Calls) {
			t.Fatalf("flipped at %d: %d calls, %v", n, len(again.Calls), err)
		}
	}
	if len(ends) != len(l.Calls) {
		t.Errorf("cut in %v", ends)
	}
}

func FuzzParseLog(f *testing.F) {
	f.Add([]byte{})
	c := Call{Call: nn.Call{Prompt: []int32{1, 2}, Made: []int32{4},
		Sampling: nn.Sampling{Temperature: 0.5, TopP: 9, Seed: 7}}}
	f.Add(Log{Calls: []Call{c, c}}.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ParseLog(data)
		if again := l.Encode(); !bytes.HasPrefix(data, again) || (len(again) == len(data)) != (err == nil) {
			t.Errorf("read %q, wrote %q: %v", data, again, err)
		}
	})
}
