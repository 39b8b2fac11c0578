package job

import (
	"context"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/verify"
)

// This file knows where a training run keeps its means: the validation loss before and
// after, and in run 0 of those that measure a job the credit of each slice of each unit.

// meansAt is the place of the means among a task's states: those of a training run are
// the weights, the curve of the loss, the means and two moments of each weight.
func meansAt(t *verify.Programs) (at int, ok bool) {
	weights := (t.States - 2) / 3
	return weights + 1, weights >= 1 && t.States == 3*weights+2
}

// means is how many words a run's claim measures.
func means(run uint32, segments []Segment) int {
	if run != 0 {
		return 2
	}
	return 2 + contribution.Slices*portionsOf(segments)
}

// portionsOf counts the portions of segments that are in order.
func portionsOf(segments []Segment) int { return int(segments[len(segments)-1].Portion) + 1 }

// checkWords wants the claim of a run to have as many words as the run measures.
func (k Keeper) checkWords(ctx context.Context, j *Job, c *Claim) error {
	if !j.isRun() {
		return nil
	}
	m, err := k.Measured.Get(ctx, j.Terms.Parent)
	if err != nil {
		return err
	}
	if want := 4 * means(j.Terms.Number, m.Segments); len(c.Measure.Words) != want {
		return ErrClaim.Wrapf("job %d: words has %d bytes, run %d of job %d has %d", j.Id, len(c.Measure.Words),
			j.Terms.Number, j.Terms.Parent, want)
	}
	return nil
}

// checkMeasured wants the words that a run's claim measures to be those of its last step.
// It returns the rest of end: the path from that step to the trace.
func checkMeasured(task *verify.Task, c Claim) (rest [][]byte, ok bool) {
	t, err := verify.ProgramsOf(task)
	if err != nil {
		return c.End, false
	}
	at, ok := meansAt(t)
	if !ok || len(c.Measure.Words) == 0 || len(c.Measure.Words)%4 != 0 {
		return c.End, false
	}
	name := verify.Value(blob.Words[uint32](c.Measure.Words))
	values := t.States + t.Phases[len(t.Phases)-1].Outputs
	n := min(blob.PathLen(at, values), len(c.End))
	return c.End[n:], leads(name[:], at, values, c.End[:n], c.State)
}
