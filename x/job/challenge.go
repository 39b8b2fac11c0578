package job

import (
	"cmp"
	"context"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
)

// mostDisputes is how many disputes about one job are played at a time, and mostWaiting how many more may wait for
// their turn. The claim waits as long as any of them is open, so nobody fills the places to keep others out. A checker
// with a seat may open one beyond that.
const (
	mostDisputes = 32
	mostWaiting  = 256
)

// Target is what a challenger denies of a claim.
type Target string

// The targets.
const (
	TargetTrace  Target = "trace"  // what the steps committed to
	TargetResult Target = "result" // the blob, where the trace is right
	TargetSound  Target = "sound"  // that the run counts no contradiction, where the trace is right
)

// targets are what a challenger may deny.
var targets = map[Target]verify.Target{TargetTrace: verify.Trace, TargetResult: verify.Result,
	TargetSound: verify.Sound}

// Challenge denies a claim. From now on its worker and the challenger answer each other until one scalar step decides.
// Other challengers' disputes stay as they are, and so does the time in which the claim can be challenged.
func (k Keeper) Challenge(ctx context.Context, msg *MsgChallenge) (*MsgChallengeResponse, error) {
	j, err := k.during(ctx, msg.Job, StateClaimed, StateDisputed)
	if err != nil {
		return nil, err
	}
	_, who, err := k.account(msg.Challenger)
	if err != nil {
		return nil, err
	}
	game, err := j.challenged(msg.Target)
	if err != nil {
		return nil, err
	}
	open, err := k.disputes(ctx, j.Id)
	if err != nil {
		return nil, err
	}
	if err = mayChallenge(&j, open, who); err != nil {
		return nil, err
	}
	d, err := k.openDispute(ctx, &j, who, msg.Target, game)
	if err != nil {
		return nil, err
	}
	open = append(open, *d)
	if err := k.begins(ctx, &j, open); err != nil {
		return nil, err
	}
	if err := k.hold(ctx, &j); err != nil {
		return nil, err
	}
	*d = open[len(open)-1]
	return &MsgChallengeResponse{Dispute: d.Id}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&EventChallenged{
		Job: j.Id, Dispute: d.Id, Claimant: d.Claimant, Challenger: who, Target: d.Target, Due: d.Due})
}

// challenged begins the game about a job's claim, if its proof has one.
func (j *Job) challenged(target Target) (*verify.Game, error) {
	opens := j.proof().opens
	if opens == nil {
		return nil, ErrChallenge.Wrapf("job %d has proof %s: no dispute decides about it", j.Id, j.Terms.Proof)
	}
	return opens(j, target)
}

// deny begins the game in which something is denied of a claim.
func deny(j *Job, target Target) (*verify.Game, error) {
	t, err := j.Task()
	if err != nil {
		return nil, err
	}
	aim, known := targets[target]
	if !known {
		return nil, ErrChallenge.Wrapf("target %.20q: deny the trace, the result or, of a run that counts contradictions, "+
			"sound", target)
	}
	claimed := verify.Claimed{Trace: verify.Hash(j.Claim.Trace), Result: verify.Hash(j.Claim.Result)}
	game, err := verify.Open(t, claimed, aim)
	if err != nil {
		return nil, ErrChallenge.Wrapf("job %d: %s", j.Id, err)
	}
	return game, nil
}

// mayChallenge says why a worker may not open a dispute about a claim, of which some are open.
func mayChallenge(j *Job, open []Dispute, who string) error {
	seat := j.seat(who)
	switch {
	case who == j.Worker:
		return ErrChallenge.Wrapf("job %d: %s made the claim, others challenge it", j.Id, who)
	case slices.Contains(j.Barred, who):
		return ErrChallenge.Wrapf("job %d: %s takes no part in it any more, look for another job", j.Id, who)
	case seat != nil && seat.Report != nil:
		return ErrChallenge.Wrapf("job %d: %s has agreed with the claim, others challenge it", j.Id, who)
	}
	for _, d := range open {
		if d.Challenger == who {
			return ErrChallenge.Wrapf("job %d: %s has dispute %d open, go on with that one", j.Id, who, d.Id)
		}
	}
	if len(open) >= mostDisputes+mostWaiting && seat == nil {
		return ErrChallenge.Wrapf("job %d: %d disputes are open, wait until one ends", j.Id, len(open))
	}
	return nil
}

// openDispute writes a new dispute under the next id, which begins at 1. The bond is the job's stake. A checker that
// has not reported needs no other bond than the stake behind its seat, so whoever could take a seat can also object.
func (k Keeper) openDispute(ctx context.Context, j *Job, who string, target Target,
	game *verify.Game) (*Dispute, error) {
	last, err := k.LastDispute.Next(ctx)
	if err != nil {
		return nil, err
	}
	d := &Dispute{
		Id: last + 1, Job: j.Id, Claimant: cmp.Or(j.Defender, j.Worker), Challenger: who, Target: target,
		Opened: height(ctx), Bond: math.ZeroInt(), Slashed: math.ZeroInt(),
	}
	if d.Game, err = kept(game); err != nil {
		return nil, err
	}
	if seat := j.seat(who); seat != nil {
		seat.Dispute = d.Id
	} else {
		d.Bond = j.Terms.Stake
		if err := k.workers.Lock(ctx, who, d.Bond); err != nil {
			return nil, err
		}
	}
	if err := k.Open.Set(ctx, collections.Join(j.Id, d.Id)); err != nil {
		return nil, err
	}
	return d, k.Disputes.Set(ctx, d.Id, *d)
}

// kept is a game as it is stored. What could not be read again is refused.
func kept(g *verify.Game) ([]byte, error) {
	b := g.Encode()
	if _, err := verify.DecodeGame(b); err != nil {
		return nil, ErrChallenge.Wrapf("the game could not be read again: %s", err)
	}
	return b, nil
}

// begins has disputes about a job begin, the oldest first, as long as there are places. A checker's has one always.
func (k Keeper) begins(ctx context.Context, j *Job, open []Dispute) error {
	played := 0
	for _, d := range open {
		if d.Due != 0 {
			played++
		}
	}
	for i := range open {
		d := &open[i]
		if d.Due != 0 || played >= mostDisputes && d.Bond.IsPositive() {
			continue
		}
		g, err := verify.DecodeGame(d.Game)
		if err != nil {
			return err
		}
		if err := k.allow(ctx, j, d, g.Turn(), 0); err != nil {
			return err
		}
		played++
	}
	return nil
}

// hold keeps a claim from being settled by time. Its due height stays: until then others may challenge it as well.
func (k Keeper) hold(ctx context.Context, j *Job) error {
	if j.State == StateClaimed {
		if err := move(j, StateDisputed); err != nil {
			return err
		}
	}
	if err := k.wait(ctx, j, j.Due); err != nil {
		return err
	}
	return k.Jobs.Set(ctx, j.Id, *j)
}

// disputes returns the open disputes about a job, by id.
func (k Keeper) disputes(ctx context.Context, job uint64) ([]Dispute, error) {
	var all []Dispute
	err := k.Open.Walk(ctx, collections.NewPrefixedPairRange[uint64, uint64](job),
		func(key collections.Pair[uint64, uint64]) (bool, error) {
			d, err := k.Disputes.Get(ctx, key.K2())
			all = append(all, d)
			return err != nil, err
		})
	return all, err
}

// allow gives the side that has to move its time for that, and some more. To show a step, it may have to do a part of
// the work again. Whoever answers for a claim gets that time for each dispute about it that is played.
func (k Keeper) allow(ctx context.Context, j *Job, d *Dispute, turn verify.Side, more int64) error {
	p, err := k.params(ctx)
	if err != nil {
		return err
	}
	played := int64(1)
	if turn == verify.Claimant {
		if played, err = k.played(ctx, j); err != nil {
			return err
		}
	}
	return k.await(ctx, d, height(ctx)+p.AnswerBlocks+played*(j.Terms.Work/verify.Checkpoints)+more)
}

// played is how many disputes about a claim are played, by their keys alone: a crowd must not make a move dear. Others
// wait only where all places are taken.
func (k Keeper) played(ctx context.Context, j *Job) (n int64, err error) {
	most := int64(mostDisputes + len(j.Checks))
	err = k.Open.Walk(ctx, collections.NewPrefixedPairRange[uint64, uint64](j.Id),
		func(collections.Pair[uint64, uint64]) (bool, error) {
			n++
			return n == most, nil
		})
	return max(1, n), err
}

// await sets the height at which the dispute ends by itself, and writes it.
func (k Keeper) await(ctx context.Context, d *Dispute, due int64) error {
	if d.Due != 0 {
		if err := k.Deadlines.Remove(ctx, collections.Join(d.Due, d.Id)); err != nil {
			return err
		}
	}
	if d.Due = due; due != 0 {
		if err := k.Deadlines.Set(ctx, collections.Join(due, d.Id)); err != nil {
			return err
		}
	}
	return k.Disputes.Set(ctx, d.Id, *d)
}
