package demo

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/train"
)

const smallSpec = `format = 1
kind = "train"
[model]
name = "small"
layers = 1
dim = 16
heads = 2
hidden = 24
context = 16
tied = true
theta = 10000
[tokenizer]
vocab = 270
[optimizer]
rate = 1e-3
floor = 1e-4
warmup = 1
beta1 = 0.9
beta2 = 0.95
eps = 1e-8
decay = 0.1
clip = 1.0
[train]
seed = 1
steps = 3
batch = 2
validation = 0.2
checkpoint = 10
[data]
datasets = ["asset/1"]
[job]
licence = "CC0-1.0"
budget = "1MINGA"
max_price = "3uminga"
checkers = 1
check_pay = "0.1MINGA"
stake = "0.5MINGA"
deadline = 200
work = 5000
window = 5
[split]
data = 5000
compute = 3000
creator = 1500
commons = 500
`

// Whatever a liar draws changes the run's trace, in the same way each time, and
// it tells of it once.
func TestALieMakesADifference(t *testing.T) {
	spec, err := kind.Training([]byte(smallSpec))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("one fish, two fish, red fish, blue fish\n", 60)
	data := []train.Data{{Asset: "asset/1", Bytes: []byte(text)}}
	b, err := kernel.New("", 1)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := train.NewPlan(spec, data)
	if err != nil {
		t.Fatal(err)
	}
	trace := func(observe func(int, *nn.Machine, int)) [32]byte {
		r, err := train.Run(context.Background(), plan, b, train.Options{Observe: observe})
		if err != nil {
			t.Fatal(err)
		}
		return r.Trace
	}
	honest, ops := trace(nil), map[string]bool{}
	for seed := range uint64(60) {
		var told []lie
		l := newCheat(seed, spec.Train.Steps, func(x lie) { told = append(told, x) })
		first, again := trace(l.observe), trace(l.observe)
		if first == honest || first != again {
			t.Errorf("seed %d: the lie is lost, or another each time", seed)
		}
		if len(told) != 1 || told[0].right == told[0].wrong {
			t.Fatalf("seed %d: told of %v", seed, told)
		}
		ops[fmt.Sprint(told[0].op)] = true
	}
	if len(ops) < 5 {
		t.Errorf("the liars changed the gradients of %v only", ops)
	}
}
