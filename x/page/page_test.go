package page_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/minga-network/minga/x/page"
)

func TestBounded(t *testing.T) {
	for name, c := range map[string]struct {
		asked *query.PageRequest
		limit uint64 // 0: refused
	}{
		"nothing asked":       {nil, 100},
		"no limit":            {&query.PageRequest{Key: []byte{1}}, 100},
		"the most":            {&query.PageRequest{Limit: 500}, 500},
		"one too many":        {&query.PageRequest{Limit: 501}, 0},
		"a count of all":      {&query.PageRequest{CountTotal: true}, 0},
		"a jump over entries": {&query.PageRequest{Offset: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := page.Bounded(c.asked, 500)
			if c.limit == 0 {
				require.ErrorIs(t, err, page.ErrPage)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.limit, p.Limit)
			require.False(t, p.CountTotal)
			if c.asked != nil {
				require.Equal(t, c.asked.Key, p.Key)
			}
		})
	}
}
