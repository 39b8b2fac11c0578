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
		d.resume, d.recheck, d.object, d.sweep, d.takeJob, d.takeSeat,
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

// object denies a claim about work that this worker has done itself, from which
// something else came. It needs no seat for that: it has nothing left to do but to
// say so.
func (d *daemon) object(ctx context.Context, b board) (bool, error) {
	for _, j := range b.claimed {
		claim := string(j.Claim.Trace) + string(j.Claim.Result)
		if d.seated(j) || j.Worker == d.me || slices.Contains(j.Barred, d.me) || d.judged[j.Id] == claim || !d.did(j) {
			continue
		}
		sent, err := d.judge(ctx, j)
		if err == nil {
			d.judged[j.Id] = claim
		}
		if sent || err != nil {
			return sent, err
		}
	}
	return false, nil
}

// judge compares a claim with what came out here and opens a dispute if that is not the
// same, unless it has done so before: who lost it believes the chain.
func (d *daemon) judge(ctx context.Context, j job.Job) (bool, error) {
	before, err := d.disputes(ctx, j.Id)
	if err != nil || slices.ContainsFunc(before, func(x job.Dispute) bool { return x.Opened >= j.Claimed }) {
		return false, err
	}
	o, err := d.engines[j.Terms.Kind].run(ctx, j, RoleCheck)
	if err != nil {
		return false, err
	}
	denial, err := d.denial(j, o.run)
	if err != nil || denial == nil {
		return false, err
	}
	return d.send(ctx, denial)
}

// did tells whether this worker has executed a job to its end.
func (d *daemon) did(j job.Job) bool {
	task, err := j.Task()
	if err != nil || task == nil {
		return false
	}
	steps, err := checkpoints{d.Dir, j.Id}.Steps()
	return err == nil && slices.Contains(steps, task.Steps())
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

// jobs lists all jobs in some states, by id.
func (d *daemon) jobs(ctx context.Context, states ...job.State) ([]job.Job, error) {
	var all []job.Job
	for _, s := range states {
		for page := new(query.PageRequest); page != nil; {
			r, err := job.NewQueryClient(d.Client).Jobs(ctx, &job.QueryJobsRequest{State: s, Pagination: page})
			if err != nil {
				return nil, fmt.Errorf("ask for %s jobs: %w", s.Word(), err)
			}
			all = append(all, r.Jobs...)
			page = following(r.Pagination)
		}
	}
	return all, nil
}

// following asks for the page after one; nil after the last.
func following(page *query.PageResponse) *query.PageRequest {
	if page == nil || len(page.NextKey) == 0 {
		return nil
	}
	return &query.PageRequest{Key: page.NextKey}
}
