package job

import (
	"slices"

	"cosmossdk.io/math"
)

// The life of a job. Deadlines run out by themselves in EndBlock; everything else is
// a message.
//
//	          take           claim           checked, window over
//	open ───────────► taken ───────► claimed ─────────────────────► paid
//	 │ deadline         │ work        │  │ ▲ └──► waiting ──────────►
//	 ▼                  ▼             │  │ │       until its children are paid
//	expired           failed ◄────────┘  │ │ the challengers lost
//	 (or cancelled)    (late)  (unchecked)▼ │
//	open ◄─────────────────────────────  disputed
//	       a challenger won                 └──► paid or failed, by a majority
//
// A job with a task is disputed while a challenge is open (challenge.go), and that is
// decided by a step. One without a task is disputed once a checker reports another
// result (report.go), and a majority of checkers decides. So it does of what a session
// quotes, while that stays claimed (quote.go).
//
// A job that is measured pays for its work once the claim stands, and makes its model when
// the runs that measure it are paid (run.go). Those are jobs too, but such that others
// wait for: if the worker is late, a run is open again.
//
// transitions is the whole of it: what is not here cannot happen.
var transitions = map[State][]State{
	StateOpen:     {StateTaken, StateExpired, StateCancelled},
	StateTaken:    {StateClaimed, StateFailed, StateOpen},
	StateClaimed:  {StatePaid, StateWaiting, StateDisputed, StateFailed},
	StateDisputed: {StatePaid, StateFailed, StateClaimed, StateOpen},
	StateWaiting:  {StatePaid},
}

// move is the only place where a job's state changes.
func move(j *Job, to State) error {
	if !slices.Contains(transitions[j.State], to) {
		return ErrState.Wrapf("job %d is %s and cannot become %s", j.Id, j.State.Word(), to.Word())
	}
	j.State = to
	return nil
}

// Final tells that nothing more happens to a job in this state.
func (s State) Final() bool { return s != StateUnspecified && len(transitions[s]) == 0 }

// words are the states as people read them.
var words = map[State]string{
	StateOpen: "open", StateTaken: "taken", StateClaimed: "claimed", StateDisputed: "disputed",
	StateWaiting: "waiting", StatePaid: "paid", StateFailed: "failed", StateExpired: "expired",
	StateCancelled: "cancelled",
}

// Word is the state as people read it.
func (s State) Word() string {
	if w, ok := words[s]; ok {
		return w
	}
	return "unspecified"
}

// seat returns the check of a worker, or nil.
func (j *Job) seat(worker string) *Check {
	for i := range j.Checks {
		if j.Checks[i].Worker == worker {
			return &j.Checks[i]
		}
	}
	return nil
}

// reported is how many seated checkers have reported.
func (j *Job) reported() int {
	n := 0
	for _, c := range j.Checks {
		if c.Report != nil {
			n++
		}
	}
	return n
}

// fee is what the claimed units cost, in uminga.
func (j *Job) fee() math.Int { return j.Price.Mul(math.NewIntFromUint64(j.Claim.Units)) }
