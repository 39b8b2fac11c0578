package infer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// session makes calls with and without draws, stops, breaks and ends.
func session(t *testing.T, g *Generator) Log {
	t.Helper()
	var l Log
	encode := g.model.Tokenizer.Encode
	for i, r := range []Request{
		{Prompt: encode([]byte("In the")), MaxTokens: 12},
		{Prompt: encode([]byte("God said")), MaxTokens: 20, Temperature: 0.8, TopP: 0.9, Seed: 1 << 63},
		{Prompt: encode([]byte("and")), MaxTokens: 30, Temperature: 1.1, Seed: 5, Stop: [][]byte{{'e'}, {0xff, '"', '<'}, []byte("the w")}},
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
		c, ok := NewCall(r, res)
		if !ok {
			t.Fatalf("call %d is none: %+v", i, res)
		}
		l.Calls = append(l.Calls, c)
	}
	return l
}

func TestAReplayGivesTheSameLog(t *testing.T) {
	m := model(t, true, 64)
	l := session(t, New(m, backend(t, "", 1)))
	if c := l.Calls[3]; c.Max != 4 || c.Made != 4 {
		t.Errorf("broken off after 4 tokens, logged as %d of %d", c.Made, c.Max)
	}
	for _, threads := range []int{1, 2} {
		again, err := Replay(context.Background(), m, backend(t, "portable", threads), l, l.Units())
		if err != nil || !bytes.Equal(again.Encode(), l.Encode()) || again.Trace() != l.Trace() {
			t.Errorf("%v\n%s%s", err, l.Encode(), again.Encode())
		}
	}
	short, err := Replay(context.Background(), m, backend(t, "", 1), l, l.Units()-1)
	if err != nil || !reflect.DeepEqual(short.Calls, l.Calls[:3]) {
		t.Errorf("%v: of one unit less %d calls hold", err, len(short.Calls))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Replay(ctx, m, backend(t, "", 1), l, l.Units()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAReplayEndsBeforeTheFirstLie(t *testing.T) {
	m := model(t, true, 64)
	b := backend(t, "", 1)
	honest := session(t, New(m, b))
	for name, lie := range map[string]func(c *Call){
		"another token":        func(c *Call) { c.Tokens[2]++ },
		"a token less":         func(c *Call) { c.Tokens, c.Made = c.Tokens[:len(c.Tokens)-1], c.Made-1 },
		"more made than given": func(c *Call) { c.Max, c.Made = c.Max+1, c.Made+1; c.Stop = [][]byte{[]byte("no")} },
		"another prompt":       func(c *Call) { c.Prompt = append([]int32{'x'}, c.Prompt...) },
		"no prompt":            func(c *Call) { c.Prompt = nil },
		"a token unheard of":   func(c *Call) { c.Prompt = []int32{1 << 30} },
		"beyond the context":   func(c *Call) { c.Max = 1 << 30; c.Made = 1 << 29 },
		"another seed":         func(c *Call) { c.Seed++ },
	} {
		l := Log{Calls: append([]Call(nil), honest.Calls...)}
		c := l.Calls[1]
		c.Prompt, c.Tokens = append([]int32(nil), c.Prompt...), append([]int32(nil), c.Tokens...)
		lie(&c)
		l.Calls[1] = c
		got, err := Replay(context.Background(), m, b, l, 1<<40)
		if err != nil || !reflect.DeepEqual(got.Calls, l.Calls[:1]) {
			t.Errorf("%s: %v, %d calls hold", name, err, len(got.Calls))
		}
	}
}

func TestALogIsWrittenInOneWay(t *testing.T) {
	l := session(t, New(model(t, true, 64), backend(t, "", 1)))
	data := l.Encode()
	back, err := ParseLog(data)
	if err != nil || !bytes.Equal(back.Encode(), data) {
		t.Fatalf("%v\n%s", err, back.Encode())
	}
	for name, bad := range map[string][]byte{
		"nothing":    nil,
		"no header":  data[len(logHeader):],
		"space":      bytes.Replace(data, []byte(`"max":`), []byte(`"max": `), 1),
		"key twice":  bytes.Replace(data, []byte(`"max":`), []byte(`"max":1,"max":`), 1),
		"other key":  bytes.Replace(data, []byte(`"max":`), []byte(`"Max":`), 1),
		"null":       fmt.Appendf(nil, `%s{"prompt":null,"max":1,"temperature":0,"top_p":0,"seed":0,"tokens":[],"made":1}`+"\n", logHeader),
		"none made":  fmt.Appendf(nil, `%s{"prompt":[1],"max":1,"temperature":0,"top_p":0,"seed":0,"tokens":[],"made":0}`+"\n", logHeader),
		"over max":   fmt.Appendf(nil, `%s{"prompt":[1],"max":1,"temperature":0,"top_p":0,"seed":0,"tokens":[],"made":2}`+"\n", logHeader),
		"blank line": append([]byte(logHeader), '\n'),
	} {
		if got, err := ParseLog(bad); !errors.Is(err, ErrLog) {
			t.Errorf("%s: %v\n%s", name, err, got.Encode())
		}
	}
}

// TestATornLog cuts a log at every byte: what is whole stays.
func TestATornLog(t *testing.T) {
	l := session(t, New(model(t, true, 64), backend(t, "", 1)))
	data := l.Encode()
	for n := len(logHeader); n <= len(data); n++ {
		got, err := ParseLog(data[:n])
		whole := bytes.Count(data[len(logHeader):n], []byte("\n"))
		if torn := data[n-1] != '\n'; len(got.Calls) != whole || errors.Is(err, ErrLog) != torn {
			t.Fatalf("cut at %d: %d of %d calls, %v", n, len(got.Calls), whole, err)
		}
	}
}

func FuzzParseLog(f *testing.F) {
	f.Add([]byte(logHeader))
	f.Add(Log{Calls: []Call{{Prompt: []int32{1, 2}, Max: 3, Temperature: 0.5, TopP: 1, Seed: 7, Stop: [][]byte{{'x'}}, Tokens: []int32{4}, Made: 2}}}.Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ParseLog(data)
		again := l.Encode()
		if err == nil && !bytes.Equal(again, data) {
			t.Errorf("read %q, wrote %q", data, again)
		}
		if err != nil && len(l.Calls) > 0 && !bytes.HasPrefix(data, again) {
			t.Errorf("read %q, kept %q", data, again)
		}
	})
}
