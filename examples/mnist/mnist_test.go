package mnist

import (
	"strings"
	"testing"
)

func TestDigits(t *testing.T) {
	for _, set := range []struct {
		name   string
		digits []Digit
		many   int
	}{{"train", Train(), 4000}, {"test", Test(), 1000}} {
		if len(set.digits) != set.many {
			t.Fatalf("%s has %d digits", set.name, len(set.digits))
		}
		var classes [10]int
		for _, d := range set.digits {
			classes[d.Class]++
		}
		for class, n := range classes {
			if n < set.many/13 || n > set.many/7 {
				t.Errorf("%s: %d of %d are a %d", set.name, n, set.many, class)
			}
		}
	}
}

// The first image of the test set is known to be a seven.
func TestFirstDigitIsASeven(t *testing.T) {
	first := Test()[0]
	if first.Class != 7 {
		t.Fatalf("it is a %d", first.Class)
	}
	var picture []string
	for y := range Side {
		row := ""
		for _, p := range first.Pixels[y*Side:][:Side] {
			row += string(" .#"[min(2, (p+5)/6)])
		}
		picture = append(picture, strings.TrimRight(row, " "))
	}
	top, stem := picture[4], picture[10]
	if len(top) < 9 || strings.Count(stem, "#") < 1 || len(strings.TrimSpace(stem)) > 4 {
		t.Fatalf("it looks like\n%s", strings.Join(picture, "\n"))
	}
}
