package job

import (
	"context"
	"crypto/sha256"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/worker"
)

// maxTask bounds the bytes of a task.
const maxTask = 2 << 10

// checkTerms says why terms cannot be posted, from the terms and parameters alone.
func checkTerms(t Terms, p Params) error {
	for _, check := range []func(Terms, Params) error{checkAmounts, checkWork, checkKind} {
		if err := check(t, p); err != nil {
			return err
		}
	}
	return nil
}

// checkAmounts bounds each amount to 64 bits, so that no product of two overflows.
func checkAmounts(t Terms, _ Params) error {
	for _, a := range []struct {
		name  string
		value math.Int
		least int64
	}{{"budget", t.Budget, 1}, {"max_price", t.MaxPrice, 0}, {"check_pay", t.CheckPay, 0}, {"stake", t.Stake, 1}} {
		if a.value.IsNil() || !a.value.IsUint64() || a.value.LT(math.NewInt(a.least)) {
			return ErrTerms.Wrapf("%s %s: give a whole number of %s from %d to 2^64-1", a.name, a.value, worker.Coin, a.least)
		}
	}
	return nil
}

func checkWork(t Terms, p Params) error {
	for _, b := range []struct {
		name  string
		value int64
	}{{"deadline", t.Deadline}, {"work", t.Work}, {"window", t.Window}} {
		if b.value < 1 || b.value > p.MaxBlocks {
			return ErrTerms.Wrapf("%s of %d blocks: give 1 to %d", b.name, b.value, p.MaxBlocks)
		}
	}
	switch {
	case t.Parent != 0 || t.Number != 0:
		return ErrTerms.Wrap("parent and number are for the jobs that the chain posts: leave them out")
	case t.Units == 0:
		return ErrTerms.Wrap("units is 0: say how many tokens of work there are")
	case t.Checkers > p.MaxCheckers:
		return ErrTerms.Wrapf("%d checkers: ask for at most %d", t.Checkers, p.MaxCheckers)
	case t.Source != "" && !worker.IsURL(t.Source):
		return ErrTerms.Wrapf("source %.80q: give an http or https address without spaces", t.Source)
	}
	return nil
}

func checkKind(t Terms, p Params) error {
	if t.Kind != KindTrain && t.Kind != KindInfer {
		return ErrTerms.Wrapf("kind %.20q: post train or infer", t.Kind)
	}
	if err := ownTerms(t); err != nil {
		return err
	}
	if err := checkProof(t); err != nil {
		return err
	}
	if t.Kind == KindTrain {
		return checkTrain(t, p)
	}
	return checkInfer(t)
}

func checkTrain(t Terms, p Params) error {
	s := t.Train.Split
	sum := uint64(s.Data) + uint64(s.Compute) + uint64(s.Creator) + uint64(s.Commons)
	switch {
	case len(t.Spec) != sha256.Size:
		return ErrTerms.Wrapf("spec has %d bytes: give the %d bytes of its blob's hash", len(t.Spec), sha256.Size)
	case len(t.Train.Datasets) == 0 || len(t.Train.Datasets) > int(p.MaxDatasets):
		return ErrTerms.Wrapf("%d datasets: name 1 to %d", len(t.Train.Datasets), p.MaxDatasets)
	case sum != whole:
		return ErrTerms.Wrapf("split gives out %d basis points: data, compute, creator and commons must sum to %d", sum,
			whole)
	}
	if err := checkSplit(s); err != nil {
		return err
	}
	for i, id := range t.Train.Datasets {
		if i > 0 && id <= t.Train.Datasets[i-1] {
			return ErrTerms.Wrapf("dataset %d stands after %d: name each once, by increasing id", id, t.Train.Datasets[i-1])
		}
	}
	if err := asset.CheckName(t.Train.Name); err != nil {
		return ErrTerms.Wrap(err.Error())
	}
	if err := asset.CheckLicence(t.Train.Licence); err != nil {
		return ErrTerms.Wrap(err.Error())
	}
	if err := checkTask(t, t.Train.Base); err != nil {
		return err
	}
	return checkUsed(t)
}

func checkSplit(s Split) error {
	switch {
	case s.Method != contribution.Tokens && s.Method != contribution.Measure && s.Method != contribution.Exact:
		return ErrTerms.Wrapf("split.method %.20q: give %q, %q or %q", s.Method, contribution.Measure, contribution.Exact,
			contribution.Tokens)
	case s.Floor > whole || s.Cap > whole || s.Royalty > whole || s.Attribution > whole:
		return ErrTerms.Wrapf("split.floor %d, cap %d, royalty %d and attribution %d: give each 0 to %d basis points",
			s.Floor, s.Cap, s.Royalty, s.Attribution, whole)
	case s.Cap != 0 && s.Floor > s.Cap:
		return ErrTerms.Wrapf("split.floor %d is above split.cap %d: lower it, or leave the cap out", s.Floor, s.Cap)
	case s.Vesting < 0 || s.Vesting > mostBlocks:
		return ErrTerms.Wrapf("split.vesting of %d blocks: give 0 to %d", s.Vesting, int64(mostBlocks))
	}
	return nil
}

// checkTask wants the work by hashes, so that any claim about it can be disputed. Whether
// it is the work of the spec, workers see before they take the job.
func checkTask(t Terms, base uint64) error {
	if len(t.Task) == 0 || len(t.Task) > maxTask {
		return ErrTerms.Wrapf("task has %d bytes: give the training's task, at most %d", len(t.Task), maxTask)
	}
	task, err := programs(t.Task)
	if err != nil {
		return err
	}
	switch {
	case task.Header.Size == 0 || task.Sound:
		return ErrTerms.Wrap("task: training makes a file and counts no contradictions, this task is of another kind")
	case base == 0 && task.Start != (verify.File{}):
		return ErrTerms.Wrap("task: it begins with a model, name that as base: its owners may ask for a royalty")
	}
	return nil
}

// programs reads a task that is a run of Programs.
func programs(task []byte) (*verify.Programs, error) {
	t, err := verify.DecodeTask(task)
	if err != nil {
		return nil, ErrTerms.Wrapf("task: %s", err)
	}
	p, err := verify.ProgramsOf(t)
	if err != nil {
		return nil, ErrTerms.Wrapf("task: %s", err)
	}
	return p, nil
}

// checkUsed wants the tokens of each dataset, which together are the units.
func checkUsed(t Terms) error {
	if len(t.Train.Used) != len(t.Train.Datasets) {
		return ErrTerms.Wrapf("used has %d entries: give one for each of %d datasets", len(t.Train.Used),
			len(t.Train.Datasets))
	}
	left := t.Units
	for _, n := range t.Train.Used {
		if n > left {
			return ErrTerms.Wrapf("used sums to more than the %d units", t.Units)
		}
		left -= n
	}
	if left != 0 {
		return ErrTerms.Wrapf("used sums to %d less than the %d units", left, t.Units)
	}
	return nil
}

func checkInfer(t Terms) error {
	switch {
	case len(t.Infer.Key) != sha256.Size:
		return ErrTerms.Wrapf("key has %d bytes: give the %d bytes of the API key's SHA-256", len(t.Infer.Key), sha256.Size)
	case len(t.Spec) != 0:
		return ErrTerms.Wrap("spec is for train: leave it out")
	case t.Infer.Serving > whole:
		return ErrTerms.Wrapf("serving is %d: give 0 to %d basis points", t.Infer.Serving, whole)
	case len(t.Task) > maxTask:
		return ErrTerms.Wrapf("task has %d bytes: give a session's task, at most %d, or none", len(t.Task), maxTask)
	case len(t.Task) > 0:
		return checkSession(t)
	}
	return nil
}

// assets are those that the terms name: what is trained on, and the model to serve or to
// begin with.
func (t Terms) assets() (datasets []uint64, model uint64) {
	if t.Kind == KindInfer {
		return nil, t.Infer.Model
	}
	return t.Train.Datasets, t.Train.Base
}

// checkAssets says why terms cannot be posted as assets stand: datasets and model must
// exist, and the budget must cover the most that the job can cost when all goes well.
func (k Keeper) checkAssets(ctx context.Context, t Terms) error {
	cost := t.MaxPrice.Mul(math.NewIntFromUint64(t.Units)).Add(t.CheckPay.MulRaw(int64(t.Checkers)))
	datasets, model := t.assets()
	for _, id := range datasets {
		a, err := k.assets.Get(ctx, id)
		if err != nil {
			return ErrTerms.Wrapf("dataset %d: %s", id, err)
		}
		if a.Kind != asset.KindDataset {
			return ErrTerms.Wrapf("asset %d is no dataset: name datasets only", id)
		}
		cost = cost.Add(a.Price)
	}
	if t.Kind == KindInfer || model != 0 {
		a, err := k.assets.Get(ctx, model)
		if err != nil {
			return ErrTerms.Wrapf("model %d: %s", model, err)
		}
		if a.Kind != asset.KindModel {
			return ErrTerms.Wrapf("asset %d is no model: name the model to serve, or to begin with", model)
		}
		if err := checkModel(t, a); err != nil {
			return err
		}
		if err := checkAttribution(t, a); err != nil {
			return err
		}
	}
	if t.Budget.LT(cost) {
		return ErrTerms.Wrapf("budget %s is below what the job can cost, %s: raise the budget, or lower max_price, units, "+
			"checkers or check_pay", money(t.Budget), money(cost))
	}
	return nil
}
