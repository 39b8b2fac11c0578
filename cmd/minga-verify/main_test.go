package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// keptValidators is the hash of those who signed the kept receipt.
const keptValidators = "8f42ab1faf76910f2b7274d11e9b3809ad82b4b5eb721aa2f3ee1cd76f40847e"

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		name       string
		args       []string
		code       int
		out, error string
	}{
		{"on trust", []string{"testdata/receipt"}, 0, "were taken on trust", ""},
		{"trusted", []string{"--chain-id", "minga-local-1", "--validators", keptValidators, "testdata/receipt"}, 0,
			"\nACCEPTED\n", ""},
		{"another chain", []string{"--chain-id", "minga-local-2", "testdata/receipt"}, 1, "", "REFUSED   header"},
		{"other validators", []string{"--validators", "00", "testdata/receipt"}, 1, "", "REFUSED   validators"},
		{"no bundle", []string{"testdata"}, 1, "", "REFUSED   receipt.json"},
		{"nothing", nil, 2, "", "Usage"},
		{"an unknown flag", []string{"--fast", "testdata/receipt"}, 2, "", "fast"},
		{"help", []string{"--help"}, 0, "", "Usage"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, complaints bytes.Buffer
			require.Equal(t, c.code, run(c.args, &out, &complaints))
			require.Contains(t, out.String(), c.out)
			require.Contains(t, complaints.String(), c.error)
			if c.name == "trusted" {
				require.NotContains(t, out.String(), "TRUST")
			}
		})
	}
}

// The addresses are those of BIP 173: the commons' is known from the chain.
func TestAddress(t *testing.T) {
	require.Equal(t, "minga1m0a2t448gsfxq5nr6el96jmm6svj43sy326lz6", commons())
}
