package job

import (
	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// perByte is the gas that a transaction pays for each of its bytes.
const perByte = 10

// duel plays a dispute from the two sides' own runs until it is decided, tells what its moves took, and returns the
// gas of the last one's handler.
func (c *town) duel(id uint64, claimant, challenger *execution) (gas uint64) {
	a, d := claimant.player(), challenger.player()
	answers, largest, last, other := 0, 0, uint64(0), uint64(0)
	for range 100 {
		open := c.dispute(id)
		j := c.job(open.Job)
		_, g, err := j.game(&open)
		require.NoError(c, err)
		if g.Turn() == verify.Nobody {
			c.Logf("dispute %d: %d answers, messages of at most %d bytes; handler and bytes: %d gas for the last move, "+
				"at most %d for another", id, answers, largest, last, other)
			return gas
		}
		if g.Turn() == verify.Claimant {
			answers++
		}
		var size int
		size, gas = c.moves(&open, g, a, d)
		largest, other, last = max(largest, size), max(other, last), gas+perByte*uint64(size)
		c.check()
	}
	require.Fail(c, "a dispute without end")
	return 0
}

// moves has the side move whose turn it is, and returns its message's size and the handler's gas.
func (c *town) moves(open *Dispute, g *verify.Game, a, d *player.Player) (size int, gas uint64) {
	ctx := c.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
	var message []byte
	if g.Turn() == verify.Claimant {
		answer, err := a.Answer(g)
		require.NoError(c, err)
		message = answer.Encode()
		_, err = c.k.Answer(ctx, &MsgAnswer{Claimant: open.Claimant, Dispute: open.Id, Answer: message})
		require.NoError(c, err)
	} else {
		denial, err := d.Deny(g)
		require.NoError(c, err)
		message = denial.Encode()
		_, err = c.k.Deny(ctx, &MsgDeny{Challenger: open.Challenger, Dispute: open.Id, Denial: message})
		require.NoError(c, err)
	}
	return len(message), ctx.GasMeter().GasConsumed()
}

// opened is a claim and a challenge of it by an outsider.
func (c *town) opened(claimant *execution, target Target) (job, dispute uint64) {
	job = c.claimed(trainTerms(c.data...), claimant.claim(1000))
	dispute, err := c.challenge(job, c.w[1], target)
	require.NoError(c, err)
	return job, dispute
}

func (c *town) seen(id uint64) QueryDisputeResponse {
	r, err := queries{c.k}.Dispute(c.Ctx, &QueryDisputeRequest{Id: id})
	require.NoError(c, err)
	return *r
}

// lost is how much of its stake a worker has lost, in uminga.
func (c *town) lost(who string) int64 { return 5_000_000 - c.who(who).Stake.Int64() }

func (c *town) game(id uint64) *verify.Game {
	d := c.dispute(id)
	j := c.job(d.Job)
	_, g, err := j.game(&d)
	require.NoError(c, err)
	return g
}
