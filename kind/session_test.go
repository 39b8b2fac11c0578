package kind

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// A liar executes a session with another outcome of a node, or from other states.
type liar struct {
	session
	b      *kernel.Backend
	start  [][]float32
	step   int // that it lies in
	change func(m *nn.Machine, node int)
}

func (l *liar) run() player.Run { return player.Programs(l.task, l) }

func (l *liar) Pass(step int) (player.Pass, error) {
	p := l.Plan()
	record := l.Given()[step*p.Record : (step+1)*p.Record]
	words := make([]int32, len(record))
	for i, w := range record {
		words[i] = int32(w)
	}
	states := append([][]float32(nil), l.start...)
	if step > 0 {
		before, err := l.Pass(step - 1)
		if err != nil {
			return nil, err
		}
		last := p.Program.States[len(states)-1].Next
		states[len(states)-1] = floatsOf(before.Words(last))
	}
	return nn.NewRecord(p.Program, l.b, [][]int32{words, {int32(step)}}, states, func(m *nn.Machine, node int) {
		if step == l.step {
			l.change(m, node)
		}
	})
}

func floatsOf(words []uint32) (xs []float32) {
	for _, w := range words {
		xs = append(xs, math.Float32frombits(w))
	}
	return xs
}

func (l *liar) Leaves() ([]blob.Hash, error) {
	var begin []blob.Hash
	for _, s := range l.start {
		begin = append(begin, blob.Sum(blob.AppendFloats(nil, s)))
	}
	leaves := []blob.Hash{blob.Root(begin)}
	for step := range l.Steps() {
		pass, err := l.Pass(step)
		if err != nil {
			return nil, err
		}
		var values []blob.Hash
		for _, s := range l.Plan().Program.States {
			values = append(values, verify.Value(pass.Words(s.Next)))
		}
		for _, o := range l.Plan().Program.Outputs {
			values = append(values, verify.Value(pass.Words(o.ID)))
		}
		leaves = append(leaves, blob.Root(values))
	}
	return leaves, nil
}

func (l *liar) Contradiction() (int, error) { return -1, nil }

// served is a model with a session of three calls.
func served(t *testing.T) (m *file.Model, l infer.Log, b *kernel.Backend) {
	tok, err := token.Train([][]byte{[]byte(strings.Repeat("and the waters and the earth. ", 20))}, 270)
	require.NoError(t, err)
	b, err = kernel.New("", 1)
	require.NoError(t, err)
	cfg := nn.Config{Vocab: tok.Vocab(), Layers: 1, Dim: 8, Heads: 2, Hidden: 12, Context: 24, Theta: 10000, Eps: 1e-5}
	m = &file.Model{Config: cfg, Tensors: nn.Initial(cfg, 1, b), Tokenizer: tok}
	for _, w := range m.Tensors {
		for i := range w.Data {
			w.Data[i] *= 4
		}
	}
	g := infer.New(m, b)
	for seed, temperature := range []float32{0, 0.7, 1} {
		r := infer.Request{Prompt: tok.Encode([]byte("and the")), MaxTokens: 12, Temperature: temperature, TopP: 0.9,
			Seed: uint64(seed)}
		res, err := g.Generate(t.Context(), r, nil)
		require.NoError(t, err)
		l.Calls = append(l.Calls, res.Call)
	}
	return m, l, b
}

func reread(t *testing.T, m *file.Model, content []byte, b *kernel.Backend) session {
	r, err := infer.NewReplay(t.Context(), m.Encode(), content, b)
	require.NoError(t, err)
	return session{r, sessionOf(t, m, content)}
}

// sessionOf is what a claim makes of a session's task.
func sessionOf(t *testing.T, m *file.Model, file []byte) *verify.Programs {
	model := m.Encode()
	task, err := SessionTask(m, blob.Sum(model), int64(len(model)))
	require.NoError(t, err)
	session, err := verify.ProgramsOf(task)
	require.NoError(t, err)
	session.Phases[0].Steps = len(file) / 4 / int(session.Inputs[0].Words)
	session.Inputs[0].Root = blob.Sum(file)
	return session
}

// play lets both sides play to the end, over messages as the chain carries them.
func play(t *testing.T, session *verify.Programs, claimant, challenger player.Run) *verify.Game {
	task, err := verify.DecodeTask(session.Encode())
	require.NoError(t, err)
	one, other := player.New(task, claimant), player.New(task, challenger)
	trace, err := one.Trace()
	require.NoError(t, err)
	claim := verify.Claimed{Trace: trace, Result: session.Inputs[0].Root}
	target, differs, err := other.Compare(claim)
	require.NoError(t, err)
	require.True(t, differs)
	g, err := verify.Open(task, claim, target)
	require.NoError(t, err)
	for g.Turn() != verify.Nobody {
		if g.Turn() == verify.Claimant {
			a, err := one.Answer(g)
			require.NoError(t, err)
			require.LessOrEqual(t, len(a.Encode()), verify.MaxMessage)
			require.NoError(t, g.Answer(task, a))
			continue
		}
		d, err := other.Deny(g)
		require.NoError(t, err)
		require.LessOrEqual(t, len(d.Encode()), verify.MaxMessage)
		require.NoError(t, g.Deny(task, d))
	}
	return g
}

// TestEveryLieAboutASessionIsFound lies in one place after the other: the game ends
// there, and against the liar on either side.
func TestEveryLieAboutASessionIsFound(t *testing.T) {
	m, l, b := served(t)
	file := l.File(m.Config.Context)
	session := sessionOf(t, m, file)
	honest := reread(t, m, file, b)
	p := honest.Plan().Program
	weights := len(p.States) - 1
	// flip changes an element of an output of the last node of an operator.
	flip := func(op nn.Op, output, at int) func(m *nn.Machine, node int) {
		last := 0
		for i, n := range p.Nodes {
			if n.Op == op {
				last = i
			}
		}
		return func(m *nn.Machine, node int) {
			id := p.Nodes[last].Out[output]
			switch {
			case node != last:
			case m.Ints(id) != nil:
				m.Ints(id)[at] ^= 3
			default:
				m.Floats(id)[at] += 1
			}
		}
	}
	both := func(a, b func(m *nn.Machine, node int)) func(m *nn.Machine, node int) {
		return func(m *nn.Machine, node int) {
			a(m, node)
			b(m, node)
		}
	}
	row := len(l.Calls[1].Prompt) + 1
	choice := flip(nn.OpSample, 3, row)
	vocab := m.Config.Vocab
	for name, lie := range map[string]*liar{
		"tokens":          {change: flip(nn.OpCall, 0, 2)},
		"chosen":          {change: flip(nn.OpCall, 1, row)},
		"size":            {change: flip(nn.OpCall, 2, 0)},
		"faults":          {change: flip(nn.OpCall, 3, 0)},
		"logits":          {change: flip(nn.OpMatMulNT, 0, row*vocab+5)},
		"attention":       {change: flip(nn.OpAttention, 0, 9)},
		"most":            {change: both(choice, flip(nn.OpSample, 0, row))},
		"weight":          {change: both(choice, flip(nn.OpSample, 1, row*vocab+7))},
		"floor":           {change: both(choice, flip(nn.OpSample, 2, row))},
		"choice":          {change: choice},
		"differences":     {change: flip(nn.OpDifferences, 0, 0)},
		"rows":            {change: flip(nn.OpChosenRows, 0, row*vocab)},
		"units":           {change: flip(nn.OpTally, 0, 1)},
		"another model":   {start: startOf(m), step: -1},
		"the first units": {start: startOf(m), step: -1},
	} {
		t.Run(name, func(t *testing.T) {
			lie.session, lie.b = honest, b
			if lie.start == nil {
				lie.start, lie.step = startOf(m), 1
			}
			switch name {
			case "another model":
				lie.start[3] = append([]float32(nil), lie.start[3]...)
				lie.start[3][5]++
			case "the first units":
				lie.start[weights][1] = 7
			}
			fresh := func() player.Run { return reread(t, m, file, b).run() }
			g := play(t, session, lie.run(), fresh())
			require.Equal(t, verify.Challenger, g.Winner)
			require.Equal(t, verify.Claimant, play(t, session, fresh(), lie.run()).Winner)
			t.Logf("%v, %d exchanges", g.View(session.Task()), g.Exchanges)
		})
	}
}

// TestAnotherTokenIsAContradiction: the trace of a false session is as it should be,
// and says itself that the session is false.
func TestAnotherTokenIsAContradiction(t *testing.T) {
	m, l, b := served(t)
	l.Calls[1].Made[4] ^= 1
	file := l.File(m.Config.Context)
	session := sessionOf(t, m, file)
	g := play(t, session, reread(t, m, file, b).run(), reread(t, m, file, b).run())
	require.Equal(t, verify.Challenger, g.Winner)
	require.Equal(t, verify.Sound, g.Target)
	require.Equal(t, 1, g.Last().At.Lo-1)

	// Who says that nothing is wrong has another trace.
	p := reread(t, m, file, b).Plan().Program
	g = play(t, session, (&liar{session: reread(t, m, file, b), b: b, start: startOf(m), step: 1,
		change: func(m *nn.Machine, node int) {
			if p.Nodes[node].Op == nn.OpDifferences {
				m.Floats(p.Nodes[node].Out[0])[0] = 0
			}
		}}).run(), reread(t, m, file, b).run())
	require.Equal(t, verify.Challenger, g.Winner)
	require.Equal(t, nn.OpDifferences, p.Nodes[g.Level(verify.Nodes).At.Lo].Op)
}

func startOf(m *file.Model) (states [][]float32) {
	for _, w := range m.Tensors {
		states = append(states, w.Data)
	}
	return append(states, []float32{0, 0})
}

func TestAnHonestSessionHasNothingToDeny(t *testing.T) {
	m, l, b := served(t)
	file := l.File(m.Config.Context)
	run := reread(t, m, file, b)
	leaves := infer.NewTrace(m).Leaves(l)
	_, differs, err := player.New(run.task.Task(),
		run.run()).Compare(verify.Claimed{Trace: blob.Root(leaves), Result: blob.Sum(file)})
	require.NoError(t, err)
	require.False(t, differs)
}
