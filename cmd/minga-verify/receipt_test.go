package main_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	minga "github.com/minga-network/minga/cmd/minga-verify"
)

func TestTrueReceiptsAreAcceptedAndMutatedOnesRefused(t *testing.T) {
	v := newTown(t)
	a, b := v.dataset("ana", 0), v.dataset("beto", 20)
	model := v.byTokens(a, b)
	ids := v.sessions(model, 3)
	for i, id := range ids {
		words, err := minga.Verify(v.receipt(id, i == 0))
		require.NoError(t, err)
		if i == 0 {
			t.Log("\n" + words)
		}
	}
}
