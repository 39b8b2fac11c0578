package job

import (
	"errors"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/worker"
)

// town is the people of most tests: a creator, two data owners, three workers that
// ask 2, 3 and 4 uminga, and a train job on the data.
type town struct {
	*ledger
	creator, ana, beto string
	w                  []string
	data               []uint64
}

func newTown(t testing.TB) *town {
	l := newLedger(t)
	c := &town{ledger: l, creator: l.user("creator"), ana: l.user("ana"), beto: l.user("beto")}
	for i, name := range []string{"w2", "w3", "w4", "w5"} {
		c.w = append(c.w, l.worker(name, int64(i+2)))
	}
	c.data = []uint64{l.dataset(c.ana, 300), l.dataset(c.beto, 0), l.dataset(c.ana, 40)}
	return c
}

// honest is what training gives.
func honest() Claim { return truth().claim(1000) }

// claimed is a train job that the first worker took and claimed.
func (c *town) claimed(t Terms, result Claim) uint64 {
	id := c.post(c.creator, t)
	require.NoError(c, c.take(id, c.w[0]))
	require.NoError(c, c.claim(id, c.w[0], result))
	return id
}

// drawn are the workers that may take a seat, in their order.
func (c *town) drawn(id uint64) (who []string) {
	all, _, err := c.k.candidates(c.Ctx, c.job(id))
	require.NoError(c, err)
	for _, x := range all {
		if x.unfit == "" {
			who = append(who, x.worker.Address)
		}
	}
	return who
}

// check takes a seat when it is the worker's turn, and reports.
func (c *town) checks(id uint64, who string, result Claim) {
	for errors.Is(c.seat(id, who), ErrTurn) {
		c.next()
	}
	require.NoError(c, c.report(id, who, result))
}

func TestTrainIsPaidToTheLastCoin(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), honest())
	require.Equal(t, "10000", c.Held(Name).String())
	checker := c.drawn(id)[0]
	c.checks(id, checker, honest())
	require.Equal(t, int64(10+10), c.job(id).Due, "the window begins with the last report")
	j := c.ended(id)

	require.Equal(t, StatePaid, j.State)
	require.Equal(t, int64(21), c.Ctx.BlockHeight(), "ended with block 20")
	for _, p := range []struct {
		who  string
		want int64
	}{
		{c.w[0], 2000 - 5_000_000}, {checker, 700 - 5_000_000},
		{c.creator, -2000 - 700 - 340}, {c.ana, 0}, {c.beto, 0},
	} {
		require.Equal(t, p.want, c.gained(p.who), p.who)
	}
	d, err := c.assets.Get(c.Ctx, c.data[0])
	require.NoError(t, err)
	require.Equal(t, "300", d.Income.String())
	c.checkModel(j, checker)
	require.Equal(t, [2]uint64{1, 1}, [2]uint64{c.who(c.w[0]).Done, c.who(checker).Done})
}

// checkModel: 60 % data by 333, 666 and 1 of 1000 tokens, 25 % compute, 10 % creator,
// 5 % commons.
func (c *town) checkModel(j Job, checker string) {
	m, err := c.assets.Get(c.Ctx, j.Asset)
	require.NoError(c, err)
	require.Equal(c, asset.KindModel, m.Kind)
	require.Equal(c, j.Claim.Result, m.Root)
	require.Equal(c, j.Claim.State, m.State)
	require.Equal(c, c.data, m.Parents)
	require.Equal(c, j.Id, m.Job)
	require.Equal(c, int64(199_800_000+600_000), c.shares(m.Id, c.ana))
	require.Equal(c, int64(399_600_000), c.shares(m.Id, c.beto))
	require.Equal(c, int64(250_000_000), c.shares(m.Id, c.w[0]))
	require.Zero(c, c.shares(m.Id, checker), "checkers have no interest in the claim standing")
	require.Equal(c, int64(100_000_000), c.shares(m.Id, c.creator))
	require.Equal(c, int64(50_000_000), c.shares(m.Id, asset.CommonsAddress().String()))
}

// based is the task of a training that begins with a model.
func based(root []byte) *verify.Programs {
	t := *toyTask()
	t.Start = verify.File{Root: verify.Hash(root), Size: 9, From: 4}
	return &t
}

// TestAModelNamesItsBase, so that its income can pay the base's owners.
func TestAModelNamesItsBase(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.Train.Base, terms.Task = c.model(c.beto), based(hash("model")).Encode()
	id := c.claimed(terms, honest())
	c.checks(id, c.drawn(id)[0], honest())
	m, err := c.assets.Get(c.Ctx, c.ended(id).Asset)
	require.NoError(t, err)
	require.Equal(t, terms.Train.Base, m.Base)
	require.Equal(t, c.data, m.Parents)
}

func TestInferIsSplitBetweenServerAndHolders(t *testing.T) {
	c := newTown(t)
	owner := c.user("owner")
	terms := inferTerms(c.model(owner))
	id := c.post(c.creator, terms)
	key, err := queries{c.k}.Key(c.Ctx, &QueryKeyRequest{Key: hash("key")})
	require.NoError(t, err)
	require.Equal(t, id, key.Job.Id)
	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, c.claim(id, c.w[0], outcome("log", 501)))
	j := c.ended(id)

	require.Equal(t, StatePaid, j.State)
	require.Equal(t, int64(333-5_000_000), c.gained(c.w[0]), "a third of 1002, rounded down")
	require.Equal(t, int64(-1002), c.gained(c.creator))
	m, err := c.assets.Get(c.Ctx, terms.Infer.Model)
	require.NoError(t, err)
	require.Equal(t, "669", m.Income.String())
	require.Equal(t, "669", c.Held(asset.Name).String())
	require.Zero(t, j.Asset, "serving makes no model")
}

func TestASessionWithoutCallsCostsNothing(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, inferTerms(c.model(c.ana)))
	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, c.claim(id, c.w[0], outcome("empty log", 0)))
	require.Equal(t, StatePaid, c.ended(id).State)
	require.Zero(t, c.gained(c.creator))
}

func TestAJobThatNobodyTakesExpires(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, trainTerms(c.data...))
	j := c.ended(id)
	require.Equal(t, StateExpired, j.State)
	require.Equal(t, int64(10+30+1), c.Ctx.BlockHeight())
	require.Zero(t, c.gained(c.creator))
}

func TestACancelledJobIsPaidBack(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, trainTerms(c.data...))
	_, err := c.k.Cancel(c.Ctx, &MsgCancel{Creator: c.creator, Job: id})
	require.NoError(t, err)
	c.check()
	require.Equal(t, StateCancelled, c.job(id).State)
	require.Zero(t, c.gained(c.creator))
}

func TestALateWorkerPaysTheCreator(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, trainTerms(c.data...))
	require.NoError(t, c.take(id, c.w[0]))
	j := c.ended(id)
	require.Equal(t, StateFailed, j.State)
	require.Equal(t, int64(100_000), c.gained(c.creator), "a tenth of the job's stake")
	require.Equal(t, "4900000", c.who(c.w[0]).Stake.String())
	require.Equal(t, uint64(1), c.who(c.w[0]).Failed)
}

func TestAnUncheckedClaimFailsWithoutBlame(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), honest())
	j := c.ended(id)
	require.Equal(t, StateFailed, j.State)
	require.Zero(t, c.gained(c.creator))
	w := c.who(c.w[0])
	require.Equal(t, []string{"5000000", "0 0"}, []string{w.Stake.String(), counts(w)})
}

func counts(w worker.Worker) string {
	return math.NewIntFromUint64(w.Done).String() + " " + math.NewIntFromUint64(w.Failed).String()
}

func TestASilentCheckerIsFined(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), honest())
	silent := c.drawn(id)[0]
	require.NoError(t, c.seat(id, silent))
	supply := c.Bank.GetSupply(c.Ctx, worker.Coin).Amount
	require.Equal(t, StateFailed, c.ended(id).State)
	require.Equal(t, "4900000", c.who(silent).Stake.String())
	require.Equal(t, "0 1", counts(c.who(silent)))
	require.Equal(t, "0 0", counts(c.who(c.w[0])))
	require.Equal(t, "100000", supply.Sub(c.Bank.GetSupply(c.Ctx, worker.Coin).Amount).String(), "burned")
}

// contested is an infer job with a checker, for 700, that the first worker served.
func (c *town) contested(result Claim) uint64 {
	terms := inferTerms(c.model(c.ana))
	terms.Proof, terms.Work, terms.Checkers, terms.CheckPay = ProofQuorum, 100, 1, math.NewInt(700)
	return c.claimed(terms, result)
}

// TestMajorities: work without a task is decided by the checkers' reports.
func TestMajorities(t *testing.T) {
	honest, lie, other := outcome("", 1000), outcome("lie", 1000), outcome("other", 1000)
	for _, d := range []struct {
		name    string
		claim   Claim
		reports []Claim // by the workers 1, 2, 3
		state   State
		stakes  []string // afterwards
		gains   []int64  // of the workers' purses, without stakes
		creator int64
		records []string
	}{
		{"the claim falls, all seats filled", lie, []Claim{honest, lie, honest}, StateFailed,
			[]string{"4000000", "5000000", "4000000", "5000000"},
			[]int64{0, 250_000 + 250_000 + 700, 0, 250_000 + 250_000 + 700}, -1400,
			[]string{"0 1", "1 0", "0 1", "1 0"}},
		{"the claim falls, one seat stays empty", lie, []Claim{honest, honest}, StateFailed,
			[]string{"4000000", "5000000", "5000000", "5000000"},
			[]int64{0, 250_000 + 700, 250_000 + 700, 0}, -1400,
			[]string{"0 1", "1 0", "1 0", "0 0"}},
		{"the claim stands, the objector pays", honest, []Claim{lie, honest, honest}, StatePaid,
			[]string{"5000000", "4000000", "5000000", "5000000"},
			[]int64{666, 0, 250_000 + 700, 250_000 + 700}, -2000 - 1400,
			[]string{"1 0", "0 1", "1 0", "1 0"}},
		{"one objector alone decides nothing", honest, []Claim{lie}, StateFailed,
			[]string{"5000000", "5000000", "5000000", "5000000"}, []int64{0, 0, 0, 0}, 0,
			[]string{"0 0", "0 0", "0 0", "0 0"}},
		{"one against one decides nothing", honest, []Claim{lie, honest}, StateFailed,
			[]string{"5000000", "5000000", "5000000", "5000000"}, []int64{0, 0, 0, 0}, 0,
			[]string{"0 0", "0 0", "0 0", "0 0"}},
		{"three results decide nothing", honest, []Claim{lie, other, honest}, StateFailed,
			[]string{"5000000", "5000000", "5000000", "5000000"}, []int64{0, 0, 0, 0}, 0,
			[]string{"0 0", "0 0", "0 0", "0 0"}},
	} {
		t.Run(d.name, func(t *testing.T) {
			c := newTown(t)
			id := c.contested(d.claim)
			for i, r := range d.reports {
				c.checks(id, c.w[i+1], r)
				require.Equal(t, StateDisputed, c.job(id).State)
				require.Equal(t, uint32(3), c.job(id).Seats)
			}
			require.Equal(t, d.state, c.ended(id).State)
			for i, who := range c.w {
				w := c.who(who)
				require.Equal(t, d.stakes[i], w.Stake.String(), "stake of worker %d", i)
				require.Equal(t, d.gains[i], c.gained(who)+5_000_000, "gain of worker %d", i)
				require.Equal(t, d.records[i], counts(w), "record of worker %d", i)
			}
			require.Equal(t, d.creator, c.gained(c.creator))
		})
	}
}

func TestAFullDisputeIsDecidedInTheSameBlock(t *testing.T) {
	c := newTown(t)
	id := c.contested(outcome("", 1000))
	for i, r := range []Claim{outcome("lie", 1000), outcome("", 1000), outcome("", 1000)} {
		c.checks(id, c.w[i+1], r)
	}
	require.Equal(t, c.Ctx.BlockHeight(), c.job(id).Due)
	c.next()
	require.Equal(t, StatePaid, c.job(id).State)
}
