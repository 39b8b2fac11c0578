package client

import (
	"context"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"

	errorsmod "cosmossdk.io/errors"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
)

// ErrDropped means that a transaction is in no block and never will be.
var ErrDropped = errors.New("the transaction was dropped before a block had it")

const (
	// patience is how many blocks a transaction may wait for its turn.
	patience = 100
	// attempts is how often a sequence number is asked for anew when another
	// sender of the same account was faster.
	attempts = 5
)

// Result is what a transaction did.
type Result struct {
	Hash      string // hexadecimal
	Height    int64
	Gas       int64
	Responses []proto.Message // one a message, as *job.MsgPostResponse
	Events    []abci.Event
}

// Send does messages in one transaction, all or none, and returns when a block has
// it. A refusal of the chain, before or in the block, keeps its identity.
func (c *Client) Send(ctx context.Context, s *Signer, msgs ...sdk.Msg) (Result, error) {
	tx, w, err := c.broadcast(ctx, s, msgs)
	if err != nil {
		return Result{}, err
	}
	r, err := c.await(ctx, tx, w)
	if errors.Is(err, ErrDropped) {
		s.forget()
	}
	return r, err
}

// Submit gives a transaction that was signed elsewhere to the node and returns when a
// block has it. It waits for 100 blocks.
func (c *Client) Submit(ctx context.Context, tx []byte) (Result, error) {
	decoded, err := c.coder.TxConfig.TxDecoder()(tx)
	if err != nil {
		return Result{}, fmt.Errorf("read the transaction: %w", err)
	}
	if t, ok := decoded.(sdk.FeeTx); ok {
		if err := c.affordable(t.GetFee(), t.GetGas()); err != nil {
			return Result{}, err
		}
	}
	w, err := c.hand(ctx, tx, c.feed.now()+patience)
	if err != nil {
		return Result{}, err
	}
	return c.await(ctx, tx, w)
}

// hand gives a transaction to the node, which checks it, and begins to look for it.
func (c *Client) hand(ctx context.Context, tx cmttypes.Tx, until int64) (*wait, error) {
	w := c.feed.expect(tx.Hash(), until)
	r, err := c.node.BroadcastTxSync(ctx, tx)
	if err == nil && r.Code != 0 {
		err = errorsmod.ABCIError(r.Codespace, r.Code, r.Log)
	}
	if err != nil {
		c.feed.forget(tx.Hash())
		return nil, err
	}
	return w, nil
}

// await returns when a block has a transaction, or none will.
func (c *Client) await(ctx context.Context, tx cmttypes.Tx, w *wait) (Result, error) {
	select {
	case in := <-w.found:
		if in.result == nil {
			return Result{}, fmt.Errorf("%w: send it again (waited until block %d)", ErrDropped, in.height)
		}
		return c.result(tx, in)
	case <-ctx.Done():
		c.feed.forget(tx.Hash())
		return Result{}, fmt.Errorf("transaction %X was sent; no block had it yet: %w", tx.Hash(), ctx.Err())
	case <-c.feed.ctx.Done():
		return Result{}, fmt.Errorf("transaction %X was sent: %w", tx.Hash(), errClosed)
	}
}

// broadcast gives a transaction to the node, with the signer's next number.
func (c *Client) broadcast(ctx context.Context, s *Signer, msgs []sdk.Msg) (cmttypes.Tx, *wait, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for try := 1; ; try++ {
		tx, w, err := c.try(ctx, s, msgs)
		if err == nil {
			s.sequence++
			return tx, w, nil
		}
		s.known = false
		if try == attempts || !errors.Is(err, sdkerrors.ErrWrongSequence) {
			return nil, nil, err
		}
		// The chain's answer about the account is as of the last block: after the next
		// one it counts the transaction that was faster.
		if err := c.after(ctx, c.feed.now()); err != nil {
			return nil, nil, err
		}
	}
}

// try simulates, signs and broadcasts once.
func (c *Client) try(ctx context.Context, s *Signer, msgs []sdk.Msg) (cmttypes.Tx, *wait, error) {
	if !s.known {
		if err := s.learn(ctx, c); err != nil {
			return nil, nil, err
		}
	}
	until := c.feed.now() + patience
	gas, err := c.simulate(ctx, s, msgs)
	if err != nil {
		return nil, nil, err
	}
	fee, err := c.fee(ctx, gas)
	if err != nil {
		return nil, nil, err
	}
	tx, err := c.signed(ctx, s, msgs, gas, fee, uint64(until))
	if err != nil {
		return nil, nil, err
	}
	w, err := c.hand(ctx, tx, until)
	return tx, w, err
}

// after waits for a block after a height.
func (c *Client) after(ctx context.Context, height int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for h := range c.Blocks(ctx) {
		if h > height {
			return nil
		}
	}
	return errors.Join(ctx.Err(), c.feed.ctx.Err())
}

// simulate runs a transaction without effect and returns the gas to allow it: half
// as much again as it used, since the state moves on until its block. The least fee makes it
// pay for the payment too.
func (c *Client) simulate(ctx context.Context, s *Signer, msgs []sdk.Msg) (uint64, error) {
	nobody := &Signer{Address: s.Address, key: s.key, sequence: s.sequence, sign: noSignature}
	tx, err := c.signed(ctx, nobody, msgs, 0, sdk.NewCoins(sdk.NewInt64Coin(Denom, 1)), 0)
	if err != nil {
		return 0, err
	}
	r, err := c.node.ABCIQueryWithOptions(ctx, "/app/simulate", []byte(tx), rpcclient.ABCIQueryOptions{})
	if err != nil {
		return 0, fmt.Errorf("simulate: %w", err)
	}
	if r.Response.Code != 0 {
		return 0, errorsmod.ABCIError(r.Response.Codespace, r.Response.Code, r.Response.Log)
	}
	var sim sdk.SimulationResponse
	if err := c.coder.Codec.UnmarshalJSON(r.Response.Value, &sim); err != nil {
		return 0, fmt.Errorf("simulate: %w", err)
	}
	return sim.GasUsed*3/2 + 10_000, nil
}

// noSignature stands where a simulation has no signature.
func noSignature([]byte) ([]byte, error) { return nil, nil }

// signed builds and signs a transaction that is refused after a height.
func (c *Client) signed(
	ctx context.Context, s *Signer, msgs []sdk.Msg, gas uint64, fee sdk.Coins, until uint64,
) (cmttypes.Tx, error) {
	b := c.coder.TxConfig.NewTxBuilder()
	if err := b.SetMsgs(msgs...); err != nil {
		return nil, fmt.Errorf("build the transaction: %w", err)
	}
	b.SetGasLimit(gas)
	b.SetFeeAmount(fee)
	b.SetTimeoutHeight(until)
	const mode = signing.SignMode_SIGN_MODE_DIRECT
	sig := signing.SignatureV2{PubKey: s.key, Data: &signing.SingleSignatureData{SignMode: mode}, Sequence: s.sequence}
	if err := b.SetSignatures(sig); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	message, err := authsigning.GetSignBytesAdapter(ctx, c.coder.TxConfig.SignModeHandler(), mode, authsigning.SignerData{
		Address: s.String(), ChainID: c.ChainID, AccountNumber: s.account, Sequence: s.sequence, PubKey: s.key,
	}, b.GetTx())
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	signature, err := s.sign(message)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	sig.Data = &signing.SingleSignatureData{SignMode: mode, Signature: signature}
	if err := b.SetSignatures(sig); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return c.coder.TxConfig.TxEncoder()(b.GetTx())
}

// forget makes the signer ask for its number anew.
func (s *Signer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = false
}

// result reads what a block says of a transaction.
func (c *Client) result(tx cmttypes.Tx, in inclusion) (Result, error) {
	r := Result{Hash: fmt.Sprintf("%X", tx.Hash()), Height: in.height, Gas: in.result.GasUsed, Events: in.result.Events}
	if in.result.Code != 0 {
		return r, errorsmod.ABCIError(in.result.Codespace, in.result.Code, in.result.Log)
	}
	var data sdk.TxMsgData
	if err := data.Unmarshal(in.result.Data); err != nil {
		return r, fmt.Errorf("transaction %s is done, but its response cannot be read: %w", r.Hash, err)
	}
	for _, packed := range data.MsgResponses {
		m, err := c.unpack(packed)
		if err != nil {
			return r, fmt.Errorf("transaction %s is done, but its response cannot be read: %w", r.Hash, err)
		}
		r.Responses = append(r.Responses, m)
	}
	return r, nil
}

func (c *Client) unpack(packed *codectypes.Any) (proto.Message, error) {
	var response txtypes.MsgResponse
	if err := c.coder.InterfaceRegistry.UnpackAny(packed, &response); err != nil {
		return nil, err
	}
	m, ok := response.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("%s is not a message", packed.TypeUrl)
	}
	return m, nil
}
