package minga

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// heavy is what a program must not have among its packages, however indirectly.
// docs/decisions.md, "What is not in the binary", says why.
var heavy = []struct{ program, unwanted []string }{
	{
		program: []string{"./cmd/minga"},
		unwanted: []string{
			"github.com/openai", "github.com/aws", "cloud.google.com", "github.com/envoyproxy",
			"go.opentelemetry.io/otel/exporters", "go.opentelemetry.io/otel/sdk/log",
		},
	},
	{
		program:  []string{"./daemon", "./gateway", "./kind", "./client", "./chain"},
		unwanted: []string{module + "/examples", module + "/demo"},
	},
}

func TestProgramsAreLight(t *testing.T) {
	for _, h := range heavy {
		listed, err := exec.Command("go", append([]string{"list", "-deps"}, h.program...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		packages := strings.Fields(string(listed))
		t.Logf("%v: %d packages", h.program, len(packages))
		if i := slices.IndexFunc(packages, func(p string) bool { return within(p, h.unwanted) }); i >= 0 {
			t.Errorf("%v has %s: keep it out", h.program, packages[i])
		}
	}
}
