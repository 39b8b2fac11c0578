package sim

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

const (
	// Purse is what everybody has at the beginning, in uminga.
	Purse = 1_000_000_000_000
	// Stake is what a worker registers with.
	Stake = 50_000_000

	storeSize = 1 << 30 // bytes
)

// Village is a chain in this process and the people on it.
type Village struct {
	*testing.T
	Ctx     context.Context // ends with the test
	Client  *client.Client
	URL     string            // of the chain's node; empty without a network
	Over    http.RoundTripper // to people's machines
	backend backend
	step    func(job uint64, role daemon.Role, p train.Progress) // Progress of daemons
}

// backend is the chain of a village and the way to people's machines.
type backend interface {
	// dial makes another client of the chain.
	dial(ctx context.Context) (*client.Client, error)
	// blocks is a node that knows what the blocks' transactions did.
	blocks() (blocks, error)
	// serve lets a handler answer for somebody's machine until ctx ends.
	serve(ctx context.Context, name string, h http.Handler) (url string, wait func() error, err error)
}

// Person is somebody with a key, coins, and blobs served at URL.
type Person struct {
	Name   string
	Signer *client.Signer
	Store  *store.Store
	URL    string
	Dir    string // for checkpoints
}

// newVillage makes a village around a chain.
func newVillage(t *testing.T, b backend, while time.Duration) *Village {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), while)
	t.Cleanup(cancel)
	v := &Village{T: t, Ctx: ctx, backend: b}
	v.Client = v.client()
	return v
}

// client is one more client of the chain.
func (v *Village) client() *client.Client {
	v.Helper()
	c, err := v.backend.dial(v.Ctx)
	require.NoError(v, err)
	v.Cleanup(c.Close)
	return c
}

// accounts gives each name its coins.
func accounts(names []string) (all []chain.Account) {
	for _, name := range names {
		all = append(all, chain.Account{Address: Signer(name).Address, Amount: math.NewInt(Purse)})
	}
	return all
}

// Signer is the key of a name.
func Signer(name string) *client.Signer { return client.NewSigner(node.LocalKey(name)) }

// Person lets one of the named people open a store and serve it.
func (v *Village) Person(name string) *Person {
	v.Helper()
	p := &Person{Name: name, Signer: Signer(name), Dir: filepath.Join(v.TempDir(), "work")}
	var err error
	p.Store, err = store.Open(v.TempDir(), storeSize)
	require.NoError(v, err)
	v.Cleanup(func() { _ = p.Store.Close() })
	v.Serve(p, transfer.Handler(p.Store))
	return p
}

// Serve lets a handler answer at a person's URL, which may change by that.
func (v *Village) Serve(p *Person, h http.Handler) {
	v.Helper()
	ctx, cancel := context.WithCancel(v.Ctx)
	url, wait, err := v.backend.serve(ctx, p.Name, h)
	require.NoError(v, err)
	v.Cleanup(func() {
		cancel()
		_ = wait()
	})
	p.URL = url
}

// Send sends and returns the response of the first message.
func (v *Village) Send(s *client.Signer, msgs ...sdk.Msg) proto.Message {
	v.Helper()
	r, err := v.Client.Send(v.Ctx, s, msgs...)
	require.NoError(v, err)
	return r.Responses[0]
}

// Register makes a worker of a person, with the offers "train" and "infer" for a
// price in uminga.
func (v *Village) Register(p *Person, price int64, kinds ...worker.Kind) {
	v.Helper()
	msg := &worker.MsgRegister{Worker: p.Signer.String(), Endpoint: p.URL, Stake: math.NewInt(Stake)}
	for _, k := range kinds {
		msg.Offers = append(msg.Offers, worker.Offer{Kind: k, Price: math.NewInt(price)})
	}
	v.Send(p.Signer, msg)
}

// Config is what a person's worker runs with.
func (v *Village) Config(p *Person) daemon.Config {
	v.Helper()
	return daemon.Config{
		Client: v.client(), Signer: p.Signer, Store: p.Store, Transport: v.Over, Dir: p.Dir, Threads: 1, Progress: v.step,
	}
}

// Start runs a daemon of this process until stop or the end of the test.
func (v *Village) Start(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(v.Ctx)
	ended := make(chan struct{})
	go func() {
		_ = run(ctx) // that ctx ended
		close(ended)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	v.Cleanup(stop)
	return stop
}

// Publish stores a text and registers it as a dataset.
func (v *Village) Publish(p *Person, text string) uint64 {
	v.Helper()
	root := v.Put(p, []byte(text))
	r, err := v.Client.Register(v.Ctx, p.Signer, &asset.MsgRegister{
		Name: "text of " + p.Name, Root: root[:], Bytes: uint64(len(text)),
		Records: uint64(strings.Count(text, "\n")), Licence: "CC0-1.0", Price: math.ZeroInt(), Source: p.URL,
	})
	require.NoError(v, err)
	return r.Responses[0].(*asset.MsgRegisterResponse).Asset
}

// Put keeps bytes in a person's store.
func (v *Village) Put(p *Person, content []byte) blob.Hash {
	v.Helper()
	root, err := p.Store.PutBytes(content)
	require.NoError(v, err)
	return root
}

// Terms are those of a job file that a person serves.
func (v *Village) Terms(p *Person, spec string) job.Terms {
	v.Helper()
	terms, err := kind.On(v.Host(p)).Terms(v.Ctx, []byte(spec))
	require.NoError(v, err)
	terms.Source = p.URL
	return terms
}

// Post posts a job and returns its id.
func (v *Village) Post(p *Person, terms job.Terms) uint64 {
	v.Helper()
	r := v.Send(p.Signer, &job.MsgPost{Creator: p.Signer.String(), Terms: terms})
	return r.(*job.MsgPostResponse).Job
}

// Measure has a job's data measured, by the texts that its creator's store has.
func (v *Village) Measure(p *Person, id uint64) {
	v.Helper()
	m := v.Measuring(p, id)
	v.Send(p.Signer, &job.MsgMeasure{Creator: p.Signer.String(), Job: id, Measure: m.Says})
}

// Measuring is how a job's data is measured.
func (v *Village) Measuring(p *Person, id uint64) *kind.Measuring {
	v.Helper()
	m, err := v.Host(p).Measuring(v.Ctx, v.Job(id))
	require.NoError(v, err)
	return m
}

// Host is a person's machine for kinds of jobs.
func (v *Village) Host(p *Person) kind.Host {
	return kind.Host{Chain: v.Client, Store: p.Store, Transport: v.Over, Dir: p.Dir, Threads: 1}
}

// Measured is how far the measuring of a job is.
func (v *Village) Measured(id uint64) job.Measured {
	v.Helper()
	r, err := job.NewQueryClient(v.Client).Measured(v.Ctx, &job.QueryMeasuredRequest{Job: id})
	require.NoError(v, err)
	return r.Measured
}

// Left is how many of the runs that measure a job are not paid.
func (v *Village) Left(id uint64) int {
	v.Helper()
	r, err := job.NewQueryClient(v.Client).Measured(v.Ctx, &job.QueryMeasuredRequest{Job: id})
	require.NoError(v, err)
	return int(r.Children.Count - r.Children.Paid)
}

// Runs are the jobs that measure a job.
func (v *Village) Runs(id uint64) (runs []job.Job) {
	v.Helper()
	m := v.Measured(id)
	for run := range uint64(m.Runs) {
		runs = append(runs, v.Job(m.First+run))
	}
	return runs
}

// Job is a job as it is now.
func (v *Village) Job(id uint64) job.Job {
	v.Helper()
	r, err := job.NewQueryClient(v.Client).Job(v.Ctx, &job.QueryJobRequest{Id: id})
	require.NoError(v, err)
	return r.Job
}

// Await returns a job once it is in one of the states.
func (v *Village) Await(id uint64, states ...job.State) job.Job {
	v.Helper()
	var j job.Job
	v.Until(func() bool {
		j = v.Job(id)
		reached := slices.Contains(states, j.State)
		require.False(v, j.State.Final() && !reached, "job %d is %s: %s", id, j.State.Word(), j.Reason)
		return reached
	})
	return j
}

// Disputes are those about a job, by id.
func (v *Village) Disputes(id uint64) []job.QueryDisputeResponse {
	v.Helper()
	r, err := job.NewQueryClient(v.Client).Disputes(v.Ctx, &job.QueryDisputesRequest{Job: id})
	require.NoError(v, err)
	return r.Disputes
}

// Until looks at each new block whether something is so.
func (v *Village) Until(so func() bool) {
	v.Helper()
	ctx, cancel := context.WithCancel(v.Ctx)
	defer cancel()
	for range v.Client.Blocks(ctx) {
		if so() {
			return
		}
	}
	require.Fail(v, "waited in vain", "%v", context.Cause(ctx))
}

// Record is what the chain says of a worker.
func (v *Village) Record(p *Person) worker.Worker {
	v.Helper()
	r, err := worker.NewQueryClient(v.Client).Worker(v.Ctx, &worker.QueryWorkerRequest{Address: p.Signer.String()})
	require.NoError(v, err)
	return r.Worker
}

// Wealth is how many uminga some people have, in hand and as a worker's stake.
func (v *Village) Wealth(people ...*Person) int64 {
	v.Helper()
	sum := int64(0)
	for _, p := range people {
		sum += v.Balance(p)
		r, err := worker.NewQueryClient(v.Client).Worker(v.Ctx, &worker.QueryWorkerRequest{Address: p.Signer.String()})
		if status.Code(err) == codes.NotFound {
			continue
		}
		require.NoError(v, err)
		sum += r.Worker.Stake.Int64()
	}
	return sum
}
