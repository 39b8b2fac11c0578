package fit

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// someone is a worker with 50 MINGA, who asks 2 uminga for a token.
func someone(name string) worker.Worker {
	return worker.Worker{
		Address: name, Stake: math.NewInt(50_000_000), Locked: math.ZeroInt(),
		Offers: []worker.Offer{{Kind: job.KindTrain, Price: math.NewInt(2)}, {Kind: job.KindInfer, Price: math.NewInt(2)}},
	}
}

// offered is an open job that protects its worker, and claimed a claim about it that protects its checkers.
func offered() job.Job {
	return job.Job{State: job.StateOpen, Creator: "creator", Terms: job.Terms{
		Kind: job.KindTrain, Proof: job.ProofReferee, Units: 1_000_000, MaxPrice: math.NewInt(3), Checkers: 1,
		CheckPay: math.NewInt(1_000_000), Stake: math.NewInt(5_000_000), Work: 5000, Window: 5,
	}}
}

func claimed() job.Job {
	j := offered()
	j.State, j.Worker, j.Claim, j.Due = job.StateClaimed, "other", &job.Claim{Units: j.Terms.Units}, 6000
	return j
}

// TestTerms has one fault in each job: it is left alone for that, and in a sentence that says why.
func TestTerms(t *testing.T) {
	me := someone("me")
	for _, good := range []job.Job{offered(), claimed()} {
		require.NoError(t, Policy{}.Terms(me, good))
	}
	session := func(j *job.Job, serving uint32) {
		j.Terms.Kind, j.Terms.Infer = job.KindInfer, &job.InferTerms{Serving: serving}
	}
	for _, c := range []struct {
		reason Reason
		why    string
		spoil  func(j *job.Job, w *worker.Worker)
	}{
		{ReasonOffer, "not offered", func(_ *job.Job, w *worker.Worker) { w.Offers = nil }},
		{ReasonLeaving, "leaving", func(_ *job.Job, w *worker.Worker) { w.Release = 9 }},
		{ReasonOwn, "posted", func(j *job.Job, _ *worker.Worker) { j.Creator = "me" }},
		{ReasonOwn, "claim", func(j *job.Job, _ *worker.Worker) { j.Worker = "me" }},
		{ReasonBarred, "lost", func(j *job.Job, _ *worker.Worker) { j.Barred = []string{"you", "me"} }},
		{ReasonPrice, "at most 1", func(j *job.Job, _ *worker.Worker) { j.Terms.MaxPrice = math.OneInt() }},
		{ReasonProof, "majority", func(j *job.Job, _ *worker.Worker) { j.Terms.Proof = job.ProofQuorum }},
		{ReasonStake, "25000001", func(j *job.Job, _ *worker.Worker) { j.Terms.Stake = math.NewInt(25_000_001) }},
		{ReasonStake, "is free", func(_ *job.Job, w *worker.Worker) { w.Locked = math.NewInt(40_000_001) }},
		{ReasonCheckPay, "pays 0", func(j *job.Job, _ *worker.Worker) { j.Terms.CheckPay = math.ZeroInt() }},
		{ReasonCheckPay, "200000", func(j *job.Job, _ *worker.Worker) { j.Terms.CheckPay = math.NewInt(199_999) }},
		{ReasonLock, "10005 blocks", func(j *job.Job, _ *worker.Worker) { j.Terms.Units = 250 }},
		{ReasonLock, "200000 blocks", func(j *job.Job, _ *worker.Worker) {
			j.Terms.Work, j.Terms.Window, j.Terms.Units, j.Terms.Checkers = 100_000, 100_000, 1, 0
		}},
		{ReasonLock, "pays 0", func(j *job.Job, _ *worker.Worker) { session(j, 0) }},
	} {
		j, w := offered(), me
		c.spoil(&j, &w)
		err := Policy{}.Terms(w, j)
		require.ErrorContains(t, err, c.why)
		require.Equal(t, c.reason, ReasonOf(err), "%v", err)
	}
}

// TestSeats: a check is left alone for its own pay and stake, whatever the work pays.
func TestSeats(t *testing.T) {
	me, j := someone("me"), claimed()
	j.Terms.MaxPrice = math.OneInt()
	require.NoError(t, Policy{}.Terms(me, j), "what the work may cost is not the checker's pay")
	for reason, spoil := range map[Reason]func(*job.Job){
		ReasonStake:    func(j *job.Job) { j.Terms.Stake = math.NewInt(50_000_000) },
		ReasonCheckPay: func(j *job.Job) { j.Terms.CheckPay = math.ZeroInt() },
		ReasonLock:     func(j *job.Job) { j.Terms.Window, j.Claim.Units = 1<<30, 1 },
		ReasonOwn:      func(j *job.Job) { j.Worker = "me" },
	} {
		j := claimed()
		spoil(&j)
		require.Equal(t, reason, ReasonOf(Policy{}.Terms(me, j)))
	}
	little := claimed()
	little.Claim.Units, little.Terms.CheckPay = 10, math.NewInt(600)
	require.NoError(t, Policy{}.Terms(me, little), "a check of little work may pay little")
}

func TestPolicyIsTheOwners(t *testing.T) {
	me, j := someone("me"), offered()
	j.Terms.Stake = math.NewInt(25_000_000)
	require.NoError(t, Policy{}.Terms(me, j), "half is the default")
	require.Error(t, Policy{StakePart: 4_999}.Terms(me, j))
	j.Terms.Stake = math.NewInt(50_000_000)
	require.NoError(t, Policy{StakePart: 10_000}.Terms(me, j))
	j = offered()
	j.Terms.Proof = job.ProofQuorum
	require.NoError(t, Policy{Majority: true}.Terms(me, j))
}

// TestCheckers: a job is left alone as long as nobody could check it.
func TestCheckers(t *testing.T) {
	me, j := someone("me"), offered()
	creator, leaving, poor, dear := someone("creator"), someone("leaving"), someone("poor"), someone("dear")
	leaving.Release, poor.Locked, dear.Offers[0].Price = 9, math.NewInt(45_000_001), math.NewInt(1_000_000)
	reader := someone("reader")
	reader.Offers = reader.Offers[1:]
	barred := someone("barred")
	j.Barred = []string{"barred"}
	all := []worker.Worker{me, creator, leaving, poor, reader, barred}
	err := Checkers(me, j, all)
	require.ErrorContains(t, err, "0 others")
	require.Equal(t, ReasonCheckers, ReasonOf(err))
	require.NoError(t, Checkers(me, j, append(all, dear)), "what somebody asks for work does not matter for a check")
	j.Terms.Checkers = 2
	require.Error(t, Checkers(me, j, append(all, dear)))
	j.Terms.Checkers = 0
	require.NoError(t, Checkers(me, j, nil))
	require.NoError(t, Checkers(me, claimed(), nil), "a seat needs nobody else")
}

// TestTime: work must fit into half of its blocks, with some to spare.
func TestTime(t *testing.T) {
	for _, c := range []struct {
		takes  time.Duration
		blocks int64
		fits   bool
	}{
		{0, 1, false}, {0, ShortestWork - 1, false}, {0, ShortestWork, true},
		{48 * time.Second, 100, true}, {49 * time.Second, 100, false},
	} {
		err := Time(c.takes, c.blocks, time.Second)
		require.Equal(t, c.fits, err == nil, "%v: %v", c, err)
		if err != nil {
			require.Equal(t, ReasonTime, ReasonOf(err))
		}
	}
	j := claimed()
	require.EqualValues(t, 5000, Blocks(offered(), 5990))
	require.EqualValues(t, 10, Blocks(j, 5990), "who comes late to a check has less time")
}

func TestMemory(t *testing.T) {
	require.NoError(t, Memory(1<<40, 1<<41, 0))
	require.NoError(t, Memory(1<<20, 2<<20, 2<<20))
	err := Memory(1<<20, 3<<20, 2<<20)
	require.ErrorContains(t, err, "needs 1.0 MiB, and a move in a dispute about it 3.0 MiB; 2.0 MiB may be used")
	require.Equal(t, ReasonMemory, ReasonOf(err))
}

func TestReasonOf(t *testing.T) {
	for reason, err := range map[Reason]error{
		ReasonFault:   kind.Contain(func() error { panic("?") }),
		ReasonMemory:  fmt.Errorf("asset 7: %w", kind.ErrSize),
		ReasonTerms:   fmt.Errorf("run 7: %w", kind.ErrTerms),
		ReasonData:    fmt.Errorf("%w: %w", kind.ErrJob, train.ErrData),
		ReasonSpec:    fmt.Errorf("line 7: %w", kind.ErrJob),
		ReasonMissing: errors.New("no source"),
		ReasonLock:    fmt.Errorf("job 7: %w", refuse(ReasonLock, "too long")),
	} {
		require.Equal(t, reason, ReasonOf(err))
	}
}
