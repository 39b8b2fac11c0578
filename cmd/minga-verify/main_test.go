package main

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// keptValidators is the hash of those who signed the kept receipt.
const keptValidators = "6e91e69d163cde768562c365e215330b5e2dcabf365d398af5ec93061b45be6f"

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		name       string
		args       []string
		code       int
		out, error string
	}{
		{"on trust", []string{"testdata/receipt"}, 0, "were taken on trust", ""},
		{"trusted", []string{"--chain-id", "minga-local-1", "--validators", keptValidators, "--since", "2026-01-01",
			"--period", "2000000h", "testdata/receipt"}, 0, "\nACCEPTED\n", ""},
		{"trusted for ever", []string{"--validators", keptValidators, "testdata/receipt"}, 0, "trusted for ever", ""},
		{"trusted once", []string{"--validators", keptValidators, "--since", "2001-01-01", "testdata/receipt"}, 1, "",
			"were trusted until 2001-01-15"},
		{"no day", []string{"--since", "yesterday", "testdata/receipt"}, 2, "", "since"},
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

// The kept receipt is of 1 January 2026.
func TestAValidatorSetIsTrustedForAWhile(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		require.NoError(t, err)
		return at
	}
	for _, c := range []struct{ since, now, refusal string }{
		{"2026-01-01", "2026-01-02", ""},
		{"2025-12-23", "2026-01-05", ""},
		{"2026-01-12", "2026-01-22", ""},
		{"2025-12-23", "2026-01-07", "were trusted until 2026-01-06"},
		{"2026-01-01", "2025-12-31", "is yet to come"},
		{"2026-01-22", "2026-01-23", "header: is of 2026-01-01"},
		{"2025-12-04", "2025-12-05", "header: is of 2026-01-01"},
	} {
		known := trust{validators: keptValidators, since: day(c.since), now: day(c.now), period: 14 * 24 * time.Hour}
		_, err := verify(os.DirFS("testdata/receipt"), known)
		if c.refusal == "" {
			require.NoError(t, err, c)
			continue
		}
		require.ErrorContains(t, err, c.refusal)
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"minga-1, ñandú 日本語 10⁹":  "minga-1, ñandú 日本語 10⁹",
		"x\x1b[1A\x1b[2KACCEPTED": `x\u001b[1A\u001b[2KACCEPTED`,
		"x\nACCEPTED\u202e\xff":   `x\u000aACCEPTED\u202e\xff`,
	} {
		require.Equal(t, want, printable(text))
		var r reasons
		r.say("%s", text)
		require.Equal(t, want+"\n", r.out.String())
	}
}

// The addresses are those of BIP 173: the commons' is known from the chain.
func TestAddress(t *testing.T) {
	require.Equal(t, "minga1m0a2t448gsfxq5nr6el96jmm6svj43sy326lz6", commons())
}
