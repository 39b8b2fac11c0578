package sim

import (
	"fmt"
	"strings"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/x/asset"
)

// Spec is the file of a training job. A step takes a millisecond or two, and there is a
// checkpoint after each tenth.
func Spec(steps, checkers int, datasets ...uint64) string {
	var names []string
	for _, id := range datasets {
		names = append(names, fmt.Sprintf("%q", asset.Denom(id)))
	}
	return fmt.Sprintf(spec, checkers, steps, strings.Join(names, ", "))
}

// Measured is the file of a training job whose data is measured, in portions of 2,000
// bytes, by runs of 30 steps.
// The texts to validate on and to measure with are given by their hashes.
func Measured(steps, checkers int, text, hidden blob.Hash, datasets ...uint64) string {
	return strings.Replace(Spec(steps, checkers, datasets...), "validation = 0.1\n", "", 1) +
		fmt.Sprintf(measured, text, hidden)
}

const measured = `[validation]
text = "blob/%s"
hidden = "blob/%s"
[measure]
method = "measure"
portion = 2000
steps = 30
rows = 2
layers = 1
dim = 16
heads = 2
hidden = 24
context = 16
[job.measure]
stake = "1MINGA"
check_pay = "0.1MINGA"
work = 300
`

const spec = `format = 1
kind = "train"
[job]
licence = "CC0-1.0"
budget = "500MINGA"
max_price = "3uminga"
checkers = %d
check_pay = "1MINGA"
stake = "5MINGA"
deadline = 300
work = 300
window = 2
[split]
data = 5000
compute = 3000
creator = 1500
commons = 500
[model]
name = "tiny"
layers = 1
dim = 16
heads = 2
hidden = 32
context = 16
tied = true
theta = 10000
[tokenizer]
vocab = 300
[optimizer]
rate = 3e-3
floor = 3e-4
warmup = 5
beta1 = 0.9
beta2 = 0.95
eps = 1e-8
decay = 0.1
clip = 1.0
[train]
seed = 7
steps = %d
batch = 2
validation = 0.1
checkpoint = 10
[data]
datasets = [%s]
`

// Text is a text of some lines. The texts of two names have no line in common.
func Text(name string, lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "%s counts the stars again and writes down the number %d, then %d.\n", name, i*i%97, i*7%31)
	}
	return b.String()
}
