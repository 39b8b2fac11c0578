package job

import (
	"context"
	"crypto/sha256"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
)

// infer serves a model to one API key: a session. Its fee goes to the server, to the data that its answers repeat
// (quote.go), and to the holders of the model.
var infer = kind{
	proofs:   []Proof{ProofReferee, ProofQuorum, ProofNone},
	ownTerms: func(t *Terms) bool { return t.Infer != nil },
	ownClaim: func(c *Claim) bool { return c.Infer != nil },
	terms:    checkInfer,
	posts:    postInfer,
	task:     fillCalls,
	claim:    checkQuoted,
	end:      checkUnits,
	fees:     inferFees,
}

// mostServing is the largest part of a fee that a server gets, in basis points. A buyer sets it, and could otherwise
// leave the holders of the model out.
const mostServing = 5000

func checkInfer(t Terms, _ Params) error {
	switch {
	case len(t.Infer.Key) != sha256.Size:
		return ErrTerms.Wrapf("key has %d bytes: give the %d bytes of the API key's SHA-256", len(t.Infer.Key), sha256.Size)
	case len(t.Spec) != 0:
		return ErrTerms.Wrap("spec is for other kinds: leave it out")
	case t.Infer.Serving > mostServing:
		return ErrTerms.Wrapf("serving is %d: give 0 to %d basis points, the model's holders have a right to the rest",
			t.Infer.Serving, mostServing)
	case t.Proof != ProofReferee:
		return nil
	}
	task, err := programs(t.Task)
	if err != nil {
		return err
	}
	if wrong := task.NoSession(); wrong != "" {
		return ErrTerms.Wrapf("task: %s", wrong)
	}
	return nil
}

// postInfer wants the model to exist and to be served as its attribution asks, and takes the key.
func postInfer(ctx context.Context, k Keeper, j *Job) (math.Int, error) {
	model, err := k.modelOf(ctx, j.Terms, j.Terms.Infer.Model)
	if err != nil {
		return math.Int{}, err
	}
	if err := checkAttribution(j.Terms, model); err != nil {
		return math.Int{}, err
	}
	return math.ZeroInt(), k.takeKey(ctx, j)
}

// modelOf returns the model that terms name. A task must begin with its file.
func (k Keeper) modelOf(ctx context.Context, t Terms, id uint64) (asset.Asset, error) {
	a, err := k.assets.Get(ctx, id)
	if err != nil {
		return a, ErrTerms.Wrapf("model %d: %s", id, err)
	}
	if a.Kind != asset.KindModel {
		return a, ErrTerms.Wrapf("asset %d is no model: name the model to serve, or to begin with", id)
	}
	first, err := k.assets.ModelOf(ctx, a.Root)
	switch {
	case err != nil:
		return a, err
	case first != id:
		return a, ErrTerms.Wrapf("model %d has the file of model %d, which was claimed first: name that one", id, first)
	}
	if t.Proof != ProofReferee {
		return a, nil
	}
	task, err := programs(t.Task)
	if err != nil {
		return a, err
	}
	if string(task.Start.Root[:]) != string(a.Root) || uint64(task.Start.Size) != a.Bytes {
		return a, ErrTerms.Wrapf("task: it begins with another file than model %d", a.Id)
	}
	return a, nil
}

// takeKey makes the job the one that pays for its key. It refuses a key that another job is paying for. Once that has
// ended, the same creator may pay for the key by a new job; nobody else may squat on it.
func (k Keeper) takeKey(ctx context.Context, j *Job) error {
	key := j.Terms.Infer.Key
	id, err := k.Keys.Get(ctx, key)
	if stderrors.Is(err, collections.ErrNotFound) {
		return k.Keys.Set(ctx, key, j.Id)
	}
	if err != nil {
		return err
	}
	last, err := k.Get(ctx, id)
	switch {
	case err != nil:
		return err
	case last.Creator != j.Creator:
		return ErrKey.Wrapf("key %X belongs to %s: make another key", key, last.Creator)
	case !last.State.Final():
		return ErrKey.Wrapf("key %X is paid for by job %d: wait until it ends, or make another key", key, id)
	}
	return k.Keys.Set(ctx, key, j.Id)
}

// fillCalls fills in the calls that a claim is about.
func fillCalls(t *verify.Task, c *Claim) error {
	if err := verify.Calls(t, c.Result, c.Bytes); err != nil {
		return ErrClaim.Wrap(err.Error())
	}
	return nil
}

// checkUnits wants the units that a session's claim is paid for to be those that its last call left.
func checkUnits(t *verify.Task, c *Claim) (rest [][]byte, err error) {
	rest, ok := verify.ShowsUnits(t, c.Units, c.End, c.State)
	if !ok {
		return nil, ErrClaim.Wrapf("end does not begin with a path from %d units to state, what the last call committed to",
			c.Units)
	}
	return rest, nil
}

// inferFees divide the fee between server, datasets that the answers repeat, and holders of the model.
func inferFees(ctx context.Context, k Keeper, j *Job) ([]Payment, error) {
	owed, err := k.attributed(ctx, j)
	return served(j, owed), err
}

func served(j *Job, owed attribution) []Payment {
	fee, t := j.fee(), j.Terms.Infer
	lines := []Payment{{To: j.Worker, Role: RoleServing, Amount: fee.MulRaw(int64(t.Serving)).QuoRaw(whole)}}
	lines = append(lines, quotes(*j, owed)...)
	rest := fee.Sub(total(lines))
	return append(lines, Payment{To: asset.Denom(t.Model), Role: RoleHolders, Amount: rest, Asset: t.Model})
}
