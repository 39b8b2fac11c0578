// Package fit says which jobs a machine leaves alone, and why: those whose terms do not protect it. Daemons and
// gateways ask it before they lock stake behind a job or take a checker's seat.
//
//	policy := fit.Policy{StakePart: fit.DefaultStakePart}
//	err := policy.Terms(me, j)                      // by the terms alone
//	err = fit.Checkers(me, j, workers)              // is there anybody who can check?
//	err = fit.Memory(work.Memory(), move, allowed)  // of the run, and of a move in a dispute about it
//	err = fit.Time(takes, blocks, pace)             // by this machine's own measured speed
//
// Each refusal is a Refusal: a sentence for people and a word for metrics. ReasonOf finds the word of any error that
// preparing a job can end with.
//
// The rules are about what the other side sets and what this machine would lose by it. The chain has bounds of its own;
// a machine may be stricter, and should be.
package fit

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// Reason is the word that a refusal is counted under.
type Reason string

// The reasons.
const (
	ReasonOffer    Reason = "offer"    // the kind of work is not offered
	ReasonLeaving  Reason = "leaving"  // the worker is leaving
	ReasonOwn      Reason = "own"      // it would work for, or check, itself
	ReasonBarred   Reason = "barred"   // it lost a stake over this job
	ReasonPrice    Reason = "price"    // the job pays less than is asked
	ReasonProof    Reason = "proof"    // a majority of checkers decides about its stake
	ReasonStake    Reason = "stake"    // too much stake would stand behind one job
	ReasonLock     Reason = "lock"     // the pay is too little for what is locked, and how long
	ReasonCheckPay Reason = "checkpay" // nobody checks for so little
	ReasonCheckers Reason = "checkers" // too few workers could check
	ReasonTime     Reason = "time"     // it could not be done in half of the time
	ReasonMemory   Reason = "memory"   // the work, or a move in a dispute about it, is too large
	ReasonTerms    Reason = "terms"    // posted with other terms than its file has
	ReasonSpec     Reason = "spec"     // nobody could do it
	ReasonData     Reason = "data"     // its data is not as the file wants it
	ReasonFault    Reason = "fault"    // this program broke over it
	ReasonMissing  Reason = "unreachable"
)

// Refusal is why a job is left alone.
type Refusal struct {
	Reason Reason
	Why    string
}

func (r *Refusal) Error() string { return r.Why }

func refuse(r Reason, format string, args ...any) error {
	return &Refusal{r, fmt.Sprintf(format, args...)}
}

// ReasonOf is the word for an error that kept a machine from a job.
func ReasonOf(err error) Reason {
	var r *Refusal
	switch {
	case errors.As(err, &r):
		return r.Reason
	case errors.Is(err, kind.ErrPanic):
		return ReasonFault
	case errors.Is(err, kind.ErrSize):
		return ReasonMemory
	case errors.Is(err, kind.ErrTerms):
		return ReasonTerms
	case errors.Is(err, train.ErrData):
		return ReasonData
	case errors.Is(err, kind.ErrJob):
		return ReasonSpec
	}
	return ReasonMissing // a blob, or the chain
}

// Policy is what the owner of a machine decides.
type Policy struct {
	// StakePart is how much of its free stake one job may lock, in basis points; 0: DefaultStakePart.
	StakePart int64
	// Majority allows jobs about which a bare majority of the checkers decides, who risk nothing by a lie.
	Majority bool
}

const (
	// DefaultStakePart is half of the free stake.
	DefaultStakePart = 5_000
	// whole is all of something in basis points.
	whole = 10_000
	// lockDivisor is the rule for the lock: a job pays at least a 100,000,000th of the stake for each block that it can be
	// locked, which is 10 uminga for each MINGA and 1,000 blocks.
	lockDivisor = 100_000_000
	// ShortestWork is the least number of blocks for work: to begin, to do it, and to tell of it.
	ShortestWork = 8
	// spare are blocks that go by before work begins, and until a block has its result.
	spare = 2
)

// checkPart is which part of what the work costs a check of it must pay. Reading a session is much less work than
// serving it.
func checkPart(k worker.Kind) int64 {
	if k == job.KindInfer {
		return 50
	}
	return 10
}

// Price is what a worker asks for a unit of a job's kind.
func Price(w worker.Worker, j job.Job) (price math.Int, offered bool) {
	i := slices.IndexFunc(w.Offers, func(o worker.Offer) bool { return o.Kind == job.Offered(j.Terms.Kind) })
	if i < 0 {
		return math.ZeroInt(), false
	}
	return w.Offers[i].Price, true
}

// Pay is the most that a job pays a worker: for the work itself while it is open, then for a check.
func Pay(w worker.Worker, j job.Job) math.Int {
	if j.State != job.StateOpen {
		return amount(j.Terms.CheckPay)
	}
	price, _ := Price(w, j)
	pay := price.Mul(math.NewIntFromUint64(j.Terms.Units))
	if t := j.Terms.Infer; t != nil {
		return pay.MulRaw(int64(t.Serving)).QuoRaw(whole)
	}
	return pay
}

// amount is one of coins; that of a message that has none is 0.
func amount(a math.Int) math.Int {
	if a.IsNil() {
		return math.ZeroInt()
	}
	return a
}

// Terms says why a worker leaves a job, or a seat at its claim, alone by the terms. It costs nothing to ask.
func (p Policy) Terms(me worker.Worker, j job.Job) error {
	if err := excluded(me, j); err != nil {
		return err
	}
	if j.Terms.Proof == job.ProofQuorum && !p.Majority {
		return refuse(ReasonProof, "a majority of the checkers decides about it, and who lies in a majority risks nothing")
	}
	for _, protects := range []func(worker.Worker, job.Job) error{p.stake, checkPay, lock} {
		if err := protects(me, j); err != nil {
			return err
		}
	}
	return nil
}

// excluded says why the chain would not let the worker have the job, or the seat.
func excluded(me worker.Worker, j job.Job) error {
	price, offered := Price(me, j)
	switch {
	case !offered:
		return refuse(ReasonOffer, "%s is not offered", job.Offered(j.Terms.Kind))
	case me.Release != 0:
		return refuse(ReasonLeaving, "this worker is leaving")
	case j.Creator == me.Address:
		return refuse(ReasonOwn, "this worker posted the job itself")
	case j.Worker == me.Address:
		return refuse(ReasonOwn, "this worker made the claim")
	case slices.Contains(j.Barred, me.Address):
		return refuse(ReasonBarred, "this worker lost stake over the job")
	case j.State == job.StateOpen && price.GT(j.Terms.MaxPrice):
		return refuse(ReasonPrice, "a unit costs %s here, the job pays at most %s", price, j.Terms.MaxPrice)
	}
	return nil
}

// stake bounds what one job can cost.
func (p Policy) stake(me worker.Worker, j job.Job) error {
	part := p.StakePart
	if part == 0 {
		part = DefaultStakePart
	}
	if most := me.Free().MulRaw(part).QuoRaw(whole); amount(j.Terms.Stake).GT(most) {
		return refuse(ReasonStake, "the job locks %s: %s of the stake is free, and one job may lock %d of %d parts of that",
			j.Terms.Stake, me.Free(), part, whole)
	}
	return nil
}

// checkPay wants a check to be worth somebody's while, one's own or that of those who are needed after the work.
func checkPay(me worker.Worker, j job.Job) error {
	if j.Terms.Checkers == 0 {
		return nil
	}
	units := j.Terms.Units
	if j.Claim != nil {
		units = j.Claim.Units
	}
	price, _ := Price(me, j)
	least := price.Mul(math.NewIntFromUint64(units)).QuoRaw(checkPart(j.Terms.Kind))
	if pay := amount(j.Terms.CheckPay); pay.LT(least) || pay.IsZero() {
		return refuse(ReasonCheckPay, "a check pays %s: it is worth %s or more here", pay, math.MaxInt(least, math.OneInt()))
	}
	return nil
}

// lock wants the pay to be in proportion to the stake and to how long it can be locked.
func lock(me worker.Worker, j job.Job) error {
	blocks := Locked(j)
	least := amount(j.Terms.Stake).MulRaw(blocks).AddRaw(lockDivisor - 1).QuoRaw(lockDivisor)
	if pay := Pay(me, j); pay.LT(least) {
		return refuse(ReasonLock, "it pays %s at most, and can lock a stake of %s for %d blocks: that costs %s here",
			pay, j.Terms.Stake, blocks, least)
	}
	return nil
}

// Locked is for how many blocks a stake can be locked behind a job, or a seat, if there is no dispute.
func Locked(j job.Job) int64 {
	blocks := j.Terms.Window
	if j.Terms.Checkers > 0 {
		blocks += j.Terms.Work
	}
	if j.State == job.StateOpen {
		blocks += j.Terms.Work
	}
	return blocks
}

// Checkers says why nobody could check an open job: among all workers there are too few others that offer its kind and
// have its stake free.
func Checkers(me worker.Worker, j job.Job, all []worker.Worker) error {
	if j.State != job.StateOpen || j.Terms.Checkers == 0 {
		return nil
	}
	could := 0
	for _, w := range all {
		_, offered := Price(w, j)
		barred := w.Address == me.Address || w.Address == j.Creator || slices.Contains(j.Barred, w.Address)
		if offered && !barred && w.Release == 0 && w.Free().GTE(j.Terms.Stake) {
			could++
		}
	}
	if could < int(j.Terms.Checkers) {
		return refuse(ReasonCheckers, "%d checkers are asked for, and %d others offer %s and have a stake of %s free",
			j.Terms.Checkers, could, job.Offered(j.Terms.Kind), j.Terms.Stake)
	}
	return nil
}

// Blocks is how many blocks there are for the work on a job, or for a check of its claim.
func Blocks(j job.Job, height int64) int64 {
	if j.State == job.StateOpen {
		return j.Terms.Work
	}
	return min(j.Terms.Work, j.Due-height)
}

// Time says why work that takes so long here cannot be done in half of some blocks.
func Time(takes time.Duration, blocks int64, pace time.Duration) error {
	if blocks < ShortestWork {
		return refuse(ReasonTime, "%d blocks are left for the work: less than %d are too few to do it and tell of it",
			blocks, ShortestWork)
	}
	if half := time.Duration(blocks/2-spare) * pace; takes > half {
		return refuse(ReasonTime, "the work takes about %s here, and half of the time for it, %d blocks, is %s",
			takes.Round(time.Second/10), blocks, half.Round(time.Second/10))
	}
	return nil
}

// Memory says why work of some bytes, or a move in a dispute about it, does not fit into what may be used; 0 is no
// bound.
func Memory(work, move, allowed int64) error {
	if need := max(work, move); allowed > 0 && need > allowed {
		return refuse(ReasonMemory, "it needs %s, and a move in a dispute about it %s; %s may be used",
			mebibytes(work), mebibytes(move), mebibytes(allowed))
	}
	return nil
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
