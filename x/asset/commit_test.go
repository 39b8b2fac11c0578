package asset

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

func (l *ledger) at(height int64) *ledger {
	l.Ctx = l.Ctx.WithBlockHeight(height)
	return l
}

// stored counts the commitments in the store, and that both lists of them agree.
func (l *ledger) stored() int {
	it, err := l.k.commitments.Iterate(l.Ctx, nil)
	require.NoError(l, err)
	all, err := it.Keys()
	require.NoError(l, err)
	order, err := l.k.commitOrder.Iterate(l.Ctx, nil)
	require.NoError(l, err)
	listed, err := order.Keys()
	require.NoError(l, err)
	require.Len(l, listed, len(all))
	return len(all)
}

func TestACommitmentHashesAllThatMatters(t *testing.T) {
	root, salt := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	want := sha256.Sum256(append([]byte("minga/asset/register\x03ana"), append(bytes.Clone(root), salt...)...))
	require.Equal(t, want[:], Commitment(sdk.AccAddress("ana"), root, salt))
}

func TestRegisterWantsTheSendersOwnCommitmentOfAnEarlierBlock(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	register := func(msg *MsgRegister) error {
		_, err := l.msg.Register(l.Ctx, msg)
		return err
	}
	msg := l.dataset(ana)
	require.ErrorIs(t, register(msg), ErrNotCommitted)
	require.NoError(t, l.commit(msg, 0))
	require.ErrorContains(t, register(msg), "of this block")
	l.at(43)

	stolen := *msg
	stolen.Creator = ben.String()
	_, err := l.msg.Commit(l.Ctx, &MsgCommit{Creator: ben.String(), Commitment: Commitment(ana, msg.Root, msg.Salt)})
	require.NoError(t, err, "a copied commitment is stored")
	l.at(44)
	require.ErrorIs(t, register(&stolen), ErrNotCommitted, "and worth nothing")
	other := *msg
	other.Root = l.root()
	require.ErrorIs(t, register(&other), ErrNotCommitted)
	unsalted := *msg
	unsalted.Salt = nil
	require.ErrorIs(t, register(&unsalted), ErrInvalid)

	require.NoError(t, register(msg))
	a, err := l.k.Get(l.Ctx, 1)
	require.NoError(t, err)
	require.Equal(t, []int64{42, 44}, []int64{a.Since, a.Height})
	require.Equal(t, 1, l.stored(), "the commitment was used up, the copy remains")
	again := l.dataset(ana)
	again.Salt = msg.Salt
	require.ErrorIs(t, register(again), ErrNotCommitted)
}

func TestCommitRefuses(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	msg := l.dataset(ana)
	require.NoError(t, l.commit(msg, 0))
	require.ErrorIs(t, l.commit(msg, 0), ErrExists)
	_, err := l.msg.Commit(l.Ctx, &MsgCommit{Creator: ana.String(), Commitment: []byte("short")})
	require.ErrorIs(t, err, ErrInvalid)
	_, err = l.msg.Commit(l.Ctx, &MsgCommit{Creator: "ana", Commitment: make([]byte, 32)})
	require.ErrorIs(t, err, ErrInvalid)
}

func TestACommitmentExpires(t *testing.T) {
	for after, want := range map[int64]error{RevealWithin: nil, RevealWithin + 1: ErrNotCommitted} {
		l := newLedger(t)
		msg := l.dataset(l.User("ana"))
		require.NoError(t, l.commit(msg, 0))
		_, err := l.at(42+after).msg.Register(l.Ctx, msg)
		require.ErrorIs(t, err, want)
	}
}

// The store never has more commitments than were valid at one time. A new commitment costs a bounded amount of
// work, however many have expired.
func TestExpiredCommitmentsAreRemoved(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	for range 100 {
		require.NoError(t, l.commit(l.dataset(ana), 0))
	}
	l.at(42 + RevealWithin)
	require.NoError(t, l.commit(l.dataset(ana), 0))
	require.Equal(t, 101, l.stored(), "none has expired")
	l.at(43 + RevealWithin)
	var gas []uint64
	for i := 1; i <= 50; i++ {
		msg := l.dataset(ana)
		gas = append(gas, l.gas(func(ctx sdk.Context) error {
			_, err := l.msg.Commit(ctx, &MsgCommit{Creator: msg.Creator, Commitment: Commitment(ana, msg.Root, msg.Salt)})
			return err
		}))
		require.NoError(t, l.commit(msg, 0))
		require.Equal(t, 101-i, l.stored())
	}
	require.InDelta(t, gas[0], gas[49], 100)
	require.NoError(t, l.commit(l.dataset(ana), 0))
	require.Equal(t, 52, l.stored(), "what is left is valid")
}

func TestWhoCommittedFirstKeepsTheRoot(t *testing.T) {
	l := newLedger(t)
	ana, ben, eva := l.User("ana"), l.User("ben"), l.User("eva")
	hers := l.dataset(ana)
	require.NoError(t, l.commit(hers, 0))
	// Ben sees her registration, and his own gets into a block before hers.
	his := *hers
	his.Creator = ben.String()
	require.NoError(t, l.at(43).commit(&his, 0))
	copied, err := l.at(44).msg.Register(l.Ctx, &his)
	require.NoError(t, err)
	l.deposit(eva, copied.Asset, 10)

	first, err := l.at(45).msg.Register(l.Ctx, hers)
	require.NoError(t, err)
	a, err := l.k.Get(l.Ctx, copied.Asset)
	require.NoError(t, err)
	require.Equal(t, first.Asset, a.Similar, "the copy is marked")
	a, err = l.k.Get(l.Ctx, first.Asset)
	require.NoError(t, err)
	require.Equal(t, int64(42), a.Since)
	require.Zero(t, a.Similar)
	require.Equal(t, int64(10), l.withdraw(ben, copied.Asset), "what was paid stays paid")

	late := *hers
	late.Creator = eva.String()
	_, err = l.at(46).publish(&late)
	require.ErrorIs(t, err, ErrExists)
	require.ErrorContains(t, err, "asset/2 has this root")
}

func TestOfOneBlocksCommitmentsTheFirstShownHasTheRoot(t *testing.T) {
	l := newLedger(t)
	one, two := l.dataset(l.User("ana")), l.dataset(l.User("ben"))
	two.Root = one.Root
	require.NoError(t, l.commit(one, 0))
	require.NoError(t, l.commit(two, 0))
	_, err := l.at(43).msg.Register(l.Ctx, two)
	require.NoError(t, err)
	_, err = l.msg.Register(l.Ctx, one)
	require.ErrorIs(t, err, ErrExists)
}
