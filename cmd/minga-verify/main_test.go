package main

import (
	"bytes"
	"os"
	"testing"
	"time"

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
		{"trusted", []string{"--chain-id", "minga-local-1", "--validators", keptValidators, "--since", "2026-11-29",
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

// The kept receipt is of 29 November 2026.
func TestAValidatorSetIsTrustedForAWhile(t *testing.T) {
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		require.NoError(t, err)
		return at
	}
	for _, c := range []struct{ since, now, refusal string }{
		{"2026-11-29", "2026-11-30", ""},
		{"2026-11-20", "2026-12-03", ""},
		{"2026-12-10", "2026-12-20", ""},
		{"2026-11-20", "2026-12-05", "were trusted until 2026-12-04"},
		{"2026-11-29", "2026-11-28", "is yet to come"},
		{"2026-12-20", "2026-12-21", "header: is of 2026-11-29"},
		{"2026-11-01", "2026-11-02", "header: is of 2026-11-29"},
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
