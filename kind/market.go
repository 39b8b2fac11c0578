package kind

import (
	"slices"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/job"
)

// market is the table [job] of a job file: what is paid for the work, and how long everybody has.
type market struct {
	Budget   string `toml:"budget"`                // coins in escrow, "25MINGA"
	MaxPrice string `toml:"max_price"`             // coins for a unit of work
	Proof    string `toml:"proof" file:"optional"` // how a claim is shown to be true, if not as the kind does
	Checkers int    `toml:"checkers"`              // how many must do the work again and agree
	CheckPay string `toml:"check_pay"`             // coins for each of them
	Stake    string `toml:"stake"`                 // coins that a worker must have at risk
	Window   int    `toml:"window"`                // blocks in which a claim can be challenged
	Deadline int    `toml:"deadline"`              // blocks in which somebody must take the job
	Work     int    `toml:"work"`                  // blocks in which the taker must claim
}

// fill sets what the market says in a job's terms, which have the kind and its proof already.
func (m market) fill(f *document, t *job.Terms) error {
	if err := m.prove(f, t); err != nil {
		return err
	}
	if err := f.within([]bounds{
		{"job.checkers", m.Checkers, 0, 100},
		{"job.window", m.Window, 1, 1 << 30},
		{"job.deadline", m.Deadline, 1, 1 << 30},
		{"job.work", m.Work, 1, 1 << 30},
	}); err != nil {
		return err
	}
	t.Checkers, t.Window, t.Deadline, t.Work = uint32(m.Checkers), int64(m.Window), int64(m.Deadline), int64(m.Work)
	return f.coins([]amount{
		{"job.budget", m.Budget, &t.Budget},
		{"job.max_price", m.MaxPrice, &t.MaxPrice},
		{"job.check_pay", m.CheckPay, &t.CheckPay},
		{"job.stake", m.Stake, &t.Stake},
	})
}

// prove sets the proof, if the file has one. It must be one that the kind can have.
func (m market) prove(f *document, t *job.Terms) error {
	if !f.mentions("job.proof") {
		return nil
	}
	t.Proof = job.Proof(m.Proof)
	if can := job.Proofs(t.Kind); !slices.Contains(can, t.Proof) {
		return f.wrong("job.proof", "is %q, want one of %q for a job of kind %s: write one of them, or leave the line out",
			m.Proof, can, t.Kind)
	}
	return nil
}

// split is the table [split] of a job file whose work makes an asset: how the asset's shares, and what it earns, are
// divided, in basis points.
type split struct {
	Data    int `toml:"data"`
	Compute int `toml:"compute"`
	Creator int `toml:"creator"`
	Commons int `toml:"commons"`
	Floor   int `toml:"floor" file:"optional"`   // of the data part, the least for a dataset of positive value
	Cap     int `toml:"cap" file:"optional"`     // and the most; 0: no bound
	Vesting int `toml:"vesting" file:"optional"` // blocks until all first shares can be sent
	Royalty int `toml:"royalty" file:"optional"` // of the income of models that are trained from this one
	// Attribution is of what an answer costs: it goes to the datasets, as far as the answer repeats their text.
	Attribution int `toml:"attribution" file:"optional"`
}

// terms are the split as the chain has it. The method divides the data part.
func (s split) terms(f *document, method string) (job.Split, error) {
	most := 10000
	if s.Cap > 0 {
		most = s.Cap
	}
	if err := f.within([]bounds{
		{"split.data", s.Data, 0, 10000},
		{"split.compute", s.Compute, 0, 10000},
		{"split.creator", s.Creator, 0, 10000},
		{"split.commons", s.Commons, 0, 10000},
		{"split.cap", s.Cap, 0, 10000},
		{"split.floor", s.Floor, 0, most},
		{"split.vesting", s.Vesting, 0, 1 << 30},
		{"split.royalty", s.Royalty, 0, 10000},
		{"split.attribution", s.Attribution, 0, 10000},
	}); err != nil {
		return job.Split{}, err
	}
	if sum := s.Data + s.Compute + s.Creator + s.Commons; sum != 10000 {
		return job.Split{}, f.wrong("split", "sums to %d basis points, want 10000 of data, compute, creator and commons",
			sum)
	}
	return job.Split{
		Data: uint32(s.Data), Compute: uint32(s.Compute), Creator: uint32(s.Creator), Commons: uint32(s.Commons),
		Method: method,
		Floor:  uint32(s.Floor), Cap: uint32(s.Cap), Vesting: int64(s.Vesting), Royalty: uint32(s.Royalty),
		Attribution: uint32(s.Attribution),
	}, nil
}

// bounds are those of a number of a file.
type bounds struct {
	key              string
	v, least, atMost int
}

// within refuses the first number out of its bounds.
func (f *document) within(numbers []bounds) error {
	for _, n := range numbers {
		if n.v < n.least || n.v > n.atMost {
			return f.wrong(n.key, "is %d, want %d to %d", n.v, n.least, n.atMost)
		}
	}
	return nil
}

// amount is one of coins, as a file has it, and where it goes.
type amount struct {
	key, text string
	to        *math.Int
}

// coins reads amounts.
func (f *document) coins(amounts []amount) (err error) {
	for _, a := range amounts {
		if *a.to, err = client.ParseAmount(a.text); err != nil {
			return f.wrong(a.key, "%v", err)
		}
	}
	return nil
}
