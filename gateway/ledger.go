package gateway

import (
	"context"
	"net/http"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// ledger is what the gateway needs of the chain.
type ledger interface {
	// Self is this gateway as a worker; codes.NotFound if it has not registered.
	Self(ctx context.Context) (worker.Worker, error)
	// Jobs lists the infer jobs in a state.
	Jobs(ctx context.Context, s job.State) ([]job.Job, error)
	Job(ctx context.Context, id uint64) (job.Job, error)
	Asset(ctx context.Context, id uint64) (asset.Asset, error)
	// Sources lists where blobs may be found: at an address, at accounts, at others.
	Sources(ctx context.Context, url string, accounts ...string) ([]string, error)
	// Workers lists the workers.
	Workers(ctx context.Context) ([]worker.Worker, error)
	// Pace is the time from one block to the next.
	Pace(ctx context.Context) (time.Duration, error)
	// Texts are what a model was trained on, by dataset; they are fetched into a store, if there is the memory.
	Texts(ctx context.Context, s *store.Store, model asset.Asset, memory int64) ([][]byte, error)
	// Send returns when a block has the message, or with the chain's refusal.
	Send(ctx context.Context, msg sdk.Msg) error
	// Blocks tells of each new height.
	Blocks(ctx context.Context) <-chan int64
}

// chainLedger is the ledger behind a node.
type chainLedger struct {
	*client.Client
	signer *client.Signer
	over   http.RoundTripper // to blobs
	live   *client.Live      // infer jobs
}

func (c chainLedger) Self(ctx context.Context) (worker.Worker, error) {
	r, err := worker.NewQueryClient(c).Worker(ctx, &worker.QueryWorkerRequest{Address: c.signer.String()})
	if err != nil {
		return worker.Worker{}, err
	}
	return r.Worker, nil
}

func (c chainLedger) Jobs(ctx context.Context, s job.State) ([]job.Job, error) {
	return c.live.In(ctx, s)
}

func (c chainLedger) Job(ctx context.Context, id uint64) (job.Job, error) {
	r, err := job.NewQueryClient(c).Job(ctx, &job.QueryJobRequest{Id: id})
	if err != nil {
		return job.Job{}, err
	}
	return r.Job, nil
}

func (c chainLedger) Asset(ctx context.Context, id uint64) (asset.Asset, error) {
	r, err := asset.NewQueryClient(c).Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return asset.Asset{}, err
	}
	return r.Asset, nil
}

func (c chainLedger) Texts(ctx context.Context, s *store.Store, model asset.Asset, memory int64) ([][]byte, error) {
	return kind.Host{Chain: c.Client, Store: s, Transport: c.over, Memory: memory}.Texts(ctx, model)
}

func (c chainLedger) Send(ctx context.Context, msg sdk.Msg) error {
	_, err := c.Client.Send(ctx, c.signer, msg)
	return err
}
