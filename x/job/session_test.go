package job

import (
	"errors"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
)

const sessionWords = 10

// sessionTask is a session's, of which no step is ever executed here.
func sessionTask() *verify.Programs {
	return &verify.Programs{
		Phases: []verify.Phase{{Program: verify.Hash(hash("program")), Nodes: 5, Steps: 1, Outputs: 2}}, States: 3,
		Inputs: []verify.Input{{Words: sessionWords, Each: true}},
		Start:  verify.File{Root: verify.Hash(hash("model")), Size: 9, From: 4}, Sound: true,
	}
}

func sessionTerms(model uint64, change func(t *verify.Programs)) Terms {
	terms, task := inferTerms(model), sessionTask()
	change(task)
	terms.Proof, terms.Task = ProofReferee, task.Encode()
	return terms
}

func asItIs(*verify.Programs) {}

// sessionClaim is of so many calls, whose last committed to so many units.
func sessionClaim(calls int, units uint64) Claim {
	state := nn.UnitsState(units)
	values := make([]verify.Hash, 5)
	values[2] = verify.Value([]uint32{blob.Word(state[0]), blob.Word(state[1])})
	leaves := make([]verify.Hash, calls+1)
	leaves[calls] = blob.Root(values)
	c := outcome("session", units)
	trace := blob.Root(leaves)
	c.Bytes, c.State, c.Trace = uint64(4*sessionWords*calls), leaves[calls][:], trace[:]
	for _, h := range append(blob.Path(values, 2), blob.Path(leaves, calls)...) {
		c.End = append(c.End, h[:])
	}
	return c
}

func TestASessionsClaimShowsItsUnits(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, sessionTerms(c.model(c.ana), asItIs))
	require.NoError(t, c.take(id, c.w[0]))
	for name, lie := range map[string]func(x *Claim){
		"other units":        func(x *Claim) { x.Units-- },
		"another state":      func(x *Claim) { x.State = hash("other") },
		"another trace":      func(x *Claim) { x.Trace = hash("other") },
		"one call more":      func(x *Claim) { x.Bytes += 4 * sessionWords },
		"a part of a call":   func(x *Claim) { x.Bytes++ },
		"no end":             func(x *Claim) { x.End = nil },
		"a part of the end":  func(x *Claim) { x.End = x.End[:2] },
		"a longer end":       func(x *Claim) { x.End = append(x.End, hash("more")) },
		"an end of no hash":  func(x *Claim) { x.End[0] = x.End[0][1:] },
		"too many calls":     func(x *Claim) { x.Bytes = 4 * sessionWords * (verify.MaxSteps + 1) },
		"no calls":           func(x *Claim) { x.Bytes = 0 },
		"a result of 1 byte": func(x *Claim) { x.Result = x.Result[:1] },
	} {
		x := sessionClaim(7, 123)
		lie(&x)
		require.ErrorIs(t, c.claim(id, c.w[0], x), ErrClaim, name)
	}
	require.NoError(t, c.claim(id, c.w[0], sessionClaim(7, 123)))

	j := c.job(id)
	task, err := j.Task()
	require.NoError(t, err)
	require.Equal(t, 7, task.Steps())
	session, err := verify.ProgramsOf(task)
	require.NoError(t, err)
	require.Equal(t, j.Claim.Result, session.Inputs[0].Root[:])
	_, err = c.challenge(id, c.w[1], "result")
	require.ErrorIs(t, err, ErrChallenge, "a session makes no file")
	_, err = c.challenge(id, c.w[1], "sound")
	require.NoError(t, err)
}

func TestASessionOfOneCall(t *testing.T) {
	c := newTown(t)
	terms := sessionTerms(c.model(c.ana), asItIs)
	terms.Checkers, terms.CheckPay = 1, math.NewInt(100)
	id := c.post(c.creator, terms)
	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, c.claim(id, c.w[0], sessionClaim(1, 0)))
	checker := c.drawn(id)[0]
	for errors.Is(c.seat(id, checker), ErrTurn) {
		c.next()
	}
	_, err := c.k.Report(c.Ctx, &MsgReport{
		Worker: checker, Job: id, Report: sessionClaim(1, 0), Leaf: sessionClaim(1, 0).State,
		Path: [][]byte{make([]byte, 32)},
	})
	require.NoError(t, err)
	require.Equal(t, StatePaid, c.ended(id).State)
}

func TestPostRefusesTasksOfNoSession(t *testing.T) {
	c := newTown(t)
	model := c.model(c.ana)
	for name, change := range map[string]func(t *verify.Programs){
		"counts nothing":       func(t *verify.Programs) { t.Sound = false },
		"makes a file":         func(t *verify.Programs) { t.Header.Size = 4 },
		"begins with zeros":    func(t *verify.Programs) { t.Start = verify.File{} },
		"another model":        func(t *verify.Programs) { t.Start.Root[0]++ },
		"a model of more":      func(t *verify.Programs) { t.Start.Size++ },
		"two phases":           func(t *verify.Programs) { t.Phases = append(t.Phases, t.Phases[0]) },
		"two steps":            func(t *verify.Programs) { t.Phases[0].Steps = 2 },
		"no input":             func(t *verify.Programs) { t.Inputs = nil },
		"an input for all":     func(t *verify.Programs) { t.Inputs[0].Each = false },
		"an input of nothing":  func(t *verify.Programs) { t.Inputs[0].Words = 0 },
		"an input that is set": func(t *verify.Programs) { t.Inputs[0].Root[0] = 1 },
	} {
		_, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: sessionTerms(model, change)})
		require.ErrorIs(t, err, ErrTerms, name)
	}
}
