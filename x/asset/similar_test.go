package asset

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/data/record"
)

// tale is a text of n lines of random words. No two of them have anything in common.
func tale(rnd *rand.Rand, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		words := make([]string, 12)
		for j := range words {
			words[j] = fmt.Sprintf("%x", rnd.Uint32()>>(8+rnd.IntN(16)))
		}
		lines[i] = strings.Join(words, " ")
	}
	return lines
}

// noisy is a text with one word in ten replaced.
func noisy(rnd *rand.Rand, lines []string) []string {
	var out []string
	for _, line := range lines {
		words := strings.Fields(line)
		for i := range words {
			if rnd.IntN(10) == 0 {
				words[i] = "noise"
			}
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// text registers a text with its sketch and returns the asset.
func (l *ledger) text(creator sdk.AccAddress, lines []string) uint64 {
	msg := l.dataset(creator)
	msg.Sketch = record.NewSketch([]byte(strings.Join(lines, "\n"))).Encode()
	id, err := l.publish(msg)
	require.NoError(l, err)
	return id
}

func (l *ledger) similar(id uint64) uint64 {
	a, err := l.k.Get(l.Ctx, id)
	require.NoError(l, err)
	return a.Similar
}

func TestWhatRepeatsAnEarlierTextIsMarked(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 1))
	hers, own := tale(rnd, 400), tale(rnd, 400)
	shuffled := append([]string(nil), hers...)
	rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for name, c := range map[string]struct {
		lines  []string
		marked bool
	}{
		"the same but for the last line":    {hers[:399], true},
		"its lines in another order":        {shuffled, true},
		"one word in ten replaced":          {noisy(rnd, hers), true},
		"half of it":                        {hers[:200], true},
		"half of it in a text of one's own": {append(append([]string(nil), own...), hers[:200]...), true},
		"all of it in a longer text":        {append(tale(rnd, 1_600), hers...), true},
		"a text of one's own":               {own, false},
		"a text with a quotation":           {append(append([]string(nil), own...), hers[:20]...), false},
		"a text too short for a sketch":     {[]string{"once upon"}, false},
		"no text":                           {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			first := l.text(l.User("ana"), hers)
			copied := l.text(l.User("ben"), c.lines)
			require.Zero(t, l.similar(first))
			if c.marked {
				require.Equal(t, first, l.similar(copied))
			} else {
				require.Zero(t, l.similar(copied))
			}
		})
	}
}

func TestHonestTextsAreNotMarked(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	var all []Asset
	for _, name := range []string{"king-james-bible.txt", "moby-dick.txt", "state-of-the-union.txt"} {
		content, err := os.ReadFile("../../examples/commons/" + name)
		require.NoError(t, err)
		id := l.text(ana, strings.Split(string(content), "\n"))
		a, err := l.k.Get(l.Ctx, id)
		require.NoError(t, err)
		require.Zero(t, a.Similar, name)
		for _, b := range all {
			require.Less(t, Likeness(a, b), uint32(Alike/4), "%s", name)
		}
		all = append(all, a)
	}
}

func TestOfSeveralTheMostSimilarIsNamed(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 1))
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	hers, other := tale(rnd, 300), tale(rnd, 300)
	l.text(ana, other)
	first := l.text(ana, hers)
	second := l.at(60).text(ben, hers)
	require.Equal(t, first, l.similar(second))
	mixed := append(append([]string(nil), hers...), other[:100]...)
	require.Equal(t, first, l.similar(l.at(70).text(ben, mixed)), "of two that are equally similar the earlier")
}

// If a copy gets into a block before its original, it is marked when the original comes.
func TestAnEarlierCommitmentMarksALaterCopy(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 1))
	l := newLedger(t)
	lines := tale(rnd, 300)
	hers := l.dataset(l.User("ana"))
	hers.Sketch = record.NewSketch([]byte(strings.Join(lines, "\n"))).Encode()
	require.NoError(t, l.commit(hers, 0))
	copied := l.at(50).text(l.User("ben"), noisy(rnd, lines))
	require.Zero(t, l.similar(copied))
	l.Ctx = l.Ctx.WithEventManager(sdk.NewEventManager())
	res, err := l.msg.Register(l.Ctx, hers)
	require.NoError(t, err)
	require.Equal(t, res.Asset, l.similar(copied))
	require.Zero(t, l.similar(res.Asset))
	again := l.at(60).text(l.User("eva"), lines)
	require.Equal(t, res.Asset, l.similar(again), "its keys lead to the earlier one now")
}

func TestTheCostOfRegisteringDoesNotGrowWithTheDatasets(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 1))
	l := newLedger(t)
	ana := l.User("ana")
	msg := l.dataset(ana)
	msg.Sketch = record.NewSketch([]byte(strings.Join(tale(rnd, 100), "\n"))).Encode()
	require.NoError(t, l.commit(msg, 1))
	cost := func() uint64 {
		return l.gas(func(ctx sdk.Context) error { _, err := l.msg.Register(ctx, msg); return err })
	}
	alone := cost()
	for range 500 {
		l.text(ana, tale(rnd, 100))
	}
	t.Logf("gas of a registration: %d the first, %d after 500 others", alone, cost())
	require.InEpsilon(t, alone, cost(), 0.05)

	// The most expensive case: each of its keys leads to another dataset.
	theirs := make([][]byte, 64)
	for i := range theirs {
		theirs[i] = bytes.Repeat([]byte{0xff}, record.SketchSize)
		copy(theirs[i][16*i:], msg.Sketch[16*i:16*i+4])
		other := l.dataset(ana)
		other.Sketch = theirs[i]
		_, err := l.publish(other)
		require.NoError(t, err)
	}
	t.Logf("gas with 64 to compare with: %d", cost())
	require.Less(t, cost(), 8*alone)
}
