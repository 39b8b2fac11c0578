package job

import (
	"strings"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"
)

// messages are what somebody in a trace can do. The words are the whole line.
var messages = map[string]func(c *trace, who string, words []string) error{
	"joins": func(c *trace, _ string, words []string) error { // w6 joins 6: a worker that asks 6 uminga
		c.people[words[0]] = c.worker(words[0], c.number(words[2]))
		return nil
	},
	"owns": func(c *trace, who string, _ []string) error { // ana owns a model
		c.model(who)
		return nil
	},
	"posts": (*trace).posts, "measures": (*trace).measures,
	"cancels": func(c *trace, who string, words []string) error {
		_, err := c.k.Cancel(c.Ctx, &MsgCancel{Creator: who, Job: c.id(words)})
		return err
	},
	"takes": func(c *trace, who string, words []string) error {
		_, err := c.k.Take(c.Ctx, &MsgTake{Worker: who, Job: c.id(words)})
		return err
	},
	"claims": func(c *trace, who string, words []string) error {
		claim := c.result(c.job(c.id(words)), words)
		_, err := c.k.Claim(c.Ctx, &MsgClaim{Worker: who, Job: c.id(words), Claim: claim})
		return err
	},
	"checks": func(c *trace, who string, words []string) error {
		_, err := c.k.Check(c.Ctx, &MsgCheck{Worker: who, Job: c.id(words)})
		return err
	},
	"reports": (*trace).reports,
	"challenges": func(c *trace, who string, words []string) error {
		_, err := c.k.Challenge(c.Ctx, &MsgChallenge{Challenger: who, Job: c.id(words), Target: Target(words[3])})
		return err
	},
	"answers": (*trace).answers, "denies": (*trace).denies,
}

// id is the job or dispute that a message is about.
func (c *trace) id(words []string) uint64 {
	require.Greater(c, len(words), 2, "line %d: which?", c.at)
	return uint64(c.number(words[2]))
}

// posts offers a job: creator posts train deadline=20.
func (c *trace) posts(who string, words []string) error {
	var terms Terms
	model, err := c.assets.Get(c.Ctx, c.option(words, "model", 4))
	switch words[2] {
	case "train":
		terms = trainTerms(c.data...)
	case "measured":
		terms = measuredTerms(c.data...)
	case "infer":
		require.NoError(c, err)
		terms = inferTerms(model.Id)
	case "session":
		require.NoError(c, err)
		terms = quotingTerms(model)
	default:
		require.Fail(c, "no such job", "line %d: %s", c.at, words[2])
	}
	for _, word := range words[3:] {
		name, value, _ := strings.Cut(word, "=")
		change, ok := options[name]
		require.True(c, ok, "line %d: what is %s?", c.at, name)
		change(&terms, c.number(value))
	}
	_, err = c.k.Post(c.Ctx, &MsgPost{Creator: who, Terms: terms})
	return err
}

// options are what a line can change of the terms of trainTerms, measuredTerms, inferTerms or quotingTerms.
var options = map[string]func(t *Terms, n int64){
	"budget":      func(t *Terms, n int64) { t.Budget = math.NewInt(n) },
	"max_price":   func(t *Terms, n int64) { t.MaxPrice = math.NewInt(n) },
	"stake":       func(t *Terms, n int64) { t.Stake = math.NewInt(n) },
	"checkers":    func(t *Terms, n int64) { t.Checkers = uint32(n) },
	"check_pay":   func(t *Terms, n int64) { t.CheckPay = math.NewInt(n) },
	"deadline":    func(t *Terms, n int64) { t.Deadline = n },
	"work":        func(t *Terms, n int64) { t.Work = n },
	"model":       func(t *Terms, n int64) { t.Infer.Model = uint64(n) },
	"vesting":     func(t *Terms, n int64) { t.Train.Split.Vesting = n },
	"royalty":     func(t *Terms, n int64) { t.Train.Split.Royalty = uint32(n) },
	"attribution": func(t *Terms, n int64) { t.Train.Split.Attribution = uint32(n) },
	"base": func(t *Terms, n int64) {
		t.Train.Base, t.Task = uint64(n), based(hash("model")).Encode()
	},
	"quorum": func(t *Terms, n int64) {
		t.Proof, t.Checkers, t.CheckPay, t.Work = ProofQuorum, uint32(n), math.NewInt(700), 100
	},
}

// option is the number that a line gives a name, or another one where it gives none.
func (c *trace) option(words []string, name string, other uint64) uint64 {
	for _, word := range words {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return uint64(c.number(value))
		}
	}
	return other
}

// measures posts the runs that measure a job: creator measures 1 work=40.
func (c *trace) measures(who string, words []string) error {
	m := measureOf()
	m.Work = int64(c.option(words, "work", uint64(m.Work)))
	_, err := c.k.Measure(c.Ctx, &MsgMeasure{Creator: who, Job: c.id(words), Measure: m})
	return err
}

// result is what somebody says that the work on a job gave. Of training that is what a run gives; of a session what it
// quotes of each dataset, or a word for its calls, and how many units.
func (c *trace) result(j Job, words []string) Claim {
	require.Greater(c, len(words), 3, "line %d: what?", c.at)
	if j.Terms.Kind != KindInfer {
		return c.run(j, words[3]).claim(j.Terms.Units)
	}
	if list, ok := strings.CutPrefix(words[3], "quotes="); ok {
		var quoted []uint64
		for n := range strings.SplitSeq(list, ",") {
			quoted = append(quoted, uint64(c.number(n)))
		}
		return quoting(quoted...)
	}
	return outcome(words[3], c.option(words, "units", j.Terms.Units))
}

// reports says what a checker's execution gave: w4 reports 1 truth.
func (c *trace) reports(who string, words []string) error {
	j := c.job(c.id(words))
	msg := &MsgReport{Worker: who, Job: j.Id, Report: c.result(j, words)}
	switch {
	case j.Terms.Kind != KindInfer:
		msg = c.run(j, words[3]).report(j, who)
	case j.Terms.Proof == ProofReferee:
		msg = c.finding(j.Id, who, msg.Report)
	}
	_, err := c.k.Report(c.Ctx, msg)
	return err
}

// answers is the claimant's next move in a dispute, from a run: w2 answers 1 lie2.
func (c *trace) answers(who string, words []string) error {
	id := c.id(words)
	move, err := c.run(c.job(c.dispute(id).Job), words[3]).player().Answer(c.game(id))
	require.NoError(c, err, "line %d", c.at)
	_, err = c.k.Answer(c.Ctx, &MsgAnswer{Claimant: who, Dispute: id, Answer: move.Encode()})
	return err
}

// denies is the challenger's next move in a dispute, from a run: w3 denies 1 truth.
func (c *trace) denies(who string, words []string) error {
	id := c.id(words)
	move, err := c.run(c.job(c.dispute(id).Job), words[3]).player().Deny(c.game(id))
	require.NoError(c, err, "line %d", c.at)
	_, err = c.k.Deny(c.Ctx, &MsgDeny{Challenger: who, Dispute: id, Denial: move.Encode()})
	return err
}
