package beacon

import "context"

// queries answers Query. It is a type of its own because Keeper has methods of the same names.
type queries struct{ k Keeper }

var _ QueryServer = queries{}

func (q queries) Seed(ctx context.Context, req *QuerySeedRequest) (*QuerySeedResponse, error) {
	asked := req.Height
	if asked == 0 {
		asked = height(ctx)
	}
	s, ok, err := q.k.Seed(ctx, asked)
	if err == nil && !ok {
		err = ErrSeed.Wrapf("height %d: those of the last %d blocks up to %d are kept", asked, Keep, height(ctx))
	}
	return &QuerySeedResponse{Seed: s}, err
}

func (q queries) Draw(ctx context.Context, req *QueryDrawRequest) (*QueryDrawResponse, error) {
	seed, _, err := q.k.Draw(ctx, req.From)
	return &QueryDrawResponse{Seed: seed, Ready: req.From + Wait}, err
}
