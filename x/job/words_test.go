package job

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRunsClaimWhatTheyMeasured: the words are those of the state of means, and of no other.
func TestRunsClaimWhatTheyMeasured(t *testing.T) {
	c := newTown(t)
	_, first := c.measuredJob(all)
	for run, r := range measuringRuns() {
		id := first + uint64(run)
		who := c.starts(id)
		units := c.job(id).Terms.Units
		for name, lie := range map[string]func(x *Claim){
			"no words":               func(x *Claim) { x.Measure.Words = nil },
			"a word less":            func(x *Claim) { x.Measure.Words = x.Measure.Words[4:] },
			"a word more":            func(x *Claim) { x.Measure.Words = append(x.Measure.Words, 0, 0, 0, 0) },
			"a part of a word":       func(x *Claim) { x.Measure.Words = append(x.Measure.Words, 0) },
			"a bit of another value": func(x *Claim) { x.Measure.Words[5] ^= 1 },
			"another state's words":  func(x *Claim) { x.Measure.Words = make([]byte, len(x.Measure.Words)) },
			"no end":                 func(x *Claim) { x.End = nil },
			"only a path from state": func(x *Claim) { x.End = x.End[3:] },
			"only a path to state":   func(x *Claim) { x.End = x.End[:3] },
			"an end that goes on":    func(x *Claim) { x.End = append(x.End, hash("more")) },
			"half a hash":            func(x *Claim) { x.End[1] = x.End[1][:16] },
			"another state":          func(x *Claim) { x.State = hash("state") },
			"another run's": func(x *Claim) {
				other := measuringRuns()[(run+1)%3].truth.claim(units)
				x.Measure.Words = other.Measure.Words
			},
			"megabytes": func(x *Claim) { x.Measure.Words, x.End = make([]byte, 4<<20), make([][]byte, 1<<20) },
		} {
			claim := r.truth.claim(units)
			lie(&claim)
			require.ErrorIs(t, c.claim(id, who, claim), ErrClaim, "run %d: %s", run, name)
		}
		require.NoError(t, c.claim(id, who, r.truth.claim(units)))
		checker := c.drawn(id)[0]
		for errors.Is(c.seat(id, checker), ErrTurn) {
			c.next()
		}
		report := r.truth.claim(units)
		report.Measure.Words[5] ^= 1
		require.ErrorIs(t, c.report(id, checker, report), ErrClaim)
	}
	other := honest()
	other.Measure = measuringRuns()[1].truth.claim(1).Measure
	id := c.post(c.creator, trainTerms(c.data...))
	who := c.starts(id)
	require.ErrorIs(t, c.claim(id, who, other), ErrClaim, "a job that is no run measures nothing")
}

// TestTheMeansAreAsManyAsTheSegments: a task of other means than the creator's segments
// can never be claimed, so that no value is read that is not there.
func TestTheMeansAreAsManyAsTheSegments(t *testing.T) {
	c := newTown(t)
	inputs := measuringRuns()[0].truth.inputs
	other := executed(measuringProgram(inputs, 2), inputs, nil)
	_, first := c.measuredJob(func(m *Measure) { m.Tasks[0] = shapeOf(taskOf(other.program, inputs)).Encode() })
	require.ErrorContains(t, c.claim(first, c.starts(first), other.claim(100)), "words has 8 bytes, run 0 of job")
}

// FuzzMeasureAndClaim: what comes from strangers' bytes is refused or done, and never panics.
func FuzzMeasureAndClaim(f *testing.F) {
	m := MsgMeasure{Measure: measureOf()}
	claim := MsgClaim{Claim: measuringRuns()[0].truth.claim(100)}
	for _, msg := range []interface{ Marshal() ([]byte, error) }{&m, &claim} {
		b, err := msg.Marshal()
		require.NoError(f, err)
		f.Add(b)
	}
	c := newTown(f)
	open := c.post(c.creator, measuredTerms(c.data...))
	first, err := c.measure(c.post(c.creator, measuredTerms(c.data...)), measureOf())
	require.NoError(f, err)
	who := c.starts(first)
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx, _ := c.Ctx.CacheContext()
		m, claim := &MsgMeasure{}, &MsgClaim{}
		if m.Unmarshal(b) == nil {
			m.Creator, m.Job = c.creator, open
			if _, err := c.k.Measure(ctx, m); err == nil {
				require.Len(t, m.Measure.Tasks, len(m.Measure.Units))
			}
		}
		if claim.Unmarshal(b) == nil {
			claim.Worker, claim.Job = who, first
			if _, err := c.k.Claim(ctx, claim); err == nil {
				honest := measuringRuns()[0].truth.claim(100)
				require.Equal(t, honest.Measure.Words, claim.Claim.Measure.Words)
			}
		}
	})
}
