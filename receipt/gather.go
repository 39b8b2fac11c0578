package receipt

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/cosmos/gogoproto/proto"
	ics23 "github.com/cosmos/ics23/go"
	"google.golang.org/grpc/metadata"

	sdk "github.com/cosmos/cosmos-sdk/types"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"
	"github.com/cosmos/cosmos-sdk/types/query"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// gather collects entries of one height, each once, with the way to the application's hash.
type gather struct {
	client  *client.Client
	height  int64
	stores  map[string]Store
	entries map[string]Entry
}

func newGather(c *client.Client, height int64) *gather {
	return &gather{client: c, height: height, stores: map[string]Store{}, entries: map[string]Entry{}}
}

// sorted is what was gathered, in the order of a bundle.
func (g *gather) sorted() (stores []Store, entries []Entry) {
	for _, s := range g.stores {
		stores = append(stores, s)
	}
	for _, e := range g.entries {
		entries = append(entries, e)
	}
	slices.SortFunc(stores, func(a, b Store) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Store, b.Store), bytes.Compare(a.Key, b.Key))
	})
	return stores, entries
}

// take gathers one entry, which must be there.
func (g *gather) take(ctx context.Context, store string, key []byte, what string) ([]byte, error) {
	id := store + "/" + string(key)
	if e, ok := g.entries[id]; ok {
		return e.Value, nil
	}
	e, err := g.client.Prove(ctx, store, key, g.height)
	if err != nil {
		return nil, err
	}
	if e.Value == nil || len(e.Proof) != 2 {
		return nil, fmt.Errorf("the chain has no %s at height %d", what, g.height)
	}
	root, err := rootOf(e.Proof[0].Data)
	if err != nil {
		return nil, fmt.Errorf("the proof of %s: %w", what, err)
	}
	g.entries[id] = Entry{Store: store, Key: key, Value: e.Value, Proof: e.Proof[0].Data}
	g.stores[store] = Store{Name: store, Root: root, Proof: e.Proof[1].Data}
	return e.Value, nil
}

// rootOf is the root that a proof leads to.
func rootOf(proof []byte) ([]byte, error) {
	var p ics23.CommitmentProof
	if err := p.Unmarshal(proof); err != nil {
		return nil, err
	}
	return p.Calculate()
}

// read gathers a record and decodes it.
func (g *gather) read(ctx context.Context, store string, key []byte, what string, into proto.Message) error {
	value, err := g.take(ctx, store, key, what)
	if err != nil {
		return err
	}
	return proto.Unmarshal(value, into)
}

func (g *gather) job(ctx context.Context, id uint64) (j job.Job, err error) {
	err = g.read(ctx, job.Name, jobKey(id), fmt.Sprintf("job %d", id), &j)
	return j, err
}

func (g *gather) asset(ctx context.Context, id uint64) (a asset.Asset, err error) {
	err = g.read(ctx, asset.Name, assetKey(id), asset.Denom(id), &a)
	return a, err
}

func (g *gather) measured(ctx context.Context, training uint64) (m job.Measured, err error) {
	err = g.read(ctx, job.Name, measuredKey(training), fmt.Sprintf("measuring of job %d", training), &m)
	return m, err
}

// holders gathers the balances of all who hold shares of an asset. That they sum to all
// shares shows that nobody is missing.
func (g *gather) holders(ctx context.Context, id uint64) error {
	at := metadata.AppendToOutgoingContext(ctx, grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(g.height, 10))
	request := &banktypes.QueryDenomOwnersByQueryRequest{Denom: asset.Denom(id),
		Pagination: &query.PageRequest{Limit: 1000}}
	for {
		r, err := banktypes.NewQueryClient(g.client).DenomOwnersByQuery(at, request)
		if err != nil {
			return fmt.Errorf("ask who holds %s: %w", asset.Denom(id), err)
		}
		for _, o := range r.DenomOwners {
			holder, err := sdk.AccAddressFromBech32(o.Address)
			if err != nil {
				return err
			}
			if _, err := g.take(ctx, banktypes.StoreKey, balanceKey(holder, asset.Denom(id)),
				"balance of "+o.Address); err != nil {
				return err
			}
		}
		if r.Pagination == nil || len(r.Pagination.NextKey) == 0 {
			return nil
		}
		request.Pagination = &query.PageRequest{Key: r.Pagination.NextKey, Limit: 1000}
	}
}

// The keys that the modules keep their records under: the prefix of a collection, then
// its key. A receipt with a wrong one would not be made: the node would find nothing.

func jobKey(id uint64) []byte { return binary.BigEndian.AppendUint64([]byte{2}, id) }

func assetKey(id uint64) []byte { return binary.BigEndian.AppendUint64([]byte{1}, id) }

func measuredKey(job uint64) []byte { return binary.BigEndian.AppendUint64([]byte{11}, job) }

func balanceKey(holder sdk.AccAddress, denom string) []byte {
	key := append(banktypes.BalancesPrefix.Bytes(), byte(len(holder)))
	return append(append(key, holder...), denom...)
}
