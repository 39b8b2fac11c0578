package train

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/minga-network/minga/rule/contribution"
)

func TestCutPortions(t *testing.T) {
	for _, c := range []struct {
		name    string
		lengths []uint64
		portion uint64
		want    string
	}{
		{"one for each", []uint64{100, 100, 100}, 100, "[{0 0 100} {1 1 100} {2 2 100}]"},
		{"ends that are near", []uint64{1010, 990, 2980}, 1000, "[{0 0 996} {1 1 982} {2 2 988} {3 2 996} {4 2 996}]"},
		{"ends that are not", []uint64{150, 150}, 100, "[{0 0 100} {1 0 50} {1 1 50} {2 1 100}]"},
		{"small ones share", []uint64{30, 40, 130}, 100, "[{0 0 30} {0 1 40} {0 2 30} {1 2 100}]"},
		{"less than a portion", []uint64{10, 0, 20}, 100, "[{0 0 10} {0 2 20}]"},
		{"a portion and a half", []uint64{149}, 100, "[{0 0 149}]"},
		{"nothing", []uint64{0, 0}, 100, "[]"},
	} {
		total := uint64(0)
		for _, n := range c.lengths {
			total += n
		}
		if got, _ := cutPortions(c.lengths, countPortions(total, c.portion)); fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

// TestPortionsDoNotSeeAccounts splits one of some texts over 2 to 20 accounts: the
// portions are of the same bytes, and what everybody has of each is the same, but for
// crumbs that make a whole account.
func TestPortionsDoNotSeeAccounts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		const portion = 10_000
		lengths := make([]uint64, 1+r.IntN(5))
		total := uint64(0)
		for i := range lengths {
			lengths[i] = uint64(1 + r.IntN(5*portion))
			total += lengths[i]
		}
		n := countPortions(total, portion)
		at := r.IntN(len(lengths))
		split, owners := slices.Clone(lengths[:at]), make([]int, 0, 30)
		for i := range at {
			owners = append(owners, i)
		}
		rest := lengths[at]
		for range 1 + r.IntN(19) {
			part := r.Uint64N(rest/2 + 1)
			split, rest, owners = append(split, part), rest-part, append(owners, at)
		}
		split, owners = append(append(split, rest), lengths[at+1:]...), append(owners, at)
		for i := at + 1; i < len(lengths); i++ {
			owners = append(owners, i)
		}
		one := make([]int, len(lengths))
		for i := range one {
			one[i] = i
		}
		before, after := owned(t, lengths, n, one), owned(t, split, n, owners)
		moved := func(key [2]int) bool {
			return max(before[key], after[key])-min(before[key], after[key]) > (total/n+1)/edge
		}
		if slices.ContainsFunc(slices.Collect(maps.Keys(before)), moved) ||
			slices.ContainsFunc(slices.Collect(maps.Keys(after)), moved) {
			t.Fatalf("%v cut as %v: owners have %v, then %v", lengths, split, before, after)
		}
	}
}

// TestNobodyIsLeftOut: who brings little has its part, also where it lies at a portion's end.
func TestNobodyIsLeftOut(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		lengths := make([]uint64, 1+r.IntN(300))
		total := uint64(0)
		for i := range lengths {
			lengths[i] = r.Uint64N(400)
			total += lengths[i]
		}
		segments, _ := cutPortions(lengths, countPortions(total, 10_000))
		for i, length := range lengths {
			has := slices.ContainsFunc(segments, func(s contribution.Segment) bool { return s.Dataset == i })
			if has != (length > 0) {
				t.Fatalf("dataset %d of %v has no part: %v", i, lengths, segments)
			}
		}
	}
}

// owned counts the bytes from end to end that each owner of datasets has of each
// portion. It also checks that segments lie in a row, that all portions are of one size,
// and that no segment has more than there is.
func owned(t *testing.T, lengths []uint64, n uint64, owners []int) map[[2]int]uint64 {
	t.Helper()
	have, all := map[[2]int]uint64{}, slices.Clone(lengths)
	segments, ends := cutPortions(lengths, n)
	last, at := contribution.Segment{}, uint64(0)
	sizes := make([]uint64, n)
	for i, s := range segments {
		if s.Bytes == 0 || s.Bytes > all[s.Dataset] || ends[i] <= at || s.Portion < last.Portion ||
			s.Dataset < last.Dataset || s.Portion > last.Portion+1 {
			t.Fatalf("segment %v up to %d after %v up to %d", s, ends[i], last, at)
		}
		all[s.Dataset] -= s.Bytes
		have[[2]int{s.Portion, owners[s.Dataset]}] += ends[i] - at
		sizes[s.Portion] += ends[i] - at
		at, last = ends[i], s
	}
	if slices.Max(sizes) > slices.Min(sizes)+1 {
		t.Fatalf("portions have %v bytes", sizes)
	}
	return have
}
