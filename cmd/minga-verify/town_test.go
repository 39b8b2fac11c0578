package main_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/chain/solo"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/receipt"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// A town is a chain of four validators in this process. Its sessions ask for no checkers,
// or like its trainings for one that agrees, so that claims of invented hashes are paid and nobody has to
// train: blocks, signatures, state, proofs and settlements are the chain's own.
type town struct {
	*testing.T
	ctx    context.Context
	client *client.Client
	rng    *rand.Rand
	plain  bool   // nobody is paid for quotes
	tx     string // hash of the last transaction
	claims string // and of that which had the last claims
	base   uint64 // model that the next training begins with; 0: none
	// attributing tells that the last model gives a part of its fees to data that is repeated.
	attributing bool
	texts       map[blob.Hash][]byte
	last        int // of the hashes invented so far
}

const (
	pace  = 5 * time.Millisecond // a block without a transaction comes after so long
	purse = 1_000_000_000_000
)

func newTown(t *testing.T) *town {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	var accounts []chain.Account
	for _, name := range []string{"ana", "beto", "creator", "worker", "checker", "customer", "buyer"} {
		accounts = append(accounts, chain.Account{Address: key(name).Address, Amount: math.NewInt(purse)})
	}
	s, err := solo.New(solo.Config{ChainID: "minga-local-1", Validators: 4, Accounts: accounts})
	require.NoError(t, err)
	require.NoError(t, s.Step(3)) // the first states cannot be proven
	c, err := client.New(ctx, s)
	require.NoError(t, err)
	ended := make(chan error)
	go func() { ended <- s.Run(ctx, pace) }()
	t.Cleanup(func() {
		cancel()
		c.Close()
		require.NoError(t, <-ended)
		require.NoError(t, s.Close())
	})
	v := &town{T: t, ctx: ctx, client: c, rng: rand.New(rand.NewPCG(4, 4)), texts: map[blob.Hash][]byte{}}
	v.register("worker", 3)
	v.register("checker", 3)
	return v
}

func key(name string) *client.Signer { return client.NewSigner(node.LocalKey(name)) }

func (v *town) send(name string, msgs ...sdk.Msg) []any {
	v.Helper()
	r, err := v.client.Send(v.ctx, key(name), msgs...)
	require.NoError(v, err)
	v.tx = r.Hash
	var all []any
	for _, m := range r.Responses {
		all = append(all, m)
	}
	return all
}

func (v *town) register(name string, price int64) {
	v.send(name, &worker.MsgRegister{
		Worker: key(name).String(), Endpoint: "http://127.0.0.1:1", Stake: math.NewInt(500_000_000),
		Offers: []worker.Offer{{Kind: job.KindTrain, Price: math.NewInt(price)},
			{Kind: job.KindInfer, Price: math.NewInt(price)}},
	})
}

// hash is one that nobody knows the content of.
func (v *town) hash() verify.Hash {
	v.last++
	return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(v.last)))
}

func (v *town) hashes(n int) (all []verify.Hash) {
	for range n {
		all = append(all, v.hash())
	}
	return all
}

func (v *town) bytes() []byte { h := v.hash(); return h[:] }

// dataset publishes a text.
func (v *town) dataset(owner string, price int64) uint64 {
	v.last++
	text := []byte(strings.Repeat(fmt.Sprintf("%s writes line %d.\n", owner, v.last), 40+v.rng.IntN(400)))
	root := blob.Sum(text)
	v.texts[root] = text
	return v.publish(owner, root, text, price)
}

func (v *town) publish(owner string, root blob.Hash, text []byte, price int64) uint64 {
	r, err := v.client.Register(v.ctx, key(owner), &asset.MsgRegister{
		Name: "text of " + owner, Root: root[:], Bytes: uint64(len(text)),
		Records: uint64(strings.Count(string(text), "\n")), Licence: "CC0-1.0", Price: math.NewInt(price),
	})
	require.NoError(v, err)
	return r.Responses[0].(*asset.MsgRegisterResponse).Asset
}

// training is a run that nobody made: a task and the claim about it.
type training struct {
	task   verify.Programs
	leaves []verify.Hash
	claim  job.Claim
}

// corpusTokens is how many tokens there are to train on.
const corpusTokens = 10_000

// trained is a training of a few steps.
func (v *town) trained(steps int, units uint64) *training {
	r := &training{task: verify.Programs{
		Phases: []verify.Phase{{Program: v.hash(), Nodes: 4, Steps: steps, Outputs: v.rng.IntN(3)}},
		States: 2 + v.rng.IntN(4),
		Inputs: []verify.Input{{Root: v.hash(), Words: corpusTokens}}, Header: verify.File{Root: v.hash(), Size: 64},
		Words: 16,
	}}
	r.leaves = v.hashes(steps + 1)
	trace := blob.Root(r.leaves)
	r.claim = job.Claim{
		Result: v.bytes(), Bytes: uint64(r.task.Extent().Result), State: r.leaves[steps][:], Trace: trace[:], Units: units,
		End: slicesOf(blob.Path(r.leaves, steps)),
	}
	return r
}

func slicesOf(hashes []blob.Hash) (all [][]byte) {
	for i := range hashes {
		all = append(all, hashes[i][:])
	}
	return all
}

// settle posts a job, has it claimed and checked, and waits until it is paid.
func (v *town) settle(terms job.Terms, r *training) uint64 {
	id := v.send("creator", &job.MsgPost{Creator: key("creator").String(), Terms: terms})[0].(*job.MsgPostResponse).Job
	who := key("worker").String()
	v.send("worker", &job.MsgTake{Worker: who, Job: id}, &job.MsgClaim{Worker: who, Job: id, Claim: r.claim})
	v.check(v.job(id), r)
	v.await(id)
	return id
}

func (v *town) await(id uint64) {
	v.Helper()
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	for range v.client.Blocks(ctx) {
		if j := v.job(id); j.State.Final() {
			require.Equal(v, job.StatePaid, j.State, j.Reason)
			return
		}
	}
	require.Fail(v, "waited in vain")
}

func (v *town) job(id uint64) job.Job {
	v.Helper()
	r, err := job.NewQueryClient(v.client).Job(v.ctx, &job.QueryJobRequest{Id: id})
	require.NoError(v, err)
	return r.Job
}

// terms of a training that uses so many tokens of each dataset.
func (v *town) terms(datasets, used []uint64) job.Terms {
	t := job.Terms{
		Kind: job.KindTrain, Proof: job.ProofReferee, Spec: v.bytes(), MaxPrice: math.NewInt(3),
		CheckPay: math.NewInt(10_000),
		Stake:    math.NewInt(500_000), Deadline: 50, Work: 50, Window: 1, Budget: math.NewInt(1_000_000_000), Checkers: 1,
		Train: &job.TrainTerms{Datasets: datasets, Used: used, Name: "abuela", Licence: "CC0-1.0"},
	}
	for _, n := range used {
		t.Units += n
	}
	p := &t.Train.Split
	p.Data = uint32(v.rng.IntN(10001))
	p.Compute = uint32(v.rng.IntN(10001 - int(p.Data)))
	p.Creator = uint32(v.rng.IntN(10001 - int(p.Data) - int(p.Compute)))
	p.Commons = 10000 - p.Data - p.Compute - p.Creator
	p.Method = "tokens"
	p.Royalty = 1 + uint32(v.rng.IntN(10000))
	p.Attribution = v.attribution()
	return t
}

// begin lets a training begin with the town's base.
func (v *town) begin(t *job.Terms, r *training) {
	v.Helper()
	if t.Train.Base = v.base; v.base != 0 {
		b, err := asset.NewQueryClient(v.client).Asset(v.ctx, &asset.QueryAssetRequest{Id: v.base})
		require.NoError(v, err)
		r.task.Start = verify.File{Root: verify.Hash(b.Asset.Root), Size: int64(b.Asset.Bytes)}
	}
	t.Task = r.task.Encode()
}

// byTokens trains a model on some datasets, by tokens.
func (v *town) byTokens(datasets ...uint64) uint64 {
	var used []uint64
	for range datasets {
		used = append(used, v.rng.Uint64N(5000))
	}
	used[0]++
	t := v.terms(datasets, used)
	r := v.trained(1+v.rng.IntN(40), t.Units)
	v.begin(&t, r)
	id := v.settle(t, r)
	return v.job(id).Asset
}

// sell moves some of the shares that somebody has of a model.
func (v *town) sell(model uint64) {
	seller := []string{"ana", "creator", "worker"}[v.rng.IntN(3)]
	from := key(seller).String()
	bank := banktypes.NewQueryClient(v.client)
	b, err := bank.Balance(v.ctx, &banktypes.QueryBalanceRequest{Address: from, Denom: asset.Denom(model)})
	require.NoError(v, err)
	if n := b.Balance.Amount.Int64(); n > 0 {
		v.send(seller, &banktypes.MsgSend{
			FromAddress: from, ToAddress: key("buyer").String(),
			Amount: sdk.NewCoins(sdk.NewInt64Coin(asset.Denom(model), 1+v.rng.Int64N(n))),
		})
	}
}

// sessions are so many paid sessions with a model, each of other units and terms.
func (v *town) sessions(model uint64, n int) []uint64 {
	v.Helper()
	r, err := asset.NewQueryClient(v.client).Asset(v.ctx, &asset.QueryAssetRequest{Id: model})
	require.NoError(v, err)
	var posts, takes, claims []sdk.Msg
	var all []*training
	for range n {
		t := v.offer(model)
		run := v.session(&t, r.Asset)
		v.quote(run, r.Asset)
		posts, all = append(posts, &job.MsgPost{Creator: key("customer").String(), Terms: t}), append(all, run)
	}
	var ids []uint64
	for i, r := range v.send("customer", posts...) {
		id := r.(*job.MsgPostResponse).Job
		ids = append(ids, id)
		takes = append(takes, &job.MsgTake{Worker: key("worker").String(), Job: id})
		claims = append(claims, &job.MsgClaim{Worker: key("worker").String(), Job: id, Claim: all[i].claim})
	}
	v.send("worker", append(takes, claims...)...)
	v.claims = v.tx
	for i, id := range ids {
		if j := v.job(id); j.Seats > 0 {
			v.check(j, all[i])
		}
	}
	for _, id := range ids {
		v.await(id)
	}
	return ids
}

// offer is the terms of a session, with a checker or without.
func (v *town) offer(model uint64) job.Terms {
	t := v.room(job.Terms{
		Kind: job.KindInfer, Infer: &job.InferTerms{Model: model, Key: v.bytes(), Serving: uint32(v.rng.IntN(5001))},
		Units: 3_000_000, MaxPrice: math.NewInt(3),
		Checkers: uint32(v.rng.IntN(2)), CheckPay: math.NewInt(180_000 + v.rng.Int64N(2000)), Stake: math.NewInt(9_000_000),
		Deadline: 50, Work: 50, Window: 1 + v.rng.Int64N(2), Budget: math.NewInt(10_000_000 + v.rng.Int64N(10_000)),
	})
	if t.Proof = job.ProofQuorum; t.Checkers == 0 {
		t.Proof = job.ProofNone
	}
	return t
}

// session is one with a task, which the terms get, or without.
func (v *town) session(t *job.Terms, model asset.Asset) *training {
	units := 1 + v.rng.Uint64N(t.Units)
	if v.rng.IntN(3) == 0 {
		return &training{claim: job.Claim{
			Result: v.bytes(), Bytes: 77, State: v.bytes(), Trace: v.bytes(), Units: units, Infer: &job.InferClaim{},
		}}
	}
	task := verify.Programs{
		Phases: []verify.Phase{{Program: v.hash(), Nodes: 3, Steps: 1, Outputs: 1 + v.rng.IntN(3)}},
		States: 2 + v.rng.IntN(6), Sound: true,
		Inputs: []verify.Input{{Words: 6, Each: true}},
		Start:  verify.File{Root: verify.Hash(model.Root), Size: int64(model.Bytes)},
	}
	t.Proof, t.Task = job.ProofReferee, task.Encode()
	calls := 1 + v.rng.IntN(20)
	values, leaves := v.hashes(task.States+task.Phases[0].Outputs), v.hashes(calls+1)
	x := nn.UnitsState(units)
	values[task.States-1] = verify.Value([]uint32{blob.Word(x[0]), blob.Word(x[1])})
	leaves[calls] = blob.Root(values)
	trace := blob.Root(leaves)
	return &training{leaves: leaves, claim: job.Claim{
		Result: v.bytes(), Bytes: uint64(24 * calls), State: leaves[calls][:], Trace: trace[:], Units: units,
		End: slicesOf(append(blob.Path(values, task.States-1), blob.Path(leaves, calls)...)), Infer: &job.InferClaim{},
	}}
}

// receipt makes the receipt of a session, with the datasets' texts or without.
func (v *town) receipt(session uint64, texts bool) fstest.MapFS {
	v.Helper()
	b, err := receipt.Make(v.ctx, v.client, session, v.options(texts))
	require.NoError(v, err)
	dir := filepath.Join(v.TempDir(), "receipt")
	require.NoError(v, b.Write(dir))
	return load(v.T, dir)
}

func (v *town) options(texts bool) (o receipt.Options) {
	if texts {
		o.Text = func(_ context.Context, a asset.Asset) ([]byte, error) { return v.texts[blob.Hash(a.Root)], nil }
	}
	return o
}

// load reads a bundle's folder into memory.
func load(t *testing.T, dir string) fstest.MapFS {
	files := fstest.MapFS{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = &fstest.MapFile{Data: content}
		return err
	}))
	return files
}
