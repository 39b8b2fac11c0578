package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/token"
)

// Every window lies in one dataset, its targets are the tokens after, every
// place is drawn about equally often, and the plan counts the tokens right.
func TestWindowsOfARun(t *testing.T) {
	s, data := small(t)
	s.Train.Steps = 200
	used, starts := make([]uint64, 2), map[int32]int{}
	plan := written(t, s, data)
	r := NewReplay(context.Background(), plan, backend(t, "", 1),
		Options{Observe: func(step int, m *nn.Machine, node int) {
			n := m.Program().Nodes[node]
			if n.Op != nn.OpWindows {
				return
			}
			corpus, places := plan.Inputs[0], plan.Inputs[1]
			tokens, targets := m.Ints(n.Out[1]), m.Ints(n.Out[2])
			for row, start := range m.Ints(n.Out[0]) {
				dataset := 0
				if start >= places[2] {
					dataset = 1
				}
				starts[start]++
				used[dataset] += uint64(s.Model.Context)
				if begin := start - places[2*dataset]; begin < 0 || begin >= places[2*dataset+1] {
					t.Fatalf("step %d: a window starts at %d, places are %v", step, start, places)
				}
				for i := range s.Model.Context {
					if at := row*s.Model.Context + i; tokens[at] != corpus[int(start)+i] || targets[at] != corpus[int(start)+i+1] {
						t.Fatalf("step %d: token %d of window %d is another", step, i, row)
					}
				}
			}
		}})
	if _, err := r.Leaves(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(used, plan.Used) {
		t.Errorf("%v tokens used, the plan says %v", used, plan.Used)
	}
	if share, want := float64(used[0])/float64(used[0]+used[1]), float64(plan.Inputs[1][1])/float64(
		plan.Inputs[1][1]+plan.Inputs[1][3]); math.Abs(share-want) > 0.06 {
		t.Errorf("asset/1 has %v of the tokens, want about %v", share, want)
	}
	if len(starts) < 400 {
		t.Errorf("600 windows start at %d places", len(starts))
	}
}

func TestHeldWindows(t *testing.T) {
	tokenizer, err := token.Train(nil, 257) // of bytes
	if err != nil {
		t.Fatal(err)
	}
	c := &corpus{tokenizer: tokenizer}
	texts := [][]byte{
		{0, 1, 2, 3, 4, 5, 6, 7},    // the second window lacks its last target
		{0, 1, 2, 3},                // too short for one
		{9, 8, 7, 6, 5, 4, 3, 2, 1}, // two, end to end
	}
	got, err := c.windows("", texts, 4)
	if want := "[0 1 2 3 4 9 8 7 6 5 5 4 3 2 1]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("windows %v, want %s, error %v", got, want, err)
	}
}

// However the windows are put into batches, each counts the same.
func TestValidationDoesNotDependOnTheBatch(t *testing.T) {
	s, data := small(t)
	s.Train.Steps = 1
	p := written(t, s, data)
	var want float32
	for batch := 1; batch <= p.programs.Held+1; batch++ {
		if s.Train.Batch = batch; p.programs.Held%batch > 0 && batch < p.programs.Held {
			continue // some windows are left out
		}
		got := run(t, s, data, backend(t, "", 1), Options{}).LossFirst
		if want == 0 {
			want = got
		}
		if math.Abs(float64(got-want)) > 1e-5 {
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
