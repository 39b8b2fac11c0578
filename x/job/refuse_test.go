package job

import (
	"strings"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/ledgertest"
	"github.com/minga-network/minga/x/worker"
)

func TestPostRefuses(t *testing.T) {
	c := newTown(t)
	model := c.model(c.ana)
	train := func(change func(*Terms)) Terms {
		terms := trainTerms(c.data...)
		change(&terms)
		return terms
	}
	infer := func(change func(*Terms)) Terms {
		terms := inferTerms(model)
		change(&terms)
		return terms
	}
	huge := math.NewIntFromUint64(1 << 63).MulRaw(2)
	for _, r := range []struct {
		name  string
		terms Terms
		says  string
	}{
		{"a kind there is not", train(func(x *Terms) { x.Kind = "render" }), "people post jobs of the kinds"},
		{"no terms at all", Terms{}, "budget"},
		{"no budget", train(func(x *Terms) { x.Budget = math.Int{} }), "budget"},
		{"a budget of nothing", train(func(x *Terms) { x.Budget = math.ZeroInt() }), "budget"},
		{"a negative budget", train(func(x *Terms) { x.Budget = math.NewInt(-1) }), "budget"},
		{"a budget over 64 bits", train(func(x *Terms) { x.Budget = huge }), "budget"},
		{"a negative price", train(func(x *Terms) { x.MaxPrice = math.NewInt(-1) }), "max_price"},
		{"a pay over 64 bits", train(func(x *Terms) { x.CheckPay = huge }), "check_pay"},
		{"no stake", train(func(x *Terms) { x.Stake = math.ZeroInt() }), "stake"},
		{"no deadline", train(func(x *Terms) { x.Deadline = 0 }), "deadline"},
		{"a negative time for work", train(func(x *Terms) { x.Work = -1 }), "work"},
		{"a window that never ends", train(func(x *Terms) { x.Window = 1 << 62 }), "window"},
		{"no work", train(func(x *Terms) { x.Units = 0 }), "units"},
		{"too many checkers", train(func(x *Terms) { x.Checkers = 6 }), "at most 5"},
		{"a source that is a path", train(func(x *Terms) { x.Source = "/root" }), "source"},
		{"more than all for the server", infer(func(x *Terms) { x.Infer.Serving = 5_001 }), "serving"},
		{"a spec that is no hash", train(func(x *Terms) { x.Spec = []byte("train.toml") }), "spec"},
		{"a train job that says that it begins with a model", train(func(x *Terms) { x.Train.Base = model }),
			"begins with another file than model"},
		{"a train job that does not say with which", train(func(x *Terms) { x.Task = based(hash("model")).Encode() }),
			"name that as base"},
		{"a train job that begins with another model", train(func(x *Terms) {
			x.Train.Base, x.Task = model, based(hash(
				"other")).Encode()
		}), "begins with another file than model"},
		{"a train job that begins with a dataset",
			train(func(x *Terms) { x.Train.Base, x.Task = c.data[0], based(hash("model")).Encode() }), "is no model"},
		{"a train job with a key", train(func(x *Terms) { x.Infer = &InferTerms{Key: hash("key")} }),
			"exactly the terms of the kind"},
		{"no datasets", train(func(x *Terms) { x.Train.Datasets = nil }), "datasets"},
		{"too many datasets", train(func(x *Terms) { x.Train.Datasets = make([]uint64, 257) }), "257 datasets"},
		{"a dataset twice", train(func(x *Terms) { x.Train.Datasets = []uint64{1, 1, 2} }), "increasing"},
		{"datasets out of order", train(func(x *Terms) { x.Train.Datasets = []uint64{2, 1, 3} }), "increasing"},
		{"a dataset there is not", train(func(x *Terms) {
			x.Train.Datasets, x.Train.Used = []uint64{1, 99},
				[]uint64{0, 1000}
		}), "dataset 99"},
		{"a model as dataset", train(func(x *Terms) {
			x.Train.Datasets, x.Train.Used = []uint64{1, model},
				[]uint64{0, 1000}
		}), "no dataset"},
		{"a split that gives out too little", train(func(x *Terms) { x.Train.Split.Data-- }), "sum to 10000"},
		{"a split whose sum wraps round",
			train(func(x *Terms) { x.Train.Split.Data, x.Train.Split.Compute = 1<<31+6000, 1<<31+2500 }), "sum to 10000"},
		{"a method there is not", train(func(x *Terms) { x.Train.Split.Method = "guess" }), "method"},
		{"a model without a name", train(func(x *Terms) { x.Train.Name = "" }), "name"},
		{"a licence there is not", train(func(x *Terms) { x.Train.Licence = "mine" }), "licence"},
		{"a budget below the cost", train(func(x *Terms) { x.Budget = math.NewInt(5000 + 700 + 340 - 1) }),
			"below what the job can cost, 6040uminga"},
		{"a budget far below a huge cost", train(func(x *Terms) {
			x.Units, x.MaxPrice, x.Train.Used = 1<<64-1, math.NewIntFromUint64(1<<64-1), []uint64{1<<64 - 1, 0, 0}
		}), "below"},
		{"a stake below the fee", train(func(x *Terms) { x.Stake = math.NewInt(4999) }),
			"a lie would earn more than it risks"},
		{"a stake that locks machines up", train(func(x *Terms) { x.Stake = math.NewInt(20_000_001) }),
			"2000 times the budget"},
		{"a pay of nearly nothing", train(func(x *Terms) { x.CheckPay = math.NewInt(99) }), "below a 50th"},
		{"a model there is not", infer(func(x *Terms) { x.Infer.Model = 99 }), "model 99"},
		{"a dataset as model", infer(func(x *Terms) { x.Infer.Model = c.data[0] }), "no model"},
		{"a key that is no hash", infer(func(x *Terms) { x.Infer.Key = []byte("secret") }), "key"},
		{"an infer job with a spec", infer(func(x *Terms) { x.Spec = hash("spec") }), "for other kinds"},
		{"no task", train(func(x *Terms) { x.Task = nil }), "task has 0 bytes"},
		{"a task that is too long", train(func(x *Terms) { x.Task = make([]byte, 2049) }), "at most 2048"},
		{"a task that is none", train(func(x *Terms) { x.Task = x.Task[1:] }), "not a task"},
		{"a task that makes no file", train(func(x *Terms) {
			task := *toyTask()
			task.Header = verify.File{}
			x.Task = task.Encode()
		}), "makes a file"},
		{"a dataset missing from used", train(func(x *Terms) { x.Train.Used = x.Train.Used[:2] }), "used has 2 entries"},
		{"used below the units", train(func(x *Terms) { x.Train.Used[2] = 0 }), "1 less than the 1000 units"},
		{"used above the units", train(func(x *Terms) { x.Train.Used[2] = 2 }), "more than the 1000 units"},
		{"used that wraps round", train(func(x *Terms) { x.Train.Used = []uint64{1 << 63, 1 << 63, 1000} }),
			"more than the 1000 units"},
		{"an infer job with a task of training", infer(func(x *Terms) { x.Proof, x.Task = ProofReferee, toyTask().Encode() }),
			"of another kind"},
		{"an infer job with data", infer(func(x *Terms) { x.Train = &TrainTerms{Datasets: c.data} }),
			"exactly the terms of the kind"},
		{"no terms of the kind", infer(func(x *Terms) { x.Infer = nil }), "exactly the terms of the kind"},
		{"a proof there is not", infer(func(x *Terms) { x.Proof = "faith" }), `one of ["referee" "quorum" "none"]`},
		{"a task and no referee", infer(func(x *Terms) { x.Task = toyTask().Encode() }), "a task is for proof referee"},
		{"training that a quorum proves", train(func(x *Terms) { x.Proof, x.Task = ProofQuorum, nil }), `one of ["referee"]`},
		{"a quorum of nobody", infer(func(x *Terms) { x.Proof = ProofQuorum }), "ask for 1 checker"},
		{"checkers for no proof", infer(func(x *Terms) { x.Checkers = 1 }), "ask for none"},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: r.terms})
			require.ErrorIs(t, err, ErrTerms)
			require.ErrorContains(t, err, r.says)
			c.check()
		})
	}
	t.Run("a creator that is no address", func(t *testing.T) {
		_, err := c.k.Post(c.Ctx, &MsgPost{Creator: "me", Terms: trainTerms(c.data...)})
		require.ErrorIs(t, err, ErrNotYours)
	})
	t.Run("more than the creator has", func(t *testing.T) {
		_, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator,
			Terms: train(func(x *Terms) { x.Budget = math.NewInt(ledgertest.Purse + 1) })})
		require.ErrorContains(t, err, "insufficient funds")
	})
}

func TestAKeyIsPaidForByOneJobAtATime(t *testing.T) {
	c := newTown(t)
	terms := inferTerms(c.model(c.ana))
	id := c.post(c.creator, terms)
	_, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: terms})
	require.ErrorIs(t, err, ErrKey)
	c.ended(id)
	_, err = c.k.Post(c.Ctx, &MsgPost{Creator: c.beto, Terms: terms})
	require.ErrorIs(t, err, ErrKey, "somebody else's key")
	again := c.post(c.creator, terms)
	res, err := queries{c.k}.Key(c.Ctx, &QueryKeyRequest{Key: hash("key")})
	require.NoError(t, err)
	require.Equal(t, again, res.Job.Id)
	_, err = queries{c.k}.Key(c.Ctx, &QueryKeyRequest{Key: hash("no key")})
	require.ErrorIs(t, err, ErrUnknown)
}

func TestCancelRefuses(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, trainTerms(c.data...))
	cancel := func(who string, id uint64) error {
		_, err := c.k.Cancel(c.Ctx, &MsgCancel{Creator: who, Job: id})
		c.check()
		return err
	}
	require.ErrorIs(t, cancel(c.creator, 99), ErrUnknown)
	require.ErrorIs(t, cancel(c.beto, id), ErrNotYours)
	require.ErrorIs(t, cancel("nobody", id), ErrNotYours)
	require.NoError(t, c.take(id, c.w[0]))
	require.ErrorIs(t, cancel(c.creator, id), ErrState, "somebody works on it")
}

func TestTakeRefuses(t *testing.T) {
	dear := func(x *Terms) { x.MaxPrice = math.NewInt(1) }
	for _, r := range []struct {
		name  string
		terms func(*Terms)
		do    func(c *town)
		who   func(c *town) string
		want  error
		says  string
	}{
		{"somebody who is no worker", nil, nil, func(c *town) string { return c.ana }, worker.ErrUnknown, "not registered"},
		{"a worker that asks too much", dear, nil, func(c *town) string { return c.w[0] }, ErrUnfit,
			"asks 2uminga a unit, the job pays at most 1uminga"},
		{"a worker that does other work", nil, nil, func(c *town) string {
			who := c.user("only infer")
			_, err := c.workers.Register(c.Ctx, &worker.MsgRegister{Worker: who, Stake: math.NewInt(5_000_000),
				Offers: []worker.Offer{{Kind: KindInfer, Price: math.OneInt()}}})
			require.NoError(c, err)
			return who
		}, ErrUnfit, "does not offer train"},
		{"a worker that is leaving", nil, func(c *town) {
			_, err := c.workers.Unbond(c.Ctx, &worker.MsgUnbond{Worker: c.w[0]})
			require.NoError(c, err)
		}, func(c *town) string { return c.w[0] }, ErrUnfit, "is leaving"},
		{"a worker with too little stake", func(x *Terms) { x.Stake = math.NewInt(5_000_001) }, nil,
			func(c *town) string { return c.w[0] }, ErrUnfit, "has 5000000uminga of its stake free"},
		{"a worker whose stake is bound", func(x *Terms) { x.Stake = math.NewInt(3_000_000) }, func(c *town) {
			terms := trainTerms(c.data...)
			terms.Stake = math.NewInt(3_000_000)
			require.NoError(c, c.take(c.post(c.creator, terms), c.w[0]))
		}, func(c *town) string { return c.w[0] }, ErrUnfit, "has 2000000uminga"},
		{"a worker whose turn is later", nil, nil, func(c *town) string { return c.w[1] }, ErrTurn,
			"begins at height 15 and it is 10"},
		{"a worker after the deadline", nil, func(c *town) { c.At(41) },
			func(c *town) string { return c.w[0] }, ErrLate, "until height 40"},
		{"a second worker", nil, func(c *town) { require.NoError(c, c.take(1, c.w[0])) },
			func(c *town) string { return c.w[1] }, ErrState, "is taken"},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := newTown(t)
			terms := trainTerms(c.data...)
			if r.terms != nil {
				r.terms(&terms)
			}
			id := c.post(c.creator, terms)
			if r.do != nil {
				r.do(c)
			}
			err := c.take(id, r.who(c))
			require.ErrorIs(t, err, r.want)
			require.ErrorContains(t, err, r.says)
		})
	}
	t.Run("the creator's own worker", func(t *testing.T) {
		c := newTown(t)
		id := c.post(c.w[0], trainTerms(c.data...))
		require.ErrorIs(t, c.take(id, c.w[0]), ErrUnfit)
		require.ErrorIs(t, c.take(id, strings.ToUpper(c.w[0])), ErrUnfit, "also in capitals")
		require.NoError(t, c.take(id, c.w[1]), "the next one is first then")
	})
}

func TestClaimRefuses(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, trainTerms(c.data...))
	require.ErrorIs(t, c.claim(id, c.w[0], honest()), ErrState, "nobody has taken it")
	require.NoError(t, c.take(id, c.w[0]))
	require.ErrorIs(t, c.claim(id, c.w[1], honest()), ErrNotYours)
	require.ErrorIs(t, c.claim(99, c.w[0], honest()), ErrUnknown)
	for _, r := range []struct {
		name   string
		change func(*Claim)
	}{
		{"a short result", func(x *Claim) { x.Result = x.Result[1:] }},
		{"no state", func(x *Claim) { x.State = nil }},
		{"a long trace", func(x *Claim) { x.Trace = append(x.Trace, 0) }},
		{"an empty result", func(x *Claim) { x.Bytes = 0 }},
		{"less work than the terms say", func(x *Claim) { x.Units = 999 }},
		{"more work than the terms say", func(x *Claim) { x.Units = 1001 }},
		{"a file of another size than the task makes", func(x *Claim) { x.Bytes++ }},
		{"another state than the last", func(x *Claim) { x.State = truth().leaves[toySteps-1][:] }},
		{"no end", func(x *Claim) { x.End = nil }},
		{"an end that goes on", func(x *Claim) { x.End = append(x.End, hash("more")) }},
		{"an end with half a hash", func(x *Claim) { x.End[1] = x.End[1][:16] }},
		{"another trace than end leads to", func(x *Claim) { x.Trace = hash("trace") }},
	} {
		t.Run(r.name, func(t *testing.T) {
			claim := honest()
			r.change(&claim)
			require.ErrorIs(t, c.claim(id, c.w[0], claim), ErrClaim)
		})
	}
	t.Run("in the block after the last", func(t *testing.T) {
		late := c.Ctx.WithBlockHeight(c.job(id).Due + 1)
		_, err := c.k.Claim(late, &MsgClaim{Worker: c.w[0], Job: id, Claim: honest()})
		require.ErrorIs(t, err, ErrLate)
		_, err = c.k.Claim(late.WithBlockHeight(c.job(id).Due), &MsgClaim{Worker: c.w[0], Job: id, Claim: honest()})
		require.NoError(t, err, "the last block is in time")
	})
}

func TestInferClaimRefuses(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, inferTerms(c.model(c.ana)))
	require.NoError(t, c.take(id, c.w[0]))
	require.ErrorIs(t, c.claim(id, c.w[0], outcome("log", 1001)), ErrClaim)
	shown := outcome("log", 1)
	shown.End = [][]byte{hash("end")}
	require.ErrorIs(t, c.claim(id, c.w[0], shown), ErrClaim, "end is for jobs with a task")
}

func TestCheckAndReportRefuse(t *testing.T) {
	c := newTown(t)
	open := c.post(c.creator, trainTerms(c.data...))
	require.ErrorIs(t, c.seat(open, c.w[1]), ErrState, "nothing is claimed")
	terms := trainTerms(c.data...)
	terms.Checkers = 2
	id := c.claimed(terms, honest())
	w := c.drawn(id)
	require.ErrorIs(t, c.seat(id, c.w[0]), ErrUnfit, "the claimant")
	require.ErrorIs(t, c.seat(id, w[2]), ErrTurn, "not before the two drawn first")
	require.ErrorIs(t, c.seat(id, c.ana), worker.ErrUnknown)
	require.ErrorIs(t, c.report(id, w[0], honest()), ErrSeats, "has no seat")
	require.NoError(t, c.seat(id, w[0]))
	require.ErrorIs(t, c.seat(id, w[0]), ErrUnfit, "has one already")
	short := honest()
	short.Units = 1
	require.ErrorIs(t, c.report(id, w[0], short), ErrClaim)
	require.ErrorContains(t, c.report(id, w[0], lies()[1].claim(1000)), "challenge the claim")
	require.ErrorContains(t, c.report(id, w[0], lies()[3].claim(1000)), "challenge the claim", "the file alone")
	require.NoError(t, c.report(id, w[0], honest()))
	require.ErrorIs(t, c.report(id, w[0], honest()), ErrSeats, "has reported")
	require.NoError(t, c.seat(id, w[1]), "the next, as the seated one no longer fits")
	require.ErrorIs(t, c.seat(id, w[2]), ErrSeats, "all taken")
	due := c.job(id).Due
	late := c.Ctx.WithBlockHeight(due + 1)
	_, err := c.k.Report(late, &MsgReport{Worker: w[1], Job: id, Report: honest()})
	require.ErrorIs(t, err, ErrLate)
	none := c.claimed(func() Terms { t := trainTerms(c.data...); t.Checkers = 0; return t }(), honest())
	require.ErrorIs(t, c.seat(none, c.w[1]), ErrSeats, "the creator wants no checkers")
}

func TestOnlyTheTableMovesAJob(t *testing.T) {
	allowed := 0
	for from := StateUnspecified; from <= StateWaiting; from++ {
		for to := StateUnspecified; to <= StateWaiting; to++ {
			j := Job{State: from}
			err := move(&j, to)
			if err == nil {
				allowed++
				require.Equal(t, to, j.State)
				continue
			}
			require.ErrorIs(t, err, ErrState)
			require.Equal(t, from, j.State)
		}
	}
	require.Equal(t, 15, allowed)
	for s, final := range map[State]bool{StateUnspecified: false, StateOpen: false, StateTaken: false, StateClaimed: false,
		StateDisputed: false, StateWaiting: false, StatePaid: true, StateFailed: true, StateExpired: true,
		StateCancelled: true} {
		require.Equal(t, final, s.Final(), s.Word())
	}
}
