package train

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/minga-network/minga/contribution"
)

func TestCutUnits(t *testing.T) {
	for _, c := range []struct {
		name    string
		lengths []uint64
		unit    uint64
		want    string
	}{
		{"one for each", []uint64{100, 100, 100}, 100, "[{0 0 100} {1 1 100} {2 2 100}]"},
		{"ends that are near", []uint64{1010, 990, 2980}, 1000, "[{0 0 1010} {1 1 990} {2 2 988} {3 2 996} {4 2 996}]"},
		{"ends that are not", []uint64{150, 150}, 100, "[{0 0 100} {1 0 50} {1 1 50} {2 1 100}]"},
		{"small ones share", []uint64{30, 40, 130}, 100, "[{0 0 30} {0 1 40} {0 2 30} {1 2 100}]"},
		{"less than a unit", []uint64{10, 0, 20}, 100, "[{0 0 10} {0 2 20}]"},
		{"a unit and a half", []uint64{149}, 100, "[{0 0 149}]"},
		{"nothing", []uint64{0, 0}, 100, "[]"},
	} {
		total := uint64(0)
		for _, n := range c.lengths {
			total += n
		}
		if got := fmt.Sprint(cutUnits(c.lengths, countUnits(total, c.unit))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestUnitsDoNotSeeAccounts splits one of some texts over 2 to 20 accounts: the
// units are of the same bytes, but for cuts that move to an account's end nearby.
func TestUnitsDoNotSeeAccounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	exactly := 0
	for range 2000 {
		const unit = 10_000
		lengths := make([]uint64, 1+r.IntN(5))
		total := uint64(0)
		for i := range lengths {
			lengths[i] = uint64(1 + r.IntN(5*unit))
			total += lengths[i]
		}
		n := countUnits(total, unit)
		before := unitEnds(t, lengths, n)
		at := r.IntN(len(lengths))
		split := append([]uint64(nil), lengths[:at]...)
		rest := lengths[at]
		for range 1 + r.IntN(19) {
			part := r.Uint64N(rest/2 + 1)
			split, rest = append(split, part), rest-part
		}
		split = append(append(split, rest), lengths[at+1:]...)
		after := unitEnds(t, split, n)
		same := true
		for u := range before {
			moved := max(before[u], after[u]) - min(before[u], after[u])
			if moved > 2*(total/n/50) {
				t.Fatalf("%v cut as %v: unit %d ends at %d, then at %d", lengths, split, u, before[u], after[u])
			}
			same = same && moved == 0
		}
		if same {
			exactly++
		}
	}
	if exactly < 500 {
		t.Errorf("%d of 2000 splits leave all cuts where they are", exactly)
	}
}

// unitEnds also checks that segments lie in a row and are of all data, and
// that no unit is much smaller or larger than another.
func unitEnds(t *testing.T, lengths []uint64, n uint64) []uint64 {
	t.Helper()
	ends, have := make([]uint64, n), make([]uint64, len(lengths))
	last, at, total := contribution.Segment{}, uint64(0), uint64(0)
	for _, s := range cutUnits(lengths, n) {
		if s.Bytes == 0 || s.Unit < last.Unit || s.Dataset < last.Dataset || s.Unit > last.Unit+1 {
			t.Fatalf("segment %v after %v", s, last)
		}
		at += s.Bytes
		ends[s.Unit], last = at, s
		have[s.Dataset] += s.Bytes
	}
	for d, length := range lengths {
		if total += length; have[d] != length {
			t.Fatalf("%d of %d bytes of dataset %d are in units", have[d], length, d)
		}
	}
	begin := uint64(0)
	for u, end := range ends {
		if even := total / n; end-begin > even+even/24 || end-begin < even-even/24-1 {
			t.Fatalf("unit %d has %d bytes of %d for each", u, end-begin, even)
		}
		begin = end
	}
	return ends
}
