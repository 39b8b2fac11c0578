package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/worker"
)

// echo is a kind that only this file knows: its worker claims the bytes of the spec. It needs no other file.
const kindEcho worker.Kind = "echo"

func init() {
	kinds[kindEcho] = kind{
		proofs: []Proof{ProofQuorum, ProofNone},
		terms: func(t Terms, _ Params) error {
			if len(t.Spec) != sha256.Size {
				return ErrTerms.Wrap("echo what? Give a spec")
			}
			return nil
		},
		claim: func(_ context.Context, _ Keeper, j *Job, c *Claim) error {
			if len(c.Result) != len(j.Terms.Spec) {
				return ErrClaim.Wrap("an echo is as long as the spec")
			}
			return nil
		},
	}
}

// echoTerms pay 3 uminga for a word of 10 units, and 50 for a checker.
func echoTerms() Terms {
	return Terms{
		Kind: kindEcho, Proof: ProofQuorum, Spec: hash("hola"), Units: 10, MaxPrice: math.NewInt(3), Budget: math.NewInt(100),
		Checkers: 1, CheckPay: math.NewInt(50), Stake: math.NewInt(1000), Deadline: 30, Work: 20, Window: 10,
	}
}

func echoed(word string) Claim {
	return Claim{Result: hash(word), Bytes: 32, State: hash(word), Trace: hash(word), Units: 10}
}

// echoers are workers that offer to echo, and nothing else.
func (l *ledger) echoers(n int) (who []string) {
	for i := range n {
		addr := l.user(fmt.Sprint("echoer", i))
		_, err := l.workers.Register(l.Ctx, &worker.MsgRegister{
			Worker: addr, Stake: math.NewInt(1_000_000_000), Offers: []worker.Offer{{Kind: kindEcho, Price: math.NewInt(2)}},
		})
		require.NoError(l, err)
		who = append(who, addr)
	}
	return who
}

func TestAnEchoIsPosted(t *testing.T) {
	c := newTown(t)
	for name, change := range map[string]func(*Terms){
		"terms of another kind":     func(x *Terms) { x.Infer = &InferTerms{} },
		"a proof of another kind":   func(x *Terms) { x.Proof = ProofReferee },
		"nothing to echo":           func(x *Terms) { x.Spec = nil },
		"a budget below the cost":   func(x *Terms) { x.Budget = math.NewInt(79) },
		"a place among the chain's": func(x *Terms) { x.Parent = 1 },
	} {
		terms := echoTerms()
		change(&terms)
		_, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: terms})
		require.ErrorIs(t, err, ErrTerms, name)
	}
	id := c.post(c.creator, echoTerms())
	require.ErrorIs(t, c.take(id, c.w[0]), ErrUnfit, "it offers other kinds only")
}

// TestAnEchoIsPaid: taken, claimed, checked and paid, to the last coin.
func TestAnEchoIsPaid(t *testing.T) {
	c := newTown(t)
	who := c.echoers(2)
	id := c.post(c.creator, echoTerms())
	require.NoError(t, c.take(id, who[0]))
	wrong := echoed("hola")
	wrong.Measure = &MeasureClaim{}
	require.ErrorIs(t, c.claim(id, who[0], wrong), ErrClaim, "a claim of another kind")
	require.NoError(t, c.claim(id, who[0], echoed("hola")))
	_, err := c.challenge(id, who[1], TargetTrace)
	require.ErrorIs(t, err, ErrChallenge)
	require.NoError(t, c.seat(id, who[1]))
	require.NoError(t, c.report(id, who[1], echoed("hola")))
	j := c.ended(id)
	require.Equal(t, []Payment{
		{To: who[0], Role: RoleWorker, Amount: math.NewInt(20)}, {To: who[1], Role: RoleChecker, Amount: math.NewInt(50)},
		{To: c.creator, Role: RoleCreator, Amount: math.NewInt(30)},
	}, j.Paid)
	require.Equal(t, []int64{20 - 1_000_000_000, 50 - 1_000_000_000, -70},
		[]int64{c.gained(who[0]), c.gained(who[1]), c.gained(c.creator)})
}

// TestAFalseEchoFalls: most seats report another word, so the worker is not paid. A majority costs no stake.
func TestAFalseEchoFalls(t *testing.T) {
	c := newTown(t)
	who := c.echoers(4)
	id := c.post(c.creator, echoTerms())
	require.NoError(t, c.take(id, who[0]))
	require.NoError(t, c.claim(id, who[0], echoed("adios")))
	for range 3 {
		var next string
		for _, x := range c.drawn(id) {
			next = x
			break
		}
		for c.seat(id, next) != nil {
			c.next()
		}
		require.NoError(t, c.report(id, next, echoed("hola")))
	}
	j := c.ended(id)
	require.Equal(t, StateFailed, j.State)
	require.EqualValues(t, 1_000_000_000, c.who(who[0]).Stake.Int64())
	require.NotContains(t, paidTo(j), who[0])
	require.True(t, bytes.Equal(hash("hola"), j.Checks[0].Report.Result))
}
