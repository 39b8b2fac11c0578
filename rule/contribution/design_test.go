package contribution

import (
	"errors"
	"math/big"
	"testing"
)

func TestHadamardRowsAreOrthogonal(t *testing.T) {
	for n := 1; n <= MaxPortions; n++ {
		h := hadamard(n)
		if len(h) < n+1 || len(h) > n+4 {
			t.Fatalf("%d portions: order %d", n, len(h))
		}
		for i := range h {
			if h[i][0] != 1 || h[0][i] != 1 {
				t.Fatalf("%d portions: line %d does not begin with +1", n, i)
			}
			for j := range h {
				if dot := product(h[i], h[j]); i != j && dot != 0 || i == j && dot != len(h) {
					t.Fatalf("%d portions: rows %d and %d have product %d", n, i, j, dot)
				}
			}
		}
	}
}

func product(a, b []int) int {
	sum := 0
	for i := range a {
		if a[i]*a[i] != 1 {
			return -1 // not ±1
		}
		sum += a[i] * b[i]
	}
	return sum
}

// The columns of the smallest designs are Plackett and Burman's: each is the one
// before, turned by one.
func TestPlackettBurmanIsCyclic(t *testing.T) {
	for _, n := range []int{3, 7, 11, 19, 23, 31} {
		h := hadamard(n)
		for i := 1; i < n; i++ {
			for j := 1; j < n; j++ {
				if h[i][j] != h[i+1][j+1] {
					t.Fatalf("%d portions: row %d is not row %d turned by one", n, i+1, i)
				}
			}
		}
	}
}

func TestHalfIsBalanced(t *testing.T) {
	for n := 1; n <= MaxPortions; n++ {
		half := folded(n)
		for a := range n {
			for b := range a {
				for c := range b {
					if got := together(half, 1<<a|1<<b|1<<c); got != len(half)/8 {
						t.Fatalf("%d portions: %d, %d and %d meet in %d of %d", n, a, b, c, got, len(half))
					}
				}
				if got := together(half, 1<<a|1<<b); got != len(half)/4 {
					t.Fatalf("%d portions: %d and %d meet in %d of %d", n, a, b, got, len(half))
				}
			}
			if got := together(half, 1<<a); got != len(half)/2 {
				t.Fatalf("%d portions: %d is in %d of %d", n, a, got, len(half))
			}
		}
	}
}

func together(half []Coalition, portions Coalition) int {
	count := 0
	for _, c := range half {
		if c&portions == portions {
			count++
		}
	}
	return count
}

func TestDesignsListEachRunOnce(t *testing.T) {
	for _, method := range []string{Measure, Exact} {
		for n := 1; n <= MaxPortions; n++ {
			d, err := NewDesign(method, n)
			if method == Exact && n > MaxExact {
				if !errors.Is(err, ErrDesign) {
					t.Fatalf("%s of %d portions: %v", method, n, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if d.Coalitions[0] != all(n) || len(d.Coalitions) > 1<<n-1 ||
				method == Measure && len(d.Coalitions) > 2*n+1+len(folded(n)) {
				t.Fatalf("%s of %d portions: first %v, %d runs", method, n, d.Coalitions[0], len(d.Coalitions))
			}
			seen := map[Coalition]bool{0: true}
			for _, c := range d.Coalitions {
				if seen[c] || c&^all(n) != 0 {
					t.Fatalf("%s of %d portions: %v is empty, twice or too large", method, n, c)
				}
				seen[c] = true
			}
		}
	}
	if ten, _ := NewDesign(Measure, 10); len(ten.Coalitions) != 45 {
		t.Fatalf("10 portions take %d runs, not 45", len(ten.Coalitions))
	}
}

func TestNoDesign(t *testing.T) {
	for _, bad := range []struct {
		method   string
		portions int
	}{{Tokens, 3}, {"", 3}, {"measured", 3}, {Measure, 0}, {Measure, -1}, {Measure, 32}, {Exact, 7}, {Exact, 0}} {
		if d, err := NewDesign(bad.method, bad.portions); !errors.Is(err, ErrDesign) || d != nil {
			t.Errorf("NewDesign(%q, %d) = %v, %v", bad.method, bad.portions, d, err)
		}
	}
}

func TestCoalitionReadsAsItsPortions(t *testing.T) {
	c := Coalition(1<<0 | 1<<3 | 1<<31)
	if c.String() != "{0 3 31}" || c.Size() != 3 || !c.Has(3) || c.Has(1) || Coalition(0).String() != "{}" {
		t.Fatalf("%v of size %d", c, c.Size())
	}
}

// Sets drawn with chance ½ are rarely empty or whole, and so are those of half.
func TestHalfHasNoExtremes(t *testing.T) {
	for n := 8; n <= MaxPortions; n++ {
		for _, c := range folded(n) {
			// 2·size − n has variance n; four standard deviations squared are 16n.
			if off := 2*c.Size() - n; c == 0 || c == all(n) || off*off > 6*n {
				t.Errorf("%d portions: a coalition of %d", n, c.Size())
			}
		}
	}
}

// A utility that a first portion makes nearly all of, and harm beside it: the harm
// must show although most runs have some portion that helps.
func TestHalfSeesHarmBesideSaturation(t *testing.T) {
	const portions, harm = 10, 9
	d, err := NewDesign(Measure, portions)
	if err != nil {
		t.Fatal(err)
	}
	var utilities []*big.Rat
	for _, c := range d.Coalitions {
		good := c.Size()
		if c.Has(harm) {
			good--
		}
		u := big.NewRat(int64(100*good), int64(1+good)) // 0, 50, 67, 75, ...
		if good > 0 && c.Has(harm) {
			u.Sub(u, big.NewRat(1, 1))
		}
		utilities = append(utilities, u)
	}
	values, err := d.Values(utilities)
	if err != nil {
		t.Fatal(err)
	}
	if values[harm].Sign() >= 0 {
		t.Errorf("harm is worth %v", values[harm])
	}
}
