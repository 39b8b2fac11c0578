package job

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/minga-network/minga/x/page"
)

// TestListsAreThoseOfAWalk compares each list, read in small pages, with what a walk over all
// jobs and disputes finds, in the middle of many lives.
func TestListsAreThoseOfAWalk(t *testing.T) {
	s := newStorm(t, 13)
	var jobs []Job
	busy, parent := -1, -1
	for n := 0; n < 400 || busy < 0 || parent < 0; n++ {
		s.send()
		if s.rng.Intn(20) == 0 {
			s.next()
		}
		jobs = nil
		for id := range s.jobs {
			jobs = append(jobs, s.job(id+1))
		}
		busy = slices.IndexFunc(jobs, func(j Job) bool { return j.State == StateClaimed })
		parent = slices.IndexFunc(jobs, func(j Job) bool { return j.Terms.Parent != 0 })
	}
	lists := map[string]func(*QueryJobsRequest, Job) bool{
		"all": func(*QueryJobsRequest, Job) bool { return true },
		"state": func(r *QueryJobsRequest, j Job) bool {
			r.State = StateClaimed
			return j.State == r.State
		},
		"state and kind": func(r *QueryJobsRequest, j Job) bool {
			r.State, r.Kind = StateClaimed, jobs[busy].Terms.Kind
			return j.State == r.State && j.Terms.Kind == r.Kind
		},
		"worker": func(r *QueryJobsRequest, j Job) bool {
			r.Worker = jobs[busy].Worker
			works := j.Worker == r.Worker && j.State != StateOpen && j.State != StateWaiting
			return !j.State.Final() && (works || j.seat(r.Worker) != nil)
		},
	}
	lists["parent"] = func(r *QueryJobsRequest, j Job) bool {
		r.Parent = jobs[parent].Terms.Parent
		return j.Terms.Parent == r.Parent
	}
	lists["parent and state"] = func(r *QueryJobsRequest, j Job) bool {
		r.Parent, r.State = jobs[parent].Terms.Parent, jobs[parent].State
		return j.Terms.Parent == r.Parent && j.State == r.State
	}
	for name, belongs := range lists {
		t.Run(name, func(t *testing.T) {
			var want []uint64
			req := &QueryJobsRequest{}
			for _, j := range jobs {
				if belongs(req, j) {
					want = append(want, j.Id)
				}
			}
			require.NotEmpty(t, want)
			got := s.listed(req)
			slices.Sort(got)
			require.Equal(t, want, got)
		})
	}
}

// listed reads a list in pages of 3.
func (s *storm) listed(req *QueryJobsRequest) (ids []uint64) {
	for req.Pagination = (&query.PageRequest{Limit: 3}); ; {
		res, err := queries{s.k}.Jobs(s.Ctx, req)
		require.NoError(s, err)
		require.LessOrEqual(s, len(res.Jobs), 3)
		for _, j := range res.Jobs {
			ids = append(ids, j.Id)
		}
		if len(res.Pagination.NextKey) == 0 {
			return ids
		}
		req.Pagination = &query.PageRequest{Limit: 3, Key: res.Pagination.NextKey}
	}
}

func TestDisputesOfAParty(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), honest())
	for _, who := range c.w[1:3] {
		_, err := c.k.Challenge(c.Ctx, &MsgChallenge{Challenger: who, Job: id, Target: "trace"})
		require.NoError(t, err)
	}
	open := func(who string) int {
		res, err := queries{c.k}.Disputes(c.Ctx, &QueryDisputesRequest{Party: who})
		require.NoError(t, err)
		return len(res.Disputes)
	}
	require.Equal(t, []int{2, 1, 1, 0}, []int{open(c.w[0]), open(c.w[1]), open(c.w[2]), open(c.w[3])})
	for c.job(id).State == StateDisputed { // nobody moves: the claimant, whose turn it is, loses
		c.next()
	}
	require.Equal(t, []int{0, 0}, []int{open(c.w[0]), open(c.w[1])})
}

func TestListsThatAreRefused(t *testing.T) {
	c := newTown(t)
	q := queries{c.k}
	for name, req := range map[string]*QueryJobsRequest{
		"two filters":   {Parent: 1, Worker: c.w[0]},
		"a kind alone":  {Kind: KindTrain},
		"a large page":  {Pagination: &query.PageRequest{Limit: maxJobs + 1}},
		"a total":       {Pagination: &query.PageRequest{CountTotal: true}},
		"an offset":     {Pagination: &query.PageRequest{Offset: 5}},
		"another state": {State: StateOpen, Worker: c.w[0]},
	} {
		_, err := q.Jobs(c.Ctx, req)
		require.Error(t, err, name)
	}
	_, err := q.Disputes(c.Ctx, &QueryDisputesRequest{Job: 1, Party: c.w[0]})
	require.ErrorIs(t, err, ErrTerms)
	_, err = q.Disputes(c.Ctx, &QueryDisputesRequest{Pagination: &query.PageRequest{Limit: maxDisputes + 1}})
	require.ErrorIs(t, err, page.ErrPage)
}
