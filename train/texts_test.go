package train

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
)

// TestTextsAreWhatIsTrainedOn: without the end that is held out, and, of a job with a text
// of its own, without what repeats that or an earlier dataset.
func TestTextsAreWhatIsTrainedOn(t *testing.T) {
	s, _ := small(t)
	one, two := sayings(1, 40), sayings(2, 40)
	first := one[:bytes.IndexByte(one, '\n')+1]
	data := []Data{{Asset: "asset/1", Bytes: one, Since: 5},
		{Asset: "asset/2", Bytes: slices.Concat(first, two), Since: 9}}
	texts, err := Texts(s, data)
	if err != nil || len(texts) != 2 || len(texts[0]) != cutAt(one, s.Train.Validation) {
		t.Fatalf("%d texts, the first of %d bytes: %v", len(texts), len(texts[0]), err)
	}

	held := sayings(3, 20)
	s.Train.Validation, s.Validation.Text = 0, "blob/"+blob.Sum(held).String()
	data = append(data, Data{Asset: s.Validation.Text, Bytes: held})
	if texts, err = Texts(s, data); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(texts[0], one) || !slices.Equal(texts[1], two) {
		t.Errorf("%d and %d bytes are left, want %d and %d", len(texts[0]), len(texts[1]), len(one), len(two))
	}
	if _, err := Texts(s, data[1:]); !errors.Is(err, ErrData) {
		t.Errorf("without a dataset: %v", err)
	}
}

// sayings are n lines that are no other's.
func sayings(seed int64, n int) []byte {
	rng := rand.New(rand.NewSource(seed))
	var b []byte
	for range n {
		for range 12 {
			b = fmt.Appendf(b, "%x ", rng.Uint32())
		}
		b = append(b, '\n')
	}
	return b
}
