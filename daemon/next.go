package daemon

import (
	"context"
	"fmt"
	"slices"

	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// board is what the chain has for workers at one moment.
type board struct {
	me                   worker.Worker
	open, taken, claimed []job.Job // claimed ones include the disputed
}

// next does one thing that the chain waits for, and tells whether it did work. A worker
// that is not registered yet, or not any more, has nothing to do.
func (d *daemon) next(ctx context.Context) (worked bool, err error) {
	// What is on its way now, the board may show or not; what was before, it shows.
	d.busy = d.out.under()
	b, err := d.look(ctx)
	if status.Code(err) == codes.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	d.forget(b)
	for _, step := range []func(context.Context, board) error{d.object, d.sweep} {
		if err := step(ctx, b); err != nil {
			return false, err
		}
	}
	hand := d.hand(b)
	d.ask(ctx, b, hand)
	if len(hand) == 0 {
		return false, nil
	}
	d.pace.now++
	return true, d.work(ctx, hand[0].Job, hand[0].role)
}

// held is a job that this worker has taken, or has a seat at, and has not told of yet.
type held struct {
	job.Job
	role string
}

// hand lists what this worker has to do: first the jobs that it has taken, whose claims
// others will check, then the checks that it owes.
func (d *daemon) hand(b board) (hand []held) {
	for _, j := range b.taken {
		if j.Worker == d.me && j.Terms.Kind == worker.Train {
			hand = append(hand, held{j, RoleTrain})
		}
	}
	for _, j := range b.claimed {
		if d.owesReport(j) {
			hand = append(hand, held{j, RoleCheck})
		}
	}
	return slices.DeleteFunc(hand, func(h held) bool { return d.isBusy(h.Job) || d.out.refused(h.self()) })
}

func (d *daemon) isBusy(j job.Job) bool {
	_, busy := d.busy[j.Id]
	return busy
}

func (d *daemon) look(ctx context.Context) (b board, err error) {
	r, err := worker.NewQueryClient(d.Client).Worker(ctx, &worker.QueryWorkerRequest{Address: d.me})
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

func (d *daemon) owesReport(j job.Job) bool {
	return slices.ContainsFunc(j.Checks, func(c job.Check) bool { return c.Worker == d.me && c.Report == nil && c.Dispute == 0 })
}

// object denies a claim about work that this worker has done itself, from which
// something else came. It needs no seat for that: it has nothing left to do but to
// say so.
func (d *daemon) object(ctx context.Context, b board) error {
	for _, j := range b.claimed {
		claim := string(j.Claim.Trace) + string(j.Claim.Result)
		if d.isBusy(j) || d.seated(j) || j.Worker == d.me || slices.Contains(j.Barred, d.me) || d.judged[j.Id] == claim || !d.did(j) {
			continue
		}
		if err := d.judge(ctx, j); err != nil {
			return err
		}
		d.judged[j.Id] = claim
	}
	return nil
}

// judge compares a claim with what came out here and opens a dispute if that is not the
// same, unless it has done so before: who lost it believes the chain.
func (d *daemon) judge(ctx context.Context, j job.Job) error {
	before, err := d.disputes(ctx, j.Id)
	if err != nil || slices.ContainsFunc(before, func(x job.Dispute) bool { return x.Opened >= j.Claimed }) {
		return err
	}
	o, err := d.engines[j.Terms.Kind].run(ctx, j, RoleCheck)
	if err != nil {
		return err
	}
	denial, err := d.denial(j, o.run)
	if err != nil || denial == nil {
		return err
	}
	if _, err = d.Client.Send(ctx, d.Signer, denial); final(err) {
		return nil // somebody was faster
	}
	return err
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

func (d *daemon) seated(j job.Job) bool {
	return slices.ContainsFunc(j.Checks, func(c job.Check) bool { return c.Worker == d.me })
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
