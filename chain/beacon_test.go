package chain_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/solo"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/beacon"
)

// council is an application without a block yet, and the votes for the first.
type council struct {
	*chain.App
	doc   *cmttypes.GenesisDoc
	votes []abci.ExtendedVoteInfo
}

func newCouncil(t *testing.T) *council {
	t.Helper()
	genesis := chain.Genesis{ChainID: "minga-test-1", Time: time.Unix(1, 0)}
	for i := range 4 {
		key := keyOf(i)
		genesis.Validators = append(genesis.Validators, chain.Validator{
			Operator: sdk.AccAddress(key.PubKey().Address()), Key: key.PubKey(), Stake: math.NewInt(1_000_000)})
	}
	doc, err := genesis.Doc()
	require.NoError(t, err)
	c := &council{App: importInto(t, doc), doc: doc}
	for i := range 4 {
		key := keyOf(i)
		c.ProveWith(key)
		c.votes = append(c.votes, vote(t, c.App, key, &abci.RequestExtendVote{Height: 1}))
	}
	return c
}

// vote is a validator's vote for a block.
func vote(t *testing.T, a *chain.App, key ed25519.PrivKey, req *abci.RequestExtendVote) abci.ExtendedVoteInfo {
	t.Helper()
	extended, err := a.ExtendVote(context.Background(), req)
	require.NoError(t, err)
	signature, err := key.Sign(cmttypes.VoteExtensionSignBytes("minga-test-1",
		&cmtproto.Vote{Height: req.Height, Extension: extended.VoteExtension}))
	require.NoError(t, err)
	return abci.ExtendedVoteInfo{
		Validator: abci.Validator{Address: key.PubKey().Address(), Power: 1}, BlockIdFlag: cmtproto.BlockIDFlagCommit,
		VoteExtension: extended.VoteExtension, ExtensionSignature: signature,
	}
}

// newBlock is a council that has executed the first block.
func newBlock(t *testing.T) *council {
	t.Helper()
	c := newCouncil(t)
	firstHash(t, c.App, c.doc)
	return c
}

// accepts tells whether a vote with an extension counts.
func (c *council) accepts(t *testing.T, voter int, extension []byte) bool {
	r, err := c.VerifyVoteExtension(&abci.RequestVerifyVoteExtension{
		Height: 1, ValidatorAddress: c.votes[voter].Validator.Address, VoteExtension: extension})
	require.NoError(t, err)
	return r.IsAccepted()
}

// propose makes the second block.
func (c *council) propose(t *testing.T) [][]byte {
	r, err := c.PrepareProposal(&abci.RequestPrepareProposal{Height: 2, MaxTxBytes: 1 << 20, Time: c.doc.GenesisTime,
		LocalLastCommit: abci.ExtendedCommitInfo{Votes: c.votes}})
	require.NoError(t, err)
	return r.Txs
}

func (c *council) commit() (last abci.CommitInfo) {
	for _, v := range c.votes {
		last.Votes = append(last.Votes, abci.VoteInfo{Validator: v.Validator, BlockIdFlag: v.BlockIdFlag})
	}
	return last
}

func (c *council) agrees(t *testing.T, txs [][]byte) bool {
	r, err := c.ProcessProposal(&abci.RequestProcessProposal{Height: 2, Txs: txs, Time: c.doc.GenesisTime,
		ProposedLastCommit: c.commit()})
	require.NoError(t, err)
	return r.IsAccepted()
}

func (c *council) execute(txs [][]byte) (*abci.ResponseFinalizeBlock, error) {
	return c.FinalizeBlock(&abci.RequestFinalizeBlock{Height: 2, Txs: txs, Time: c.doc.GenesisTime.Add(time.Second),
		DecidedLastCommit: c.commit()})
}

// keyOf is the key of a validator.
func keyOf(validator int) ed25519.PrivKey {
	return ed25519.GenPrivKeyFromSecret(fmt.Append(nil, "validator ", validator))
}

func TestVotesWithoutAProofAreRefused(t *testing.T) {
	c := newCouncil(t)
	require.True(t, c.accepts(t, 0, c.votes[0].VoteExtension))
	require.False(t, c.accepts(t, 0, c.votes[1].VoteExtension))
	require.False(t, c.accepts(t, 0, nil))
}

func TestAProposalShowsTheVotes(t *testing.T) {
	c := newBlock(t)
	txs := c.propose(t)
	require.Len(t, txs, 1)
	require.True(t, c.agrees(t, txs))
	require.False(t, c.agrees(t, nil), "without votes")
	for _, at := range []int{len(txs[0]) - 20, len(txs[0]) - 150} {
		damaged := append([]byte{}, txs[0]...)
		damaged[at] ^= 1
		require.False(t, c.agrees(t, [][]byte{damaged}))
	}
	c.votes[1].ExtensionSignature = c.votes[0].ExtensionSignature
	require.False(t, c.agrees(t, c.propose(t)), "an extension that its validator has not signed")
	c.votes[1].ExtensionSignature = nil
	require.False(t, c.agrees(t, c.propose(t)), "an extension without a signature")
	require.False(t, c.agrees(t, [][]byte{{1}, txs[0]}), "not in the first place")
	_, err := c.execute(nil)
	require.Error(t, err, "a block without votes was executed")
}

func TestVotesAreNoFailedTransaction(t *testing.T) {
	c := newBlock(t)
	txs := append(c.propose(t), []byte("no transaction"))
	require.True(t, c.agrees(t, txs))
	r, err := c.execute(txs)
	require.NoError(t, err)
	require.Len(t, r.TxResults, 2)
	require.True(t, r.TxResults[0].IsOK())
	require.False(t, r.TxResults[1].IsOK())
	_, err = c.Commit()
	require.NoError(t, err)
	s, ok, err := c.Beacon.Seed(c.NewContext(true), 2)
	require.NoError(t, err)
	require.True(t, ok)
	require.NotEmpty(t, s.Next)
}

// What the proposer of the second block leaves out of the first block's votes, the votes for the second block bring.
func TestVotersAddWhatAProposerLeavesOut(t *testing.T) {
	c := newCouncil(t)
	for i := range c.votes {
		require.True(t, c.accepts(t, i, c.votes[i].VoteExtension))
	}
	firstHash(t, c.App, c.doc)
	whole := c.seed(t, c.propose(t))
	for left := range c.votes {
		all := c.votes[left]
		c.votes[left] = abci.ExtendedVoteInfo{Validator: all.Validator, BlockIdFlag: cmtproto.BlockIDFlagAbsent}
		if txs := c.propose(t); !bytes.Equal(c.seed(t, txs).Next, whole.Next) {
			c.completes(t, txs, whole.Next)
			return
		}
		c.votes[left] = all
	}
	t.Fatal("nobody has the best ticket")
}

// completes executes the second block, and makes a third whose lot is the one wanted.
func (c *council) completes(t *testing.T, txs [][]byte, want []byte) {
	second := &abci.RequestExtendVote{Height: 2, Txs: txs, ProposedLastCommit: c.commit()}
	_, err := c.execute(txs)
	require.NoError(t, err)
	_, err = c.Commit()
	require.NoError(t, err)
	c.votes = nil
	for i := range 4 {
		c.ProveWith(keyOf(i))
		c.votes = append(c.votes, vote(t, c.App, keyOf(i), second))
	}
	r, err := c.PrepareProposal(&abci.RequestPrepareProposal{Height: 3, MaxTxBytes: 1 << 20, Time: c.doc.GenesisTime,
		LocalLastCommit: abci.ExtendedCommitInfo{Votes: c.votes}})
	require.NoError(t, err)
	_, err = c.FinalizeBlock(&abci.RequestFinalizeBlock{Height: 3, Txs: r.Txs,
		Time: c.doc.GenesisTime.Add(2 * time.Second), DecidedLastCommit: c.commit()})
	require.NoError(t, err)
	_, err = c.Commit()
	require.NoError(t, err)
	s, _, err := c.Beacon.Seed(c.NewContext(true), 3)
	require.NoError(t, err)
	require.Equal(t, want, s.Lot)
}

// seed is what the second block's would be.
func (c *council) seed(t *testing.T, txs [][]byte) beacon.Seed {
	t.Helper()
	tx, err := c.Encoding.Tx.TxDecoder()(txs[0])
	require.NoError(t, err)
	var all []beacon.Voter
	for _, v := range c.votes {
		all = append(all, beacon.Voter{Address: v.Validator.Address, Power: 1,
			Signed: v.BlockIdFlag == cmtproto.BlockIDFlagCommit})
	}
	ctx, msg := c.NewContext(true).WithChainID(c.doc.ChainID), tx.GetMsgs()[0].(*beacon.MsgReveal)
	s, err := c.Beacon.Open(ctx, 2, all, msg.Votes)
	require.NoError(t, err)
	return s
}

// A vote that comes late may have any extension, as CometBFT asks nobody about it. It must not stop the proposer.
func TestALateVoteStopsNoProposal(t *testing.T) {
	c := newBlock(t)
	c.votes[2].VoteExtension = []byte("late")
	require.True(t, c.agrees(t, c.propose(t)))
	c.votes[2].BlockIdFlag, c.votes[2].VoteExtension = cmtproto.BlockIDFlagAbsent, nil
	require.True(t, c.agrees(t, c.propose(t)))
	c.votes[1].VoteExtension = []byte("late")
	require.False(t, c.agrees(t, c.propose(t)), "of half of the power")
}

func TestNodesReadVotesAsATransaction(t *testing.T) {
	s, err := solo.New(solo.Config{Validators: 3})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Step(beacon.Wait+2))
	ctx := context.Background()
	b, err := s.Block(ctx, nil)
	require.NoError(t, err)
	require.Len(t, b.Block.Txs, 1)
	found, err := s.Tx(ctx, b.Block.Txs[0].Hash(), false)
	require.NoError(t, err)
	require.True(t, found.TxResult.IsOK())
	enc, err := chain.NewEncoding()
	require.NoError(t, err)
	tx, err := enc.Tx.TxDecoder()(b.Block.Txs[0])
	require.NoError(t, err)
	require.Len(t, tx.GetMsgs()[0].(*beacon.MsgReveal).Votes, 3)
	shown, err := enc.Tx.TxJSONEncoder()(tx)
	require.NoError(t, err)
	require.Contains(t, string(shown), "minga.beacon.v1.MsgReveal")

	c, err := client.New(ctx, s)
	require.NoError(t, err)
	defer c.Close()
	ask := beacon.NewQueryClient(c)
	drawn, err := ask.Draw(ctx, &beacon.QueryDrawRequest{From: 1})
	require.NoError(t, err)
	require.NotEmpty(t, drawn.Seed)
	later, err := ask.Draw(ctx, &beacon.QueryDrawRequest{From: 3})
	require.NoError(t, err)
	require.Empty(t, later.Seed)
	require.EqualValues(t, 3+beacon.Wait, later.Ready)
}
