package job

import (
	"testing"

	"cosmossdk.io/math"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/stretchr/testify/require"
)

// family is a parent with many children, and what the most expensive block of each phase cost.
type family struct {
	*town
	parent uint64
	ids    []uint64
	gas    map[string]uint64
}

const litter = 100 // children that are posted, or worked on, in one block

// block does something, ends the block, and meters both.
func (f *family) block(phase string, do func()) {
	outer := f.Ctx
	f.Ctx = outer.WithGasMeter(storetypes.NewInfiniteGasMeter())
	do()
	require.NoError(f, f.k.EndBlock(f.Ctx))
	f.gas[phase] = max(f.gas[phase], f.Ctx.GasMeter().GasConsumed())
	f.Ctx = outer.WithBlockHeight(outer.BlockHeight() + 1)
}

// live has a parent post so many children, some work on half of them, and the parent give up on the rest.
func live(t *testing.T, children int) *family {
	f := &family{town: newTown(t), gas: map[string]uint64{}}
	who := f.echoers(1)[0]
	terms := echoTerms()
	terms.Deadline = 10_000
	f.parent = f.post(f.creator, terms)
	terms.Proof, terms.Checkers, terms.Window = ProofNone, 0, 1
	budgets := terms.Budget.MulRaw(int64(children))
	require.NoError(t, f.Bank.SendCoinsFromAccountToModule(f.Ctx, f.address(f.creator), Name, coins(budgets)))
	for len(f.ids) < children {
		f.block("posting", func() {
			parent := f.job(f.parent)
			first, err := f.k.spawn(f.Ctx, &parent, uint32(children), repeated(terms, litter))
			require.NoError(t, err)
			for i := range uint64(litter) {
				f.ids = append(f.ids, first+i)
			}
		})
	}
	half := f.ids[:children/2]
	for len(half) > 0 {
		f.block("paying", func() {
			for _, id := range half[:litter] {
				_, err := f.k.Take(f.Ctx, &MsgTake{Worker: who, Job: id})
				require.NoError(t, err)
				_, err = f.k.Claim(f.Ctx, &MsgClaim{Worker: who, Job: id, Claim: echoed("hola")})
				require.NoError(t, err)
			}
		})
		half = half[litter:]
	}
	f.block("paying", func() {})
	f.block("paying", func() {})
	return f
}

func repeated(t Terms, n int) []Terms {
	all := make([]Terms, n)
	for i := range all {
		all[i] = t
	}
	return all
}

// TestAParentOfThousands: a block does the same work for a parent of 10,000 as for one of 1,000.
func TestAParentOfThousands(t *testing.T) {
	var gas []map[string]uint64
	for _, children := range []int{1_000, 10_000} {
		f := live(t, children)
		c, _, err := f.k.children(f.Ctx, f.parent)
		require.NoError(t, err)
		half := uint32(children / 2)
		require.Equal(t, Children{Parent: f.parent, Count: 2 * half, Posted: 2 * half, Paid: half}, c)
		f.block("giving up", func() { require.NoError(t, f.k.giveUp(f.Ctx, f.parent, "it is enough")) })
		blocks := 1
		for f.inState(StateOpen) > 0 {
			f.block("giving up", func() {})
			blocks++
		}
		require.Equal(t, (children/2+drops-1)/drops, blocks)
		require.Equal(t, []int{children / 2, children / 2}, []int{f.inState(StatePaid), f.inState(StateCancelled)})
		parent := f.job(f.parent)
		_, err = f.k.spawn(f.Ctx, &parent, 2*half, repeated(echoTerms(), 1))
		require.ErrorIs(t, err, ErrState, "no more after it gave up")
		require.Equal(t, parent.Escrow.String(), f.Held(Name).String(), "what is left in escrow is the parent's")
		t.Logf("%6d children: gas of the most expensive block %v, dropped in %d blocks", children, f.gas, blocks)
		gas = append(gas, f.gas)
	}
	for phase, few := range gas[0] {
		require.InEpsilon(t, few, gas[1][phase], 0.05, phase)
	}
}

// inState counts the children in a state.
func (f *family) inState(s State) int {
	ids, err := f.k.Jobs.Indexes.Parent.in(f.Ctx, f.parent, s, len(f.ids))
	require.NoError(f, err)
	return len(ids)
}

// TestAChildThatEndsUnpaidEndsTheOthers, and the parent's waiting.
func TestAChildThatEndsUnpaidEndsTheOthers(t *testing.T) {
	c := newTown(t)
	who := c.echoers(1)[0]
	id := c.post(c.creator, echoTerms())
	terms := echoTerms()
	terms.Proof, terms.Checkers, terms.CheckPay = ProofNone, 0, math.ZeroInt()
	require.NoError(t, c.Bank.SendCoinsFromAccountToModule(c.Ctx, c.address(c.creator), Name, coins(math.NewInt(300))))
	parent := c.job(id)
	first, err := c.k.spawn(c.Ctx, &parent, 4, repeated(terms, 3))
	require.NoError(t, err)
	_, err = c.k.spawn(c.Ctx, &parent, 4, repeated(terms, 2))
	require.ErrorIs(t, err, ErrState, "there is room for one more")
	require.NoError(t, c.take(first, who))
	for c.job(first).State != StateFailed {
		c.next()
	}
	require.Equal(t, []State{StateCancelled, StateCancelled}, []State{c.job(first + 1).State, c.job(first + 2).State})
	all, _, err := c.k.children(c.Ctx, id)
	require.NoError(t, err)
	require.Contains(t, all.Reason, "child 0 (job 2) failed: the worker did not claim in time")
	require.Equal(t, StateOpen, c.job(id).State, "the parent is a job like others")
}
