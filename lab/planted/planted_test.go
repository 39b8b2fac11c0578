package planted

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/minga-network/minga/rule/contribution"
)

// shapleySlowly is how much each portion adds when it comes, as the mean over all orders of coming.
func shapleySlowly(u truth, portions int) []float64 {
	values, orders := make([]float64, portions), 0.0
	var arrive func(c contribution.Coalition, gains []float64)
	arrive = func(c contribution.Coalition, gains []float64) {
		if c.Size() == portions {
			orders++
			for i, g := range gains {
				values[i] += g
			}
			return
		}
		for i := range portions {
			if !c.Has(i) {
				next := append([]float64{}, gains...)
				next[i] = u[c|1<<i] - u[c]
				arrive(c|1<<i, next)
			}
		}
	}
	arrive(0, make([]float64, portions))
	for i := range values {
		values[i] /= orders
	}
	return values
}

func TestShapleyIsTheMeanOverAllOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	u := make(truth, 1<<5)
	for c := range u[1:] {
		u[c+1] = r.Float64()
	}
	want := shapleySlowly(u, 5)
	for i, v := range u.shapley(5) {
		if math.Abs(v-want[i]) > 1e-12 {
			t.Fatalf("portion %d: %v, want %v", i, v, want[i])
		}
	}
}

func TestScores(t *testing.T) {
	exact := []float64{3, 1, -2, 0}
	for _, c := range []struct {
		name            string
		values          []float64
		wrong, spearman float64
	}{
		{"the same", []float64{3, 1, -2, 0}, 0, 1},
		{"ten times as much", []float64{30, 10, -20, 0}, 0, 1},
		{"the other way round", []float64{-3, -1, 2, 0}, 1, -1},
		{"all the same", []float64{1, 1, 1, 1}, 0.5, 0},
		{"a quarter to who does harm", []float64{2, 1, 1, 0}, 0.25, 0.632455532},
	} {
		if got := wrong(c.values, exact); math.Abs(got-c.wrong) > 1e-9 {
			t.Errorf("%s: %v of the money is wrong, want %v", c.name, got, c.wrong)
		}
		if got := spearman(c.values, exact); math.Abs(got-c.spearman) > 1e-6 {
			t.Errorf("%s: rank correlation %v, want %v", c.name, got, c.spearman)
		}
	}
	u := truth{0, 4, 1, 4.5} // portion 0 does nearly all
	if got := u.removal([]float64{2, 1}, true); got[1] != 1/4.5 || got[2] != 0 {
		t.Errorf("best first: %v", got)
	}
	if got := u.removal([]float64{2, 1}, false); got[1] != 4/4.5 {
		t.Errorf("worst first: %v", got)
	}
}

// The rows of a portion in a step do not depend on the other portions. Otherwise each run would measure
// other data.
func TestDrawsDoNotDependOnTheCoalition(t *testing.T) {
	g := NewDigits(5)
	a, b := make([]int32, 7), make([]int32, 7)
	classes := make([]int32, 7)
	g.fill(a, classes, 3, 2)
	g.fill(b, classes, 3, 2)
	for i, row := range a {
		if row != b[i] || classes[i] != g.class[row] || row < g.portions[2][0] || row > g.portions[2][len(g.portions[2])-1] {
			t.Fatalf("row %d: %d and %d, class %d", i, row, b[i], classes[i])
		}
	}
}

func TestDigitsArePlanted(t *testing.T) {
	g := NewDigits(5)
	if len(g.portions) != len(g.Names()) || len(g.Tokens()) != len(g.portions) {
		t.Fatalf("%d portions, %d names", len(g.portions), len(g.Names()))
	}
	image := func(row int32) []float32 { return g.images[int(row)*digitPixels:][:digitPixels] }
	for i, row := range g.portions[6] {
		other := g.portions[1][i]
		if g.class[row] != g.class[other] || !equal(image(row), image(other)) {
			t.Fatalf("row %d of the repetition is another", i)
		}
	}
	for _, row := range g.portions[8] {
		if !rare(int(g.class[row])) {
			t.Fatalf("a %d among the rare", g.class[row])
		}
	}
	odd := 0
	for _, row := range g.portions[0] {
		if rare(int(g.class[row])) {
			odd++
		}
	}
	if odd == 0 || odd > len(g.portions[0])/10 {
		t.Fatalf("%d of %d are rare", odd, len(g.portions[0]))
	}
}

func equal(a, b []float32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// small is the digits' game with a training that takes milliseconds.
type small struct{ *Digits }

func (small) Sizes() []Size {
	return []Size{{"the training itself", 60, 40, 16, 0.01}, {"shorter", 30, 40, 8, 0.02}}
}

// The whole evaluation with one seed. The measured split must be nearer to the truth than the ways that
// it replaces, and what was planted as noise must get next to nothing.
func TestEvaluateDigits(t *testing.T) {
	g := small{NewDigits(3)}
	g.held = g.held[:200]
	r, err := Evaluate(context.Background(), g, 2)
	if err != nil {
		t.Fatal(err)
	}
	ours, large := r.Ways[0], r.Ways[1]
	others := r.Ways[2:]
	for _, other := range others {
		if ours.Wrong >= other.Wrong || large.Wrong >= other.Wrong {
			t.Errorf("%s: %.3f wrong, measured %.3f and %.3f", other.Name, other.Wrong, ours.Wrong, large.Wrong)
		}
	}
	if ours.Wrong > 0.15 || large.Wrong > 0.08 || ours.Spearman < 0.8 {
		t.Errorf("measured: %.3f wrong, %.3f with full runs, Spearman %.2f", ours.Wrong, large.Wrong, ours.Spearman)
	}
	for _, portion := range []int{5, 7} {
		if part := parts(ours.Values)[portion]; part > 0.01 {
			t.Errorf("%s gets %.3f", r.Names[portion], part)
		}
	}
	if mean(ours.Best) >= mean(ours.Worst) || ours.Best[0] != 1 || ours.Best[10] != 0 {
		t.Errorf("removal curves %v and %v", ours.Best, ours.Worst)
	}
	var out bytes.Buffer
	Report(&out, []*Result{r, r})
	plot := Plot([]string{"a & b"}, [][]*Result{{r, r}})
	if !strings.Contains(out.String(), "| leave-one-out |") || !strings.Contains(out.String(), "2 of 2") ||
		!strings.Contains(out.String(), "| random labels | worst | random pixels | worst |\n|---|--:|--:|--:|--:|\n| "+
			"measured: shorter | 0.0 0.0 | 0.0 % | 0.0 0.0 | 0.0 % |") || !bytes.Contains(plot, []byte("a &amp; b")) {
		t.Errorf("report:\n%s", out.String())
	}
}

// The texts' game with the smallest runs, which are made as those of a job are.
func TestTextsAreMeasuredAsJobsAre(t *testing.T) {
	g, err := NewTexts(3)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := g.Open(Size{"quick", 100, 1, 32, 0.002})
	if err != nil {
		t.Fatal(err)
	}
	runs := opened.(*texts)
	plan, err := runs.measure.Plan(0)
	if err != nil {
		t.Fatal(err)
	}
	if copied := plan.Kept[len(plan.Kept)-1]; copied != 0 {
		t.Errorf("%d bytes of the copy are kept", copied)
	}
	for i, s := range runs.measure.Segments {
		if s.Dataset == len(plan.Kept)-1 || s.Portion != i {
			t.Errorf("segment %d is of portion %d and dataset %d", i, s.Portion, s.Dataset)
		}
	}
	ctx := context.Background()
	good, err := opened.Train(ctx, 1<<0|1<<2)
	if err != nil {
		t.Fatal(err)
	}
	bad, err := opened.Train(ctx, 1<<5)
	if err != nil {
		t.Fatal(err)
	}
	if good.Cmp(bad) <= 0 {
		t.Errorf("two books teach %v, random bytes %v", good, bad)
	}
	credits, err := opened.Credits(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range credits {
		if i != 5 && (c <= 0 || c <= credits[5]) {
			t.Errorf("%s has a credit of %v, random bytes %v", g.Names()[i], c, credits[5])
		}
	}
}
