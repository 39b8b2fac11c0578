package asset

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/minga-network/minga/x/page"
)

// child registers a dataset made from others.
func (l *ledger) child(creator sdk.AccAddress, parents ...uint64) uint64 {
	msg := l.dataset(creator)
	msg.Parents = parents
	id, err := l.publish(msg)
	require.NoError(l, err)
	return id
}

func (l *ledger) lineage(id uint64) []uint64 {
	res, err := l.q.Lineage(l.Ctx, &QueryLineageRequest{Id: id})
	require.NoError(l, err)
	ids := make([]uint64, len(res.Ancestors))
	for i, a := range res.Ancestors {
		ids[i] = a.Id
	}
	return ids
}

func TestLineageListsTheNearestFirstAndEachOnce(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	a, b := l.child(ana), l.child(ana)
	c := l.child(ana, a, b)
	d := l.child(ana, b)
	e := l.child(ana, a, c, d)
	require.Empty(t, l.lineage(a))
	require.Equal(t, []uint64{a, b}, l.lineage(c))
	require.Equal(t, []uint64{a, c, d, b}, l.lineage(e))
	_, err := l.q.Lineage(l.Ctx, &QueryLineageRequest{Id: 99})
	require.ErrorIs(t, err, ErrUnknown)
}

func TestAModelsBaseIsPartOfItsLineage(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	first, second := l.register(ana), l.register(ana)
	base := l.tuned(ana, 0, 0, first)
	require.Equal(t, []uint64{second, base, first}, l.lineage(l.tuned(ana, base, 0, second)))
}

func TestLineageIsBounded(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	last := l.child(ana)
	for range 40 {
		last = l.child(ana, last)
	}
	require.Len(t, l.lineage(last), maxDepth)

	all := make([]uint64, 0, 3*MaxParents)
	for range cap(all) {
		all = append(all, l.child(ana))
	}
	var middle []uint64
	for i := 0; i < len(all); i += MaxParents {
		middle = append(middle, l.child(ana, all[i:i+MaxParents]...))
	}
	require.Len(t, l.lineage(l.child(ana, middle...)), maxAncestors)
}

func TestAssetsArePagedWithTheirIncome(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	for range 5 {
		l.deposit(ana, l.register(ana), 10)
	}
	first, err := l.q.Assets(l.Ctx, &QueryAssetsRequest{Pagination: &query.PageRequest{Limit: 3}})
	require.NoError(t, err)
	res, err := l.q.Assets(l.Ctx, &QueryAssetsRequest{Pagination: &query.PageRequest{Limit: 2,
		Key: first.Pagination.NextKey}})
	require.NoError(t, err)
	require.Len(t, res.Assets, 2)
	require.Equal(t, uint64(4), res.Assets[0].Id)
	require.Equal(t, int64(10), res.Assets[0].Income.Int64())
	_, err = l.q.Assets(l.Ctx, &QueryAssetsRequest{Pagination: &query.PageRequest{Limit: maxPage + 1}})
	require.ErrorIs(t, err, page.ErrPage)
	res, err = l.q.Assets(l.Ctx, &QueryAssetsRequest{})
	require.NoError(t, err)
	require.Len(t, res.Assets, 5)
	one, err := l.q.Asset(l.Ctx, &QueryAssetRequest{Id: 5})
	require.NoError(t, err)
	require.Equal(t, res.Assets[4], one.Asset)
	_, err = l.q.Asset(l.Ctx, &QueryAssetRequest{Id: 6})
	require.ErrorIs(t, err, ErrUnknown)
}

func TestAskingForIncomeChangesNothing(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	id := l.register(ana)
	l.deposit(ben, id, 10)
	require.Equal(t, int64(10), l.owed(ana))
	require.Equal(t, int64(10), l.owed(ana))
	_, err := l.q.Income(l.Ctx, &QueryIncomeRequest{Asset: id, Holder: "ana"})
	require.ErrorIs(t, err, ErrInvalid)
	_, err = l.q.Income(l.Ctx, &QueryIncomeRequest{Asset: 9, Holder: ana.String()})
	require.ErrorIs(t, err, ErrUnknown)
	require.Equal(t, int64(10), l.withdraw(ana, id))
}
