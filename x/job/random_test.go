package job

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
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
	s := &storm{ledger: newLedger(t), rng: rand.New(rand.NewSource(seed)), accepted: map[string]int{}, lied: map[uint64]bool{}}
	require.NoError(t, s.k.Params.Set(s.ctx, Params{OfferBlocks: 1, MaxBlocks: 100, MaxCheckers: 2, MaxDatasets: 3, LateSlash: 1500, AnswerBlocks: 4}))
	require.NoError(t, s.workers.Params.Set(s.ctx, worker.Params{MinStake: math.NewInt(1000), UnbondBlocks: 5}))
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
	require.NoError(s.t, s.k.Queue.Walk(s.ctx, nil, func(key collections.Pair[int64, uint64]) (bool, error) {
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
		Kind: worker.Train, Spec: hash("spec"), Name: "m", Licence: "MIT", Budget: s.amount(3000),
		Units: uint64(s.some(100)), MaxPrice: s.amount(12), Checkers: uint32(s.some(4)), CheckPay: s.amount(50), Stake: s.amount(900),
		Deadline: s.some(20), Work: s.some(30), Window: s.some(5), Datasets: s.data[s.rng.Intn(3):][:1+s.rng.Intn(2)],
		Policy: Policy{Data: 6001, Compute: 2498, Creator: 1000, Commons: 501, Method: "tokens"},
	}
	if t.Used = []uint64{t.Units}; len(t.Datasets) > 1 {
		t.Used = []uint64{t.Units / 3, t.Units - t.Units/3}
	}
	if s.rng.Intn(3) == 0 {
		t.Task, t.Used = nil, nil
		t.Kind, t.Spec, t.Datasets, t.Name, t.Licence = worker.Infer, nil, nil, "", ""
		t.Model, t.Key, t.Policy = s.model, hash(fmt.Sprint(s.some(6))), Policy{Serving: uint32(s.some(11_000))}
	}
	return t
}

// result is the truth about a job three times out of four.
func (s *storm) result(id uint64) Claim {
	j, err := s.k.Get(s.ctx, id)
	if err != nil || s.rng.Intn(15) == 0 {
		return Claim{End: make([][]byte, s.rng.Intn(5)), Result: make([]byte, s.rng.Intn(40))}
	}
	lie := s.rng.Intn(4) == 0
	switch {
	case j.Terms.Kind == worker.Train && lie:
		return lies()[s.rng.Intn(len(lies()))].claim(j.Terms.Units)
	case j.Terms.Kind == worker.Train:
		return truth().claim(j.Terms.Units)
	case lie:
		return outcome(fmt.Sprint(s.rng.Intn(2)), j.Terms.Units)
	}
	return outcome("", j.Terms.Units)
}

// send delivers one random message.
func (s *storm) send() {
	ctx, write := s.ctx.CacheContext()
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
	offers := []worker.Offer{{Kind: worker.Train, Price: s.amount(9)}, {Kind: worker.Infer, Price: s.amount(9)}}
	switch s.rng.Intn(20) {
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
	default:
		if j, e := s.k.Get(ctx, id); e == nil && len(j.Checks) > 0 {
			who = j.Checks[s.rng.Intn(len(j.Checks))].Worker
		}
		msg := &MsgReport{Worker: who, Job: id}
		if j, e := s.k.Get(ctx, id); e == nil && j.Claim != nil && len(j.Terms.Task) > 0 {
			msg = owner(j.Claim).report(j, who) // of an accomplice, if the claim is false
		}
		if s.rng.Intn(2) == 0 {
			msg.Report = s.result(id)
		}
		_, err = s.k.Report(ctx, msg)
		return "report", err
	}
}

// owner is the run that a claim is made from.
func owner(c *Claim) *execution {
	for _, e := range append(lies(), truth()) {
		if own := e.claim(c.Units); bytes.Equal(own.Trace, c.Trace) && bytes.Equal(own.Result, c.Result) {
			return e
		}
	}
	panic("nobody made this claim")
}

// denied tells whether what a dispute about a claim denies is false. A lying run's file is
// what that run gives.
func denied(c *Claim, target string) bool {
	if target == "result" {
		return owner(c) == lies()[3]
	}
	return !bytes.Equal(c.Trace, truth().claim(0).Trace)
}

// other is the run of who challenges a claim: the honest one, or, where nothing is false,
// a liar's.
func (s *storm) other(c *Claim, target string) *execution {
	switch {
	case denied(c, target):
		return truth()
	case target == "result":
		liar := *owner(c)
		liar.file = slices.Clone(liar.file)
		liar.file[s.rng.Intn(len(liar.file))] ^= 4
		return &liar
	}
	return lies()[s.rng.Intn(3)]
}

// live is an open dispute, or one that is not.
func (s *storm) live() uint64 {
	var ids []uint64
	require.NoError(s.t, s.k.Deadlines.Walk(s.ctx, nil, func(key collections.Pair[int64, uint64]) (bool, error) {
		ids = append(ids, key.K2())
		return false, nil
	}))
	if len(ids) == 0 || s.rng.Intn(30) == 0 {
		return uint64(s.rng.Intn(20))
	}
	return ids[s.rng.Intn(len(ids))]
}

// challenge opens a dispute about a random claim, most often one that is false.
func (s *storm) challenge(ctx sdk.Context, who string) error {
	id := s.target()
	require.NoError(s.t, s.k.Jobs.Walk(s.ctx, nil, func(_ uint64, j Job) (bool, error) {
		if (j.State == StateClaimed || j.State == StateDisputed) && len(j.Terms.Task) > 0 && s.rng.Intn(3) > 0 {
			id = j.Id
		}
		return false, nil
	}))
	j, err := s.k.Get(ctx, id)
	if err != nil {
		return err
	}
	if len(j.Checks) > 0 && s.rng.Intn(2) == 0 {
		who = j.Checks[0].Worker
	}
	target := []string{"trace", "result", "sound", ""}[max(0, s.rng.Intn(9)-5)]
	res, err := s.k.Challenge(ctx, &MsgChallenge{Challenger: who, Job: id, Target: target})
	if err == nil {
		s.lied[res.Dispute] = denied(j.Claim, target)
	}
	return err
}

// play makes some moves of a dispute, and now and then sends what is no move.
func (s *storm) play(ctx sdk.Context) error {
	d, err := s.k.Dispute(ctx, s.live())
	if err != nil {
		return err
	}
	j, err := s.k.Get(ctx, d.Job)
	if err != nil || j.Claim == nil {
		return errors.Join(err, ErrState)
	}
	sides := [2]*verify.Player{verify.NewPlayer(toyTask(), owner(j.Claim)), verify.NewPlayer(toyTask(), s.other(j.Claim, d.Target))}
	for range 1 + s.rng.Intn(20) {
		_, g, err := s.k.game(ctx, d)
		require.NoError(s.t, err)
		if s.rng.Intn(4) == 0 {
			s.nonsense(ctx, d)
		}
		if err = s.move(ctx, d, g, sides); err != nil {
			return err
		}
		if d, err = s.k.Dispute(ctx, d.Id); err != nil || g.Turn() == verify.Nobody {
			return err
		}
	}
	return nil
}

func (s *storm) move(ctx sdk.Context, d *Dispute, g *verify.Game, sides [2]*verify.Player) error {
	if g.Turn() == verify.Claimant {
		a, err := sides[0].Answer(g)
		if err == nil {
			_, err = s.k.Answer(ctx, &MsgAnswer{Claimant: d.Claimant, Dispute: d.Id, Answer: a.Encode()})
		}
		return err
	}
	a, err := sides[1].Deny(g)
	if err == nil {
		_, err = s.k.Deny(ctx, &MsgDeny{Challenger: d.Challenger, Dispute: d.Id, Denial: a.Encode()})
	}
	return err
}

// nonsense is refused and changes nothing.
func (s *storm) nonsense(ctx sdk.Context, d *Dispute) {
	before := s.dispute(d.Id)
	message := make([]byte, s.rng.Intn(20_000))
	s.rng.Read(message[:min(len(message), s.rng.Intn(100))])
	_, err := s.k.Answer(ctx, &MsgAnswer{Claimant: d.Claimant, Dispute: d.Id, Answer: message})
	require.Error(s.t, err)
	_, err = s.k.Deny(ctx, &MsgDeny{Challenger: s.who(), Dispute: d.Id, Denial: message})
	require.Error(s.t, err)
	require.Equal(s.t, before, s.dispute(d.Id))
}

// checkVerdicts wants whoever was right to have won, unless it was silent.
func (s *storm) checkVerdicts(verdicts map[string]int) {
	require.NoError(s.t, s.k.Disputes.Walk(s.ctx, nil, func(id uint64, d Dispute) (bool, error) {
		require.NotZero(s.t, d.Ended, "dispute %d is open for ever", id)
		side := "claimant"
		if d.Winner == d.Challenger {
			side = "challenger"
		}
		if d.Reason == "the disputed step was executed" {
			require.Equal(s.t, s.lied[id], side == "challenger", "dispute %d about %s", id, d.Target)
			verdicts[side+" was right"]++
			return false, nil
		}
		verdicts[d.Reason]++
		return false, nil
	}))
}

// run makes blocks of up to eight messages, then lets everything end.
func (s *storm) run(blocks int) {
	for range blocks {
		for range s.rng.Intn(9) {
			s.send()
		}
		if s.rng.Intn(4) == 0 {
			s.next()
		}
	}
	for range 120 {
		s.next()
	}
}

// TestRandomMessagesKeepTheInvariants checks the books after every message and block of
// several storms; each storm must have been rough enough to reach every ending.
func TestRandomMessagesKeepTheInvariants(t *testing.T) {
	ends := map[string]int{}
	verdicts := map[string]int{}
	accepted, models := map[string]int{}, 0
	for seed := range int64(6) {
		s := newStorm(t, seed)
		s.run(400)
		s.checkVerdicts(verdicts)
		require.NoError(t, s.k.Jobs.Walk(s.ctx, nil, func(_ uint64, j Job) (bool, error) {
			require.True(t, j.State.Final(), "job %d is %s for ever", j.Id, j.State.Word())
			ends[j.State.Word()+": "+j.Reason]++
			return false, nil
		}))
		require.Equal(t, "0", s.held(Name))
		for name, n := range s.accepted {
			accepted[name] += n
		}
		models += s.checkModels()
	}
	t.Log("accepted", accepted)
	for end, n := range ends {
		t.Logf("%5d %s", n, end)
	}
	t.Log("disputes", verdicts)
	require.Positive(t, models)
	require.Len(t, accepted, 11, "every message was accepted at least once")
	require.Len(t, ends, 7, "every ending was reached")
	require.Len(t, verdicts, 5, "disputes ended in every way")
}

// checkModels wants all shares of every model given out, and income where the jobs say.
func (s *storm) checkModels() (models int) {
	income := map[uint64]math.Int{}
	require.NoError(s.t, s.k.Jobs.Walk(s.ctx, nil, func(_ uint64, j Job) (bool, error) {
		for _, p := range j.Paid {
			if had, ok := income[p.Asset]; ok {
				p.Amount = p.Amount.Add(had)
			}
			income[p.Asset] = p.Amount
		}
		if j.Asset != 0 {
			models++
			require.Equal(s.t, int64(asset.Shares), s.bank.GetSupply(s.ctx, asset.Denom(j.Asset)).Amount.Int64())
		}
		return false, nil
	}))
	for _, id := range append([]uint64{s.model}, s.data...) {
		a, err := s.assets.Get(s.ctx, id)
		require.NoError(s.t, err)
		want, ok := income[id]
		if !ok {
			want = math.ZeroInt()
		}
		require.Equal(s.t, want.String(), a.Income.String(), "income of asset %d", id)
	}
	return models
}

// TestTheSameMessagesGiveTheSameStore runs one storm twice.
func TestTheSameMessagesGiveTheSameStore(t *testing.T) {
	a, b := newStorm(t, 99), newStorm(t, 99)
	a.run(60)
	b.run(60)
	require.Equal(t, a.export(), b.export())
	require.Equal(t, a.ctx.EventManager().Events(), b.ctx.EventManager().Events())
}
