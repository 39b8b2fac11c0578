package chain_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

var tiny = nn.Config{Vocab: 11, Layers: 1, Dim: 8, Heads: 2, Hidden: 6, Context: 4, Tied: true, Theta: 10000, Eps: 1e-5}

var optimizer = nn.Optimizer{
	Rate: 0.01, Floor: 0.001, Warmup: 2, Steps: 5, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, Decay: 0.1, Clip: 1,
}

// programs have every operator.
func programs(t *testing.T) (all []*nn.Program) {
	plain := nn.Phases{Config: tiny, Optimizer: optimizer, Seed: 9, Batch: 2, Corpus: 90, Datasets: 3, Held: 5}
	measured := nn.Phases{
		Config: tiny, Optimizer: optimizer, Seed: 9, Batch: 6, Corpus: 90, Held: 5, HeldRows: 2, Portions: 3, Credits: 4,
	}
	for _, build := range []func() (*nn.Program, error){
		plain.Initial, plain.Continue, plain.Training, plain.Signal, measured.Training,
		func() (*nn.Program, error) { return plain.Validation(nn.SlotLast) },
		func() (*nn.Program, error) { return nn.Inference(tiny) },
	} {
		p, err := build()
		require.NoError(t, err)
		all = append(all, p)
	}
	return all
}

// operators are their numbers and names, how Programs are built and encoded from them, and
// the folds that define what each gives.
func operators(t *testing.T, h hash.Hash) {
	used := map[nn.Op]bool{}
	for _, p := range programs(t) {
		h.Write(p.Encode())
		for _, n := range p.Nodes {
			used[n.Op] = true
			folds(t, h, n, valuesOf(p, n.In), valuesOf(p, n.Out))
		}
	}
	for op := nn.Op(1); !strings.HasPrefix(op.String(), "operator "); op++ {
		require.True(t, used[op], "operator %s is in none of these programs: add one that has it", op)
		fmt.Fprintln(h, uint8(op), op)
	}
}

func valuesOf(p *nn.Program, ids []nn.ID) (values []nn.Value) {
	for _, id := range ids {
		values = append(values, p.Values[id])
	}
	return values
}

// folds writes the registers of some elements of what a node gives: before the first step,
// after some, and after the last.
func folds(t *testing.T, h hash.Hash, n nn.Node, in, out []nn.Value) {
	fmt.Fprintln(h, n.Op, n.Order())
	for o, v := range out {
		for _, element := range []int{0, v.Size() / 2, v.Size() - 1} {
			f, err := n.Fold(in, out, o, element)
			require.NoError(t, err)
			r := slices.Clone(f.Start)
			fmt.Fprintln(h, o, element, f.Steps, r)
			for step := range f.Steps {
				if f.Step(step, r, someNumbers{}); step < 3 || step == f.Steps-1 {
					fmt.Fprintln(h, r)
				}
			}
		}
	}
}

// someNumbers are elements that follow from where they stand.
type someNumbers struct{}

func (someNumbers) word(v nn.Operand, at int) uint32 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v %d", v, at))
	return binary.BigEndian.Uint32(sum[:])
}

func (s someNumbers) Float(v nn.Operand, at int) float32 {
	return float32(int32(s.word(v, at))) / math.MaxInt32
}

func (s someNumbers) Int(v nn.Operand, at int) int32 { return int32(s.word(v, at) % 4) }

// arithmetic is what the kernel makes of a first training step, all values of it.
func arithmetic(t *testing.T, h hash.Hash) {
	b, err := kernel.New("", 1)
	require.NoError(t, err)
	p, err := nn.Training(tiny, 2, optimizer)
	require.NoError(t, err)
	ids := func(first int32) []int32 {
		out := make([]int32, 2*tiny.Context)
		for i := range out {
			out[i] = (first + 3*int32(i)) % int32(tiny.Vocab)
		}
		return out
	}
	var states [][]float32
	for _, w := range nn.Initial(tiny, 7, b) {
		states = append(states, w.Data)
	}
	for i := range 2 * len(states) { // the moments, of as many elements as the weights
		states = append(states, make([]float32, len(states[i%(len(tiny.Tensors()))])))
	}
	rec, err := nn.NewRecord(p, b, [][]int32{ids(1), ids(4), {0}}, states, nil)
	require.NoError(t, err)
	for id := range p.Values {
		h.Write(blob.AppendWords(nil, rec.Words(nn.ID(id))))
	}
}
