package job

import (
	"errors"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
)

// town is the people of most tests: a creator, two data owners with three datasets, and four workers that ask 2, 3, 4
// and 5 uminga.
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

// based is the task of a training that begins with a model.
func based(root []byte) *verify.Programs {
	t := *toyTask()
	t.Start = verify.File{Root: verify.Hash(root), Size: 9, From: 4}
	return &t
}

// contested is an infer job with a checker, for 700, that the first worker served.
func (c *town) contested(result Claim) uint64 {
	terms := inferTerms(c.model(c.ana))
	terms.Proof, terms.Work, terms.Checkers, terms.CheckPay = ProofQuorum, 100, 1, math.NewInt(700)
	return c.claimed(terms, result)
}
