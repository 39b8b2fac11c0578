package main

import (
	"bytes"
	"encoding/hex"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// seal is a block that its validators signed: what everything else is proven against.
type seal struct {
	chain      string
	height     int64
	time       time.Time
	app        []byte // application hash: the state after the block before this one
	parentApp  []byte // that of the block before, if the bundle shows its header
	validators string // hash of the set, in hexadecimal
	signed, of int64  // voting power
}

// trust is what the user knows of the chain.
type trust struct {
	chain      string // its id; empty: any
	validators string // hash of the validator set; empty: any
	// since is the day on which the hash was learned; zero: trusted for ever. now is by the user's clock.
	since, now time.Time
	period     time.Duration
}

// fresh refuses a set that was learned too long ago. Who has left the set has its stake back some weeks
// later, and from then on loses nothing by signing other blocks, with any time in them. So it is not
// enough that the block is of the time in which the set was trusted: it must be looked at in that time.
func (t trust) fresh(s *seal) error {
	day := func(at time.Time) string { return at.UTC().Format(time.DateOnly) }
	end := t.since.Add(t.period)
	switch {
	case t.since.IsZero():
		return nil
	case t.now.Before(t.since):
		return refuse("validators", "are trusted since %s, which is yet to come", day(t.since))
	case t.now.After(end):
		return refuse("validators", "were trusted until %s: learn from a node that you trust which they are today, make "+
			"a new receipt, and give their hash with --validators and --since", day(end))
	case s.time.After(end) || s.time.Before(t.since.Add(-t.period)):
		return refuse("header", "is of %s, and the validators that you learned of on %s are trusted for blocks from %s to %s",
			day(s.time), day(t.since), day(t.since.Add(-t.period)), day(end))
	}
	return nil
}

// check checks the signatures under a block and whether these validators are trusted.
func (b *block) check(t trust) (*seal, error) {
	header, err := readHeader("header", b.Header)
	if err != nil {
		return nil, err
	}
	set, err := b.set()
	if err != nil {
		return nil, err
	}
	s := &seal{
		chain: header.ChainID, height: header.Height, time: header.Time, app: header.AppHash,
		validators: hex.EncodeToString(set.Hash()), of: set.TotalVotingPower(),
	}
	switch {
	case t.chain != "" && t.chain != s.chain:
		return nil, refuse("header", "is of chain %q, not of %q", s.chain, t.chain)
	case !bytes.Equal(header.ValidatorsHash, set.Hash()):
		return nil, refuse("validators", "are not those of the header")
	case t.validators != "" && t.validators != s.validators:
		return nil, refuse("validators", "their hash is %s, not %s, which you trust", s.validators, t.validators)
	}
	if err := t.fresh(s); err != nil {
		return nil, err
	}
	if err := b.signatures(s, header, set); err != nil {
		return nil, err
	}
	return s, b.parent(s, header)
}

// signatures checks every signature of the commit, not only enough of them.
func (b *block) signatures(s *seal, header *types.Header, set *types.ValidatorSet) error {
	var p cmtproto.Commit
	if err := p.Unmarshal(b.Commit); err != nil {
		return refuse("commit", "%s", err)
	}
	commit, err := types.CommitFromProto(&p)
	if err != nil {
		return refuse("commit", "%s", err)
	}
	if again, err := commit.ToProto().Marshal(); err != nil || !bytes.Equal(again, b.Commit) {
		return refuse("commit", "is not written as CometBFT writes it")
	}
	if !bytes.Equal(commit.BlockID.Hash, header.Hash()) {
		return refuse("commit", "is of another block than the header")
	}
	if err := types.VerifyCommit(s.chain, set, commit.BlockID, s.height, commit); err != nil {
		return refuse("commit", "%s", err)
	}
	for i, sig := range commit.Signatures {
		if sig.BlockIDFlag == types.BlockIDFlagCommit {
			s.signed += set.Validators[i].VotingPower
		}
	}
	return nil
}

// parent accepts the header of the block before, whose hash stands in the signed one.
func (b *block) parent(s *seal, header *types.Header) error {
	if b.Parent == nil {
		return nil
	}
	parent, err := readHeader("parent header", b.Parent)
	if err != nil {
		return err
	}
	if parent.Height != header.Height-1 || !bytes.Equal(parent.Hash(), header.LastBlockID.Hash) {
		return refuse("parent header", "is not the header before the signed one")
	}
	s.parentApp = parent.AppHash
	return nil
}

func readHeader(place string, content []byte) (*types.Header, error) {
	var p cmtproto.Header
	if err := p.Unmarshal(content); err != nil {
		return nil, refuse(place, "%s", err)
	}
	h, err := types.HeaderFromProto(&p)
	if err != nil {
		return nil, refuse(place, "%s", err)
	}
	if again, err := h.ToProto().Marshal(); err != nil || !bytes.Equal(again, content) {
		return nil, refuse(place, "is not written as CometBFT writes it")
	}
	return &h, nil
}

// set makes the validators into a set, in the order in which they stand.
func (b *block) set() (*types.ValidatorSet, error) {
	if len(b.Validators) == 0 {
		return nil, refuse("validators", "there are none")
	}
	set, sum := &types.ValidatorSet{}, int64(0)
	for i, v := range b.Validators {
		if len(v.Key) != ed25519.PubKeySize || v.Power < 1 || v.Power > types.MaxTotalVotingPower-sum {
			return nil, refuse("validators", "number %d has no Ed25519 key or an impossible power", i)
		}
		sum += v.Power
		set.Validators = append(set.Validators, types.NewValidator(ed25519.PubKey(v.Key), v.Power))
	}
	return set, nil
}
