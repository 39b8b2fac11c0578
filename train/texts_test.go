package train

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/minga-network/minga/blob"
)

// TestTextsAreWhatIsTrainedOn: without the end that is held out, and, of a job with a text
// of its own, without what repeats that or an earlier dataset.
func TestTextsAreWhatIsTrainedOn(t *testing.T) {
	file, err := os.ReadFile("testdata/train.toml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSpec(file)
	if err != nil {
		t.Fatal(err)
	}
	s.Data.Datasets = []string{"asset/1", "asset/2"}
	one, two := sayings("Ana saw the heron leave the river", 40), sayings("Beto counts seven boats on the lake", 40)
	data := []Data{{Asset: "asset/1", Bytes: one, Since: 5}, {Asset: "asset/2", Bytes: slices.Concat(one[:1000], two), Since: 9}}
	texts, err := Texts(s, data)
	if err != nil || len(texts) != 2 || len(texts[0]) != cutAt(one, s.Train.Validation) {
		t.Fatalf("%d texts, the first of %d bytes: %v", len(texts), len(texts[0]), err)
	}

	held := sayings("Carla mends the nets before dawn", 20)
	s.Train.Validation, s.Validation.Text = 0, "blob/"+blob.Sum(held).String()
	data = append(data, Data{Asset: s.Validation.Text, Bytes: held})
	if texts, err = Texts(s, data); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(texts[0], one) || len(texts[1]) > len(two) || strings.Contains(string(texts[1]), "heron") {
		t.Errorf("the second dataset keeps %d bytes of %d, %d of its own", len(texts[1]), len(data[1].Bytes), len(two))
	}
	if _, err := Texts(s, data[1:]); !errors.Is(err, ErrData) {
		t.Errorf("without a dataset: %v", err)
	}
}

// sayings are n lines that repeat each other only in how they begin.
func sayings(what string, n int) []byte {
	var b []byte
	for i := range n {
		b = fmt.Appendf(b, "%s %d times, and %s writes it down on page %x.\n", what, i*i+3, strings.Fields(what)[0], i*7919)
	}
	return b
}
