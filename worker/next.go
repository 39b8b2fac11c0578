package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/job"
	workerx "github.com/minga-network/minga/x/worker"
)

// errLost ends work that the chain no longer waits for.
var errLost = errors.New("the chain no longer waits for this work")

// board is what the chain has for workers at one moment.
type board struct {
	me                   workerx.Worker
	open, taken, claimed []job.Job // claimed ones include the disputed
}

// next does the first thing that the chain waits for. A worker that is not
// registered yet, or not any more, has nothing to do.
func (d *daemon) next(ctx context.Context) error {
	b, err := d.look(ctx)
	if status.Code(err) == codes.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	d.forget(b)
	for _, step := range []func(context.Context, board) (bool, error){
		d.resume, d.recheck, d.sweep, d.takeJob, d.takeSeat,
	} {
		if done, err := step(ctx, b); done || err != nil {
			return err
		}
	}
	return nil
}

func (d *daemon) look(ctx context.Context) (b board, err error) {
	r, err := workerx.NewQueryClient(d.Client).Worker(ctx, &workerx.QueryWorkerRequest{Address: d.me})
	if err != nil {
		return b, fmt.Errorf("the worker's record: %w", err)
	}
	b.me = r.Worker
	if b.open, err = d.jobs(ctx, job.StateOpen); err != nil {
		return b, err
	}
	if b.taken, err = d.jobs(ctx, job.StateTaken); err != nil {
		return b, err
	}
	b.claimed, err = d.jobs(ctx, job.StateClaimed, job.StateDisputed)
	return b, err
}

// resume goes on with a train job that this worker has taken.
func (d *daemon) resume(ctx context.Context, b board) (bool, error) {
	for _, j := range b.taken {
		if j.Worker == d.me && j.Terms.Kind == workerx.Train {
			return true, d.work(ctx, j, RoleTrain)
		}
	}
	return false, nil
}

// recheck goes on with a check that this worker has a seat for.
func (d *daemon) recheck(ctx context.Context, b board) (bool, error) {
	for _, j := range b.claimed {
		if d.owesReport(j) {
			return true, d.work(ctx, j, RoleCheck)
		}
	}
	return false, nil
}

func (d *daemon) owesReport(j job.Job) bool {
	return slices.ContainsFunc(j.Checks, func(c job.Check) bool { return c.Worker == d.me && c.Report == nil && c.Dispute == 0 })
}

// takeJob takes the first open train job that fits; the next block shows it as
// taken. Infer jobs are for gateways.
func (d *daemon) takeJob(ctx context.Context, b board) (bool, error) {
	for _, j := range b.open {
		if j.Terms.Kind != workerx.Train || !d.fits(b.me, j) || !d.ready(ctx, j) {
			continue
		}
		took, err := d.send(ctx, &job.MsgTake{Worker: d.me, Job: j.Id})
		if took || err != nil {
			return took, err
		}
	}
	return false, nil
}

// takeSeat takes a checker's seat at the first claim that has one free.
func (d *daemon) takeSeat(ctx context.Context, b board) (bool, error) {
	for _, j := range b.claimed {
		full := len(j.Checks) >= int(j.Seats)
		if full || d.seated(j) || !d.fits(b.me, j) || !d.ready(ctx, j) {
			continue
		}
		took, err := d.send(ctx, &job.MsgCheck{Worker: d.me, Job: j.Id})
		if took || err != nil {
			return took, err
		}
	}
	return false, nil
}

func (d *daemon) seated(j job.Job) bool {
	return slices.ContainsFunc(j.Checks, func(c job.Check) bool { return c.Worker == d.me })
}

// send sends a message that asks for a job or a seat. Being refused because it
// is another's turn, or because another was faster, is no error.
func (d *daemon) send(ctx context.Context, msg sdk.Msg) (bool, error) {
	_, err := d.Client.Send(ctx, d.Signer, msg)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, job.ErrTurn) || errors.Is(err, job.ErrUnfit) || final(err):
		d.Log.Debug("not ours", "msg", sdk.MsgTypeURL(msg), "err", err)
		return false, nil
	}
	return false, err
}

// work runs the engine and tells the chain what came out. Work that the chain
// has stopped waiting for ends at once.
func (d *daemon) work(ctx context.Context, j job.Job, role string) error {
	claim, err := d.execute(ctx, j, role)
	if err == nil {
		err = d.tell(ctx, j, role, claim)
	}
	outcome := "done"
	switch {
	case errors.Is(err, errLost):
		outcome = "lost"
	case final(err):
		outcome = "refused"
	case err != nil:
		outcome = "interrupted"
	default:
		units.WithLabelValues(role).Add(float64(claim.Units))
	}
	worked.WithLabelValues(role, outcome).Inc()
	if err != nil {
		return fmt.Errorf("job %d, %s: %w", j.Id, role, err)
	}
	return nil
}

// execute runs the engine for as long as the chain waits for its result.
func (d *daemon) execute(ctx context.Context, j job.Job, role string) (job.Claim, error) {
	watched, stop := d.while(ctx, j.Id, role)
	defer stop(nil)
	claim, err := d.engines[j.Terms.Kind].run(watched, j, role)
	if err != nil && errors.Is(context.Cause(watched), errLost) {
		return claim, errLost
	}
	return claim, err
}

// tell sends the claim of one's own work, or the report of a check.
func (d *daemon) tell(ctx context.Context, j job.Job, role string, claim job.Claim) error {
	var msg sdk.Msg = &job.MsgClaim{Worker: d.me, Job: j.Id, Claim: claim}
	if role == RoleCheck {
		msg = &job.MsgReport{Worker: d.me, Job: j.Id, Report: claim}
	}
	_, err := d.Client.Send(ctx, d.Signer, msg)
	return err
}

// while returns a context that ends with errLost when the chain no longer waits
// for this worker's claim or report.
func (d *daemon) while(ctx context.Context, id uint64, role string) (context.Context, context.CancelCauseFunc) {
	ctx, stop := context.WithCancelCause(ctx)
	go func() {
		for range d.Client.Blocks(ctx) {
			r, err := job.NewQueryClient(d.Client).Job(ctx, &job.QueryJobRequest{Id: id})
			if err != nil {
				continue // the network's trouble says nothing about the job
			}
			j := r.Job
			mine := j.State == job.StateTaken && j.Worker == d.me
			if role == RoleCheck {
				mine = !j.State.Final() && d.owesReport(j)
			}
			if !mine {
				stop(errLost)
				return
			}
		}
	}()
	return ctx, stop
}

// jobs lists all jobs in some states, by id.
func (d *daemon) jobs(ctx context.Context, states ...job.State) ([]job.Job, error) {
	var all []job.Job
	for _, s := range states {
		page := &query.PageRequest{}
		for page != nil {
			r, err := job.NewQueryClient(d.Client).Jobs(ctx, &job.QueryJobsRequest{State: s, Pagination: page})
			if err != nil {
				return nil, fmt.Errorf("ask for %s jobs: %w", s.Word(), err)
			}
			all = append(all, r.Jobs...)
			page = nil
			if r.Pagination != nil && len(r.Pagination.NextKey) > 0 {
				page = &query.PageRequest{Key: r.Pagination.NextKey}
			}
		}
	}
	return all, nil
}
