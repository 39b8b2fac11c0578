package job

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"github.com/cosmos/cosmos-sdk/types/query"
)

// queries answers Query. It is a type of its own because Keeper has fields named as its methods.
type queries struct{ k Keeper }

var _ QueryServer = queries{}

func (q queries) Job(ctx context.Context, req *QueryJobRequest) (*QueryJobResponse, error) {
	j, err := q.k.Get(ctx, req.Id)
	return &QueryJobResponse{Job: j}, err
}

func (q queries) Jobs(ctx context.Context, req *QueryJobsRequest) (*QueryJobsResponse, error) {
	if req.State == StateUnspecified {
		all, page, err := query.CollectionPaginate(ctx, q.k.Jobs, req.Pagination,
			func(_ uint64, j Job) (Job, error) { return j, nil })
		return &QueryJobsResponse{Jobs: all, Pagination: page}, err
	}
	some, page, err := query.CollectionPaginate(ctx, q.k.Jobs.Indexes.State, req.Pagination,
		func(key collections.Pair[int32, uint64], _ collections.NoValue) (Job, error) {
			return q.k.Get(ctx, key.K2())
		},
		query.WithCollectionPaginationPairPrefix[int32, uint64](int32(req.State)))
	return &QueryJobsResponse{Jobs: some, Pagination: page}, err
}

func (q queries) Key(ctx context.Context, req *QueryKeyRequest) (*QueryKeyResponse, error) {
	id, err := q.k.Keys.Get(ctx, req.Key)
	if stderrors.Is(err, collections.ErrNotFound) {
		return nil, ErrUnknown.Wrapf("no job pays for key %X: post an infer job with it", req.Key)
	}
	if err != nil {
		return nil, err
	}
	j, err := q.k.Get(ctx, id)
	return &QueryKeyResponse{Job: j}, err
}

func (q queries) Params(ctx context.Context, _ *QueryParamsRequest) (*QueryParamsResponse, error) {
	p, err := q.k.params(ctx)
	return &QueryParamsResponse{Params: p}, err
}
