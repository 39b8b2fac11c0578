package job

import (
	"fmt"
	"math/rand"
	"testing"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/worker"
)

// storm sends random messages of random accounts, most of them nonsense, block after
// block. Refused messages leave no trace, as on the chain.
type storm struct {
	*ledger
	rng      *rand.Rand
	people   []string
	data     []uint64
	model    uint64
	jobs     uint64
	accepted map[string]int
	// lied tells of each dispute whether what it denies is false.
	lied map[uint64]bool
}

func newStorm(t testing.TB, seed int64) *storm {
	s := &storm{ledger: newLedger(t), rng: rand.New(rand.NewSource(seed)), accepted: map[string]int{},
		lied: map[uint64]bool{}}
	require.NoError(t, s.k.Params.Set(s.Ctx,
		Params{OfferBlocks: 1, MaxBlocks: 100, MaxCheckers: 2, MaxDatasets: 3, LateSlash: 1500, AnswerBlocks: 4}))
	require.NoError(t, s.workers.Params.Set(s.Ctx, worker.Params{MinStake: math.NewInt(1000), UnbondBlocks: 5}))
	for i := range 12 {
		s.people = append(s.people, s.user(fmt.Sprint("p", i)))
	}
	for i := range 4 {
		s.data = append(s.data, s.dataset(s.people[i], int64(i*7)))
	}
	s.model = s.ledger.model(s.people[0])
	return s
}

func (s *storm) who() string        { return s.people[s.rng.Intn(len(s.people))] }
func (s *storm) some(n int64) int64 { return s.rng.Int63n(n) }

// target is mostly a job that waits for something.
func (s *storm) target() uint64 {
	var live []uint64
	require.NoError(s, s.k.Queue.Walk(s.Ctx, nil, func(key collections.Pair[int64, uint64]) (bool, error) {
		live = append(live, key.K2())
		return false, nil
	}))
	if len(live) == 0 || s.rng.Intn(20) == 0 {
		return uint64(s.some(int64(s.jobs) + 2))
	}
	return live[s.rng.Intn(len(live))]
}

func (s *storm) amount(n int64) math.Int {
	switch s.rng.Intn(60) {
	case 0:
		return math.Int{}
	case 1:
		return math.NewInt(-s.some(n))
	case 2:
		return math.NewIntFromUint64(1 << 63).MulRaw(1 << 62).MulRaw(1 << 62).MulRaw(1 << 62)
	}
	return math.NewInt(s.some(n))
}

func (s *storm) terms() Terms {
	t := Terms{
		Task: toyTask().Encode(),
		Kind: KindTrain, Proof: ProofReferee, Spec: hash("spec"), Budget: s.amount(3000),
		Units: uint64(s.some(100)), MaxPrice: s.amount(8), Checkers: uint32(s.some(4)), CheckPay: s.amount(50),
		Stake:    s.amount(900),
		Deadline: s.some(20), Work: s.some(30), Window: s.some(5),
		Train: &TrainTerms{
			Datasets: s.data[s.rng.Intn(3):][:1+s.rng.Intn(2)], Name: "m", Licence: "MIT",
			Split: Split{Data: 6001, Compute: 2498, Creator: 1000, Commons: 501, Method: "tokens"},
		},
	}
	if t.Train.Used = []uint64{t.Units}; len(t.Train.Datasets) > 1 {
		t.Train.Used = []uint64{t.Units / 3, t.Units - t.Units/3}
	}
	switch s.rng.Intn(3) {
	case 0:
		t.Train.Datasets, t.Train.Used, t.Train.Split.Method = s.data[:3], []uint64{t.Units / 3, t.Units - t.Units/3, 0},
			"measure"
		t.Train.Split.Floor, t.Train.Split.Cap = uint32(s.some(4000)), uint32(s.some(12_000))
	case 1:
		t.Kind, t.Task, t.Spec, t.Train = KindInfer, nil, nil, nil
		t.Infer = &InferTerms{Model: s.model, Key: hash(fmt.Sprint(s.some(6))), Serving: uint32(s.some(5_500))}
		if t.Proof = ProofQuorum; t.Checkers == 0 {
			t.Proof = ProofNone
		}
	}
	return t
}

// result is the truth about a job three times out of four.
func (s *storm) result(id uint64) Claim {
	j, err := s.k.Get(s.Ctx, id)
	if err != nil || s.rng.Intn(15) == 0 {
		return Claim{End: make([][]byte, s.rng.Intn(5)), Result: make([]byte, s.rng.Intn(40))}
	}
	lie := s.rng.Intn(4) == 0
	honest, liars := known(j)
	switch {
	case j.Terms.Kind != KindInfer && lie:
		return liars[s.rng.Intn(len(liars))].claim(j.Terms.Units)
	case j.Terms.Kind != KindInfer:
		return honest.claim(j.Terms.Units)
	case lie:
		return outcome(fmt.Sprint(s.rng.Intn(2)), j.Terms.Units)
	}
	return outcome("", j.Terms.Units)
}

// send delivers one random message.
func (s *storm) send() {
	ctx, write := s.Ctx.CacheContext()
	name, err := s.message(ctx)
	if err != nil {
		return
	}
	write()
	s.accepted[name]++
	s.check()
}

func (s *storm) message(ctx sdk.Context) (name string, err error) {
	who, id := s.who(), s.target()
	offers := []worker.Offer{{Kind: KindTrain, Price: s.amount(9)}, {Kind: KindInfer, Price: s.amount(9)}}
	switch s.rng.Intn(27) {
	case 0:
		_, err = s.workers.Register(ctx, &worker.MsgRegister{Worker: who, Offers: offers, Stake: s.amount(30_000)})
		return "register", err
	case 1:
		_, err = s.workers.Update(ctx, &worker.MsgUpdate{Worker: who, Offers: offers, AddStake: s.amount(500)})
		return "update", err
	case 2:
		if s.rng.Intn(12) > 0 {
			return "", ErrState
		}
		_, err = s.workers.Unbond(ctx, &worker.MsgUnbond{Worker: who})
		return "unbond", err
	case 3:
		var res *MsgPostResponse
		if res, err = s.k.Post(ctx, &MsgPost{Creator: who, Terms: s.terms()}); err == nil {
			s.jobs = res.Job
		}
		return "post", err
	case 4:
		if s.rng.Intn(4) > 0 {
			return "", ErrState
		}
		_, err = s.k.Cancel(ctx, &MsgCancel{Creator: who, Job: id})
		return "cancel", err
	case 5, 6, 7:
		_, err = s.k.Take(ctx, &MsgTake{Worker: who, Job: id})
		return "take", err
	case 8, 9:
		if j, e := s.k.Get(ctx, id); e == nil && s.rng.Intn(2) == 0 {
			who = j.Worker
		}
		_, err = s.k.Claim(ctx, &MsgClaim{Worker: who, Job: id, Claim: s.result(id)})
		return "claim", err
	case 10, 11:
		_, err = s.k.Check(ctx, &MsgCheck{Worker: who, Job: id})
		return "check", err
	case 12, 13:
		return "challenge", s.challenge(ctx, who)
	case 14, 15, 16:
		return "play", s.play(ctx)
	case 17:
		if s.rng.Intn(3) > 0 {
			return "", ErrState
		}
		return "measure", s.measure(ctx)
	case 18, 19, 20, 21, 22:
		return "help", s.help(ctx)
	default:
		return "report", s.report(ctx, id)
	}
}

func (s *storm) report(ctx sdk.Context, id uint64) error {
	who := s.who()
	j, err := s.k.Get(ctx, id)
	if err == nil && len(j.Checks) > 0 {
		who = j.Checks[s.rng.Intn(len(j.Checks))].Worker
	}
	msg := &MsgReport{Worker: who, Job: id}
	if err == nil && j.Claim != nil && len(j.Terms.Task) > 0 {
		msg = owner(j).report(j, who) // of an accomplice, if the claim is false
	}
	if len(j.Terms.Task) == 0 || s.rng.Intn(3) == 0 {
		msg.Report = s.result(id)
	}
	_, err = s.k.Report(ctx, msg)
	return err
}

// help does what a random job waits for that is measured or measures, and does it well.
// Without help no storm would get to the end of measuring anything.
func (s *storm) help(ctx sdk.Context) error {
	var live []Job
	require.NoError(s, s.k.Jobs.Walk(s.Ctx, nil, func(_ uint64, j Job) (bool, error) {
		if (j.isChild() || j.measured()) && !j.State.Final() {
			live = append(live, j)
		}
		return false, nil
	}))
	if len(live) == 0 {
		return ErrState
	}
	j := live[s.rng.Intn(len(live))]
	honest, _ := known(j)
	err := error(ErrState)
	switch j.State {
	case StateOpen:
		for _, who := range s.people {
			if _, err = s.k.Take(ctx, &MsgTake{Worker: who, Job: j.Id}); err == nil {
				return nil
			}
		}
	case StateTaken:
		_, err = s.k.Claim(ctx, &MsgClaim{Worker: j.Worker, Job: j.Id, Claim: honest.claim(j.Terms.Units)})
	case StateClaimed, StateDisputed:
		for _, who := range s.people {
			if _, err = s.k.Check(ctx, &MsgCheck{Worker: who, Job: j.Id}); err == nil {
				_, err = s.k.Report(ctx, owner(j).report(s.job(j.Id), who))
				return err
			}
		}
	}
	return err
}

// measure posts the runs of a random job that waits for them, or of one that does not.
func (s *storm) measure(ctx sdk.Context) error {
	id := s.target()
	require.NoError(s, s.k.Jobs.Walk(s.Ctx, nil, func(_ uint64, j Job) (bool, error) {
		if _, begun, _ := s.k.measuring(ctx, j.Id); j.measured() && !j.State.Final() && !begun && s.rng.Intn(2) == 0 {
			id = j.Id
		}
		return false, nil
	}))
	j, err := s.k.Get(ctx, id)
	if err != nil {
		return err
	}
	m := measureOf()
	m.Stake, m.CheckPay, m.Work = s.amount(2000), s.amount(40), s.some(30)
	res, err := s.k.Measure(ctx, &MsgMeasure{Creator: j.Creator, Job: id, Measure: m})
	if err == nil {
		s.jobs = res.First + 2
	}
	return err
}
