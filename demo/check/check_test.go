package check

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestTokensOfAnswersAreCounted(t *testing.T) {
	whole := `{"choices":[{"text":"\"usage\":"}],"usage":{"prompt_tokens":3,"completion_tokens":48,"total_tokens":51}}`
	streamed := "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}\n\n" +
		"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9}}\n\ndata: " +
		"[DONE]\n\n"
	for name, c := range map[string]struct {
		answers []string
		want    uint64
	}{
		"none":       {nil, 0},
		"a whole":    {[]string{whole}, 51},
		"a stream":   {[]string{streamed}, 9},
		"both":       {[]string{whole, streamed}, 60},
		"a refusal":  {[]string{`{"error":{"message":"no"}}`}, 0},
		"a half one": {[]string{streamed[:90]}, 0},
	} {
		if got, err := tokens(c.answers); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v, want %d", name, got, err, c.want)
		}
	}
}

// All looks at everything, whatever fails, and breaks one check only.
func TestAllNamesWhatDoesNotHold(t *testing.T) {
	sees := func(name string) Check {
		return Check{
			Name: name,
			Holds: func(_ context.Context, w World, _ Subject) error {
				if len(w.Answers) == 0 {
					return errors.New("sees nothing")
				}
				return nil
			},
			Break: func(w *World) { w.Answers = nil },
		}
	}
	checks := []Check{sees("one"), sees("two"), sees("three")}
	w := World{Answers: []string{"yes"}}
	holds, err := All(t.Context(), w, Subject{}, checks, "")
	if err != nil || len(holds) != 3 || !holds["one"] || !holds["two"] || !holds["three"] {
		t.Errorf("got %v, %v", holds, err)
	}
	holds, err = All(t.Context(), w, Subject{}, checks, "two")
	if err == nil || !strings.Contains(err.Error(), "two: sees nothing") || !holds["one"] || holds["two"] ||
		!holds["three"] {
		t.Errorf("got %v, %v", holds, err)
	}
	if err := Known(checks, "three"); err != nil {
		t.Error(err)
	}
	if err := Known(checks, "four"); err == nil || !strings.Contains(err.Error(), `"one", "two", "three"`) {
		t.Errorf("got %v", err)
	}
}
