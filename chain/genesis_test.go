package chain_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

func newApp(t *testing.T, id string) *chain.App {
	t.Helper()
	a, err := chain.New(log.NewNopLogger(), dbm.NewMemDB(), "", baseapp.SetChainID(id))
	require.NoError(t, err)
	t.Cleanup(func() { a.Close() })
	return a
}

func TestDefaultGenesisIsValid(t *testing.T) {
	a := newApp(t, "minga-test-1")
	require.NoError(t, a.ValidateGenesis(a.DefaultGenesis()))
}

func TestUpgradesLeadToTheVersion(t *testing.T) {
	names := chain.Releases()
	require.Equal(t, chain.Version, 1+len(names), "each upgrade adds one to chain.Version")
	for i, name := range names {
		require.Equal(t, fmt.Sprintf("v%d", i+2), name)
	}
	require.EqualValues(t, chain.Version, newApp(t, "minga-test-1").AppVersion())
}

// importInto gives a fresh application a genesis.
func importInto(t *testing.T, doc *cmttypes.GenesisDoc) *chain.App {
	t.Helper()
	a := newApp(t, doc.ChainID)
	params := doc.ConsensusParams.ToProto()
	_, err := a.InitChain(&abci.RequestInitChain{
		ChainId: doc.ChainID, Time: doc.GenesisTime, InitialHeight: doc.InitialHeight,
		ConsensusParams: &params, AppStateBytes: doc.AppState,
	})
	require.NoError(t, err)
	return a
}

// firstHash commits the first block after an import and returns the application's hash.
func firstHash(t *testing.T, a *chain.App, doc *cmttypes.GenesisDoc) []byte {
	t.Helper()
	r, err := a.FinalizeBlock(&abci.RequestFinalizeBlock{Height: doc.InitialHeight,
		Time: doc.GenesisTime.Add(time.Second)})
	require.NoError(t, err)
	_, err = a.Commit()
	require.NoError(t, err)
	return r.AppHash
}

// The whole state survives: workers, assets and jobs in several states of their lives.
func TestExportImportExport(t *testing.T) {
	doc := lived(t)
	require.Greater(t, doc.InitialHeight, int64(3))
	again, err := importInto(t, doc).ExportImported(doc)
	require.NoError(t, err)
	require.Equal(t, modules(t, doc), modules(t, again))
	require.True(t, bytes.Equal(doc.AppState, again.AppState))

	a, b := importInto(t, doc), importInto(t, doc)
	hash := firstHash(t, a, doc)
	require.NotEmpty(t, hash)
	require.Equal(t, hash, firstHash(t, b, doc))
	j, err := a.Job.Get(sdk.NewContext(a.CommitMultiStore(), header(doc), true, a.Logger()), 1)
	require.NoError(t, err)
	require.Equal(t, job.StateTaken, j.State)
}

// modules splits a genesis, so that a difference is shown where it is.
func modules(t *testing.T, doc *cmttypes.GenesisDoc) map[string]string {
	t.Helper()
	var raw map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(doc.AppState, &raw))
	m := map[string]string{}
	for name, state := range raw {
		m[name] = string(state)
	}
	return m
}

// lived runs a chain on disk for a while and returns its exported state.
func lived(t *testing.T) *cmttypes.GenesisDoc {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	home := t.TempDir()
	var accounts []chain.Account
	for _, name := range []string{"ann", "ben", "cid"} {
		accounts = append(accounts, chain.Account{Address: signer(name).Address, Amount: math.NewInt(1_000_000_000_000)})
	}
	n, err := node.Local(ctx, node.LocalConfig{ChainID: "minga-test-1", Validators: 1, Accounts: accounts, Home: home,
		BlockTime: 50 * time.Millisecond})
	require.NoError(t, err)
	live(ctx, t, n)
	require.NoError(t, n.Stop())
	doc, err := node.Export(filepath.Join(home, "validator-0"))
	require.NoError(t, err)
	return doc
}

func signer(name string) *client.Signer { return client.NewSigner(node.LocalKey(name)) }

// live registers two workers and two datasets, posts jobs, takes one, pays and moves shares.
func live(ctx context.Context, t *testing.T, n *node.Network) {
	t.Helper()
	c, err := client.Dial(ctx, n.URL())
	require.NoError(t, err)
	defer c.Close()
	ann, ben, cid := signer("ann"), signer("ben"), signer("cid")
	do := func(s *client.Signer, msgs ...sdk.Msg) {
		_, err := c.Send(ctx, s, msgs...)
		require.NoError(t, err)
	}
	offers := []worker.Offer{{Kind: "train", Price: math.NewInt(1)}, {Kind: "infer", Price: math.NewInt(2)}}
	for _, s := range []*client.Signer{ben, cid} {
		do(s, &worker.MsgRegister{Worker: s.String(), Endpoint: "http://127.0.0.1:9", Stake: math.NewInt(500_000_000),
			Offers: offers})
	}
	for i := range 2 {
		_, err := c.Register(ctx, cid, &asset.MsgRegister{
			Name: fmt.Sprintf("text %d", i), Root: bytes.Repeat([]byte{byte(i + 1)}, 32),
			Bytes: 1000, Records: 10, Licence: "CC0-1.0", Price: math.NewInt(1000), Source: "http://127.0.0.1:9",
		})
		require.NoError(t, err)
	}
	do(ann, post(ann.String()), post(ann.String()))
	do(ben, &job.MsgTake{Worker: ben.String(), Job: 1})
	do(ann, &asset.MsgDeposit{From: ann.String(), Asset: 1, Amount: math.NewInt(12_345)})
	do(cid, banktypes.NewMsgSend(cid.Address, ann.Address, sdk.NewCoins(sdk.NewInt64Coin(asset.Denom(1), 333_333_333))))
	do(cid, &worker.MsgUnbond{Worker: cid.String()})
}

func post(creator string) *job.MsgPost {
	task := verify.Programs{
		Phases: []verify.Phase{{Nodes: 1, Steps: 1}}, States: 1, Header: verify.File{Size: 4}, Words: 1,
	}
	return &job.MsgPost{Creator: creator, Terms: job.Terms{
		Task: task.Encode(),
		Kind: job.KindTrain, Proof: job.ProofReferee, Spec: bytes.Repeat([]byte{9}, 32), Source: "http://127.0.0.1:9",
		Budget: math.NewInt(1_000_000),
		Units:  1000, MaxPrice: math.NewInt(5), Checkers: 1, CheckPay: math.NewInt(1000), Stake: math.NewInt(1_000_000),
		Deadline: 1000, Work: 1000, Window: 100,
		Train: &job.TrainTerms{
			Datasets: []uint64{1, 2}, Used: []uint64{400, 600}, Name: "model", Licence: "Apache-2.0",
			Split: job.Split{Data: 6000, Compute: 2000, Creator: 1000, Commons: 1000, Method: "tokens"},
		},
	}}
}

func header(doc *cmttypes.GenesisDoc) cmtproto.Header {
	return cmtproto.Header{ChainID: doc.ChainID, Height: doc.InitialHeight}
}
