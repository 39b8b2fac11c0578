package daemon

import (
	"bytes"
	"fmt"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// errTerms marks a job that was posted with other terms than its spec has.
var errTerms = fmt.Errorf("%w: the posted terms are not those of the spec", errSpec)

// Terms are what a spec, and the plan that it makes of its datasets, say to the
// chain. Whoever posts a spec posts these terms, and a worker takes the job only
// if they are the same: nobody is paid by one text for work of another, and no
// dispute is decided by another task.
func Terms(s *train.Spec, p *train.Plan, spec blob.Hash, source string) (job.Terms, error) {
	t, err := offered(s, spec, source)
	t.Task, t.Used = Task(p).Encode(), p.Used
	return t, err
}

// offered are the terms without what follows from the data.
func offered(s *train.Spec, spec blob.Hash, source string) (job.Terms, error) {
	t := job.Terms{
		Kind: worker.Train, Spec: spec[:], Source: source, Name: s.Name, Licence: s.Job.Licence,
		Units:    uint64(s.Train.Steps) * uint64(s.Train.Batch) * uint64(s.Model.Context),
		Checkers: uint32(s.Job.Checkers),
		Deadline: int64(s.Job.Deadline), Work: int64(s.Job.Work), Window: int64(s.Job.Window),
		Policy: job.Policy{
			Data: uint32(s.Split.Data), Compute: uint32(s.Split.Compute), Creator: uint32(s.Split.Creator),
			Commons: uint32(s.Split.Commons), Method: s.Split.Method,
			Floor: uint32(s.Split.Floor), Cap: uint32(s.Split.Cap), Vesting: int64(s.Split.Vesting), Royalty: uint32(s.Split.Royalty), Attribution: uint32(s.Split.Attribution),
		},
	}
	if base, ok := asset.ParseDenom(s.Model.Base); ok {
		t.Model = base
	}
	for _, amount := range []struct {
		key  string
		text string
		to   *math.Int
	}{
		{"budget", s.Job.Budget, &t.Budget}, {"max_price", s.Job.MaxPrice, &t.MaxPrice},
		{"check_pay", s.Job.CheckPay, &t.CheckPay}, {"stake", s.Job.Stake, &t.Stake},
	} {
		var err error
		if *amount.to, err = client.ParseAmount(amount.text); err != nil {
			return job.Terms{}, fmt.Errorf("job.%s: %w", amount.key, err)
		}
	}
	var err error
	t.Datasets, err = named(s)
	return t, err
}

// sameTerms compares what was posted with what the spec says.
func sameTerms(posted, spec job.Terms) error {
	a, err := posted.Marshal()
	if err != nil {
		return err
	}
	b, err := spec.Marshal()
	if err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		return errTerms
	}
	return nil
}
