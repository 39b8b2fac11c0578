package job

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
)

// train makes a model from datasets. Each dataset has a price, which goes to its holders. The model's shares are given
// out by the split. If the creator asks for it, the data part goes by what each portion of the data did for the model:
// see measure.go.
var train = kind{
	proofs:   []Proof{ProofReferee},
	ownTerms: func(t *Terms) bool { return t.Train != nil },
	terms:    checkTrain,
	posts:    postTrain,
	claim:    exactUnits,
	fees:     trainFees,
	waits:    awaitsMeasuring,
	paid:     Keeper.mint,
	story:    measuringStory,
}

func checkTrain(t Terms, p Params) error {
	if len(t.Spec) != sha256.Size {
		return ErrTerms.Wrapf("spec has %d bytes: give the %d bytes of its blob's hash", len(t.Spec), sha256.Size)
	}
	if err := checkSplit(t.Train.Split); err != nil {
		return err
	}
	if err := checkDatasets(t, p); err != nil {
		return err
	}
	if err := asset.CheckName(t.Train.Name); err != nil {
		return ErrTerms.Wrap(err.Error())
	}
	if err := asset.CheckLicence(t.Train.Licence); err != nil {
		return ErrTerms.Wrap(err.Error())
	}
	return checkTraining(t, t.Train.Base)
}

func checkSplit(s Split) error {
	sum := uint64(s.Data) + uint64(s.Compute) + uint64(s.Creator) + uint64(s.Commons)
	switch {
	case sum != whole:
		return ErrTerms.Wrapf("split gives out %d basis points: data, compute, creator and commons must sum to %d",
			sum, whole)
	case s.Method != contribution.Tokens && s.Method != contribution.Measure && s.Method != contribution.Exact:
		return ErrTerms.Wrapf("split.method %.20q: give %q, %q or %q", s.Method, contribution.Measure,
			contribution.Exact, contribution.Tokens)
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

// checkDatasets wants each dataset once, and the tokens used of each, which together are the units.
func checkDatasets(t Terms, p Params) error {
	datasets, used := t.Train.Datasets, t.Train.Used
	switch {
	case len(datasets) == 0 || len(datasets) > int(p.MaxDatasets):
		return ErrTerms.Wrapf("%d datasets: name 1 to %d", len(datasets), p.MaxDatasets)
	case len(used) != len(datasets):
		return ErrTerms.Wrapf("used has %d entries: give one for each of %d datasets", len(used), len(datasets))
	}
	left := t.Units
	for i, id := range datasets {
		if i > 0 && id <= datasets[i-1] {
			return ErrTerms.Wrapf("dataset %d stands after %d: name each once, by increasing id", id, datasets[i-1])
		}
		if used[i] > left {
			return ErrTerms.Wrapf("used sums to more than the %d units", t.Units)
		}
		left -= used[i]
	}
	if left != 0 {
		return ErrTerms.Wrapf("used sums to %d less than the %d units", left, t.Units)
	}
	return nil
}

// checkTraining wants a training's task. Workers see whether it is that of the spec before they take the job.
func checkTraining(t Terms, base uint64) error {
	task, err := programs(t.Task)
	switch {
	case err != nil:
		return err
	case !task.IsTraining():
		return ErrTerms.Wrap("task: training makes a file and counts no contradictions, this task is of another kind")
	case base == 0 && task.Start != (verify.File{}):
		return ErrTerms.Wrap("task: it begins with a model, name that as base: its owners may ask for a royalty")
	}
	return nil
}

// postTrain wants datasets and base to exist. The datasets have prices.
func postTrain(ctx context.Context, k Keeper, j *Job) (math.Int, error) {
	t, price := j.Terms.Train, math.ZeroInt()
	for _, id := range t.Datasets {
		a, err := k.assets.Get(ctx, id)
		if err != nil {
			return price, ErrTerms.Wrapf("dataset %d: %s", id, err)
		}
		if a.Kind != asset.KindDataset {
			return price, ErrTerms.Wrapf("asset %d is no dataset: name datasets only", id)
		}
		price = price.Add(a.Price)
	}
	if t.Base == 0 {
		return price, nil
	}
	_, err := k.modelOf(ctx, j.Terms, t.Base)
	return price, err
}

// exactUnits wants a claim for all the work of the terms, no less.
func exactUnits(_ context.Context, _ Keeper, j *Job, c *Claim) error {
	if c.Units != j.Terms.Units {
		return ErrClaim.Wrapf("job %d: %d units, training is exactly %d", j.Id, c.Units, j.Terms.Units)
	}
	return nil
}

// trainFees are the worker's fee and the price of each dataset.
func trainFees(ctx context.Context, k Keeper, j *Job) ([]Payment, error) {
	datasets, err := k.datasets(ctx, j)
	return withPrices(workerFee(j), datasets), err
}

// withPrices adds the price of each dataset, for its holders.
func withPrices(lines []Payment, datasets []asset.Asset) []Payment {
	for _, d := range datasets {
		lines = append(lines, Payment{To: asset.Denom(d.Id), Role: RoleData, Amount: d.Price, Asset: d.Id})
	}
	return lines
}

// measured tells that the data part of the job's model goes by what runs on parts of the data show, not by tokens used.
func (j *Job) measured() bool {
	return j.Terms.Train != nil && j.Terms.Train.Split.Method != contribution.Tokens
}

// awaitsMeasuring: a measured job gives its creator time to post the runs.
func awaitsMeasuring(ctx context.Context, k Keeper, j *Job) (until int64, waits bool, err error) {
	_, begun, err := k.children(ctx, j.Id)
	return height(ctx) + j.Terms.Deadline, j.measured() && !begun, err
}

// measuringStory says how far the measuring of a job is.
func measuringStory(ctx context.Context, k Keeper, j *Job) (string, error) {
	if !j.measured() {
		return "", nil
	}
	m, begun, err := k.measuring(ctx, j.Id)
	if err != nil {
		return "", err
	}
	c, _, err := k.children(ctx, j.Id)
	switch {
	case err != nil:
		return "", err
	case cmp.Or(c.Reason, m.Reason) != "":
		return fmt.Sprintf(" Its data was not measured, so that the data gets no more than the creator's part was, by "+
			"tokens used, and the rest of both parts goes to the commons: %s.", cmp.Or(c.Reason, m.Reason)), nil
	case begun:
		return fmt.Sprintf(" Jobs %d to %d measure its data; %d of these %d are not paid yet.",
			m.First, m.First+uint64(m.Runs)-1, c.Count-c.Paid, m.Runs), nil
	case j.State == StateWaiting:
		return fmt.Sprintf(" Its creator has until height %d to post the runs that measure its data.", j.Due), nil
	}
	return "", nil
}
