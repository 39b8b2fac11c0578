package train

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"testing"
)

// A number that is none must be refused: it would train for nothing, and a model
// file cannot spell it.
func TestSpecRefusesWhatIsNoNumber(t *testing.T) {
	file, err := os.ReadFile("testdata/train.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"theta", "rate", "floor", "beta1", "beta2", "eps", "decay", "clip", "validation"} {
		for _, value := range []string{"nan", "inf", "-inf"} {
			line := regexp.MustCompile(`(?m)^` + key + ` *=.*$`)
			changed := line.ReplaceAll(file, []byte(key+" = "+value))
			if bytes.Equal(changed, file) {
				t.Fatalf("the sample has no %s", key)
			}
			if _, err := ParseSpec(changed); !errors.Is(err, ErrSpec) {
				t.Errorf("%s = %s: got %v, want ErrSpec", key, value, err)
			}
		}
	}
}
