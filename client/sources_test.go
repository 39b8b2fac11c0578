package client

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/minga-network/minga/x/worker"
)

// registry is a node that knows workers, whose accounts it lists in order of their bytes.
type registry struct {
	Node
	accounts [][]byte
	stakes   []int64
	asked    int
}

func (r *registry) add(account []byte, stake int64) {
	r.accounts, r.stakes = append(r.accounts, account), append(r.stakes, stake)
}

func (r *registry) worker(i int) worker.Worker {
	return worker.Worker{
		Address: fmt.Sprintf("%x", r.accounts[i]), Endpoint: fmt.Sprintf("http://%x.example", r.accounts[i]),
		Stake: math.NewInt(r.stakes[i]), Locked: math.ZeroInt(),
	}
}

func (r *registry) ABCIQueryWithOptions(
	_ context.Context, path string, data cmtbytes.HexBytes, _ rpcclient.ABCIQueryOptions,
) (*ctypes.ResultABCIQuery, error) {
	r.asked++
	answer := abci.ResponseQuery{}
	var reply proto.Message
	if strings.HasSuffix(path, "/Worker") {
		var q worker.QueryWorkerRequest
		if err := proto.Unmarshal(data, &q); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(r.accounts, func(a []byte) bool { return fmt.Sprintf("%x", a) == q.Address })
		if i < 0 {
			answer.Code = sdkerrors.ErrKeyNotFound.ABCICode()
			return &ctypes.ResultABCIQuery{Response: answer}, nil
		}
		reply = &worker.QueryWorkerResponse{Worker: r.worker(i)}
	} else {
		var q worker.QueryWorkersRequest
		if err := proto.Unmarshal(data, &q); err != nil {
			return nil, err
		}
		reply = r.page(q.Pagination)
	}
	var err error
	answer.Value, err = proto.Marshal(reply)
	return &ctypes.ResultABCIQuery{Response: answer}, err
}

func (r *registry) page(p *query.PageRequest) *worker.QueryWorkersResponse {
	reply := &worker.QueryWorkersResponse{Pagination: &query.PageResponse{}}
	for i, account := range r.accounts {
		switch {
		case bytes.Compare(account, p.Key) < 0:
		case len(reply.Workers) == int(p.Limit):
			reply.Pagination.NextKey = account
			return reply
		default:
			reply.Workers = append(reply.Workers, r.worker(i))
		}
	}
	return reply
}

func asks(t *testing.T, r *registry) *Client {
	t.Helper()
	coder, err := encoding()
	require.NoError(t, err)
	return &Client{node: r, coder: coder, feed: &feed{height: 1}}
}

// TestNobodyHidesTheOthers: with many accounts of little stake before it in the list, an honest worker is asked about
// as often as its stake's part says.
func TestNobodyHidesTheOthers(t *testing.T) {
	r := &registry{}
	for i := range 1000 {
		r.add([]byte{0, byte(i >> 8), byte(i)}, 1)
	}
	honest := []byte{0x80, 1}
	r.add(honest, 1000) // as much as all of them
	c := asks(t, r)
	seen := 0
	for range 100 {
		sources, err := c.Sources(t.Context(), "")
		require.NoError(t, err)
		require.Len(t, sources, othersAsked)
		if slices.Contains(sources, fmt.Sprintf("http://%x.example", honest)) {
			seen++
		}
	}
	require.Equal(t, 100, seen, "of 32 draws, half would have it")
	require.LessOrEqual(t, r.asked, 5, "the list is read once in some blocks")
}

// TestTheLikeliestAreAskedFirst: the address that is given, then the accounts, known ones only, each once.
func TestTheLikeliestAreAskedFirst(t *testing.T) {
	r := &registry{}
	r.add([]byte{1}, 5)
	r.add([]byte{2}, 5)
	sources, err := asks(t, r).Sources(t.Context(), "http://given.example", "02", "", "77", "02")
	require.NoError(t, err)
	require.Equal(t, []string{"http://given.example", "http://02.example", "http://01.example"}, sources)
}

// TestManyWorkers: as much of the list is read as is allowed, from another place each time.
func TestManyWorkers(t *testing.T) {
	r := &registry{}
	for i := range workersPage*mostPages + 5000 {
		r.add([]byte{byte(i >> 6), byte(i << 2)}, 1)
	}
	first := map[string]bool{}
	for range 8 {
		all, err := asks(t, r).Workers(t.Context())
		require.NoError(t, err)
		require.Greater(t, len(all), workersPage*(mostPages-2))
		require.LessOrEqual(t, len(all), workersPage*mostPages)
		first[all[0].Address] = true
	}
	require.Greater(t, len(first), 4)
}
