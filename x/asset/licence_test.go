package asset

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/github/go-spdx/v2/spdxexp"
	"github.com/stretchr/testify/require"
)

func TestCheckLicence(t *testing.T) {
	for _, good := range []string{
		"MIT", "CC0-1.0", "CC-BY-SA-4.0", "GPL-2.0-only", "Apache-2.0+", "(MIT)", "((MIT))", "MIT OR Apache-2.0",
		"(MIT OR Apache-2.0) AND CC-BY-4.0", "MIT AND (ISC OR (BSD-2-Clause AND Zlib))",
		"GPL-2.0-or-later WITH Classpath-exception-2.0",
		"LicenseRef-public-domain", "DocumentRef-spdx.1:LicenseRef-x", "LicenseRef-a OR MIT",
	} {
		require.NoError(t, CheckLicence(good), good)
	}
	for _, bad := range []string{
		"", " ", "mine", "mit", "MIT WITH", "MIT OR", "OR MIT", "MIT MIT", "MIT +", "MIT++", "+", "(", ")", "()", "(MIT",
		"MIT)", ")MIT(",
		"MIT or ISC", "MIT WITH MIT", "LicenseRef-a WITH Classpath-exception-2.0", "(MIT) WITH Classpath-exception-2.0",
		"Classpath-exception-2.0", "LicenseRef-", "LicenseRef-a+", "DocumentRef-a", "DocumentRef-a:", "DocumentRef-a:MIT",
		"DocumentRef-:LicenseRef-a",
		"MIT\tOR ISC", "MIT\nOR ISC", "MIT, ISC", "MIT/ISC", "MIT\u00a0OR ISC", "WITH", "MIT AND AND ISC",
		strings.Repeat("(", 64) + "MIT" + strings.Repeat(")", 64), strings.Repeat("MIT OR ", 30) + "MIT",
	} {
		require.ErrorIs(t, CheckLicence(bad), ErrInvalid, "%q", bad)
	}
}

// oracle is how the library reads a licence. It panics when the tokens end early.
func oracle(expr string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	ok, _ = spdxexp.ValidateLicenses([]string{expr})
	return ok
}

func TestTheLibraryReadsLicencesTheSameWay(t *testing.T) {
	words := []string{"MIT", "ISC", "Apache-2.0", "CC0-1.0", "(", ")", "AND", "OR", "WITH", "Classpath-exception-2.0",
		"LicenseRef-x", "mine"}
	rnd := rand.New(rand.NewPCG(3, 4))
	accepted := 0
	for range 20_000 {
		picked := make([]string, 1+rnd.IntN(7))
		for i := range picked {
			picked[i] = words[rnd.IntN(len(words))]
		}
		expr := strings.Join(picked, " ")
		ours := CheckLicence(expr) == nil
		require.Equal(t, oracle(expr), ours, expr)
		if ours {
			accepted++
		}
	}
	require.Greater(t, accepted, 500)
}
