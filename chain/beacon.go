package chain

import (
	"context"
	"fmt"
	"maps"
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/baseapp/txnrunner"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/x/beacon"
)

// The beacon's proofs travel so: each validator adds its own to its vote for a block, and the best one that the block
// left out (extend). Votes whose proofs do not hold are refused (verify). The proposer of the next block puts the
// extensions of the votes that it has, with their signatures, into the first transaction (propose). Every validator
// checks them before it votes for that block (process), and every node again when it executes it (reveal). That
// transaction reaches no ante handler and no message handler (runner).

// prover is what a validator's node needs to vote.
type prover struct {
	key ed25519.PrivKey
	// seen has the extensions of votes for the last blocks, by height and validator. It only says what the node adds to
	// its own votes.
	seen map[int64]map[string][]byte
}

// ProveWith gives the application the key with which its validator signs votes. It must be the node's own: a signer
// elsewhere gives no proofs, and votes without one are refused.
func (a *App) ProveWith(key ed25519.PrivKey) { a.prover.key = key }

// Extension is what a validator with a key adds to its vote for a block that leaves nothing out.
func (a *App) Extension(ctx sdk.Context, height int64, key ed25519.PrivKey) ([]byte, error) {
	return a.Beacon.Extend(ctx, height, voi.PrivateKey(key))
}

func (a *App) setBeacon() {
	a.prover.seen = map[int64]map[string][]byte{}
	standard := baseapp.NewDefaultProposalHandler(a.Mempool(), a)
	a.SetExtendVoteHandler(a.extend)
	a.SetVerifyVoteExtensionHandler(a.verify)
	a.SetPrepareProposal(a.propose(standard.PrepareProposalHandler()))
	a.SetProcessProposal(a.process(standard.ProcessProposalHandler()))
	a.SetBlockSTMTxRunner(runner{txnrunner.NewDefaultRunner(a.Encoding.Tx.TxDecoder()), a})
}

// extend proves, and adds what the block has left out.
func (a *App) extend(ctx sdk.Context, req *abci.RequestExtendVote) (*abci.ResponseExtendVote, error) {
	extension, err := a.Extension(ctx, req.Height, a.prover.key)
	if err != nil {
		return nil, err
	}
	var shown, seen [][]byte
	for _, v := range a.votesIn(req.Txs) {
		shown = append(shown, v.Extension)
	}
	before := a.prover.seen[req.Height-1]
	for _, validator := range slices.Sorted(maps.Keys(before)) {
		seen = append(seen, before[validator])
	}
	extension = beacon.Add(extension, voters(req.ProposedLastCommit), shown, seen)
	return &abci.ResponseExtendVote{VoteExtension: extension}, nil
}

// verify refuses a vote without the right proof, and remembers the others.
func (a *App) verify(ctx sdk.Context, req *abci.RequestVerifyVoteExtension) (*abci.ResponseVerifyVoteExtension, error) {
	if err := a.Beacon.Check(ctx, req.Height, req.ValidatorAddress, req.VoteExtension); err != nil {
		a.Logger().Info("refused a vote", "validator", fmt.Sprintf("%X", req.ValidatorAddress), "err", err)
		return &abci.ResponseVerifyVoteExtension{Status: abci.ResponseVerifyVoteExtension_REJECT}, nil
	}
	if a.prover.seen[req.Height] == nil {
		a.prover.seen[req.Height] = map[string][]byte{}
		maps.DeleteFunc(a.prover.seen, func(height int64, _ map[string][]byte) bool { return height < req.Height-1 })
	}
	a.prover.seen[req.Height][string(req.ValidatorAddress)] = req.VoteExtension
	return &abci.ResponseVerifyVoteExtension{Status: abci.ResponseVerifyVoteExtension_ACCEPT}, nil
}

// propose puts the extensions before the transactions. CometBFT asks nobody about the extension of a vote that comes
// late, so those that do not hold are left out here.
func (a *App) propose(standard sdk.PrepareProposalHandler) sdk.PrepareProposalHandler {
	return func(ctx sdk.Context, req *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
		if len(req.LocalLastCommit.Votes) == 0 {
			return standard(ctx, req)
		}
		var votes []beacon.Vote
		for i, v := range req.LocalLastCommit.Votes {
			if v.BlockIdFlag == cmtproto.BlockIDFlagCommit &&
				a.Beacon.Check(ctx, req.Height-1, v.Validator.Address, v.VoteExtension) == nil {
				vote := beacon.Vote{Validator: uint32(i), Extension: v.VoteExtension, Signature: v.ExtensionSignature}
				votes = append(votes, vote)
			}
		}
		first, err := a.encodeVotes(votes)
		if err != nil {
			return nil, err
		}
		rest := *req
		rest.MaxTxBytes -= cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{first})
		resp, err := standard(ctx, &rest)
		if err != nil {
			return nil, err
		}
		return &abci.ResponsePrepareProposal{Txs: append([][]byte{first}, resp.Txs...)}, nil
	}
}

// process refuses a block whose extensions do not hold.
func (a *App) process(standard sdk.ProcessProposalHandler) sdk.ProcessProposalHandler {
	return func(ctx sdk.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
		if _, err := a.open(ctx, req.Height, req.ProposedLastCommit, req.Txs); err != nil {
			return nil, err
		}
		rest := *req
		if len(a.votesIn(rest.Txs)) > 0 {
			rest.Txs = rest.Txs[1:]
		}
		return standard(ctx, &rest)
	}
}

// reveal writes the seed of a block.
func (a *App) reveal(ctx sdk.Context, req *abci.RequestFinalizeBlock) error {
	seed, err := a.open(ctx, req.Height, req.DecidedLastCommit, req.Txs)
	if err != nil {
		return err
	}
	return a.Beacon.Save(ctx, seed)
}

// open checks the extensions in a block and their signatures, and finds the block's seed.
func (a *App) open(ctx sdk.Context, height int64, last abci.CommitInfo, txs [][]byte) (beacon.Seed, error) {
	votes := a.votesIn(txs)
	for _, v := range votes {
		vote := &cmtproto.Vote{Height: height - 1, Round: last.Round, Extension: v.Extension}
		key := ed25519.PubKey(beacon.Key(v.Extension))
		if len(key) == 0 || !key.VerifySignature(cmttypes.VoteExtensionSignBytes(ctx.ChainID(), vote), v.Signature) {
			return beacon.Seed{}, beacon.ErrVote.Wrapf("validator %d has not signed its extension", v.Validator)
		}
	}
	return a.Beacon.Open(ctx, height, voters(last), votes)
}

// voters are all validators of a commit.
func voters(last abci.CommitInfo) []beacon.Voter {
	var all []beacon.Voter
	for _, v := range last.Votes {
		all = append(all, beacon.Voter{Address: v.Validator.Address, Power: v.Validator.Power,
			Signed: v.BlockIdFlag == cmtproto.BlockIDFlagCommit})
	}
	return all
}

// encodeVotes writes extensions as a transaction that everybody can read, and nobody has signed.
func (a *App) encodeVotes(votes []beacon.Vote) ([]byte, error) {
	tx := a.Encoding.Tx.NewTxBuilder()
	from := authtypes.NewModuleAddress(beacon.Name).String()
	if err := tx.SetMsgs(&beacon.MsgReveal{From: from, Votes: votes}); err != nil {
		return nil, fmt.Errorf("show the votes: %w", err)
	}
	return a.Encoding.Tx.TxEncoder()(tx.GetTx())
}

// votesIn reads them from the first transaction of a block. It finds none in any other one.
func (a *App) votesIn(txs [][]byte) []beacon.Vote {
	if len(txs) == 0 {
		return nil
	}
	tx, err := a.Encoding.Tx.TxDecoder()(txs[0])
	if err != nil || len(tx.GetMsgs()) != 1 {
		return nil
	}
	msg, ok := tx.GetMsgs()[0].(*beacon.MsgReveal)
	if !ok {
		return nil
	}
	return msg.Votes
}

// runner executes the transactions of a block but the first with the votes, which has done its work.
type runner struct {
	standard sdk.TxRunner
	app      *App
}

func (r runner) Run(ctx context.Context, ms storetypes.MultiStore, txs [][]byte, deliver sdk.DeliverTxFunc,
) ([]*abci.ExecTxResult, error) {
	if len(r.app.votesIn(txs)) == 0 {
		return r.standard.Run(ctx, ms, txs, deliver)
	}
	results, err := r.standard.Run(ctx, ms, txs[1:], deliver)
	if err != nil {
		return nil, err
	}
	return append([]*abci.ExecTxResult{{}}, results...), nil
}
