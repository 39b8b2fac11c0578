package job

import (
	"testing"

	"cosmossdk.io/core/genesis"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/ledgertest"
)

func TestParamsAreForTheAuthority(t *testing.T) {
	l := newLedger(t)
	_, err := l.k.UpdateParams(l.Ctx, &MsgUpdateParams{Authority: l.user("eve"), Params: DefaultParams()})
	require.ErrorIs(t, err, ErrUnauthorized)
	want := Params{OfferBlocks: 1, MaxBlocks: 2, MaxCheckers: 3, MaxDatasets: 4, LateSlash: 5, AnswerBlocks: 6}
	_, err = l.k.UpdateParams(l.Ctx, &MsgUpdateParams{Authority: ledgertest.Authority(), Params: want})
	require.NoError(t, err)
	res, err := queries{l.k}.Params(l.Ctx, nil)
	require.NoError(t, err)
	require.Equal(t, want, res.Params)
}

// TestParamsAreBounded, whether a proposal sets them or a genesis.
func TestParamsAreBounded(t *testing.T) {
	for name, change := range map[string]func(*Params){
		"no offer blocks":    func(p *Params) { p.OfferBlocks = 0 },
		"endless offers":     func(p *Params) { p.OfferBlocks = 1 << 62 },
		"no blocks":          func(p *Params) { p.MaxBlocks = 0 },
		"endless blocks":     func(p *Params) { p.MaxBlocks = 1 << 62 },
		"a crowd":            func(p *Params) { p.MaxCheckers = 51 },
		"no datasets":        func(p *Params) { p.MaxDatasets = 0 },
		"too many datasets":  func(p *Params) { p.MaxDatasets = 257 },
		"more than the lock": func(p *Params) { p.LateSlash = 10_001 },
		"no time to answer":  func(p *Params) { p.AnswerBlocks = 0 },
		"endless disputes":   func(p *Params) { p.AnswerBlocks = 1 << 62 },
	} {
		l, p := newLedger(t), DefaultParams()
		change(&p)
		_, err := l.k.UpdateParams(l.Ctx, &MsgUpdateParams{Authority: ledgertest.Authority(), Params: p})
		require.ErrorIs(t, err, ErrParams, name)
		require.ErrorIs(t, l.begins(p), ErrParams, name)
	}
	require.NoError(t, newLedger(t).begins(DefaultParams()))
}

// begins starts another ledger with the genesis of this one, in which the parameters are set.
func (l *ledger) begins(p Params) error {
	require.NoError(l, l.k.Params.Set(l.Ctx, p))
	source, err := genesis.SourceFromRawJSON(l.exported())
	require.NoError(l, err)
	other := newLedger(l)
	return NewModule(other.k).InitGenesis(other.Ctx, source)
}
