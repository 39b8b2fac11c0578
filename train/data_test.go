package train

import (
	"fmt"
	"testing"
)

// abc is a corpus of known tokens.
func abc() *corpus {
	c := &corpus{context: 4, training: [][]int32{make([]int32, 30), make([]int32, 14)}, starts: []int{26, 10}}
	for d := range c.training {
		for i := range c.training[d] {
			c.training[d][i] = int32(100*d + i)
		}
	}
	return c
}

// Every window lies in one dataset, its targets are the tokens after, every
// place is drawn about equally often, and the count of tokens is right.
func TestWindows(t *testing.T) {
	c := abc()
	const rows, steps = 6, 3000
	tokens, targets := make([]int32, rows*4), make([]int32, rows*4)
	used, drawn := make([]uint64, 2), map[int32]int{}
	for step := range steps {
		c.fill(tokens, targets, 5, step, used)
		for r := range rows {
			first := tokens[4*r]
			drawn[first]++
			for i := range int32(4) {
				if tokens[4*r+int(i)] != first+i || targets[4*r+int(i)] != first+i+1 {
					t.Fatalf("window %v with targets %v", tokens[4*r:4*r+4], targets[4*r:4*r+4])
				}
			}
			if first > 25 && first < 100 || first > 109 {
				t.Fatalf("a window starts at %d", first)
			}
		}
	}
	if len(drawn) != 36 {
		t.Errorf("%d places drawn, want all 36", len(drawn))
	}
	for place, n := range drawn {
		if n < 400 || n > 600 { // 500 expected, deviation 22
			t.Errorf("place %d drawn %d times of %d", place, n, rows*steps)
		}
	}
	if used[0]+used[1] != 4*rows*steps || used[0]/4 < 12500 || used[0]/4 > 13500 {
		t.Errorf("used %v", used)
	}
}

// Windows depend on seed, step and row, not on what was drawn before.
func TestWindowsAreCounterBased(t *testing.T) {
	c := abc()
	draw := func(seed uint64, step, rows int) []int32 {
		tokens := make([]int32, rows*4)
		c.fill(tokens, make([]int32, rows*4), seed, step, make([]uint64, 2))
		return tokens
	}
	long, short := draw(1, 7, 50), draw(1, 7, 3)
	for i := range short {
		if long[i] != short[i] {
			t.Fatal("the batch size moves a row")
		}
	}
	for name, other := range map[string][]int32{"seed": draw(2, 7, 50), "step": draw(1, 8, 50)} {
		same := 0
		for r := range 50 {
			if other[4*r] == long[4*r] {
				same++
			}
		}
		if same > 10 {
			t.Errorf("%s hardly matters: %d of 50 rows alike", name, same)
		}
	}
}

func TestHeldWindows(t *testing.T) {
	c := &corpus{context: 4}
	c.hold([]int32{0, 1, 2, 3, 4, 5, 6, 7})    // the second window lacks its last target
	c.hold([]int32{0, 1, 2, 3})                // too short for one
	c.hold([]int32{9, 8, 7, 6, 5, 4, 3, 2, 1}) // two, end to end
	if got, want := fmt.Sprint(c.validation), "[[0 1 2 3 4] [9 8 7 6 5] [5 4 3 2 1]]"; got != want {
		t.Errorf("windows %s, want %s", got, want)
	}
}

// However the windows are put into batches, each counts once.
func TestValidationDoesNotDependOnTheBatch(t *testing.T) {
	s, data := small(t)
	s.Train.Steps = 1
	var want float32
	for _, batch := range []int{1, 2, 5, 64} {
		s.Train.Batch = batch
		got := run(t, s, data, backend(t, "", 1), Options{}).LossFirst
		if want == 0 {
			want = got
		}
		if got != want {
			t.Errorf("batches of %d: validation loss %v, want %v", batch, got, want)
		}
	}
}

func TestCutAt(t *testing.T) {
	for _, c := range []struct {
		text  string
		share float64
		want  int
	}{
		{"0123456\n89", 0.1, 8},
		{"0123456\n89", 0.2, 8}, // the line end itself is training
		{"0123456\n89", 0.3, 7}, // no line end before: the plain cut
		{"0123456789", 0.3, 7},
		{"01\n3456789", 0.5, 3},
		{"", 0.5, 0},
	} {
		if got := cutAt([]byte(c.text), c.share); got != c.want {
			t.Errorf("cutAt(%q, %v) = %d, want %d", c.text, c.share, got, c.want)
		}
	}
}
