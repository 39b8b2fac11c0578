package worker

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

var (
	draws = flag.Int("draws", 20_000, "how often TestDrawsGoByStake draws")
	lots  = flag.Int("lots", 2_000, "among how many workers TestManyWorkersAreDrawnFrom draws")
	storm = flag.Int64("lots-seed", time.Now().UnixNano(), "seed of the random tests of lots")
)

func seed(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func anyone(Worker) bool { return true }

// staked is a worker with a stake in MINGA.
func (l *ledger) staked(name string, minga int64, kinds ...Kind) string {
	addr := l.user(name)
	var offers []Offer
	for _, kind := range kinds {
		offers = append(offers, offer(kind, 1))
	}
	_, err := l.k.Register(l.Ctx, &MsgRegister{Worker: addr, Offers: offers, Stake: math.NewInt(minga * 1_000_000)})
	require.NoError(l, err)
	return addr
}

// lot draws from the present stakes, and returns addresses.
func (l *ledger) lot(seed []byte, number int, fit func(Worker) bool) (drawn []string) {
	l.Helper()
	all, err := l.k.Draw(l.Ctx, "train", l.Ctx.BlockHeight(), seed, number, fit)
	require.NoError(l, err)
	for _, w := range all {
		drawn = append(drawn, w.Address)
	}
	return drawn
}

// chi2 is the chi-squared statistic of counts against shares.
func chi2(counts, shares []float64) (sum float64) {
	var all, whole float64
	for i := range counts {
		all, whole = all+counts[i], whole+shares[i]
	}
	for i := range counts {
		want := all * shares[i] / whole
		sum += (counts[i] - want) * (counts[i] - want) / want
	}
	return sum
}

// The owner of one worker with 10 MINGA and the owner of ten workers with one each have the same chance.
func TestDrawsGoByStake(t *testing.T) {
	l := newLedger(t)
	shares := []float64{10, 10, 1, 2, 30, 7}
	owner := map[string]int{l.staked("whole", 10, "train", "infer"): 0}
	for i := range 10 { // the parts lie apart
		owner[l.staked(fmt.Sprint("part", i), 1, "train")] = 1
		if i >= 2 && i < len(shares) {
			owner[l.staked(fmt.Sprint("one", i), int64(shares[i]), "train")] = i
		}
	}
	l.staked("other", 1000, "infer")
	counts := make([]float64, len(shares))
	for i := range *draws {
		counts[owner[l.lot(seed(i), 1, anyone)[0]]]++
	}
	x := chi2(counts, shares)
	t.Logf("chi squared over %d draws with 5 degrees of freedom: %.2f; counts %v of shares %v", *draws, x, counts, shares)
	require.Less(t, x, 25.7, "chance gives more in one of 10,000 cases")
}

func TestEveryoneIsDrawnOnce(t *testing.T) {
	l := newLedger(t)
	var want []string
	for i := range 70 {
		want = append(want, l.staked(fmt.Sprint(i), int64(1+i*i), "train"))
	}
	require.ElementsMatch(t, want, l.lot(seed(1), 100, anyone))
	require.Equal(t, l.lot(seed(1), 70, anyone)[:5], l.lot(seed(1), 5, anyone))
	require.NotEqual(t, l.lot(seed(1), 5, anyone), l.lot(seed(2), 5, anyone))
	require.Empty(t, l.lot(seed(1), 0, anyone))
	none, err := l.k.Draw(l.Ctx, "nobody", l.Ctx.BlockHeight(), seed(1), 5, anyone)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestTheUnfitAreDrawnPast(t *testing.T) {
	l := newLedger(t)
	whale := l.staked("whale", 1_000_000, "train")
	for i := range 200 {
		l.staked(fmt.Sprint(i), 1, "train")
	}
	small := func(w Worker) bool { return w.Address != whale }
	require.Len(t, l.lot(seed(1), 5, small), 5)
	looks := 0
	require.Empty(t, l.lot(seed(1), 5, func(Worker) bool { looks++; return false }))
	require.Equal(t, maxLooks, looks)
}

// Nothing that happens after the height changes who is drawn, but that leavers are passed over.
func TestADrawSeesTheStakesOfItsHeight(t *testing.T) {
	l := newLedger(t)
	for i := range 100 {
		l.staked(fmt.Sprint(i), int64(1+i), "train")
	}
	at := l.Ctx.BlockHeight()
	draw := func() (drawn []string) {
		all, err := l.k.Draw(l.Ctx, "train", at, seed(7), 10, anyone)
		require.NoError(t, err)
		for _, w := range all {
			drawn = append(drawn, w.Address)
		}
		return drawn
	}
	before := draw()
	for i := range 50 {
		l.Next()
		l.staked(fmt.Sprint("late", i), 10_000, "train")
		require.Equal(t, before, draw())
	}
	require.NotEqual(t, before, l.lot(seed(7), 10, anyone))
	_, err := l.k.Unbond(l.Ctx, &MsgUnbond{Worker: before[3]})
	require.NoError(t, err)
	require.Equal(t, append(before[:3:3], before[4:]...), draw()[:9])
	_, err = l.k.Update(l.Ctx, &MsgUpdate{Worker: before[0], Offers: []Offer{offer("infer", 1)}, AddStake: math.ZeroInt()})
	require.NoError(t, err)
	require.Equal(t, before[1], draw()[0])
	require.NotContains(t, l.lot(seed(7), 128, anyone), before[0])
	require.NotContains(t, l.lot(seed(7), 128, anyone), before[3])

	l.At(at + History + 1)
	_, err = l.k.Draw(l.Ctx, "train", at, seed(7), 10, anyone)
	require.ErrorIs(t, err, ErrTree)
	l.checkStakes()
}

// Random stakes come, grow, shrink and go; the tree of each of the last blocks stays what it was.
func TestThePastStaysAsItWas(t *testing.T) {
	t.Logf("-lots-seed %d", *storm)
	l, r := newLedger(t), rand.New(rand.NewSource(*storm))
	var members []string
	totals := map[int64]uint64{}
	for step := range 300 {
		switch pick := r.Intn(5); {
		case pick == 0 || len(members) == 0:
			members = append(members, l.staked(fmt.Sprint(step), 1+r.Int63n(1000), "train"))
		case pick == 1:
			_, err := l.k.Update(l.Ctx, &MsgUpdate{Worker: members[r.Intn(len(members))],
				Offers: []Offer{offer("train", 2)}, AddStake: math.NewInt(r.Int63n(1000))})
			require.NoError(t, err)
		case pick == 2:
			require.NoError(t, l.k.Slash(l.Ctx, members[r.Intn(len(members))], math.NewInt(r.Int63n(900_000_000)), nil))
		case pick == 3 && r.Intn(3) == 0:
			i := r.Intn(len(members))
			_, err := l.k.Unbond(l.Ctx, &MsgUnbond{Worker: members[i]})
			require.NoError(t, err)
			members = append(members[:i], members[i+1:]...)
		}
		if r.Intn(2) == 0 {
			totals[l.Ctx.BlockHeight()] = l.stakes()
			l.Next()
		}
	}
	for at, want := range totals {
		if at >= l.Ctx.BlockHeight()-History {
			got, err := l.k.totalAt(l.Ctx, "train", at)
			require.NoError(t, err)
			require.Equal(t, want, got, "height %d", at)
		}
	}
	l.checkStakes()
}

// stakes is what stands behind all that stay.
func (l *ledger) stakes() (all uint64) {
	require.NoError(l, l.k.Workers.Walk(l.Ctx, nil, func(_ sdk.AccAddress, w Worker) (bool, error) {
		if w.Release == 0 {
			all += w.Stake.Uint64()
		}
		return false, nil
	}))
	return all
}

// What is kept of the past does not grow with the number of changes.
func TestThePastIsForgotten(t *testing.T) {
	l := newLedger(t)
	addr := l.staked("ana", 1, "train")
	for range 5 * History {
		l.Next()
		_, err := l.k.Update(l.Ctx, &MsgUpdate{Worker: addr, Offers: []Offer{offer("train", 2)}, AddStake: math.OneInt()})
		require.NoError(t, err)
	}
	n := 0
	require.NoError(t, l.k.Past.Walk(l.Ctx, nil, func(moment, []byte) (bool, error) { n++; return false, nil }))
	require.LessOrEqual(t, n, levels*(History+1))
}

func TestStakesBeyondAllCoinsAreRefused(t *testing.T) {
	l := newLedger(t)
	require.NoError(t, l.k.setWeight(l.Ctx, "train", 1, maxSum-5))
	require.NoError(t, l.k.setWeight(l.Ctx, "train", 1<<30, 5))
	require.ErrorIs(t, l.k.setWeight(l.Ctx, "train", 2, 1), ErrStake)
	require.ErrorIs(t, l.k.setWeight(l.Ctx, "infer", 1<<36, 1), ErrStake)
}

func TestDamagedNodesAreRefused(t *testing.T) {
	for _, bad := range [][]byte{{1}, make([]byte, 17), append(make([]byte, 15), 1)} {
		_, err := decodeNode(bad)
		require.ErrorIs(t, err, ErrTree)
	}
	n := &node{changed: 5, sums: [64]uint64{3: 7, 63: 1}}
	same, err := decodeNode(n.encode())
	require.NoError(t, err)
	require.Equal(t, n, same)
}

// manyWorkers have from 1 to 97 MINGA each.
func manyWorkers(t testing.TB, number int) *ledger {
	l := newLedger(t)
	for i := range number {
		addr := sdk.AccAddress(fmt.Sprintf("%-20d", i))
		_, err := l.k.add(l.Ctx, addr, &MsgRegister{Offers: []Offer{offer("train", 1)},
			Stake: math.NewInt(int64(1+i%97) * 1_000_000)})
		require.NoError(t, err)
	}
	return l
}

// However many there are, a draw reads no more. The time is for who reads the log: -lots 100000.
func TestManyWorkersAreDrawnFrom(t *testing.T) {
	l := manyWorkers(t, *lots)
	gas := func(draw func()) uint64 {
		before := l.Ctx.GasMeter().GasConsumed()
		draw()
		return l.Ctx.GasMeter().GasConsumed() - before
	}
	began := time.Now()
	const rounds = 200
	used := gas(func() {
		for i := range rounds {
			require.Len(t, l.lot(seed(i), 1, anyone), 1)
		}
	})
	t.Logf("%d workers: %s and %d gas a draw", *lots, time.Since(began)/rounds, used/rounds)
	require.Less(t, used/rounds, uint64(60_000))
}

func BenchmarkDraw(b *testing.B) {
	l := manyWorkers(b, 100_000)
	i := 0
	for b.Loop() {
		i++
		_, err := l.k.Draw(l.Ctx, "train", l.Ctx.BlockHeight(), seed(i), 1, anyone)
		require.NoError(b, err)
	}
}
