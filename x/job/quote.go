package job

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/asset"
)

// A model can have an attribution: where answers repeat the text of a dataset that the model was trained on, a part of
// what these answers cost goes to that dataset. A session's claim says how much of it repeats which dataset, and its
// checkers find that out again.
//
// What a session quotes is in no step of its trace, so no step can decide about it. A majority of the checkers does. A
// checker that finds other quotes, and agrees with everything else, says so in its report, and more seats are opened.
// Meanwhile the job stays claimed, so that the trace can be challenged as always.

// attribution is what the answers of a job's model owe those whose text they repeat.
type attribution struct {
	points   uint32   // basis points of what repeating it costs; 0: nothing is owed
	datasets []uint64 // that the model was trained on, in the order of that job's terms
}

// attributed finds the attribution of a session's model.
func (k Keeper) attributed(ctx context.Context, j *Job) (attribution, error) {
	model, err := k.assets.Get(ctx, j.Terms.Infer.Model)
	if err != nil || model.Attribution == 0 {
		return attribution{}, err
	}
	training, err := k.Get(ctx, model.Job)
	return attribution{model.Attribution, training.Terms.Train.Datasets}, err
}

// checkAttribution wants a session to leave room for what its model attributes. It must have checkers, because only
// they see what is quoted.
func checkAttribution(t Terms, model asset.Asset) error {
	switch {
	case model.Attribution == 0:
		return nil
	case t.Infer.Serving+model.Attribution > whole:
		return ErrTerms.Wrapf("serving is %d: model %d gives up to %d basis points of a fee to the data that answers "+
			"repeat, offer at most %d",
			t.Infer.Serving, model.Id, model.Attribution, whole-model.Attribution)
	case t.Checkers == 0:
		return ErrTerms.Wrapf("no checkers: model %d gives a part of each fee to the data that answers repeat, ask for 1 "+
			"checker or more to see what they do", model.Id)
	}
	return nil
}

// checkQuoted wants one entry for each dataset, and no more quoted than the session has.
func checkQuoted(ctx context.Context, k Keeper, j *Job, c *Claim) error {
	owed, err := k.attributed(ctx, j)
	if err != nil {
		return err
	}
	if len(c.Infer.Quoted) != len(owed.datasets) {
		return ErrClaim.Wrapf("job %d: quoted has %d entries, give one for each of the %d datasets that its model "+
			"attributes answers to", j.Id, len(c.Infer.Quoted), len(owed.datasets))
	}
	left := c.Units
	for _, n := range c.Infer.Quoted {
		if n > left {
			return ErrClaim.Wrapf("job %d: quoted sums to more than the %d units", j.Id, c.Units)
		}
		left -= n
	}
	return nil
}

// quotes are the payments for what a session repeats. Each dataset is paid only for the tokens that repeat it, so a few
// words in common earn little.
func quotes(j Job, owed attribution) []Payment {
	var lines []Payment
	for i, tokens := range j.Claim.Infer.Quoted {
		cost := j.Price.Mul(math.NewIntFromUint64(tokens))
		lines = append(lines, Payment{
			To: asset.Denom(owed.datasets[i]), Role: RoleQuoted, Asset: owed.datasets[i],
			Amount: cost.MulRaw(int64(owed.points)).QuoRaw(whole),
		})
	}
	return lines
}

// onlyRequotes tells whether a report is the job's claim in everything but perhaps the quotes.
func onlyRequotes(j *Job, report Claim) (bool, error) {
	report.Infer = j.Claim.Infer
	return equal(j.Claim, &report)
}

// contested tells whether there are more seats than the terms ask for, because checkers do not agree.
func (j *Job) contested() bool { return j.Seats > j.Terms.Checkers }

// requoted pays a session whose claimed quotes do not stand. If most checkers found the same other quotes, these are
// paid; if not, none are. Its calls are true, so the worker is paid, and no stake is lost: a majority is no proof. From
// then on the job's claim has the quotes that were paid.
func (k Keeper) requoted(ctx context.Context, j *Job, right []string) error {
	claimed, held := j.Claim.Infer, &InferClaim{}
	if len(right) > 0 {
		held = j.seat(right[0]).Report.Infer
	}
	j.Claim.Infer = held
	if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventRequoted{Job: j.Id, Worker: j.Worker, Claimed: claimed.Quoted, Held: held.Quoted}); err != nil {
		return err
	}
	return k.stands(ctx, j, right)
}
