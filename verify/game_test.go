package verify_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// liarAndHonest returns two runs of a toy. The liar's has a flipped bit.
func liarAndHonest(t *testing.T, seed uint64) (*toy, *execution, *execution) {
	t.Helper()
	for r := rand.New(rand.NewPCG(seed, 1)); ; {
		toy := randomToy(r)
		honest := toy.execute(toy.programs, toy.inputs, nil)
		if liar := flipBit(r, toy, honest); liar.claimed().Trace != honest.claimed().Trace {
			return toy, honest, liar
		}
	}
}

// A side that does not move loses, at each point of the game.
func TestSilenceLoses(t *testing.T) {
	toy, honest, liar := liarAndHonest(t, 1)
	task := toy.run().Task()
	for stop := range 12 {
		g, err := verify.Open(task, liar.claimed(), verify.Trace)
		if err != nil {
			t.Fatal(err)
		}
		a, d := player.New(task, liar.side()), player.New(task, honest.side())
		m := &match{t: t, task: task}
		for range stop {
			if g.Winner != verify.Nobody || m.move(g, a, d) != nil {
				break
			}
		}
		turn := g.Turn()
		g.Silent()
		if turn != verify.Nobody && g.Winner == turn {
			t.Fatalf("after %d moves: it was side %d's turn, side %d won", stop, turn, g.Winner)
		}
		if before := g.Winner; before != verify.Nobody {
			if g.Silent(); g.Winner != before {
				t.Fatal("a game ended twice")
			}
		}
	}
}

// Challengers do not disturb each other. One loses on purpose, one is silent, one denies what is right, and
// the honest one still wins.
func TestAccompliceSettlesNothing(t *testing.T) {
	toy, honest, liar := liarAndHonest(t, 2)
	task := toy.run().Task()
	m := &match{t: t, r: rand.New(rand.NewPCG(2, 2)), task: task, name: "honest among accomplices", most: mostOf(toy)}
	accomplice, err := verify.Open(task, liar.claimed(), verify.Trace)
	if err != nil {
		t.Fatal(err)
	}
	a := player.New(task, liar.side())
	for accomplice.Turn() == verify.Claimant {
		if err := m.move(accomplice, a, nil); err != nil {
			t.Fatal(err)
		}
		if accomplice.Turn() == verify.Challenger && accomplice.Last().Stage == verify.Steps {
			if err := accomplice.Deny(task, &verify.Denial{Pick: 0}); err != nil {
				t.Fatal(err)
			}
		}
	}
	accomplice.Silent()
	if accomplice.Winner != verify.Claimant {
		t.Fatalf("side %d won against a silent challenger", accomplice.Winner)
	}
	m.play(liar.side(), honest.side(), verify.Challenger)
}

// A run whose first output is not zero contradicts itself. One move shows that, although the trace is what
// the run gives.
func TestContradiction(t *testing.T) {
	for _, value := range []float32{0, 1} {
		s := &sketch{r: rand.New(rand.NewPCG(1, 1))}
		s.Inputs, s.States = []string{"tokens", "step"}, []nn.State{{Name: "a", Next: 2}}
		s.Values = []nn.Value{ints(1), ints(1), floats(1)}
		s.node(nn.OpFill, []uint64{uint64(blob.Word(value)), 1}, nil, floats(1))
		s.Outputs = []nn.Output{{Name: "wrong", ID: 3}}
		p, err := nn.DecodeProgram(s.Encode())
		if err != nil {
			t.Fatal(err)
		}
		toy := &toy{programs: []*nn.Program{p}, steps: []int{3}, inputs: [][]int32{{1}}, outputs: 1, sound: true}
		task := toy.run().Task()
		run := toy.execute(toy.programs, toy.inputs, nil)
		d := player.New(task, run.side())
		target, ok, err := d.Compare(run.claimed())
		if err != nil || ok != (value != 0) {
			t.Fatalf("first output %v: target %d, %v, %v", value, target, ok, err)
		}
		g, err := verify.Open(task, run.claimed(), verify.Sound)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&match{t: t, task: task}).move(g, nil, d); err != nil {
			t.Fatal(err)
		}
		if want := map[bool]verify.Side{true: verify.Challenger, false: verify.Claimant}[value != 0]; g.Winner != want {
			t.Fatalf("first output %v: side %d won", value, g.Winner)
		}
	}
}

// A move for another stage, a move of the other side and a move with too much in it are refused and change
// nothing.
func TestRefusedMoves(t *testing.T) {
	toy, honest, liar := liarAndHonest(t, 3)
	task := toy.run().Task()
	g, err := verify.Open(task, liar.claimed(), verify.Trace)
	if err != nil {
		t.Fatal(err)
	}
	a, d := player.New(task, liar.side()), player.New(task, honest.side())
	m := &match{t: t, task: task}
	for g.Winner == verify.Nobody {
		before := g.Encode()
		own := verify.Evidence{Of: verify.OperandNumber(nn.Own(0)), Words: []uint32{0}}
		bad := map[string]error{
			"empty answer": g.Answer(task, &verify.Answer{}),
			"registers":    g.Answer(task, &verify.Answer{Registers: [][]uint32{{1}, {2}, {3}}}),
			"hashes":       g.Answer(task, &verify.Answer{Children: make([]verify.Hash, 2)}),
			"far pick":     g.Deny(task, &verify.Denial{Pick: 999}),
			"stray part":   g.Answer(task, &verify.Answer{Part: verify.PartOf(&nn.Proof{Index: 1})}),
			"no evidence":  g.Deny(task, &verify.Denial{Pick: 0, Evidence: []verify.Evidence{{}}}),
			"own output":   g.Deny(task, &verify.Denial{Evidence: []verify.Evidence{own}}),
		}
		for name, err := range bad {
			if !errors.Is(err, verify.ErrMove) {
				t.Fatalf("stage %v, %s: %v", g.View(task), name, err)
			}
		}
		if !slices.Equal(before, g.Encode()) {
			t.Fatalf("stage %v: a refused move changed the game", g.View(task))
		}
		if m.move(g, a, d) != nil {
			break // the liar has no more move that follows from its claim
		}
	}
}
