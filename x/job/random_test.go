package job

import (
	"fmt"
	"math/rand"
	"testing"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

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
}

func newStorm(t testing.TB, seed int64) *storm {
	s := &storm{ledger: newLedger(t), rng: rand.New(rand.NewSource(seed)), accepted: map[string]int{}}
	require.NoError(t, s.k.Params.Set(s.ctx, Params{OfferBlocks: 1, MaxBlocks: 100, MaxCheckers: 2, MaxDatasets: 3, LateSlash: 1500}))
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
		Kind: worker.Train, Spec: hash("spec"), Name: "m", Licence: "MIT", Budget: s.amount(3000),
		Units: uint64(s.some(100)), MaxPrice: s.amount(12), Checkers: uint32(s.some(4)), CheckPay: s.amount(50), Stake: s.amount(900),
		Deadline: s.some(20), Work: s.some(30), Window: s.some(5), Datasets: s.data[s.rng.Intn(3):][:1+s.rng.Intn(2)],
		Policy: Policy{Data: 6001, Compute: 2498, Creator: 1000, Commons: 501, Method: "tokens"},
	}
	if s.rng.Intn(3) == 0 {
		t.Kind, t.Spec, t.Datasets, t.Name, t.Licence = worker.Infer, nil, nil, "", ""
		t.Model, t.Key, t.Policy = s.model, hash(fmt.Sprint(s.some(6))), Policy{Serving: uint32(s.some(11_000))}
	}
	return t
}

// result is the truth about a job three times out of four.
func (s *storm) result(id uint64) Claim {
	j, err := s.k.Get(s.ctx, id)
	if err != nil || s.rng.Intn(15) == 0 {
		return Claim{Used: make([]uint64, s.rng.Intn(5)), Result: make([]byte, s.rng.Intn(40))}
	}
	seed := ""
	if s.rng.Intn(4) == 0 {
		seed = fmt.Sprint(s.rng.Intn(2))
	}
	c := outcome(seed)
	if c.Units = j.Terms.Units; len(j.Terms.Datasets) > 0 {
		c.Used = make([]uint64, len(j.Terms.Datasets))
		c.Used[0], c.Used[len(c.Used)-1] = c.Units/3, c.Units-c.Units/3
		if len(c.Used) == 1 {
			c.Used[0] = c.Units
		}
	}
	return c
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
	switch s.rng.Intn(14) {
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
	default:
		if j, e := s.k.Get(ctx, id); e == nil && len(j.Checks) > 0 {
			who = j.Checks[s.rng.Intn(len(j.Checks))].Worker
		}
		_, err = s.k.Report(ctx, &MsgReport{Worker: who, Job: id, Report: s.result(id)})
		return "report", err
	}
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
	accepted, models := map[string]int{}, 0
	for seed := range int64(6) {
		s := newStorm(t, seed)
		s.run(400)
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
	require.Positive(t, models)
	require.Len(t, accepted, 9, "every message was accepted at least once")
	require.Len(t, ends, 7, "every ending was reached")
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
