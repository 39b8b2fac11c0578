package job

import (
	"context"
	"fmt"
	"strings"
)

// Explain tells where a job stands. If it wants a worker or checkers, it also tells which workers fit, which do not,
// and why.
func (q queries) Explain(ctx context.Context, req *QueryExplainRequest) (*QueryExplainResponse, error) {
	j, err := q.k.Get(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	res := &QueryExplainResponse{State: j.State, Summary: j.story()}
	if res.Summary, err = q.disputed(ctx, &j, res.Summary); err != nil {
		return res, err
	}
	res.Summary += j.defenderStory() + j.childStory()
	if story := j.kind().story; story != nil {
		var more string
		if more, err = story(ctx, q.k, &j); err != nil {
			return nil, err
		}
		res.Summary += more
	}
	if j.wanted() == 0 {
		return res, nil
	}
	all, behind, err := q.k.candidates(ctx, j)
	if err != nil {
		return nil, err
	}
	h := height(ctx)
	for _, c := range all {
		res.Candidates = append(res.Candidates, Candidate{Worker: c.worker.Address, Fits: c.unfit == "", Reason: c.reason(h)})
	}
	if behind == later {
		res.Summary += fmt.Sprintf(" The checkers are drawn some blocks after height %d.", j.Drawn)
		return res, nil
	}
	res.Summary += " " + prospects(j, all, h)
	return res, nil
}

// disputed adds a sentence for each open dispute.
func (q queries) disputed(ctx context.Context, j *Job, story string) (string, error) {
	open, err := q.k.disputes(ctx, j.Id)
	if err != nil {
		return story, err
	}
	for i := range open {
		d := &open[i]
		if d.Due == 0 {
			story += fmt.Sprintf(" Dispute %d by %s waits for its turn.", d.Id, d.Challenger)
			continue
		}
		t, g, err := j.game(d)
		if err != nil {
			story += fmt.Sprintf(" Dispute %d by %s cannot be read and ends without a winner.", d.Id, d.Challenger)
			continue
		}
		v := view(t, g, d, height(ctx))
		story += fmt.Sprintf(" Dispute %d by %s is at %s %d to %d, the %s moves by height %d.",
			d.Id, d.Challenger, v.Stage, v.Lo, v.Hi-1, v.Turn, d.Due)
	}
	return story, nil
}

// wanted is how many workers the job could use now.
func (j *Job) wanted() int {
	switch j.State {
	case StateOpen:
		return 1
	case StateClaimed, StateDisputed:
		return int(j.Seats) - len(j.Checks)
	default:
		return 0
	}
}

// reason is the candidate's line: why not, or from when.
func (c candidate) reason(h int64) string {
	switch {
	case c.unfit != "":
		return c.unfit
	case c.from <= h:
		return "may step in now"
	}
	return fmt.Sprintf("may step in from height %d", c.from)
}

// story is one sentence on where the job stands.
func (j *Job) story() string {
	switch j.State {
	case StateOpen:
		return fmt.Sprintf("Job %d (%s, %d units at up to %s) is open until height %d.", j.Id, j.Terms.Kind, j.Terms.Units,
			money(j.Terms.MaxPrice), j.Due)
	case StateTaken:
		return fmt.Sprintf("Job %d was taken by %s at height %d for %s a unit; it has to claim by height %d.", j.Id, j.Worker,
			j.Taken, money(j.Price), j.Due)
	case StateClaimed:
		return j.claimedStory()
	case StateDisputed:
		if j.held() {
			return fmt.Sprintf("Job %d was claimed by %s and is disputed; others can challenge the claim until height %d.", j.Id,
				j.Worker, j.Due)
		}
		return fmt.Sprintf("Job %d is disputed: %d of %d seats have reported; the majority of the seats decides by height "+
			"%d.", j.Id, j.reported(), j.Seats, j.Due)
	case StateWaiting:
		return fmt.Sprintf("Job %d is done and its work is paid: %s; its model is made once its data is measured.", j.Id,
			j.payments())
	case StatePaid:
		return fmt.Sprintf("Job %d is paid: %s.", j.Id, j.payments())
	default:
		return fmt.Sprintf("Job %d is %s: %s. Paid out: %s.", j.Id, j.State.Word(), j.Reason, j.payments())
	}
}

func (j *Job) claimedStory() string {
	if j.contested() {
		return fmt.Sprintf("Job %d was claimed by %s; what it quotes is contested: %d of %d seats have reported, and a "+
			"majority of the seats decides by height %d.", j.Id, j.Worker, j.reported(), j.Seats, j.Due)
	}
	if j.reported() >= j.needed() {
		return fmt.Sprintf("Job %d was claimed by %s and confirmed by %d of %d checkers; it is paid after height %d.", j.Id,
			j.Worker, j.reported(), j.needed(), j.Due)
	}
	return fmt.Sprintf("Job %d was claimed by %s; %d of %d checkers have reported, the others have until height %d.", j.Id,
		j.Worker, j.reported(), j.needed(), j.Due)
}

// defenderStory says who answers for a claim whose worker has lost its stake.
func (j *Job) defenderStory() string {
	if j.Defender == "" || j.State.Final() {
		return ""
	}
	return fmt.Sprintf(" Its worker lost its stake over the claim, and the checker %s answers for it.", j.Defender)
}

// payments is the settlement on one line.
func (j *Job) payments() string {
	if len(j.Paid) == 0 {
		return "nothing"
	}
	lines := make([]string, len(j.Paid))
	for i, p := range j.Paid {
		lines[i] = fmt.Sprintf("%s to %s (%s)", money(p.Amount), p.To, p.Role)
	}
	return strings.Join(lines, ", ")
}

// prospects is one sentence on who could step in, and a hint where nobody can.
func prospects(j Job, all []candidate, h int64) string {
	fit, now := 0, 0
	for _, c := range all {
		if c.unfit != "" {
			continue
		}
		if fit++; c.from <= h {
			now++
		}
	}
	switch {
	case len(all) == 0:
		return fmt.Sprintf("No worker offers %s: wait for one to register, or register one.", Offered(j.Terms.Kind))
	case fit == 0:
		return fmt.Sprintf("None of the %d workers that offer %s fits, the reasons are below: change the terms in a new "+
			"job, or wait.", len(all), Offered(j.Terms.Kind))
	case len(all) == walk:
		return fmt.Sprintf("Of the first %d workers that offer %s, %d fit and %d may step in now.", walk,
			Offered(j.Terms.Kind), fit, now)
	}
	return fmt.Sprintf("Of the %d workers that offer %s, %d fit and %d may step in now.", len(all), Offered(j.Terms.Kind),
		fit, now)
}
