package beacon

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/minga-network/minga/x/ledgertest"
)

const chainID = "minga-test-1"

// town is validators over a ledger.
type town struct {
	*ledgertest.Ledger
	k      Keeper
	keys   []ed25519.PrivateKey
	voters []Voter
}

func newTown(t testing.TB, powers ...int64) *town {
	l := &town{Ledger: ledgertest.New(t, nil, nil, Name)}
	l.Ctx = l.Ctx.WithChainID(chainID)
	var err error
	l.k, err = NewKeeper(l.Store(Name), l.Codec)
	require.NoError(t, err)
	for i, power := range powers {
		seed := sha256.Sum256(fmt.Append(nil, "validator ", i))
		key := ed25519.NewKeyFromSeed(seed[:])
		address := sha256.Sum256(key[32:])
		l.keys = append(l.keys, key)
		l.voters = append(l.voters, Voter{Address: address[:20], Power: power, Signed: true})
	}
	return l
}

// extensions are those of the votes for the block before this one.
func (l *town) extensions() (all [][]byte) {
	for _, key := range l.keys {
		extension, err := l.k.Extend(l.Ctx, l.Ctx.BlockHeight()-1, key)
		require.NoError(l, err)
		all = append(all, extension)
	}
	return all
}

// votes are those of the validators that leave does not name.
func (l *town) votes(leave ...int) (all []Vote) {
	out := map[int]bool{}
	for _, i := range leave {
		out[i] = true
	}
	for i, extension := range l.extensions() {
		if !out[i] {
			all = append(all, Vote{Validator: uint32(i), Extension: extension})
		}
	}
	return all
}

// open is the seed of this block with the votes.
func (l *town) open(votes []Vote) Seed {
	l.Helper()
	s, err := l.k.Open(l.Ctx, l.Ctx.BlockHeight(), l.voters, votes)
	require.NoError(l, err)
	return s
}

// block makes a block with the votes.
func (l *town) block(votes []Vote) Seed {
	l.Helper()
	s := l.open(votes)
	require.NoError(l, l.k.Save(l.Ctx, s))
	l.Next()
	return s
}

func TestVotesAreChecked(t *testing.T) {
	l := newTown(t, 1, 1, 1)
	l.block(l.votes())
	old := l.extensions()
	l.block(l.votes())
	votes, before := l.extensions(), l.Ctx.BlockHeight()-1
	for i, v := range votes {
		require.NoError(t, l.k.Check(l.Ctx, before, l.voters[i].Address, v))
		require.NoError(t, l.k.Check(l.Ctx, before, l.voters[i].Address, append(v[:len(v):len(v)], old[0]...)))
	}
	other := l.Ctx.WithChainID("minga-test-2")
	damaged := append([]byte{}, votes[0]...)
	damaged[50] ^= 1
	for name, err := range map[string]error{
		"another validator's": l.k.Check(l.Ctx, before, l.voters[1].Address, votes[0]),
		"another height's":    l.k.Check(l.Ctx, before+1, l.voters[0].Address, votes[0]),
		"another chain's":     l.k.Check(other, before, l.voters[0].Address, votes[0]),
		"an old seed's":       l.k.Check(l.Ctx, before, l.voters[0].Address, old[0]),
		"damaged":             l.k.Check(l.Ctx, before, l.voters[0].Address, damaged),
		"none":                l.k.Check(l.Ctx, before, l.voters[0].Address, nil),
		"too long":            l.k.Check(l.Ctx, before, l.voters[0].Address, append(votes[0], 0)),
		"a wrong addition":    l.k.Check(l.Ctx, before, l.voters[0].Address, append(votes[0][:112:112], votes[1]...)),
	} {
		require.ErrorIs(t, err, ErrVote, name)
	}
	_, err := l.k.Extend(l.Ctx, before, nil)
	require.ErrorContains(t, err, "start the node with")
}

func TestABlockShowsMoreThanTwoThirds(t *testing.T) {
	l := newTown(t, 5, 3, 2, 1, 1) // 8 of 12 are not enough
	height := l.Ctx.BlockHeight()
	absent := append([]Voter{}, l.voters...)
	absent[4].Signed = false
	all := l.votes()
	swapped := append([]Vote{all[1], all[0]}, all[2:]...)
	twice := append([]Vote{all[0], all[0]}, all[1:]...)
	stranger := append([]Vote{}, all...)
	stranger[4].Validator = 5
	wrong := append([]Vote{}, all...)
	wrong[4].Extension = wrong[3].Extension
	short := append([]Vote{}, all...)
	short[4].Extension = short[4].Extension[1:]
	for name, c := range map[string]struct {
		voters []Voter
		votes  []Vote
	}{
		"two thirds":                 {l.voters, l.votes(1, 4)},
		"none":                       {l.voters, nil},
		"in another order":           {l.voters, swapped},
		"one twice":                  {l.voters, twice},
		"of nobody":                  {l.voters, stranger},
		"of one that has not signed": {absent, all},
		"of another":                 {l.voters, wrong},
		"a short one":                {l.voters, short},
		"in a chain's first block":   {nil, all},
	} {
		_, err := l.k.Open(l.Ctx, height, c.voters, c.votes)
		require.ErrorIs(t, err, ErrVote, name)
	}
	l.open(l.votes(1))
}

// winner is whose ticket is the best in this block.
func (l *town) winner() int {
	l.Helper()
	who, whole := -1, l.open(l.votes())
	for i := range l.voters {
		if s := l.open(l.votes(i)); string(s.Next) != string(whole.Next) {
			require.GreaterOrEqual(l, s.Ticket, whole.Ticket)
			require.Negative(l, who, "two change the best ticket")
			who = i
		}
	}
	require.GreaterOrEqual(l, who, 0)
	return who
}

// Only the best ticket counts. A proposer that leaves it out has done so in vain if one who has seen it votes for its
// block.
func TestWhoLeavesOutTheBestTicketGainsNothing(t *testing.T) {
	l := newTown(t, 4, 3, 3, 3, 2)
	l.block(l.votes())
	for range 10 {
		who := l.winner()
		seen, whole := l.extensions(), l.open(l.votes())
		left := l.votes(who)
		l.block(left)
		var shown [][]byte
		for _, v := range left {
			shown = append(shown, v.Extension)
		}
		quiet := l.open(l.votes())
		require.NotEqual(t, whole.Next, quiet.Lot)

		votes := l.votes()
		for _, honest := range []int{(who + 1) % 5, (who + 2) % 5} {
			votes[honest].Extension = Add(votes[honest].Extension, l.voters, shown, seen)
			require.Len(t, votes[honest].Extension, 2*sizeOfProof)
			require.NoError(t, l.k.Check(l.Ctx, l.Ctx.BlockHeight()-1, l.voters[honest].Address, votes[honest].Extension))
		}
		require.Equal(t, whole.Next, l.block(votes).Lot)
	}
}

func TestNothingIsAddedToACompleteBlock(t *testing.T) {
	l := newTown(t, 4, 3, 3)
	all := l.extensions()
	require.Len(t, Add(all[0], l.voters, all, all), sizeOfProof)
	require.Len(t, Add(all[0], l.voters, all, nil), sizeOfProof)
	require.Len(t, Add(all[0], nil, nil, all), sizeOfProof, "strangers have no ticket")
}

// An addition must be a validator's, about the block before the last, and better.
func TestWrongAdditionsAddNothing(t *testing.T) {
	l := newTown(t, 4, 3, 3)
	first := l.votes()
	stranger := newTown(t, 1, 1, 1, 1).keys[3]
	add := func(by []byte) []Vote {
		votes := l.votes()
		votes[0].Extension = append(votes[0].Extension, by...)
		return votes
	}
	old, err := l.k.Extend(l.Ctx, l.Ctx.BlockHeight()-2, l.keys[0])
	require.NoError(t, err)
	require.Empty(t, l.block(add(old)).Lot, "there was no vote before the first")
	outsider, err := l.k.Extend(l.Ctx, l.Ctx.BlockHeight()-2, stranger)
	require.NoError(t, err)
	whole := l.open(l.votes())
	require.Equal(t, whole.Lot, l.open(add(outsider)).Lot)
	for _, v := range first {
		require.Equal(t, whole.Lot, l.open(add(v.Extension)).Lot)
	}
	_, err = l.k.Open(l.Ctx, l.Ctx.BlockHeight(), l.voters, add(l.extensions()[1]))
	require.ErrorIs(t, err, ErrVote)
}

func TestADrawIsReadyAfterSomeBlocks(t *testing.T) {
	l := newTown(t, 1, 1, 1, 1)
	from := l.Ctx.BlockHeight() + 1
	seeds := map[int64]Seed{}
	for l.Ctx.BlockHeight() <= from+Wait {
		_, ready, err := l.k.Draw(l.Ctx, from)
		require.NoError(t, err)
		require.False(t, ready, "height %d", l.Ctx.BlockHeight())
		at := l.Ctx.BlockHeight()
		seeds[at] = l.block(l.votes(int(at % 5)))
	}
	drawn, ready, err := l.k.Draw(l.Ctx, from)
	require.NoError(t, err)
	require.True(t, ready)
	lot := seeds[from+Wait].Lot
	require.Len(t, lot, sha256.Size)
	require.Equal(t, seeds[from+Wait-1].Next, lot)
	require.Equal(t, mix("draw", []byte{0, 0, 0, 0, 0, 0, 0, byte(from)}, lot), drawn)

	r, err := queries{l.k}.Draw(l.Ctx, &QueryDrawRequest{From: from})
	require.NoError(t, err)
	require.Equal(t, drawn, r.Seed)
	require.Equal(t, from+Wait, r.Ready)
	last, err := queries{l.k}.Seed(l.Ctx.WithBlockHeight(from+Wait), &QuerySeedRequest{})
	require.NoError(t, err)
	require.Equal(t, seeds[from+Wait], last.Seed)
	_, err = queries{l.k}.Seed(l.Ctx, &QuerySeedRequest{Height: from + Wait + 1})
	require.ErrorIs(t, err, ErrSeed)
}

// Where a chain begins again there are blocks without a lot: a draw waits for the next one that has one.
func TestADrawWaitsForALot(t *testing.T) {
	l := newTown(t, 1, 1, 1)
	first := l.Ctx.BlockHeight()
	s, err := l.k.Open(l.Ctx, first, nil, nil)
	require.NoError(t, err)
	require.NoError(t, l.k.Save(l.Ctx, s))
	l.Next()
	l.block(l.votes())
	_, ready, err := l.k.Draw(l.Ctx, first-Wait)
	require.NoError(t, err)
	require.False(t, ready)
	lot := l.block(l.votes()).Lot
	drawn, ready, err := l.k.Draw(l.Ctx, first-Wait)
	require.NoError(t, err)
	require.True(t, ready)
	require.Equal(t, mix("draw", []byte{0, 0, 0, 0, 0, 0, 0, byte(first - Wait)}, lot), drawn)
}

func TestOldSeedsAreForgotten(t *testing.T) {
	l := newTown(t)
	first := l.Ctx.BlockHeight()
	for range Keep + 20 {
		s, err := l.k.Open(l.Ctx, l.Ctx.BlockHeight(), nil, nil)
		require.NoError(t, err)
		require.NoError(t, l.k.Save(l.Ctx, s))
		l.Next()
	}
	n := 0
	require.NoError(t, l.k.Seeds.Walk(l.Ctx, nil, func(int64, Seed) (bool, error) { n++; return false, nil }))
	require.Equal(t, Keep, n)
	_, _, err := l.k.Draw(l.Ctx, first)
	require.ErrorIs(t, err, ErrSeed)
}

// The chance to have the least ticket is that of the power, also when one of the owners splits its.
func TestTicketsGoByPower(t *testing.T) {
	powers := []uint64{1, 2, 3, 10, 2, 2} // the last two are one owner's
	counts := make([]float64, len(powers))
	x, rounds := uint64(0), 50_000
	for range rounds {
		best, who := uint64(math.MaxUint64), 0
		for i, power := range powers {
			x += 0x9e3779b97f4a7c15
			if t := ticket(scramble(x), power, 20); t < best {
				best, who = t, i
			}
		}
		counts[who]++
	}
	chi := 0.0
	for i, power := range powers {
		want := float64(rounds) * float64(power) / 20
		chi += (counts[i] - want) * (counts[i] - want) / want
	}
	t.Logf("chi squared with 5 degrees of freedom: %.2f", chi)
	require.Less(t, chi, 25.7)
	require.Equal(t, uint64(math.MaxUint64), ticket(1, 0, 20))
	require.Equal(t, uint64(math.MaxUint64), ticket(0, 1, 1<<62))
}

// scramble is splitmix64: what it gives for numbers in a row looks random, and is the same each time.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func TestLogarithm(t *testing.T) {
	for _, x := range []uint64{1, 2, 3, 5, 1 << 40, 1<<63 - 1, 1 << 63, math.MaxUint64, 0x123456789abcdef} {
		f, _ := new(big.Float).SetUint64(x).Float64()
		require.InDelta(t, math.Log2(f), float64(log2(x))/(1<<fraction), 1e-9, "%d", x)
	}
}

func TestNobodySendsVotes(t *testing.T) {
	l := newTown(t, 1)
	_, err := l.k.Reveal(l.Ctx, &MsgReveal{Votes: l.votes()})
	require.ErrorIs(t, err, ErrVote)
}

func TestGenesisKeepsSeeds(t *testing.T) {
	l, other := newTown(t, 1, 1), newTown(t, 1, 1)
	for range 3 {
		l.block(l.votes())
	}
	export := func(l *town) json.RawMessage {
		return module.CoreAppModuleAdaptor(Name, NewModule(l.k)).(module.HasABCIGenesis).ExportGenesis(l.Ctx, l.Codec)
	}
	exported := export(l)
	module.CoreAppModuleAdaptor(Name, NewModule(other.k)).(module.HasABCIGenesis).InitGenesis(other.Ctx, other.Codec,
		exported)
	require.JSONEq(t, string(exported), string(export(other)))
	other.Ctx = other.Ctx.WithBlockHeight(l.Ctx.BlockHeight())
	require.Equal(t, l.block(l.votes()), other.block(other.votes()))
}
