package job

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/minga-network/minga/x/page"
)

// queries answers Query. It is a type of its own because Keeper has fields named as its methods.
type queries struct{ k Keeper }

var _ QueryServer = queries{}

func (q queries) Job(ctx context.Context, req *QueryJobRequest) (*QueryJobResponse, error) {
	j, err := q.k.Get(ctx, req.Id)
	return &QueryJobResponse{Job: j}, err
}

// Entries on a page at most: a dispute is decoded to be shown.
const (
	maxJobs     = 500
	maxDisputes = 100
)

func (q queries) Jobs(ctx context.Context, req *QueryJobsRequest) (*QueryJobsResponse, error) {
	p, err := page.Bounded(req.Pagination, maxJobs)
	if err != nil {
		return nil, err
	}
	if err = onlyOne(req.State != StateUnspecified && req.Parent == 0, req.Parent != 0, req.Worker != ""); err != nil {
		return nil, err
	}
	res := &QueryJobsResponse{}
	jobs, by := q.k.Jobs, q.k.Jobs.Indexes
	switch {
	case req.Worker != "":
		res.Jobs, res.Pagination, err = listed(ctx, jobs, by.Worker, p, req.Worker)
	case req.Parent != 0:
		res.Jobs, res.Pagination, err = listed(ctx, jobs, by.Parent, p, narrowed(req.Parent, int32(req.State)))
	case req.State != StateUnspecified:
		res.Jobs, res.Pagination, err = listed(ctx, jobs, by.State, p, narrowed(int32(req.State), string(req.Kind)))
	case req.Kind != "":
		return nil, ErrTerms.Wrapf("kind %.20q alone: give a state as well", req.Kind)
	default:
		res.Jobs, res.Pagination, err = query.CollectionPaginate(ctx, jobs, p,
			func(_ uint64, j Job) (Job, error) { return j, nil })
	}
	return res, err
}

// onlyOne refuses filters that exclude each other.
func onlyOne(filters ...bool) error {
	set := 0
	for _, f := range filters {
		if f {
			set++
		}
	}
	if set > 1 {
		return ErrTerms.Wrap("list by one thing at a time")
	}
	return nil
}

// narrowed is the part of an index with a first key, and with a second one if that is not zero.
func narrowed[A any, B comparable](a A, b B) collections.Pair[A, B] {
	var none B
	if b == none {
		return collections.PairPrefix[A, B](a)
	}
	return collections.Join(a, b)
}

// listed reads a page of the values that an index has under a key.
func listed[V, I, R any](
	ctx context.Context, values *collections.IndexedMap[uint64, V, I],
	index query.Collection[collections.Pair[R, uint64], collections.NoValue], p *query.PageRequest, under R,
) ([]V, *query.PageResponse, error) {
	return query.CollectionPaginate(ctx, index, p,
		func(key collections.Pair[R, uint64], _ collections.NoValue) (V, error) {
			return values.Get(ctx, key.K2())
		},
		query.WithCollectionPaginationPairPrefix[R, uint64](under))
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

// Disputes lists disputes, and shows each as people read it.
func (q queries) Disputes(ctx context.Context, req *QueryDisputesRequest) (*QueryDisputesResponse, error) {
	p, err := page.Bounded(req.Pagination, maxDisputes)
	if err != nil {
		return nil, err
	}
	if err = onlyOne(req.Job != 0, req.Party != ""); err != nil {
		return nil, err
	}
	res := &QueryDisputesResponse{}
	var found []Dispute
	disputes, by := q.k.Disputes, q.k.Disputes.Indexes
	switch {
	case req.Job != 0:
		found, res.Pagination, err = listed(ctx, disputes, by.Job, p, req.Job)
	case req.Party != "":
		found, res.Pagination, err = listed(ctx, disputes, by.Party, p, req.Party)
	default:
		found, res.Pagination, err = query.CollectionPaginate(ctx, disputes, p,
			func(_ uint64, d Dispute) (Dispute, error) { return d, nil })
	}
	if err != nil {
		return nil, err
	}
	for i := range found {
		r, err := q.seen(ctx, &found[i])
		if err != nil {
			return nil, err
		}
		res.Disputes = append(res.Disputes, *r)
	}
	return res, nil
}

func (q queries) seen(ctx context.Context, d *Dispute) (*QueryDisputeResponse, error) {
	j, err := q.k.Get(ctx, d.Job)
	if err != nil {
		return nil, err
	}
	t, g, err := j.game(d)
	if err != nil {
		return &QueryDisputeResponse{Dispute: *d}, nil // nobody can show it, and the others are shown
	}
	return &QueryDisputeResponse{Dispute: *d, View: view(t, g, d, height(ctx))}, nil
}
