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

// Measured shows how far the measuring of a job is, and what it gave.
func (q queries) Measured(ctx context.Context, req *QueryMeasuredRequest) (*QueryMeasuredResponse, error) {
	m, err := q.k.Measured.Get(ctx, req.Job)
	if stderrors.Is(err, collections.ErrNotFound) {
		return nil, ErrUnknown.Wrapf("job %d is not measured: its creator has not posted the runs, or its data part goes "+
			"by tokens used", req.Job)
	}
	if err != nil {
		return nil, err
	}
	c, _, err := q.k.children(ctx, req.Job)
	return &QueryMeasuredResponse{Measured: m, Children: c}, err
}

// Dispute shows a dispute, and as people read it.
func (q queries) Dispute(ctx context.Context, req *QueryDisputeRequest) (*QueryDisputeResponse, error) {
	d, err := q.k.Dispute(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	return q.seen(ctx, d)
}

// Disputes lists disputes, all or those about one job.
func (q queries) Disputes(ctx context.Context, req *QueryDisputesRequest) (*QueryDisputesResponse, error) {
	res := &QueryDisputesResponse{}
	add := func(d Dispute) (struct{}, error) {
		r, err := q.seen(ctx, &d)
		if err == nil {
			res.Disputes = append(res.Disputes, *r)
		}
		return struct{}{}, err
	}
	byJob := func(key collections.Pair[uint64, uint64], _ collections.NoValue) (struct{}, error) {
		d, err := q.k.Disputes.Get(ctx, key.K2())
		if err != nil {
			return struct{}{}, err
		}
		return add(d)
	}
	var err error
	if req.Job == 0 {
		_, res.Pagination, err = query.CollectionPaginate(ctx, q.k.Disputes, req.Pagination,
			func(_ uint64, d Dispute) (struct{}, error) { return add(d) })
		return res, err
	}
	_, res.Pagination, err = query.CollectionPaginate(ctx, q.k.Disputes.Indexes.Job, req.Pagination, byJob,
		query.WithCollectionPaginationPairPrefix[uint64, uint64](req.Job))
	return res, err
}

func (q queries) seen(ctx context.Context, d *Dispute) (*QueryDisputeResponse, error) {
	t, g, err := q.k.game(ctx, d)
	if err != nil {
		return nil, err
	}
	return &QueryDisputeResponse{Dispute: *d, View: view(t, g, d, height(ctx))}, nil
}
