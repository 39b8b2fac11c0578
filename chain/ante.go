package chain

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
)

// anteHandler is what every transaction must satisfy before its messages run:
// well formed, in time, paid for and signed by its signers in order.
func (a *App) anteHandler() sdk.AnteHandler {
	return sdk.ChainAnteDecorators(
		ante.NewSetUpContextDecorator(),
		ante.NewExtensionOptionsDecorator(nil),
		ante.NewValidateBasicDecorator(),
		ante.NewTxTimeoutHeightDecorator(),
		ante.NewValidateMemoDecorator(a.Account),
		ante.NewConsumeGasForTxSizeDecorator(a.Account),
		ante.NewDeductFeeDecorator(a.Account, a.Bank, a.Feegrant, nil),
		ante.NewSetPubKeyDecorator(a.Account),
		ante.NewValidateSigCountDecorator(a.Account),
		ante.NewSigGasConsumeDecorator(a.Account, ante.DefaultSigVerificationGasConsumer),
		ante.NewSigVerificationDecorator(a.Account, a.Encoding.Tx.SignModeHandler()),
		ante.NewIncrementSequenceDecorator(a.Account),
	)
}
