package job

import (
	"bytes"
	"errors"
	"slices"

	"cosmossdk.io/collections"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// owner is the run that a job's claim is made from.
func owner(j Job) *execution {
	honest, liars := known(j)
	for _, e := range append([]*execution{honest}, liars...) {
		if own := e.claim(j.Claim.Units); bytes.Equal(own.Trace, j.Claim.Trace) && bytes.Equal(own.Result, j.Claim.Result) {
			return e
		}
	}
	panic("nobody made this claim")
}

// denied tells whether what a dispute about a claim denies is false. A lying run's file is
// what that run gives.
func denied(j Job, target Target) bool {
	honest, liars := known(j)
	if target == TargetResult {
		return owner(j) == liars[len(liars)-1]
	}
	return !bytes.Equal(j.Claim.Trace, honest.claim(0).Trace)
}

// other is the run of who challenges a claim: the honest one, or, where nothing is false,
// a liar's.
func (s *storm) other(j Job, target Target) *execution {
	honest, liars := known(j)
	switch {
	case denied(j, target):
		return honest
	case target == TargetResult:
		liar := *owner(j)
		liar.file = slices.Clone(liar.file)
		liar.file[s.rng.Intn(len(liar.file))] ^= 4
		return &liar
	}
	return liars[s.rng.Intn(len(liars)-1)]
}

// live is an open dispute, or one that is not.
func (s *storm) live() uint64 {
	var ids []uint64
	require.NoError(s, s.k.Deadlines.Walk(s.Ctx, nil, func(key collections.Pair[int64, uint64]) (bool, error) {
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
	require.NoError(s, s.k.Jobs.Walk(s.Ctx, nil, func(_ uint64, j Job) (bool, error) {
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
	target := []Target{TargetTrace, TargetResult, TargetSound, ""}[max(0, s.rng.Intn(9)-5)]
	res, err := s.k.Challenge(ctx, &MsgChallenge{Challenger: who, Job: id, Target: target})
	if err == nil {
		s.lied[res.Dispute] = denied(j, target)
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
	sides := [2]*player.Player{owner(j).player(), s.other(j, d.Target).player()}
	for range 1 + s.rng.Intn(20) {
		j := s.job(d.Job)
		_, g, err := j.game(d)
		require.NoError(s, err)
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

func (s *storm) move(ctx sdk.Context, d *Dispute, g *verify.Game, sides [2]*player.Player) error {
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
	require.Error(s, err)
	_, err = s.k.Deny(ctx, &MsgDeny{Challenger: s.who(), Dispute: d.Id, Denial: message})
	require.Error(s, err)
	require.Equal(s, before, s.dispute(d.Id))
}
