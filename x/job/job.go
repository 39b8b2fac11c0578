package job

import (
	"slices"

	"cosmossdk.io/math"
)

// The life of a job. EndBlock ends what is due; everything else is a message.
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
// With proof referee a job is disputed while a challenge is open (challenge.go), and one step decides. With proof
// quorum it is disputed once a checker reports another result (report.go), and a majority of the checkers decides. What
// a session quotes is decided by a majority too, but meanwhile the job stays claimed (quote.go).
//
// A job with children pays for its own work once its claim stands, and then waits until its children are paid
// (child.go). A child of a kind that is retried is open again if its worker is late (retry.go).
//
// transitions has all that can happen.
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
