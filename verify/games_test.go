package verify

import (
	"errors"
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

var games = flag.Int("games", 500, "random games to play")

// TestGames plays random games over random small runs: whoever is right wins,
// whatever the other side says or does not say.
func TestGames(t *testing.T) {
	count := map[string]int{}
	longest, largest := 0, 0
	for i := range *games {
		r := rand.New(rand.NewPCG(3, uint64(i)))
		toy := randomToy(r)
		honest := toy.execute(toy.programs, toy.inputs, nil)
		lie := lies[i%len(lies)]
		liar := lie.run(r, toy, honest)
		if liar == nil {
			continue
		}
		count[lie.name]++
		match := &match{t: t, r: r, task: toy.task(), name: lie.name}
		if liar.claimed() != honest.claimed() || liar.lie != nil {
			match.play(liar, honest, Challenger)
			match.shift(liar, honest)
		}
		match.play(honest, liar, Claimant)
		match.mischief(honest, liar)
		longest, largest = max(longest, match.exchanges), max(largest, match.largest)
	}
	t.Logf("%v; at most %d exchanges, messages of at most %d bytes", count, longest, largest)
}

// lies are the ways to get another result. nil from run: it made no difference.
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

// flipBit flips one bit of one value of one step, and goes on from there.
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

// otherGraph runs a Program with other constants: another seed, another value.
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
	other[r.IntN(len(other))] = 0 // a row that every table has
	return t.execute(t.programs, [][]int32{other}, nil)
}

// otherOutcome computes every node right and says that the step gave something
// else. The steps after it go on from the truth.
func otherOutcome(r *rand.Rand, t *toy, honest *execution) *execution {
	e := t.execute(t.programs, t.inputs, nil)
	e.lieAt = r.IntN(len(e.records))
	state, bit := r.IntN(len(t.programs[0].States)), r.IntN(256)
	e.lie = func(x *executed) {
		x.commits[state][bit/8] ^= 1 << (bit % 8)
		x.nodes[len(x.nodes)-1] = blob.Root(x.commits)
	}
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

// player plays an execution, with its lie about an outcome if it has one.
func (e *execution) player(task *Task) *Player {
	p := NewPlayer(task, e)
	if e.lie != nil {
		leaves, _ := p.steps()
		x, _ := p.at(e.lieAt)
		e.lie(x)
		p.leaves = slices.Clone(leaves)
		p.leaves[e.lieAt+1] = x.nodes[len(x.nodes)-1]
	}
	return p
}

// match plays games about one task.
type match struct {
	t         *testing.T
	r         *rand.Rand
	task      *Task
	name      string
	exchanges int
	largest   int
}

// play lets a claimant and a challenger play to the end, over the wire.
func (m *match) play(claimant, challenger *execution, want Side) {
	m.t.Helper()
	a, d := claimant.player(m.task), challenger.player(m.task)
	claim := Claimed{Result: claimant.claimed().Result}
	claim.Trace, _ = a.Trace()
	target, ok, err := d.Compare(claim)
	if err != nil {
		m.t.Fatalf("%s: %v", m.name, err)
	}
	if !ok {
		return // the lie made no difference
	}
	g, err := Open(m.task, claim, target)
	if err != nil {
		m.t.Fatalf("%s: %v", m.name, err)
	}
	for g.Winner == Nobody {
		g = m.copy(g)
		if g.Turn() == Claimant {
			err = m.answer(g, a)
		} else {
			err = m.deny(g, d)
		}
		if errors.Is(err, ErrMove) && want != g.Turn() {
			g.Silent() // whoever is wrong has nothing to say that follows
			break
		}
		if err != nil {
			m.t.Fatalf("%s: %s side, stage %d of target %d: %v", m.name, []string{"", "claimant's", "challenger's"}[g.Turn()], g.Stage, g.Target, err)
		}
	}
	if g.Winner != want {
		m.t.Fatalf("%s: side %d won, want %d: %+v", m.name, g.Winner, want, g)
	}
	if most := m.most(); g.Exchanges > most {
		m.t.Fatalf("%s: %d exchanges, want at most %d", m.name, g.Exchanges, most)
	}
	m.exchanges = max(m.exchanges, g.Exchanges)
}

// shift lets a claimant go back on its lie: at every turn it first tries what the
// truth would answer, and the proofs of other nodes. What is accepted must not
// save it.
func (m *match) shift(liar, honest *execution) {
	m.t.Helper()
	a, d, truth := liar.player(m.task), honest.player(m.task), honest.player(m.task)
	claim := Claimed{Result: liar.claimed().Result}
	claim.Trace, _ = a.Trace()
	target, ok, err := d.Compare(claim)
	if err != nil || !ok {
		return
	}
	g, err := Open(m.task, claim, target)
	for err == nil && g.Winner == Nobody {
		if g.Turn() == Challenger {
			err = m.deny(g, d)
			continue
		}
		m.otherNodes(g, a)
		if points, err := truth.registersShown(g); err == nil && g.Answer(m.task, &Answer{Registers: points}) == nil {
			continue
		}
		if m.answer(g, truth) != nil {
			err = m.answer(g, a)
		}
	}
	if err != nil && g.Turn() == Claimant {
		g.Silent()
	}
	if g.Winner != Challenger {
		m.t.Fatalf("%s: a shifty claimant got through at stage %d of target %d: %v", m.name, g.Stage, g.Target, err)
	}
}

// registersShown are those that a fold gives, whatever was claimed of its end.
func (p *Player) registersShown(g *Game) ([][]uint32, error) {
	if g.Stage != Position {
		return nil, ErrMove
	}
	return p.walk(g)
}

// otherNodes shows other nodes than the disputed one.
func (m *match) otherNodes(g *Game, p *Player) {
	if g.Stage != Outputs || g.Step < 0 || g.Proof != nil {
		return
	}
	x, err := p.at(g.Step)
	if err != nil {
		m.t.Fatal(err)
	}
	for i := range x.program.Nodes {
		a, err := p.Answer(g)
		if err != nil || i == g.Node {
			continue
		}
		if a.Node, err = x.program.ProveNode(i); err != nil {
			m.t.Fatal(err)
		}
		if m.copy(g).Answer(m.task, a) == nil {
			m.t.Fatalf("%s: node %d passed for node %d", m.name, i, g.Node)
		}
	}
}

// most is the bound for this task's largest output and longest fold; 24·40
// elements and rows of 24 scores of 40 products are the most that toys have.
func (m *match) most() int {
	nodes := 0
	for _, p := range m.task.Phases {
		nodes = max(nodes, p.Nodes)
	}
	return MaxExchanges(m.task.Steps(), nodes, 24*40, 40*41)
}

// copy is the game as somebody else reads it.
func (m *match) copy(g *Game) *Game {
	back, err := DecodeGame(g.Encode())
	if err != nil || !slices.Equal(back.Encode(), g.Encode()) {
		m.t.Fatalf("%s: a game does not come back: %v", m.name, err)
	}
	return back
}

func (m *match) answer(g *Game, p *Player) error {
	a, err := p.Answer(g)
	if err != nil {
		return err
	}
	raw := a.Encode()
	m.largest = max(m.largest, len(raw))
	if a, err = DecodeAnswer(raw); err != nil {
		return err
	}
	return g.Answer(m.task, a)
}

func (m *match) deny(g *Game, p *Player) error {
	d, err := p.Deny(g)
	if err != nil {
		return err
	}
	raw := d.Encode()
	m.largest = max(m.largest, len(raw))
	if d, err = DecodeDenial(raw); err != nil {
		return err
	}
	return g.Deny(m.task, d)
}

// mischief plays an honest claimant against a challenger who picks at random,
// sends damaged messages, and borrows evidence from elsewhere; and an honest
// challenger against a claimant who does the like. Damaged messages may be
// refused, never believed.
func (m *match) mischief(honest, liar *execution) {
	for _, target := range []Target{Trace, Result} {
		a, d := honest.player(m.task), honest.player(m.task)
		g, err := Open(m.task, honest.claimed(), target)
		if err != nil {
			m.t.Fatal(err)
		}
		for tries := 0; g.Winner == Nobody; tries++ {
			if g.Turn() == Claimant {
				m.damagedAnswer(g, a)
				if err := m.answer(g, a); err != nil {
					m.t.Fatalf("%s: an honest answer is refused: %v", m.name, err)
				}
				continue
			}
			denial, err := d.Deny(g)
			if err != nil {
				denial = &Denial{}
			}
			denial.Pick = m.r.IntN(16)
			if m.r.IntN(3) == 0 {
				denial = m.damagedDenial(denial)
			}
			before := g.Encode()
			if err := g.Deny(m.task, denial); err != nil && !slices.Equal(before, g.Encode()) {
				m.t.Fatalf("%s: a refused move changed the game", m.name)
			}
			if tries > 60 && g.Turn() == Challenger { // its time is over
				g.Silent()
			}
		}
		if g.Winner != Claimant {
			m.t.Fatalf("%s: mischief won against the truth: stage %d op %v, output %d word %d, steps %d to %d, from %x to %x, correct %x", m.name, g.Stage, g.Proof.Content[0], g.Output, g.Word, g.Lo, g.Hi, g.From, g.To, g.Correct)
		}
	}
}

// damagedAnswer tries an answer with one byte changed: nothing that is shown can
// be anything but what the claim commits to.
func (m *match) damagedAnswer(g *Game, p *Player) {
	a, err := p.Answer(g)
	if err != nil {
		m.t.Fatal(err)
	}
	raw := a.Encode()
	raw[m.r.IntN(len(raw))] ^= 1 << m.r.IntN(8)
	if a, err = DecodeAnswer(raw); err != nil {
		return
	}
	before := g.Encode()
	next := m.copy(g)
	if err := next.Answer(m.task, a); err != nil && !slices.Equal(before, next.Encode()) {
		m.t.Fatalf("%s: a refused answer changed the game", m.name)
	}
}

func (m *match) damagedDenial(d *Denial) *Denial {
	raw := d.Encode()
	raw[m.r.IntN(len(raw))] ^= 1 << m.r.IntN(8)
	if back, err := DecodeDenial(raw); err == nil {
		return back
	}
	return d
}
