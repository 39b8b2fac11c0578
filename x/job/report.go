package job

import (
	"context"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
)

// Report says what a checker's own execution gave. It agrees if every field is that of the job's claim. With proof
// referee a checker that got something else challenges the claim instead; only what a session quotes may differ in its
// report. Quotes, and with proof quorum everything, are decided by a majority of the reports.
func (k Keeper) Report(ctx context.Context, msg *MsgReport) (*MsgReportResponse, error) {
	j, err := k.during(ctx, msg.Job, StateClaimed, StateDisputed)
	if err != nil {
		return nil, err
	}
	_, who, err := k.account(msg.Worker)
	if err != nil {
		return nil, err
	}
	seat := j.seat(who)
	switch {
	case seat == nil:
		return nil, ErrSeats.Wrapf("job %d: %s has no seat, send MsgCheck first", j.Id, who)
	case seat.Report != nil:
		return nil, ErrSeats.Wrapf("job %d: %s has reported, nothing more to do", j.Id, who)
	case seat.Dispute != 0:
		return nil, ErrSeats.Wrapf("job %d: %s objects by dispute %d, go on with that", j.Id, who, seat.Dispute)
	}
	if err = k.checkClaim(ctx, &j, &msg.Report); err != nil {
		return nil, err
	}
	seat.Report = &msg.Report
	agrees, err := equal(j.Claim, seat.Report)
	if err != nil {
		return nil, err
	}
	if err := j.proof().report(&j, who, msg); err != nil {
		return nil, err
	}
	if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventReported{Job: j.Id, Checker: who, Agrees: agrees}); err != nil {
		return nil, err
	}
	return &MsgReportResponse{Agrees: agrees}, k.weigh(ctx, &j, who)
}

// weigh asks what the reports say now, and sets until when the job waits. A contested claim waits for more checkers. A
// claim that stands waits for its window to pass. A dispute that is decided ends with this block.
func (k Keeper) weigh(ctx context.Context, j *Job, who string) error {
	decision, _, err := j.proof().decide(j, false)
	if err != nil {
		return err
	}
	h := height(ctx)
	switch {
	case decision == verify.Contest:
		err = k.contest(ctx, j, who)
	case decision == verify.Wait:
	case j.State == StateClaimed || j.held():
		err = k.wait(ctx, j, h+j.Terms.Window)
	default:
		err = k.wait(ctx, j, h)
	}
	if err != nil {
		return err
	}
	return k.Jobs.Set(ctx, j.Id, *j)
}

// contest opens more seats, with time for the work.
func (k Keeper) contest(ctx context.Context, j *Job, who string) error {
	j.Seats = uint32(verify.Seats(int(j.Terms.Checkers)))
	j.Drawn = height(ctx)
	var event proto.Message = &EventContested{Job: j.Id, Checker: who, Seats: j.Seats}
	if j.proof().opens == nil {
		event = &EventDisputed{Job: j.Id, Checker: who, Seats: j.Seats}
		if err := move(j, StateDisputed); err != nil {
			return err
		}
	}
	if err := k.wait(ctx, j, k.checked(ctx, j)); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

// countReports asks package verify what the reports say of the job's claim. If it stands or falls, the claim that holds
// comes with the decision.
func countReports(j *Job, closed bool) (verify.Decision, verify.Claim, error) {
	claim, err := sum(j.Claim)
	if err != nil {
		return verify.Wait, verify.Claim{}, err
	}
	reports := make([]verify.Claim, 0, len(j.Checks))
	for _, c := range j.Checks {
		if c.Report == nil {
			continue
		}
		r, err := sum(c.Report)
		if err != nil {
			return verify.Wait, verify.Claim{}, err
		}
		reports = append(reports, r)
	}
	decision, held := verify.Quorum(claim, reports, j.needed(), int(j.Seats), closed)
	return decision, held, nil
}

func equal(a, b *Claim) (bool, error) {
	x, err := sum(a)
	if err != nil {
		return false, err
	}
	y, err := sum(b)
	return x == y, err
}
