package asset

import (
	"slices"
	"strings"

	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"
)

// maxLicence is the longest licence expression, in bytes.
const maxLicence = 128

// CheckLicence says why a text is not an SPDX licence expression (SPDX 2.3, annex D):
// identifiers of the current list or LicenseRef-…, joined by AND, OR, WITH and
// parentheses.
//
// The list is the library's, the reading is ours: spdxexp looks past the end of its
// tokens on texts such as "MIT WITH" and panics, which a transaction must not be able
// to cause. Reading needs no recursion, because which operator binds tighter changes
// what an expression means and never whether it is one.
func CheckLicence(expr string) error {
	if expr == "" || len(expr) > maxLicence || !only(expr, " ()+-.:") {
		return badLicence(expr)
	}
	words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(expr))
	open := 0      // parentheses not closed yet
	want := "term" // what may come: a term, what joins two, or an exception
	plain := false // the last word was an identifier, so WITH may follow
	for _, w := range words {
		named := false
		switch {
		case want == "exception" && slices.Contains(spdxlicenses.GetExceptions(), w):
			want = "join"
		case want == "term" && w == "(":
			open++
		case want == "term" && isLicence(w):
			want, named = "join", !strings.Contains(w, "LicenseRef-")
		case want == "join" && w == ")" && open > 0:
			open--
		case want == "join" && (w == "AND" || w == "OR"):
			want = "term"
		case want == "join" && w == "WITH" && plain:
			want = "exception"
		default:
			return badLicence(expr)
		}
		plain = named
	}
	if open != 0 || want != "join" {
		return badLicence(expr)
	}
	return nil
}

// isLicence accepts MIT, GPL-2.0-only, Apache-2.0+, LicenseRef-x and DocumentRef-y:LicenseRef-x.
func isLicence(w string) bool {
	if doc, ok := strings.CutPrefix(w, "DocumentRef-"); ok {
		var id string
		id, w, _ = strings.Cut(doc, ":")
		if id == "" || !only(id, "-.") || !strings.HasPrefix(w, "LicenseRef-") {
			return false
		}
	}
	if id, ok := strings.CutPrefix(w, "LicenseRef-"); ok {
		return id != "" && only(id, "-.")
	}
	return slices.Contains(spdxlicenses.GetLicenses(), strings.TrimSuffix(w, "+"))
}

func badLicence(expr string) error {
	return ErrInvalid.Wrapf("licence %.80q: give an SPDX expression such as CC-BY-4.0, or LicenseRef-name for one that "+
		"is not on the list", expr)
}
