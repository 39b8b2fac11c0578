package asset

import (
	"context"
	"slices"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/minga-network/minga/x/page"
)

const (
	maxDepth     = 32  // generations that a lineage goes back
	maxAncestors = 500 // assets that a lineage lists
	maxPage      = 500 // assets on one page of a list
)

// queries answers what is owned and what it earned.
type queries struct{ Keeper }

var _ QueryServer = queries{}

func (q queries) Asset(ctx context.Context, req *QueryAssetRequest) (*QueryAssetResponse, error) {
	a, err := q.Get(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	return &QueryAssetResponse{Asset: a}, nil
}

func (q queries) Assets(ctx context.Context, req *QueryAssetsRequest) (*QueryAssetsResponse, error) {
	p, err := page.Bounded(req.Pagination, maxPage)
	if err != nil {
		return nil, err
	}
	as, next, err := query.CollectionPaginate(ctx, q.assets, p,
		func(_ uint64, a Asset) (Asset, error) { return q.today(ctx, a) })
	if err != nil {
		return nil, err
	}
	return &QueryAssetsResponse{Assets: as, Pagination: next}, nil
}

// Lineage walks an asset's parents and base breadth first, so the nearest come first,
// each once. It stops after 32 generations or 500 assets, as a query must.
func (q queries) Lineage(ctx context.Context, req *QueryLineageRequest) (*QueryLineageResponse, error) {
	a, err := q.Get(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	res := &QueryLineageResponse{}
	listed := map[uint64]bool{}
	for depth, born := 0, []Asset{a}; depth < maxDepth && len(born) > 0; depth++ {
		start := len(res.Ancestors)
		for _, child := range born {
			for _, id := range child.madeFrom() {
				if listed[id] {
					continue
				}
				if len(res.Ancestors) == maxAncestors {
					return res, nil
				}
				parent, err := q.Get(ctx, id)
				if err != nil {
					return nil, err
				}
				listed[id] = true
				res.Ancestors = append(res.Ancestors, parent)
			}
		}
		born = res.Ancestors[start:]
	}
	return res, nil
}

// madeFrom are the assets that one was made from.
func (a Asset) madeFrom() []uint64 {
	if a.Base == 0 {
		return a.Parents
	}
	return append(slices.Clip(a.Parents), a.Base)
}

// Income is what a withdrawal in this block would pay.
func (q queries) Income(ctx context.Context, req *QueryIncomeRequest) (*QueryIncomeResponse, error) {
	holder, err := q.account(req.Holder)
	if err != nil {
		return nil, err
	}
	h, _, err := q.accrued(ctx, req.Asset, holder)
	if err != nil {
		return nil, err
	}
	shares := math.NewInt(Shares)
	return &QueryIncomeResponse{Amount: h.Fractions.Quo(shares), Fractions: h.Fractions.Mod(shares), Shares: Shares}, nil
}
