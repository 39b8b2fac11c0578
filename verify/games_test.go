package verify_test

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
)

var (
	games = flag.Int("games", 500, "random games to play with each machine")
	seed  = flag.Uint64("seed", 3, "what the random games come from")
)

// TestGames plays random games over random small runs. Who is right wins, whatever the other side does or
// does not do.
func TestGames(t *testing.T) {
	count := map[string]int{}
	longest, largest := 0, 0
	for i := range *games {
		r := rand.New(rand.NewPCG(*seed, uint64(i)))
		toy := randomToy(r)
		honest := toy.execute(toy.programs, toy.inputs, nil)
		lie := lies[i%len(lies)]
		liar := lie.run(r, toy, honest)
		if liar == nil {
			continue
		}
		count[lie.name]++
		match := &match{
			t: t, r: r, task: toy.run().Task(), name: lie.name, most: mostOf(toy),
			foreign: honest.otherParts, evasive: honest.otherOutcomes,
		}
		wrong, right := liar.side(), honest.side()
		if liar.claimed() != honest.claimed() {
			match.play(wrong, right, verify.Challenger)
			match.shift(wrong, right)
		}
		match.play(right, wrong, verify.Claimant)
		match.quiet(wrong, right, verify.Claimant)
		match.mischief(right)
		longest, largest = max(longest, match.exchanges), max(largest, match.largest)
	}
	t.Logf("seed %d: %v; at most %d exchanges, messages of at most %d bytes", *seed, count, longest, largest)
}

// lies are the ways to get another result. run returns nil if the lie made no difference.
var lies = []struct {
	name string
	run  func(r *rand.Rand, t *toy, honest *execution) *execution
}{
	{"flipped bit", flipBit},
	{"wrong fold", wrongElement},
	{"wrong graph or seed", otherGraph},
	{"wrong batch", otherInput},
	{"wrong outcome of right nodes", otherOutcome},
	{"wrong start", otherStart},
	{"wrong file", otherFile},
	{"wrong header", otherHeader},
}

// flipBit flips one bit of one value of one step. The run goes on with the wrong value.
func flipBit(r *rand.Rand, t *toy, honest *execution) *execution {
	return t.change(r, func(x float32) float32 { return math.Float32frombits(math.Float32bits(x) ^ 1<<r.IntN(32)) })
}

func wrongElement(r *rand.Rand, t *toy, honest *execution) *execution {
	return t.change(r, func(x float32) float32 { return x + float32(r.NormFloat64()) })
}

// change changes one element of one value of one step.
func (t *toy) change(r *rand.Rand, f func(float32) float32) *execution {
	at, steps := 0, 0
	for _, n := range t.steps {
		steps += n
	}
	at = r.IntN(steps)
	pick := r.Uint64()
	return t.execute(t.programs, t.inputs, func(m *nn.Machine, step, node int) {
		p := (&execution{toy: t, true: t.programs}).programOf(step)
		if n := p.Nodes[node]; step == at && node == int(pick%uint64(len(p.Nodes))) {
			out := n.Out[int(pick>>32)%len(n.Out)]
			xs := m.Floats(out)
			i := int(pick>>40) % len(xs)
			xs[i] = f(xs[i])
		}
	})
}

// otherGraph runs a Program with other constants, such as another seed.
func otherGraph(r *rand.Rand, t *toy, honest *execution) *execution {
	programs := slices.Clone(t.programs)
	i := r.IntN(len(programs))
	other := *programs[i]
	other.Nodes = slices.Clone(other.Nodes)
	for j, n := range other.Nodes {
		if n.Op == nn.OpNormal || n.Op == nn.OpFill || n.Op == nn.OpRMSNorm || n.Op == nn.OpClipScale {
			other.Nodes[j].Attr = slices.Clone(n.Attr)
			other.Nodes[j].Attr[0] ^= 1 << 22
		}
	}
	programs[i] = &other
	return t.execute(programs, t.inputs, nil)
}

func otherInput(r *rand.Rand, t *toy, honest *execution) *execution {
	other := slices.Clone(t.inputs[0])
	other[r.IntN(len(other))] = 0 // every table has this row
	return t.execute(t.programs, [][]int32{other}, nil)
}

// otherOutcome computes every node right and claims that the step gave something else. The steps after it
// go on from the right value.
func otherOutcome(r *rand.Rand, t *toy, honest *execution) *execution {
	e := t.execute(t.programs, t.inputs, nil)
	e.lie = &lie{step: r.IntN(len(e.records)), state: r.IntN(len(t.programs[0].States)), bit: r.IntN(256)}
	return e
}

// otherStart begins with other states.
func otherStart(r *rand.Rand, t *toy, honest *execution) *execution {
	other := *t
	other.from, other.start = 0, make([]byte, 4*t.words)
	if t.start != nil {
		copy(other.start, t.start[t.from:])
	}
	other.start[4*r.IntN(t.words)+2] ^= 1 << r.IntN(8)
	e := other.execute(t.programs, t.inputs, nil)
	e.toy = t
	return e
}

func otherFile(r *rand.Rand, t *toy, honest *execution) *execution {
	e := t.execute(t.programs, t.inputs, nil)
	e.file[len(t.header)+r.IntN(len(e.file)-len(t.header))] ^= 1 << r.IntN(8)
	return e
}

func otherHeader(r *rand.Rand, t *toy, honest *execution) *execution {
	e := t.execute(t.programs, t.inputs, nil)
	e.file[r.IntN(len(t.header))] ^= 1 << r.IntN(8)
	return e
}

// mostOf is how many exchanges a toy's game may take. No toy has an output of more than 24·40 elements, or a
// row of more than 24 scores of 40 products.
func mostOf(t *toy) int {
	nodes := 0
	for _, p := range t.programs {
		nodes = max(nodes, len(p.Nodes))
	}
	return verify.MaxExchanges(t.run().Extent().Steps, nodes, 24*40, 40*41)
}

// otherParts are proofs of all nodes, or states, but the disputed one.
func (e *execution) otherParts(g *verify.Game) (parts [][]byte) {
	p := e.programOf(max(0, g.Level(verify.Steps).At.Lo-1))
	add := func(i, disputed int, proof *nn.Proof, err error) {
		if err == nil && i != disputed {
			parts = append(parts, verify.PartOf(proof))
		}
	}
	switch l := g.Last(); {
	case l.Closed && l.Stage == verify.Outputs:
		for i := range p.Nodes {
			proof, err := p.ProveNode(i)
			add(i, g.Level(verify.Nodes).At.Lo, proof, err)
		}
	case l.Closed && l.Stage == verify.First:
		for i := range p.States {
			proof, err := p.ProveState(i)
			add(i, g.Level(verify.States).At.Lo, proof, err)
		}
	}
	return parts
}

// otherOutcomes are denials with evidence about the other outcomes of a step than the disputed one.
func (e *execution) otherOutcomes(g *verify.Game) (all []*verify.Denial) {
	if g.Last().Stage != verify.States {
		return nil
	}
	run, disputed := e.side(), g.Last().At
	defer func() { g.Last().At = disputed }()
	for i := range e.programs[0].States {
		d := &verify.Denial{}
		g.Last().At.Lo, g.Last().At.Hi = i, i+1
		if i != disputed.Lo && run.Evidence(g, d) == nil {
			all = append(all, d)
		}
	}
	return all
}
