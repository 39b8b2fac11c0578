package chain

import (
	"cosmossdk.io/math"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
)

// anteHandler is what every transaction must satisfy before its messages run:
// well formed, in time, paid for and signed by its signers in order.
func (a *App) anteHandler() sdk.AnteHandler {
	return sdk.ChainAnteDecorators(
		ante.NewSetUpContextDecorator(),
		simulated{},
		ante.NewExtensionOptionsDecorator(nil),
		ante.NewValidateBasicDecorator(),
		ante.NewTxTimeoutHeightDecorator(),
		ante.NewValidateMemoDecorator(a.Account),
		ante.NewConsumeGasForTxSizeDecorator(a.Account),
		ante.NewDeductFeeDecorator(a.Account, a.Bank, a.Feegrant, a.fee),
		ante.NewSetPubKeyDecorator(a.Account),
		ante.NewValidateSigCountDecorator(a.Account),
		ante.NewSigGasConsumeDecorator(a.Account, ante.DefaultSigVerificationGasConsumer),
		ante.NewSigVerificationDecorator(a.Account, a.Encoding.Tx.SignModeHandler()),
		ante.NewIncrementSequenceDecorator(a.Account),
	)
}

// simulated bounds what a node does for a simulation, which anybody may ask for and nobody pays: as
// much as a whole block, where the SDK sets no bound.
type simulated struct{}

// AnteHandle implements sdk.AnteDecorator.
func (simulated) AnteHandle(ctx sdk.Context, tx sdk.Tx, simulate bool, next sdk.AnteHandler) (sdk.Context, error) {
	if simulate {
		ctx = ctx.WithGasMeter(storetypes.NewGasMeter(maxBlockGas))
	}
	return next(ctx, tx, simulate)
}

// fee is what a transaction pays: money and nothing else, and the chain's least price for its
// gas limit. Any other coin would stay for ever in the records of every validator and every
// delegator. A node may want more of what comes to its mempool. A genesis is paid by nobody.
func (a *App) fee(ctx sdk.Context, tx sdk.Tx) (sdk.Coins, int64, error) {
	t, ok := tx.(sdk.FeeTx)
	if !ok {
		return nil, 0, sdkerrors.ErrTxDecode.Wrap("the transaction has no fee: sign one that has")
	}
	for _, coin := range t.GetFee() {
		if coin.Denom != Denom {
			return nil, 0, sdkerrors.ErrInvalidCoins.Wrapf("a fee in %s: fees are paid in %s only", coin.Denom, Denom)
		}
	}
	if ctx.BlockHeight() == 0 {
		return t.GetFee(), 0, nil
	}
	price, err := a.Gas.MinPrice(ctx)
	if err != nil {
		return nil, 0, err
	}
	if ctx.IsCheckTx() {
		price = math.LegacyMaxDec(price, ctx.MinGasPrices().AmountOf(Denom))
	}
	return t.GetFee(), 0, enough(t, price)
}

// enough refuses a fee that is less than a price for each unit of the gas limit.
func enough(t sdk.FeeTx, price math.LegacyDec) error {
	need := price.MulInt(math.NewIntFromUint64(t.GetGas())).Ceil().TruncateInt()
	if t.GetFee().AmountOf(Denom).LT(need) {
		return sdkerrors.ErrInsufficientFee.Wrapf("a fee of %q for %d gas: pay %s%s or more",
			t.GetFee(), t.GetGas(), need, Denom)
	}
	return nil
}
