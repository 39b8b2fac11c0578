package client_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/solo"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// counting is a node that counts the bytes of its answers.
type counting struct {
	client.Node
	bytes int
}

func (n *counting) ABCIQueryWithOptions(
	ctx context.Context, path string, data cmtbytes.HexBytes, o rpcclient.ABCIQueryOptions,
) (*ctypes.ResultABCIQuery, error) {
	r, err := n.Node.ABCIQueryWithOptions(ctx, path, data, o)
	if err == nil {
		n.bytes += len(r.Response.Value)
	}
	return r, err
}

func (n *counting) BlockResults(ctx context.Context, height *int64) (*ctypes.ResultBlockResults, error) {
	r, err := n.Node.BlockResults(ctx, height)
	if err == nil {
		for _, tx := range r.TxsResults {
			n.bytes += tx.Size()
		}
		for _, e := range r.FinalizeBlockEvents {
			n.bytes += e.Size()
		}
	}
	return r, err
}

// crowd is a chain with some open jobs, a reader of it, and who posted them.
type crowd struct {
	t     *testing.T
	chain *solo.Chain
	node  *counting
	c     *client.Client
	ana   *client.Signer
	data  uint64
}

func newCrowd(t *testing.T, jobs int) *crowd {
	ana := signer("ana")
	s, err := solo.New(solo.Config{Accounts: []chain.Account{{Address: ana.Address, Amount: math.NewInt(rich)}}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.Step(1))
	w := &crowd{t: t, chain: s, node: &counting{Node: s}, ana: ana}
	w.c, err = client.New(t.Context(), w.node)
	require.NoError(t, err)
	t.Cleanup(w.c.Close)
	paced, stop := context.WithCancel(t.Context())
	go func() { _ = s.Run(paced, 10*time.Millisecond) }() // a registration waits for a block
	r, err := w.c.Register(t.Context(), ana, &asset.MsgRegister{
		Name: "folk tales", Root: make([]byte, 32), Bytes: 9, Records: 1, Licence: "CC0-1.0", Price: math.ZeroInt(),
	})
	require.NoError(t, err)
	stop()
	go func() { _ = s.Run(t.Context(), 0) }()
	w.data = r.Responses[0].(*asset.MsgRegisterResponse).Asset
	const batch = 100
	for ; jobs > 0; jobs -= batch {
		w.post(min(batch, jobs))
	}
	return w
}

// post posts open jobs.
func (w *crowd) post(n int) {
	task := &verify.Programs{
		Phases: []verify.Phase{{Nodes: 1, Steps: 1}}, States: 5, Header: verify.File{Size: 8}, Words: 1,
	}
	terms := job.Terms{
		Kind: job.KindTrain, Proof: job.ProofReferee, Spec: make([]byte, 32), Budget: math.NewInt(10), Units: 1,
		MaxPrice: math.NewInt(1), CheckPay: math.ZeroInt(), Stake: math.NewInt(1), Deadline: 1000, Work: 10, Window: 10,
		Task: task.Encode(), Train: &job.TrainTerms{
			Datasets: []uint64{w.data}, Used: []uint64{1}, Name: "tales", Licence: "CC0-1.0",
			Split: job.Split{Data: 10000, Method: "tokens"},
		},
	}
	var msgs []sdk.Msg
	for range n {
		msgs = append(msgs, &job.MsgPost{Creator: w.ana.String(), Terms: terms})
	}
	_, err := w.c.Send(w.t.Context(), w.ana, msgs...)
	require.NoError(w.t, err)
}

// cost is how many bytes the node answers with while something is done.
func (w *crowd) cost(do func() error) int {
	before := w.node.bytes
	require.NoError(w.t, do())
	return w.node.bytes - before
}

// quiet makes blocks in which nothing happens, and waits until the client has seen them.
func (w *crowd) quiet(blocks int) {
	heights := w.c.Blocks(w.t.Context())
	require.NoError(w.t, w.chain.Step(blocks))
	for h := range heights {
		if h >= w.chain.Height() {
			return
		}
	}
}

// TestLiveReadsWhatChanged: with 2,000 live jobs a quiet block costs next to nothing, and the view is
// what a list of all jobs is.
func TestLiveReadsWhatChanged(t *testing.T) {
	const many = 2000
	w := newCrowd(t, many)
	live := w.c.Live(job.KindTrain)
	var seen []job.Job
	see := func() (err error) {
		seen, err = live.In(t.Context(), job.StateOpen)
		return err
	}
	list := func() error { return w.list(nil) }
	first := w.cost(see)
	require.Len(t, seen, many)
	w.quiet(1)
	before, quiet := w.cost(list), w.cost(see)
	w.post(1)
	_, err := w.c.Send(t.Context(), w.ana, &job.MsgCancel{Creator: w.ana.String(), Job: 7})
	require.NoError(t, err)
	busy := w.cost(see)
	t.Logf("%d live jobs, bytes a block: %d when all are listed; %d in a quiet block, %d with two changes; %d at first",
		many, before, quiet, busy, first)
	require.Less(t, quiet*100, before)
	require.Less(t, busy*50, before)
	var all []job.Job
	require.NoError(t, w.list(&all))
	require.Equal(t, all, seen)
	require.Len(t, seen, many) // one came, one went
}

// list lists the live jobs as a program without a view does in each block.
func (w *crowd) list(into *[]job.Job) error {
	for _, state := range []job.State{job.StateOpen, job.StateTaken, job.StateClaimed, job.StateDisputed} {
		err := client.Pages(func(page *query.PageRequest) (*query.PageResponse, error) {
			request := &job.QueryJobsRequest{State: state, Pagination: page}
			r, err := job.NewQueryClient(w.c).Jobs(w.t.Context(), request)
			if err != nil {
				return nil, fmt.Errorf("list %s jobs: %w", state.Word(), err)
			}
			if into != nil {
				*into = append(*into, r.Jobs...)
			}
			return r.Pagination, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A view that stands still while jobs end by themselves, and one that begins late, see the same.
func TestLiveForgetsWhatEnded(t *testing.T) {
	w := newCrowd(t, 3)
	early := w.c.Live(job.KindTrain)
	open, err := early.In(t.Context(), job.StateOpen)
	require.NoError(t, err)
	require.Len(t, open, 3)
	w.quiet(1001)
	for _, live := range []*client.Live{early, w.c.Live(job.KindTrain)} {
		open, err := live.In(t.Context(), job.StateOpen)
		require.NoError(t, err)
		require.Empty(t, open, "the deadline has passed")
	}
	none, err := w.c.Live(job.KindInfer).In(t.Context(), job.StateOpen)
	require.NoError(t, err)
	require.Empty(t, none)
}

// secretive is a node that does not show one job.
type secretive struct {
	client.Node
	hides uint64
}

func (n *secretive) ABCIQueryWithOptions(
	ctx context.Context, path string, data cmtbytes.HexBytes, o rpcclient.ABCIQueryOptions,
) (*ctypes.ResultABCIQuery, error) {
	var q job.QueryJobRequest
	if strings.HasSuffix(path, "/Job") && proto.Unmarshal(data, &q) == nil && q.Id == n.hides {
		return &ctypes.ResultABCIQuery{Response: abci.ResponseQuery{Code: 1, Log: "this one cannot be read"}}, nil
	}
	return n.Node.ABCIQueryWithOptions(ctx, path, data, o)
}

// TestLiveGoesOnAfterAnUnreadableJob: what the chain cannot show hides no other job, and is asked for again later.
func TestLiveGoesOnAfterAnUnreadableJob(t *testing.T) {
	w := newCrowd(t, 3)
	node := &secretive{Node: w.chain}
	c, err := client.New(t.Context(), node)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	w.c = c
	live := c.Live(job.KindTrain)
	open := func() int {
		all, err := live.In(t.Context(), job.StateOpen)
		require.NoError(t, err)
		return len(all)
	}
	require.Equal(t, 3, open())
	node.hides = 4
	w.post(2)
	require.Equal(t, 4, open(), "one of two new ones")
	node.hides = 0
	w.quiet(1)
	require.Equal(t, 4, open(), "it is not asked for in each block")
	w.quiet(20)
	require.Equal(t, 5, open())
}

// TestPace is the chain's own time, by its blocks.
func TestPace(t *testing.T) {
	w := newCrowd(t, 0)
	w.quiet(3)
	pace, err := w.c.Pace(t.Context())
	require.NoError(t, err)
	require.Equal(t, time.Second, pace)
}
