// Package job is paid work. Somebody wants work done and puts the money down. A worker does the work, others do it
// again to see whether the result is true, and everybody who had a part is paid.
//
// A job is posted with terms that never change and a budget that goes into escrow. The best ranked worker that fits may
// take it, and after a few blocks the next one too. It locks stake, works, and claims what the work gave. Checkers take
// seats, lock stake, do the same work and report. EndBlock ends what is due: it pays the worker, the checkers and
// whoever else the kind pays, and returns the rest.
//
// What is to be done is the job's kind: train, infer or measure. Each kind is a file (kind_train.go) and a line in a
// table (kind.go). How a claim is shown to be true is the job's proof: referee, quorum or none (proof.go). With a
// referee, whoever gets another result challenges the claim. Claimant and challenger narrow down what they disagree
// on, message by message, until package verify decides by executing one scalar step. Whoever was wrong or silent pays.
//
// A job may post others as parts of itself and wait for them (child.go). So the data of a training is measured: short
// trainings on parts of the data (measure.go) say what each part did for the model (divide.go).
//
// job.go has the states and what leads from one to another. Each verb has a file.
//
// What can go wrong:
//   - Nobody takes the job: it expires, and `minga query job explain N` says why.
//   - The worker, or a checker, is late: a part of its stake is burned, and others take a late checker's seat.
//   - Nobody checks at all: the worker is paid and makes no model.
//   - Checkers decide (proof quorum) and reach no majority: the budget goes back, and nobody is slashed.
//   - The claim is false: the worker is slashed, half of that goes to those who found out, and the job is open again.
//   - The worker does not answer for a true claim: it loses its stake, and the checkers that agreed answer instead.
//   - The end of a job fails several times: it ends with nobody blamed (neutral.go).
//   - A model's data cannot be measured: the creator gets no shares, and the data as many as the creator would have.
//
// The escrows of all jobs are the module account's balance, to the last coin. A job that has ended has none.
package job

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/store"
	"cosmossdk.io/errors"
	"cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"google.golang.org/grpc/codes"

	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/worker"
)

// Name is the module's name, its store key and its escrow account.
const Name = "job"

// Errors a caller may react to.
var (
	ErrUnknown      = errors.RegisterWithGRPCCode(Name, 2, codes.NotFound, "unknown job")
	ErrTerms        = errors.RegisterWithGRPCCode(Name, 3, codes.InvalidArgument, "invalid terms")
	ErrState        = errors.RegisterWithGRPCCode(Name, 4, codes.FailedPrecondition, "not in the job's present state")
	ErrUnfit        = errors.RegisterWithGRPCCode(Name, 5, codes.FailedPrecondition, "worker does not fit the job")
	ErrTurn         = errors.RegisterWithGRPCCode(Name, 6, codes.FailedPrecondition, "not the worker's turn yet")
	ErrNotYours     = errors.RegisterWithGRPCCode(Name, 7, codes.PermissionDenied, "not yours")
	ErrLate         = errors.RegisterWithGRPCCode(Name, 8, codes.FailedPrecondition, "too late")
	ErrClaim        = errors.RegisterWithGRPCCode(Name, 9, codes.InvalidArgument, "invalid claim")
	ErrSeats        = errors.RegisterWithGRPCCode(Name, 10, codes.FailedPrecondition, "no seat")
	ErrKey          = errors.RegisterWithGRPCCode(Name, 11, codes.AlreadyExists, "API key in use")
	ErrUnauthorized = errors.RegisterWithGRPCCode(Name, 12, codes.PermissionDenied, "not the authority")
	ErrParams       = errors.RegisterWithGRPCCode(Name, 13, codes.InvalidArgument, "invalid parameters")
	ErrDispute      = errors.RegisterWithGRPCCode(Name, 14, codes.NotFound, "unknown dispute")
	ErrChallenge    = errors.RegisterWithGRPCCode(Name, 15, codes.FailedPrecondition, "cannot be challenged so")
	ErrEnding       = errors.RegisterWithGRPCCode(Name, 17, codes.Internal, "cannot be ended")
	ErrMove         = errors.RegisterWithGRPCCode(Name, 16, codes.InvalidArgument, "not a move that follows")
)

// Bank is what escrow needs of x/bank.
type Bank interface {
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, amt sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, to sdk.AccAddress, amt sdk.Coins) error
}

// Workers is what jobs need of x/worker.
type Workers interface {
	Get(ctx context.Context, addr string) (worker.Worker, error)
	Lock(ctx context.Context, addr string, amount math.Int) error
	Unlock(ctx context.Context, addr string, amount math.Int) error
	Slash(ctx context.Context, addr string, amount math.Int, to []worker.Reward) error
	Record(ctx context.Context, addr string, done bool) error
	Draw(ctx context.Context, kind worker.Kind, at int64, seed []byte, number int, fit func(worker.Worker) bool) (
		[]worker.Worker, error)
	Rank(ctx context.Context, kind worker.Kind, fn func(w worker.Worker, price math.Int) (stop bool, err error)) error
}

// Assets is what jobs need of x/asset.
type Assets interface {
	Get(ctx context.Context, id uint64) (asset.Asset, error)
	MintModel(ctx context.Context, m asset.Asset) (uint64, error)
	ModelOf(ctx context.Context, root []byte) (uint64, error)
	Deposit(ctx context.Context, from sdk.AccAddress, id uint64, amount math.Int, job uint64) error
}

// Keeper holds every job ever posted, and every dispute.
type Keeper struct {
	Schema collections.Schema
	Params collections.Item[Params]
	LastID collections.Sequence
	Jobs   *collections.IndexedMap[uint64, Job, jobIndexes]
	// Queue holds (due, id) of the jobs that have not ended and that no dispute holds.
	Queue collections.KeySet[collections.Pair[int64, uint64]]
	// Measured is how the measuring of each job stands that has any, by job.
	Measured collections.Map[uint64, Measured]
	// Children counts the jobs that a job has posted as parts of itself, by parent.
	Children collections.Map[uint64, Children]
	// GivenUp are the jobs that gave up on their children, while some of these may still be open.
	GivenUp collections.KeySet[uint64]
	// Keys maps the hash of an API key to the last job that pays for it.
	Keys collections.Map[[]byte, uint64]

	LastDispute collections.Sequence
	Disputes    *collections.IndexedMap[uint64, Dispute, disputeIndexes]
	// Open holds (job, dispute) of the disputes that have not ended, Deadlines their (due, id).
	Open      collections.KeySet[collections.Pair[uint64, uint64]]
	Deadlines collections.KeySet[collections.Pair[int64, uint64]]

	addr      address.Codec
	bank      Bank
	workers   Workers
	assets    Assets
	beacon    Beacon
	authority string
}

// NewKeeper opens the module's store. The authority may change the parameters.
func NewKeeper(kv store.KVStoreService, cdc codec.Codec, addr address.Codec, bank Bank, workers Workers, assets Assets,
	beacon Beacon, authority string) (Keeper, error) {
	sb := collections.NewSchemaBuilder(kv)
	k := Keeper{
		Params: collections.NewItem(sb, collections.NewPrefix(0), "params", codec.CollValue[Params](cdc)),
		LastID: collections.NewSequence(sb, collections.NewPrefix(1), "last_id"),
		Jobs: collections.NewIndexedMap(sb, collections.NewPrefix(2), "jobs", collections.Uint64Key,
			codec.CollValue[Job](cdc),
			newJobIndexes(sb)),
		Queue: collections.NewKeySet(sb, collections.NewPrefix(4), "queue",
			collections.PairKeyCodec(collections.Int64Key, collections.Uint64Key)),
		Keys:        collections.NewMap(sb, collections.NewPrefix(5), "keys", collections.BytesKey, collections.Uint64Value),
		LastDispute: collections.NewSequence(sb, collections.NewPrefix(6), "last_dispute"),
		Disputes: collections.NewIndexedMap(sb, collections.NewPrefix(7), "disputes", collections.Uint64Key,
			codec.CollValue[Dispute](cdc),
			newDisputeIndexes(sb)),
		Open: collections.NewKeySet(sb, collections.NewPrefix(9), "open",
			collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key)),
		Deadlines: collections.NewKeySet(sb, collections.NewPrefix(10), "deadlines",
			collections.PairKeyCodec(collections.Int64Key, collections.Uint64Key)),
		Measured: collections.NewMap(sb, collections.NewPrefix(11), "measured", collections.Uint64Key,
			codec.CollValue[Measured](cdc)),
		Children: collections.NewMap(sb, collections.NewPrefix(12), "children", collections.Uint64Key,
			codec.CollValue[Children](cdc)),
		GivenUp: collections.NewKeySet(sb, collections.NewPrefix(14), "given_up", collections.Uint64Key),
		addr:    addr, bank: bank, workers: workers, assets: assets, beacon: beacon, authority: authority,
	}
	var err error
	k.Schema, err = sb.Build()
	return k, err
}

// Get returns a job, or ErrUnknown.
func (k Keeper) Get(ctx context.Context, id uint64) (Job, error) {
	j, err := k.Jobs.Get(ctx, id)
	if stderrors.Is(err, collections.ErrNotFound) {
		return Job{}, ErrUnknown.Wrapf("job %d: `minga query job list` shows those there are", id)
	}
	return j, err
}

// during returns a job that is in one of the states and whose time is not over. Messages can still come in the block
// that is due.
func (k Keeper) during(ctx context.Context, id uint64, states ...State) (Job, error) {
	j, err := k.Get(ctx, id)
	if err != nil {
		return Job{}, err
	}
	for _, s := range states {
		if j.State != s {
			continue
		}
		if h := height(ctx); h > j.Due {
			return Job{}, ErrLate.Wrapf("job %d was %s until height %d and it is %d: look for another job", id, s.Word(), j.Due,
				h)
		}
		return j, nil
	}
	return Job{}, ErrState.Wrapf("job %d is %s, this is for jobs that are %s: `minga query job explain %d` says more", id,
		j.State.Word(), states[0].Word(), id)
}

// wait sets the height at which the job's present state ends by itself; 0: never. While disputes are open nothing ends
// by itself: the height is the last one at which another dispute can be opened.
func (k Keeper) wait(ctx context.Context, j *Job, due int64) error {
	if j.Due != 0 {
		if err := k.Queue.Remove(ctx, collections.Join(j.Due, j.Id)); err != nil {
			return err
		}
	}
	if j.Due = due; due == 0 || j.held() {
		return nil
	}
	return k.Queue.Set(ctx, collections.Join(due, j.Id))
}

// account returns an address's bytes and the one way to write it.
func (k Keeper) account(addr string) (sdk.AccAddress, string, error) {
	b, err := k.addr.StringToBytes(addr)
	if err != nil {
		return nil, "", ErrNotYours.Wrapf("%q is not an address: %s", addr, err)
	}
	canonical, err := k.addr.BytesToString(b)
	return b, canonical, err
}

// coins is an amount as the bank takes it.
func coins(amt math.Int) sdk.Coins { return sdk.NewCoins(sdk.NewCoin(worker.Coin, amt)) }

// money is an amount as people read it.
func money(amt math.Int) string { return amt.String() + worker.Coin }

// height is the block being made.
func height(ctx context.Context) int64 { return sdk.UnwrapSDKContext(ctx).BlockHeight() }
