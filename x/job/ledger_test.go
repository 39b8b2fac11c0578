package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/ledgertest"
	"github.com/minga-network/minga/x/worker"
)

// accounts are the modules that take part, as in the app.
var accounts = map[string][]string{
	Name: nil, worker.Name: {authtypes.Burner}, asset.Name: {authtypes.Minter}, asset.Commons: nil,
}

// ledger is the module over a bank, with the workers and the assets that it needs.
type ledger struct {
	*ledgertest.Ledger
	workers worker.Keeper
	assets  asset.Keeper
	publish asset.MsgServer
	k       Keeper
	beacon  lamp
	roots   int // datasets made, to give each its own root
}

// lamp is a beacon whose seeds a test chooses by a salt, and which are ready some blocks later.
type lamp struct {
	salt string
	wait int64
}

func (b *lamp) Draw(ctx context.Context, from int64) (seed []byte, ready bool, err error) {
	return hash(fmt.Sprint(b.salt, from)), height(ctx) >= from+b.wait, nil
}

func (b *lamp) Ready(from int64) int64 { return from + b.wait }

func newLedger(t testing.TB) *ledger {
	l := &ledger{Ledger: ledgertest.New(t, accounts, []string{asset.Commons}, worker.Name, asset.Name, Name)}
	var err error
	l.workers, err = worker.NewKeeper(l.Store(worker.Name), l.Codec, l.Addresses, l.Bank, ledgertest.Authority())
	require.NoError(t, err)
	l.assets, err = asset.NewKeeper(l.Store(asset.Name), l.Codec, l.Addresses, l.Bank, ledgertest.Authority())
	require.NoError(t, err)
	l.Bank.AppendSendRestriction(l.assets.SendRestriction)
	require.NoError(t, asset.NewModule(l.assets).RegisterServices(registrar(func(impl any) {
		if s, ok := impl.(asset.MsgServer); ok {
			l.publish = s
		}
	})))
	l.k, err = NewKeeper(l.Store(Name), l.Codec, l.Addresses, l.Bank, l.workers, l.assets, &l.beacon,
		ledgertest.Authority())
	require.NoError(t, err)
	return l
}

// registrar hands each registered service to itself.
type registrar func(impl any)

func (r registrar) RegisterService(_ *grpc.ServiceDesc, impl any) { r(impl) }

// user is a funded account.
func (l *ledger) user(name string) string { return l.User(name).String() }

// address is an account's bytes.
func (l *ledger) address(who string) sdk.AccAddress { return sdk.MustAccAddressFromBech32(who) }

// worker is a user that offers both kinds at a price, with a stake of 5 MINGA.
func (l *ledger) worker(name string, price int64) string {
	addr := l.user(name)
	_, err := l.workers.Register(l.Ctx, &worker.MsgRegister{
		Worker: addr, Stake: math.NewInt(5_000_000),
		Offers: []worker.Offer{{Kind: KindTrain, Price: math.NewInt(price)}, {Kind: KindInfer, Price: math.NewInt(price)}},
	})
	require.NoError(l, err)
	return addr
}

// dataset is a new one of a creator, at a price for each training.
func (l *ledger) dataset(creator string, price int64) uint64 {
	l.roots++
	root, salt := sha256.Sum256([]byte{byte(l.roots), byte(l.roots >> 8)}), make([]byte, asset.SaltSize)
	_, err := l.publish.Commit(l.Ctx.WithBlockHeight(l.Ctx.BlockHeight()-1), &asset.MsgCommit{
		Creator: creator, Commitment: asset.Commitment(l.address(creator), root[:], salt),
	})
	require.NoError(l, err)
	res, err := l.publish.Register(l.Ctx, &asset.MsgRegister{
		Creator: creator, Name: "cuentos", Root: root[:], Bytes: 1000, Records: 10, Licence: "CC0-1.0",
		Price: math.NewInt(price), Salt: salt,
	})
	require.NoError(l, err)
	return res.Asset
}

// model is one that the owner holds wholly.
func (l *ledger) model(owner string) uint64 {
	l.roots++
	id, err := l.assets.MintModel(l.Ctx, asset.Asset{
		Kind: asset.KindModel, Name: "abuela", Creator: owner, Root: l.modelRoot(), State: hash("state"), Bytes: 9,
		Licence: "MIT",
		Parts:   []asset.Part{{Holder: owner, Role: "creator", Shares: asset.Shares}},
	})
	require.NoError(l, err)
	return id
}

// modelRoot is hash("model") for the first model, and another one for each more.
func (l *ledger) modelRoot() []byte {
	root := hash("model")
	for id, err := l.assets.ModelOf(l.Ctx, root); id != 0; id, err = l.assets.ModelOf(l.Ctx, root) {
		require.NoError(l, err)
		root = hash(string(root))
	}
	return root
}

func hash(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }

// trainTerms: 1000 tokens at up to 5 uminga, one checker for 700. All but one token come
// from the first two datasets.
func trainTerms(datasets ...uint64) Terms {
	used := []uint64{333, 666, 1}[:len(datasets)]
	return Terms{
		Task: toyTask().Encode(),
		Kind: KindTrain, Proof: ProofReferee, Spec: hash("spec"), Source: "http://127.0.0.1:9000",
		Budget: math.NewInt(10_000),
		Units:  1000, MaxPrice: math.NewInt(5), Checkers: 1, CheckPay: math.NewInt(700), Stake: math.NewInt(1_000_000),
		Deadline: 30, Work: 20, Window: 10,
		Train: &TrainTerms{
			Datasets: datasets, Used: used, Name: "abuela", Licence: "Apache-2.0",
			Split: Split{Data: 6000, Compute: 2500, Creator: 1000, Commons: 500, Method: "tokens"},
		},
	}
}

func inferTerms(model uint64) Terms {
	return Terms{
		Kind: KindInfer, Proof: ProofNone, Budget: math.NewInt(10_000), Units: 1000, MaxPrice: math.NewInt(5),
		Stake:    math.NewInt(1_000_000),
		CheckPay: math.ZeroInt(), Deadline: 30, Work: 20, Window: 10,
		Infer: &InferTerms{Model: model, Key: hash("key"), Serving: 3333},
	}
}

// outcome is what serving gives; another seed gives another outcome of the same form.
func outcome(seed string, units uint64) Claim {
	return Claim{Result: hash("result" + seed), Bytes: 77, State: hash("state" + seed), Trace: hash("trace" + seed),
		Units: units, Infer: &InferClaim{}}
}

func (l *ledger) post(creator string, t Terms) uint64 {
	res, err := l.k.Post(l.Ctx, &MsgPost{Creator: creator, Terms: t})
	require.NoError(l, err)
	l.check()
	return res.Job
}

func (l *ledger) take(job uint64, who string) error {
	_, err := l.k.Take(l.Ctx, &MsgTake{Worker: who, Job: job})
	l.check()
	return err
}

func (l *ledger) claim(job uint64, who string, c Claim) error {
	_, err := l.k.Claim(l.Ctx, &MsgClaim{Worker: who, Job: job, Claim: c})
	l.check()
	return err
}

func (l *ledger) seat(job uint64, who string) error {
	_, err := l.k.Check(l.Ctx, &MsgCheck{Worker: who, Job: job})
	l.check()
	return err
}

func (l *ledger) report(job uint64, who string, c Claim) error {
	msg := &MsgReport{Worker: who, Job: job, Report: c}
	if j := l.job(job); len(j.Terms.Task) > 0 && j.Claim != nil {
		honest, _ := known(j)
		msg = honest.report(j, who)
		msg.Report = c
	}
	_, err := l.k.Report(l.Ctx, msg)
	l.check()
	return err
}

func (l *ledger) challenge(job uint64, who string, target Target) (uint64, error) {
	res, err := l.k.Challenge(l.Ctx, &MsgChallenge{Challenger: who, Job: job, Target: target})
	l.check()
	if err != nil {
		return 0, err
	}
	return res.Dispute, nil
}

func (l *ledger) dispute(id uint64) Dispute {
	d, err := l.k.Dispute(l.Ctx, id)
	require.NoError(l, err)
	return *d
}

// next ends this block and begins another.
func (l *ledger) next() {
	require.NoError(l, l.k.EndBlock(l.Ctx))
	require.NoError(l, l.workers.EndBlock(l.Ctx))
	l.check()
	l.Next()
}

// ended ends blocks until the job has ended.
func (l *ledger) ended(job uint64) Job {
	for range 1000 {
		if l.job(job).State.Final() {
			break
		}
		l.next()
	}
	require.True(l, l.job(job).State.Final(), "job %d never ends", job)
	return l.job(job)
}

func (l *ledger) job(id uint64) Job {
	j, err := l.k.Get(l.Ctx, id)
	require.NoError(l, err)
	return j
}

func (l *ledger) who(addr string) worker.Worker {
	w, err := l.workers.Get(l.Ctx, addr)
	require.NoError(l, err)
	return w
}

// gained is how much more than its purse an account has, stake not counted.
func (l *ledger) gained(addr string) int64 { return l.Money(addr) - ledgertest.Purse }

// shares is how many shares of an asset an account holds.
func (l *ledger) shares(id uint64, addr string) int64 {
	return l.Balance(l.address(addr), asset.Denom(id)).Int64()
}

// export is all of x/job's store, for comparing runs.
func (l *ledger) export() []byte {
	var b bytes.Buffer
	require.NoError(l, l.k.Jobs.Walk(l.Ctx, nil, func(_ uint64, j Job) (bool, error) {
		bz, err := j.Marshal()
		b.Write(bz)
		return false, err
	}))
	require.NoError(l, l.k.Disputes.Walk(l.Ctx, nil, func(_ uint64, d Dispute) (bool, error) {
		bz, err := d.Marshal()
		b.Write(bz)
		return false, err
	}))
	return b.Bytes()
}

// paidTo are those whom a job has paid.
func paidTo(j Job) (who []string) {
	for _, p := range j.Paid {
		who = append(who, p.To)
	}
	return who
}
