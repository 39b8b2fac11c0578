package worker

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/minga-network/minga/x/page"
)

// maxWorkers is how many workers a page has at most.
const maxWorkers = 500

// queries answers Query. It is a type of its own because Keeper has fields named as its methods.
type queries struct{ k Keeper }

var _ QueryServer = queries{}

func (q queries) Worker(ctx context.Context, req *QueryWorkerRequest) (*QueryWorkerResponse, error) {
	w, err := q.k.Get(ctx, req.Address)
	return &QueryWorkerResponse{Worker: w}, err
}

func (q queries) Workers(ctx context.Context, req *QueryWorkersRequest) (*QueryWorkersResponse, error) {
	p, err := page.Bounded(req.Pagination, maxWorkers)
	if err != nil {
		return nil, err
	}
	all, next, err := query.CollectionPaginate(ctx, q.k.Workers, p,
		func(_ sdk.AccAddress, w Worker) (Worker, error) { return w, nil })
	return &QueryWorkersResponse{Workers: all, Pagination: next}, err
}

func (q queries) Params(ctx context.Context, _ *QueryParamsRequest) (*QueryParamsResponse, error) {
	p, err := q.k.params(ctx)
	return &QueryParamsResponse{Params: p}, err
}
