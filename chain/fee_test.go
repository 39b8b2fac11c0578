package chain_test

import (
	"context"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/chain/solo"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/gas"
)

// payers is a chain on which people pay.
type payers struct {
	*testing.T
	ctx   context.Context
	chain *solo.Chain
	c     *client.Client
}

func newPayers(t *testing.T, names ...string) *payers {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	var accounts []chain.Account
	for _, name := range names {
		accounts = append(accounts, chain.Account{Address: signer(name).Address, Amount: math.NewInt(1_000_000_000_000)})
	}
	s, err := solo.New(solo.Config{Accounts: accounts})
	require.NoError(t, err)
	c, err := client.New(ctx, s)
	require.NoError(t, err)
	done := make(chan error)
	go func() { done <- s.Run(ctx, 0) }()
	t.Cleanup(func() {
		c.Close()
		cancel()
		require.NoError(t, <-done)
		require.NoError(t, s.Close())
	})
	return &payers{t, ctx, s, c}
}

func (p *payers) send(s *client.Signer, msgs ...sdk.Msg) client.Result {
	p.Helper()
	r, err := p.c.Send(p.ctx, s, msgs...)
	require.NoError(p, err)
	return r
}

// pays signs a transaction with a fee of its own.
func (p *payers) pays(name string, gas uint64, fee sdk.Coins, msgs ...sdk.Msg) []byte {
	p.Helper()
	enc, err := chain.NewEncoding()
	require.NoError(p, err)
	account, err := authtypes.NewQueryClient(p.c).AccountInfo(p.ctx,
		&authtypes.QueryAccountInfoRequest{Address: signer(name).String()})
	require.NoError(p, err)
	b, key := enc.Tx.NewTxBuilder(), node.LocalKey(name)
	require.NoError(p, b.SetMsgs(msgs...))
	b.SetGasLimit(gas)
	b.SetFeeAmount(fee)
	const mode = signing.SignMode_SIGN_MODE_DIRECT
	data := &signing.SingleSignatureData{SignMode: mode}
	sig := signing.SignatureV2{PubKey: key.PubKey(), Data: data, Sequence: account.Info.Sequence}
	require.NoError(p, b.SetSignatures(sig))
	text, err := authsigning.GetSignBytesAdapter(p.ctx, enc.Tx.SignModeHandler(), mode, authsigning.SignerData{
		Address: signer(name).String(), ChainID: p.c.ChainID, AccountNumber: account.Info.AccountNumber,
		Sequence: account.Info.Sequence, PubKey: key.PubKey(),
	}, b.GetTx())
	require.NoError(p, err)
	data.Signature, err = key.Sign(text)
	require.NoError(p, err)
	require.NoError(p, b.SetSignatures(sig))
	bz, err := enc.Tx.TxEncoder()(b.GetTx())
	require.NoError(p, err)
	return bz
}

// datasets registers some and returns an equal number of shares of each.
func (p *payers) datasets(name string, n int, shares int64) sdk.Coins {
	owner := signer(name)
	var commits, shown []sdk.Msg
	coins := sdk.NewCoins()
	for i := range n {
		root, salt := make([]byte, 32), make([]byte, asset.SaltSize)
		root[0], root[1] = byte(i), byte(i>>8)
		commits = append(commits, &asset.MsgCommit{Creator: owner.String(),
			Commitment: asset.Commitment(owner.Address, root, salt)})
		shown = append(shown, &asset.MsgRegister{Creator: owner.String(), Name: "x", Root: root, Bytes: 1, Records: 1,
			Licence: "MIT", Price: math.ZeroInt(), Salt: salt})
		coins = append(coins, sdk.NewInt64Coin(asset.Denom(uint64(i+1)), shares))
	}
	p.c.SetMaxFee(math.NewInt(1_000_000))
	p.send(owner, commits...)
	require.NoError(p, p.chain.Step(1))
	p.send(owner, shown...)
	return coins.Sort()
}

// TestSharesAreNoFee turns a finding of the audit round: the shares of 1,000 assets, which
// somebody pays as fees and into pools, stay where they are, and what an honest delegator
// pays for leaving is the same to the unit of gas.
func TestSharesAreNoFee(t *testing.T) {
	p := newPayers(t, "eve", "ann", "ben")
	require.NoError(t, p.chain.Step(1))
	r, err := stakingtypes.NewQueryClient(p.c).Validators(p.ctx, &stakingtypes.QueryValidatorsRequest{})
	require.NoError(t, err)
	validator := r.Validators[0].OperatorAddress
	leave := func(name string) int64 {
		s := signer(name)
		p.send(s, stakingtypes.NewMsgDelegate(s.String(), validator, sdk.NewInt64Coin(chain.Denom, 1_000_000)))
		require.NoError(t, p.chain.Step(3))
		return p.send(s, stakingtypes.NewMsgUndelegate(s.String(), validator, sdk.NewInt64Coin(chain.Denom, 400_000))).Gas
	}
	before := leave("ann")
	junk := p.datasets("eve", 1000, 1000)
	eve := signer("eve").String()
	paid := sdk.NewInt64Coin(chain.Denom, 1_000_000)
	for name, msg := range map[string]sdk.Msg{
		"community pool":   distrtypes.NewMsgFundCommunityPool(junk, eve),
		"validator's pool": distrtypes.NewMsgDepositValidatorRewardsPool(eve, validator, junk),
		"module account": banktypes.NewMsgSend(signer("eve").Address, authtypes.NewModuleAddress(distrtypes.ModuleName),
			junk),
		"deposit of a proposal": &govv1.MsgSubmitProposal{InitialDeposit: junk, Proposer: eve, Title: "t", Summary: "s"},
	} {
		_, err := p.c.Send(p.ctx, signer("eve"), msg)
		require.Error(t, err, name)
	}
	nothing := banktypes.NewMsgSend(signer("eve").Address, signer("eve").Address, sdk.NewCoins(paid))
	for _, fee := range []sdk.Coins{junk, junk[:1], junk.Add(paid)} {
		_, err := p.c.Submit(p.ctx, p.pays("eve", 1_000_000, fee, nothing))
		require.ErrorIs(t, err, sdkerrors.ErrInvalidCoins)
		require.ErrorContains(t, err, "fees are paid in uminga only")
	}
	_, err = p.c.Submit(p.ctx, p.pays("eve", 1_000_000, sdk.NewCoins(paid), nothing))
	require.NoError(t, err)
	after := leave("ben")
	t.Logf("leaving takes %d gas before, and %d with 1,000 assets around", before, after)
	require.InEpsilon(t, before, after, 0.01)
	pool, err := distrtypes.NewQueryClient(p.c).CommunityPool(p.ctx, &distrtypes.QueryCommunityPoolRequest{})
	require.NoError(t, err)
	require.Len(t, pool.Pool, 1)
}

// TestTheChainWantsAFee turns another finding round: transactions are not free, and not only
// because a node's operator wants it so.
func TestTheChainWantsAFee(t *testing.T) {
	p := newPayers(t, "ann")
	require.NoError(t, p.chain.Step(1))
	ann := signer("ann").Address
	msg := banktypes.NewMsgSend(ann, ann, uminga(1))
	_, err := p.c.Submit(p.ctx, p.pays("ann", 100_000, uminga(99), msg))
	require.ErrorIs(t, err, sdkerrors.ErrInsufficientFee)
	require.ErrorContains(t, err, "pay 100uminga or more")
	_, err = p.c.Submit(p.ctx, p.pays("ann", 100_000, uminga(100), msg))
	require.NoError(t, err)
}

// In a block, where no node's own settings count, the same holds. A transaction that pays
// enough goes on to the next thing that is wrong with it.
func TestABlockHoldsNoFreeTransaction(t *testing.T) {
	doc, err := chain.Genesis{ChainID: "minga-test-1", Time: time.Unix(1, 0), Accounts: []chain.Account{
		{Address: signer("ann").Address, Amount: math.NewInt(1_000_000)},
	}, Validators: []chain.Validator{
		{Operator: signer("val").Address, Key: ed25519.GenPrivKey().PubKey(), Stake: math.NewInt(1_000_000)},
	}}.Doc()
	require.NoError(t, err)
	a := importInto(t, doc)
	ctx := a.NewContextLegacy(false, header(doc)).WithConsensusParams(doc.ConsensusParams.ToProto())
	ann := signer("ann").Address
	pay := func(ctx sdk.Context, fee sdk.Coins) error {
		b := a.Encoding.Tx.NewTxBuilder()
		require.NoError(t, b.SetMsgs(banktypes.NewMsgSend(ann, ann, uminga(1))))
		b.SetGasLimit(100_000)
		b.SetFeeAmount(fee)
		data := &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_DIRECT, Signature: make([]byte, 64)}
		require.NoError(t, b.SetSignatures(signing.SignatureV2{PubKey: node.LocalKey("ann").PubKey(), Data: data}))
		_, err := a.AnteHandler()(ctx, b.GetTx(), false)
		return err
	}
	require.ErrorIs(t, pay(ctx, uminga(99)), sdkerrors.ErrInsufficientFee)
	require.ErrorIs(t, pay(ctx, nil), sdkerrors.ErrInsufficientFee)
	require.ErrorIs(t, pay(ctx, uminga(100)), sdkerrors.ErrUnauthorized, "the signature is none")
	require.ErrorIs(t, pay(ctx.WithBlockHeight(0), nil), sdkerrors.ErrUnauthorized, "a genesis is paid by nobody")

	require.NoError(t, a.Gas.Params.Set(ctx, gas.Params{MinPrice: math.LegacyMustNewDecFromStr("0.5")}))
	require.ErrorIs(t, pay(ctx, uminga(49_999)), sdkerrors.ErrInsufficientFee)
	require.ErrorIs(t, pay(ctx, uminga(50_000)), sdkerrors.ErrUnauthorized)
	strict := ctx.WithMinGasPrices(sdk.NewDecCoins(sdk.NewInt64DecCoin(chain.Denom, 1)))
	require.ErrorIs(t, pay(strict.WithIsCheckTx(true), uminga(99_999)), sdkerrors.ErrInsufficientFee)
	require.ErrorIs(t, pay(strict, uminga(50_000)), sdkerrors.ErrUnauthorized)
}

// What is free has a bound all the same: that of a block.
func TestQueriesAndSimulationsAreBounded(t *testing.T) {
	doc, err := chain.Genesis{ChainID: "minga-test-1", Time: time.Unix(1, 0), Accounts: []chain.Account{
		{Address: signer("ann").Address, Amount: math.NewInt(1_000_000)},
	}, Validators: []chain.Validator{
		{Operator: signer("val").Address, Key: ed25519.GenPrivKey().PubKey(), Stake: math.NewInt(1_000_000)},
	}}.Doc()
	require.NoError(t, err)
	a := importInto(t, doc)
	ctx := a.NewContextLegacy(false, header(doc)).WithConsensusParams(doc.ConsensusParams.ToProto())
	b := a.Encoding.Tx.NewTxBuilder()
	ann := signer("ann").Address
	require.NoError(t, b.SetMsgs(banktypes.NewMsgSend(ann, ann, uminga(1))))
	data := &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_DIRECT}
	require.NoError(t, b.SetSignatures(signing.SignatureV2{PubKey: node.LocalKey("ann").PubKey(), Data: data}))
	simulated, err := a.AnteHandler()(ctx, b.GetTx(), true)
	require.NoError(t, err)
	require.EqualValues(t, 200_000_000, simulated.GasMeter().Limit())

	firstHash(t, a, doc)
	query, err := a.CreateQueryContext(0, false)
	require.NoError(t, err)
	require.EqualValues(t, 200_000_000, query.GasMeter().Limit())
}

func uminga(n int64) sdk.Coins { return sdk.NewCoins(sdk.NewInt64Coin(chain.Denom, n)) }
