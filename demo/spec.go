package demo

import (
	_ "embed"
	"fmt"
	"regexp"

	"github.com/minga-network/minga/examples/commons"
)

// shortSpec is the job of short stories: the example's with a small model, few steps
// and as many bytes of each text as shortText.
//
//go:embed short.toml
var shortSpec []byte

const shortText = 24_000

// specText is the job's file with this run's seed and steps: of the training, and in
// proportion of the runs that measure.
func (p *play) specText() ([]byte, error) {
	raw, err := commons.Files.ReadFile("train.toml")
	if err != nil {
		return nil, err
	}
	if p.Short {
		raw = shortSpec
	}
	raw = set(raw, `\[train\]`, "seed", int(p.Seed))
	if p.Steps > 0 {
		raw = set(raw, `\[train\]`, "steps", p.Steps)
		raw = set(raw, `\[measure\]`, "steps", max(1, p.Steps/10))
	}
	if p.unmeasured {
		raw = byTokens(raw)
	}
	return raw, nil
}

// set changes the first number of a name after a place in a spec.
func set(spec []byte, after, name string, to int) []byte {
	line := regexp.MustCompile(`(?s)^(.*?` + after + `.*?\n` + name + ` = )\d+`)
	return line.ReplaceAll(spec, fmt.Appendf(nil, "${1}%d", to))
}

// byTokens makes a spec's data part go by the tokens used, so that nothing is measured.
func byTokens(spec []byte) []byte {
	spec = regexp.MustCompile(`(?m)^\[(job\.)?measure\]\n(.+\n)*`).ReplaceAll(spec, nil)
	return regexp.MustCompile(`(?m)^hidden = "blob.*\n`).ReplaceAll(spec, nil)
}
