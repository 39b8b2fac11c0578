package job

import (
	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/minga-network/minga/verify"
)

// duel plays a dispute from the two sides' own runs until it is decided, and returns the
// gas of its last message.
func (c *town) duel(id uint64, claimant, challenger *execution) (gas uint64) {
	a, d := claimant.player(), challenger.player()
	for range 100 {
		open := c.dispute(id)
		_, g, err := c.k.game(c.Ctx, &open)
		require.NoError(c, err)
		ctx := c.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
		switch g.Turn() {
		case verify.Nobody:
			return gas
		case verify.Claimant:
			answer, err := a.Answer(g)
			require.NoError(c, err)
			_, err = c.k.Answer(ctx, &MsgAnswer{Claimant: open.Claimant, Dispute: id, Answer: answer.Encode()})
			require.NoError(c, err)
		default:
			denial, err := d.Deny(g)
			require.NoError(c, err)
			_, err = c.k.Deny(ctx, &MsgDeny{Challenger: open.Challenger, Dispute: id, Denial: denial.Encode()})
			require.NoError(c, err)
		}
		gas = ctx.GasMeter().GasConsumed()
		c.check()
	}
	require.Fail(c, "a dispute without end")
	return 0
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
	_, g, err := c.k.game(c.Ctx, &d)
	require.NoError(c, err)
	return g
}
