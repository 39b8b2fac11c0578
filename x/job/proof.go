package job

import (
	"context"
	"slices"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

// Proof is how a claim is shown to be true.
type Proof string

// The proofs.
const (
	ProofReferee Proof = "referee" // a dispute comes down to one scalar step, which the chain executes
	ProofQuorum  Proof = "quorum"  // a majority of the checkers decides
	ProofNone    Proof = "none"    // nobody checks: the claim is paid after its window
)

// proof is all that the life of a job asks of a proof. A new proof is a line in proofs, and its rule in package verify.
type proof struct {
	// terms says why the terms do not have what the proof needs.
	terms func(Terms) error
	// claim says why a claim, or a report, does not have what the proof needs.
	claim func(*Job, *Claim) error
	// report says why a report does not show what a checker must show.
	report func(j *Job, who string, msg *MsgReport) error
	// opens begins the dispute by which a claim is challenged; nil: it cannot be challenged.
	opens func(*Job, Target) (*verify.Game, error)
	// decide says what the reports say of the claim, and which claim holds. closed: no more reports come.
	decide func(j *Job, closed bool) (verify.Decision, verify.Claim, error)
	// final ends a job whose time is over. right are the checkers whose report holds.
	final func(k Keeper, ctx context.Context, j *Job, decision verify.Decision, right []string) error
}

var proofs = map[Proof]proof{
	ProofReferee: {hasTask, endsInTrace, showsSample, deny, countReports, Keeper.endRefereed},
	ProofQuorum:  {hasCheckers, hasNoEnd, showsNothing, nil, countReports, Keeper.endCounted},
	ProofNone:    {hasNoCheckers, hasNoEnd, showsNothing, nil, countReports, Keeper.endCounted},
}

// Proofs are those that claims about jobs of a kind may have.
func Proofs(k worker.Kind) []Proof { return slices.Clone(kinds[k].proofs) }

func (j *Job) proof() proof { return proofs[j.Terms.Proof] }

// Task is the work that a dispute can be about; nil if the proof has none. That of a session is known once it is
// claimed.
func (j *Job) Task() (*verify.Task, error) {
	if j.Terms.Proof != ProofReferee {
		return nil, nil
	}
	t, err := verify.DecodeTask(j.Terms.Task)
	if fill := j.kind().task; err == nil && fill != nil && j.Claim != nil {
		err = fill(t, j.Claim)
	}
	return t, err
}

// held tells that open disputes keep the job from ending by itself.
func (j *Job) held() bool { return j.State == StateDisputed && j.Terms.Proof == ProofReferee }

// checkProof wants one of the proofs that the kind allows, and what that needs.
func checkProof(t Terms, allowed []Proof) error {
	if !slices.Contains(allowed, t.Proof) {
		return ErrTerms.Wrapf("proof %.20q: a job of kind %s has one of %q", t.Proof, t.Kind, allowed)
	}
	return proofs[t.Proof].terms(t)
}

// maxTask bounds the bytes of a task.
const maxTask = 2 << 10

func hasTask(t Terms) error {
	if len(t.Task) == 0 || len(t.Task) > maxTask {
		return ErrTerms.Wrapf("task has %d bytes: proof %s needs one, of at most %d", len(t.Task), t.Proof, maxTask)
	}
	return nil
}

func hasNoTask(t Terms) error {
	if len(t.Task) != 0 {
		return ErrTerms.Wrapf("a task is for proof %s: leave it out with proof %s", ProofReferee, t.Proof)
	}
	return nil
}

func hasCheckers(t Terms) error {
	if t.Checkers == 0 {
		return ErrTerms.Wrapf("proof %s without checkers: ask for 1 checker or more", t.Proof)
	}
	return hasNoTask(t)
}

func hasNoCheckers(t Terms) error {
	if t.Checkers != 0 {
		return ErrTerms.Wrapf("proof %s and %d checkers: nobody checks by this proof, ask for none", t.Proof, t.Checkers)
	}
	return hasNoTask(t)
}

// endsInTrace wants the parts of a claim to belong together as the task says: the file has the size that the task
// makes, the kind's numbers are those of the last step, and state is where the trace ends.
func endsInTrace(j *Job, c *Claim) error {
	about := *j
	about.Claim = c
	t, err := about.Task()
	if err != nil {
		return err
	}
	if !t.Extent().Sound && c.Bytes != uint64(t.ResultSize()) {
		return ErrClaim.Wrapf("job %d: a result of %d bytes, the task makes %d", j.Id, c.Bytes, t.ResultSize())
	}
	end := c.End
	if take := j.kind().end; take != nil {
		if end, err = take(t, c); err != nil {
			return err
		}
	}
	if !verify.Leads(c.State, t.Steps(), t.Leaves(), end, c.Trace) {
		return ErrClaim.Wrapf("job %d: end does not lead from state, as what step %d of the run committed to, to the trace",
			j.Id, t.Steps())
	}
	return nil
}

func hasNoEnd(j *Job, c *Claim) error {
	if len(c.End) != 0 {
		return ErrClaim.Wrapf("job %d: end is for proof %s, leave it out", j.Id, ProofReferee)
	}
	return nil
}

// showsSample wants a checker that agrees to show a part of the run that is not public, so that copying the claim is
// not enough. A checker that does not agree challenges the claim. Only what a session quotes may differ, since no step
// shows that.
func showsSample(j *Job, who string, msg *MsgReport) error {
	t, err := j.Task()
	if err != nil {
		return err
	}
	agrees, err := onlyRequotes(j, msg.Report)
	switch {
	case err != nil:
		return err
	case !agrees:
		return ErrClaim.Wrapf("job %d: the report is not what %s claims: challenge the claim (MsgChallenge), "+
			"a step decides then", j.Id, j.Worker)
	}
	if step := j.Sample(who, t.Steps()); !verify.Leads(msg.Leaf, step, t.Leaves(), msg.Path, j.Claim.Trace) {
		return ErrClaim.Wrapf("job %d: show what step %d committed to, and its path to the trace", j.Id, step)
	}
	return nil
}

func showsNothing(j *Job, _ string, msg *MsgReport) error {
	if len(msg.Leaf)+len(msg.Path) != 0 {
		return ErrClaim.Wrapf("job %d: leaf and path are for proof %s, leave them out", j.Id, ProofReferee)
	}
	return nil
}

// endRefereed ends a job whose claim nobody has shown to be false. Enough checkers must have confirmed it, all but
// perhaps what it quotes.
func (k Keeper) endRefereed(ctx context.Context, j *Job, decision verify.Decision, right []string) error {
	switch {
	case decision == verify.Stands:
		return k.stands(ctx, j, right)
	case j.contested() && j.reported() >= j.needed():
		return k.requoted(ctx, j, right)
	}
	return k.undecided(ctx, j)
}

// endCounted ends a job by what the reports say.
func (k Keeper) endCounted(ctx context.Context, j *Job, decision verify.Decision, right []string) error {
	switch {
	case decision == verify.Stands:
		return k.stands(ctx, j, right)
	case decision == verify.Falls:
		return k.falls(ctx, j, right)
	}
	return k.undecided(ctx, j)
}
