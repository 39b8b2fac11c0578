package player_test

import (
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// training is a run of training, with what players ask about it.
type training struct{ *train.Replay }

func (l training) Pass(step int) (player.Pass, error) { return l.Record(step + 1) }
func (l training) Input(i int) ([]uint32, error)      { return words(l.Plan().Inputs[i]), nil }
func (l training) Start() ([]uint32, error) {
	var ws []uint32
	for b := l.Plan().Start; len(b) >= 4; b = b[4:] {
		ws = append(ws, binary.LittleEndian.Uint32(b))
	}
	return ws, nil
}

func words(ids []int32) []uint32 {
	ws := make([]uint32, len(ids))
	for i, id := range ids {
		ws[i] = uint32(id)
	}
	return ws
}

func (l training) run() *verify.Programs {
	p := l.Plan()
	t := &verify.Programs{States: len(p.Phases[0].Program.States), Words: int64(p.Floats)}
	t.Header = verify.File{Root: blob.Sum(p.Header), Size: int64(len(p.Header))}
	if p.Start != nil {
		t.Start = verify.File{Root: blob.Sum(p.Start), Size: int64(len(p.Start)), From: int64(p.From)}
	}
	for _, phase := range p.Phases {
		t.Phases = append(t.Phases, verify.Phase{
			Program: phase.Program.Root(), Nodes: len(phase.Program.Nodes), Steps: phase.Steps,
		})
	}
	for _, ids := range p.Inputs {
		t.Inputs = append(t.Inputs, verify.Input{Root: blob.Sum(blob.AppendWords(nil, ids)), Words: int64(len(ids))})
	}
	return t
}

func (l training) side() player.Run { return player.Programs(l.run(), l) }

// newTraining is a run of a small training. change changes its spec, observe may change its values.
func newTraining(t *testing.T, change func(*train.Spec), observe func(step int, m *nn.Machine, node int)) training {
	t.Helper()
	s := &train.Spec{}
	s.Model.Name, s.Model.Layers, s.Model.Tied, s.Model.Theta = "commons", 2, true, 10000
	s.Optimizer.Rate, s.Optimizer.Floor, s.Optimizer.Warmup = 0.004, 0.0004, 100
	s.Optimizer.Beta1, s.Optimizer.Beta2, s.Optimizer.Eps, s.Optimizer.Decay, s.Optimizer.Clip = 0.9, 0.95, 1e-8, 0.1, 1
	s.Train.Seed = 1
	s.Model.Dim, s.Model.Heads, s.Model.Hidden, s.Model.Context, s.Tokenizer.Vocab = 16, 2, 24, 16, 300
	s.Train.Steps, s.Train.Batch, s.Train.Checkpoint, s.Train.Validation = 6, 3, 4, 0.1
	s.Data.Datasets = []string{"asset/1"}
	change(s)
	sea := "the sea was calm and a whale rose\nthen we rowed home under stars\n"
	held := []byte(strings.Repeat("a gull is white\n", 30))
	data := []train.Data{
		{Asset: "asset/1", Bytes: []byte(strings.Repeat(sea, 80))},
		{Asset: "blob/" + blob.Sum(held).String(), Bytes: held},
	}
	if s.Model.Base != "" {
		data = append(data, train.Data{Asset: s.Model.Base, Bytes: based(t, s, data)})
	}
	b, err := kernel.New("", 1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := train.NewPlan(s, data)
	if s.Measured() {
		p, err = measured(s, data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return training{train.NewReplay(context.Background(), p, b, train.Options{Observe: observe})}
}

// based is the file of a model to begin with. It has the size that s says and was trained with another seed.
func based(t *testing.T, s *train.Spec, data []train.Data) []byte {
	t.Helper()
	other := *s
	other.Model.Base, other.Train.Seed, other.Train.Steps = "", s.Train.Seed+1, 2
	p, err := train.NewPlan(&other, data)
	if err != nil {
		t.Fatal(err)
	}
	b, err := kernel.New("", 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := train.Run(context.Background(), p, b, train.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.File
}

// measured is the first run that measures a job's data, which also gives credits.
func measured(s *train.Spec, data []train.Data) (*train.Plan, error) {
	m, err := train.NewMeasure(s, data)
	if err != nil {
		return nil, err
	}
	return m.Plan(0)
}

// TestEveryNodeOfTraining plays a dispute for each node of a training run. The liar has flipped a bit of
// that node, and the challenger wins with one scalar step of it.
func TestEveryNodeOfTraining(t *testing.T) {
	small := func(*train.Spec) {}
	honest := newTraining(t, small, nil)
	largest, exchanges := playNodes(t, small, honest, everyNode(honest.Plan()))
	t.Logf("largest message %d bytes, at most %d exchanges", largest, exchanges)
}

// TestEveryNodeOfMeasuring is the same for a run that measures what the data did.
func TestEveryNodeOfMeasuring(t *testing.T) {
	measure := func(s *train.Spec) {
		s.Train.Validation, s.Validation.Text = 0, "blob/"+blob.Sum([]byte(strings.Repeat("a gull is white\n", 30))).String()
		m := &s.Measure
		m.Method, m.Portion, m.Steps, m.Rows = contribution.Measure, 1000, 4, 1
		m.Layers, m.Dim, m.Heads, m.Hidden, m.Context = 1, 8, 2, 12, 8
	}
	honest := newTraining(t, measure, nil)
	nodes := everyNode(honest.Plan())
	for _, op := range []nn.Op{nn.OpPortionWindows, nn.OpCycle, nn.OpProbe, nn.OpCredit} {
		if !slices.ContainsFunc(nodes, func(at target) bool { return at.node.Op == op }) {
			t.Errorf("no node is %v", op)
		}
	}
	largest, exchanges := playNodes(t, measure, honest, nodes)
	t.Logf("%d nodes, largest message %d bytes, at most %d exchanges", len(nodes), largest, exchanges)
}

// TestEveryNodeOfABeginning is the same for the first step of a run that goes on from a model. A claimant
// that went on from another model loses by one word.
func TestEveryNodeOfABeginning(t *testing.T) {
	fromModel := func(s *train.Spec) { s.Model.Base = "asset/7" }
	honest := newTraining(t, fromModel, nil)
	nodes := everyNode(honest.Plan())
	nodes = nodes[:len(honest.Plan().Phases[0].Program.Nodes)]
	playNodes(t, fromModel, honest, nodes)

	task := honest.run().Task()
	liar := newTraining(t, func(s *train.Spec) { s.Model.Base = "asset/7" }, nil)
	liar.Plan().Start = slices.Clone(liar.Plan().Start)
	liar.Plan().Start[len(liar.Plan().Header)+4321] ^= 1
	liar = training{train.NewReplay(context.Background(), liar.Plan(), must(kernel.New("", 1)), train.Options{})}
	claimant, challenger := player.New(task, liar.side()), player.New(task, honest.side())
	trace, err := claimant.Trace()
	if err != nil {
		t.Fatal(err)
	}
	g, err := verify.Open(task, verify.Claimed{Trace: trace}, verify.Trace)
	if err != nil {
		t.Fatal(err)
	}
	for g.Winner == verify.Nobody {
		if _, err := move(task, g, claimant, challenger); err != nil {
			t.Fatal(err)
		}
	}
	if g.Winner != verify.Challenger || stepOf(g) != 0 {
		t.Errorf("side %d won at step %d", g.Winner, stepOf(g))
	}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// TestLargeNodesOfTraining is the same for some nodes of a model with 6 layers and width 256. It shows that
// no message is longer than is allowed.
func TestLargeNodesOfTraining(t *testing.T) {
	large := func(s *train.Spec) {
		s.Model.Layers, s.Model.Dim, s.Model.Heads, s.Model.Hidden, s.Model.Context = 6, 256, 8, 688, 32
		s.Train.Steps, s.Train.Batch = 1, 1
	}
	honest := newTraining(t, large, nil)
	nodes := everyNode(honest.Plan())
	var some []target
	for _, op := range []nn.Op{nn.OpSumSquares, nn.OpClipScale} {
		some = append(some, nodes[slices.IndexFunc(nodes, func(at target) bool { return at.node.Op == op })])
	}
	largest, exchanges := playNodes(t, large, honest, some)
	t.Logf("largest message %d bytes, at most %d exchanges", largest, exchanges)
}

// target is where to lie: in a node of a step, counted from 1.
type target struct {
	step, index int
	node        nn.Node
}

// everyNode lists each node of each phase once, in a step in the phase's middle.
func everyNode(p *train.Plan) (all []target) {
	before := 0
	for _, phase := range p.Phases {
		for i, n := range phase.Program.Nodes {
			all = append(all, target{before + (phase.Steps+1)/2, i, n})
		}
		before += phase.Steps
	}
	return all
}

func playNodes(t *testing.T, change func(*train.Spec), honest training, targets []target) (largest, exchanges int) {
	t.Helper()
	task := honest.run().Task()
	challenger := player.New(task, honest.side())
	for i, at := range targets {
		liar := newTraining(t, change, func(step int, m *nn.Machine, node int) {
			if step == at.step && node == at.index {
				flip(rand.New(rand.NewPCG(9, uint64(i))), m, at.node)
			}
		})
		claimant := player.New(task, liar.side())
		trace, err := claimant.Trace()
		if err != nil {
			t.Fatal(err)
		}
		if own, err := challenger.Trace(); err != nil || own == trace {
			continue // the flipped bit changed nothing
		}
		g, err := verify.Open(task, verify.Claimed{Trace: trace}, verify.Trace)
		if err != nil {
			t.Fatal(err)
		}
		for g.Winner == verify.Nobody {
			n, err := move(task, g, claimant, challenger)
			if err != nil {
				t.Fatalf("step %d, node %d, %v: %v: %v", at.step, at.index, at.node.Op, g.View(task), err)
			}
			largest = max(largest, n)
		}
		if g.Winner != verify.Challenger || stepOf(g) != at.step || g.Level(verify.Nodes).At.Lo != at.index {
			t.Fatalf("step %d, node %d, %v: side %d won: %v", at.step, at.index, at.node.Op, g.Winner, g.View(task))
		}
		exchanges = max(exchanges, g.Exchanges)
	}
	if largest == 0 || largest > verify.MaxMessage {
		t.Fatalf("largest message %d bytes, want 1 to %d", largest, verify.MaxMessage)
	}
	return largest, exchanges
}

// flip changes one bit of one output of a node.
func flip(r *rand.Rand, m *nn.Machine, n nn.Node) {
	out := n.Out[r.IntN(len(n.Out))]
	if ids := m.Ints(out); len(ids) > 0 {
		ids[r.IntN(len(ids))] ^= 1
		return
	}
	xs := m.Floats(out)
	i := r.IntN(len(xs))
	xs[i] = math.Float32frombits(math.Float32bits(xs[i]) ^ 1<<r.IntN(23))
}

// stepOf is the disputed step, counted from 1; 0 is the start before the first step.
func stepOf(g *verify.Game) int { return g.Level(verify.Steps).At.Lo }

// move plays one move over the wire and returns the message's size.
func move(task *verify.Task, g *verify.Game, claimant, challenger *player.Player) (int, error) {
	var raw []byte
	if g.Turn() == verify.Claimant {
		a, err := claimant.Answer(g)
		if err != nil {
			return 0, err
		}
		raw = a.Encode()
	} else {
		d, err := challenger.Deny(g)
		if err != nil {
			return 0, err
		}
		raw = d.Encode()
	}
	_, err := g.Play(task, g.Turn(), raw)
	return len(raw), err
}
