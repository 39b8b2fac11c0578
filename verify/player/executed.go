package player

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
)

// executed is a pass with its hashes.
type executed struct {
	step    int
	program *nn.Program
	words   [][]uint32      // of each value
	roots   []verify.Hash   // of each value
	nodes   []verify.Hash   // leaf of each node, then what the step committed to
	outs    [][]verify.Hash // value roots of each node, in its order
	commits []verify.Hash   // value roots that the step committed to
	trees   map[nn.ID][]verify.Hash
}

// execute reads and hashes all that a pass of a step made.
func (p *programs) execute(step int, pass Pass) *executed {
	x := hashed(pass)
	x.step = step
	for _, n := range x.program.Nodes {
		var outs []verify.Hash
		for _, o := range n.Order() {
			outs = append(outs, x.roots[n.Out[o]])
		}
		x.outs = append(x.outs, outs)
		x.nodes = append(x.nodes, blob.Root(outs))
	}
	for _, s := range x.program.States {
		x.commits = append(x.commits, x.roots[s.Next])
	}
	for _, o := range x.program.Outputs[:p.task.Phase(step).Outputs] {
		x.commits = append(x.commits, x.roots[o.ID])
	}
	x.nodes = append(x.nodes, blob.Root(x.commits))
	return x
}

// hashed reads all values of a pass and hashes them, with as many goroutines as run
// at a time: a step of training is tens of megabytes.
func hashed(pass Pass) *executed {
	program := pass.Program()
	n := len(program.Values)
	x := &executed{
		program: program, words: make([][]uint32, n), roots: make([]verify.Hash, n), trees: map[nn.ID][]verify.Hash{},
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for {
				id := int(next.Add(1)) - 1
				if id >= n {
					return
				}
				x.words[id] = pass.Words(nn.ID(id))
				x.roots[id] = blob.SumWords(x.words[id])
			}
		})
	}
	wait.Wait()
	return x
}

// tree is the leaves of a value's tree.
func (x *executed) tree(id nn.ID) []verify.Hash {
	if t, ok := x.trees[id]; ok {
		return t
	}
	x.trees[id] = blob.WordLeaves(x.words[id])
	return x.trees[id]
}

// shapes are those of some values.
func (x *executed) shapes(ids []nn.ID) []nn.Value {
	values := make([]nn.Value, len(ids))
	for i, id := range ids {
		values[i] = x.program.Values[id]
	}
	return values
}
