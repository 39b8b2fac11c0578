package verify

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/minga-network/minga/nn"
)

// liarAndHonest are two runs of one toy, one of them with a flipped bit.
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

// A side that stops answering loses, wherever in the game.
func TestSilenceLoses(t *testing.T) {
	toy, honest, liar := liarAndHonest(t, 1)
	task := toy.task()
	for stop := range 12 {
		g, err := Open(task, liar.claimed(), Trace)
		if err != nil {
			t.Fatal(err)
		}
		a, d := NewPlayer(task, liar), NewPlayer(task, honest)
		m := &match{t: t, task: task}
		for range stop {
			if g.Turn() == Claimant {
				err = m.answer(g, a)
			} else if g.Turn() == Challenger {
				err = m.deny(g, d)
			}
			if err != nil {
				break
			}
		}
		turn := g.Turn()
		g.Silent()
		if turn == Claimant && g.Winner != Challenger || turn == Challenger && g.Winner != Claimant {
			t.Fatalf("after %d moves: it was side %d's turn, side %d won", stop, turn, g.Winner)
		}
		if before := g.Winner; before != Nobody {
			if g.Silent(); g.Winner != before {
				t.Fatal("a game ended twice")
			}
		}
	}
}

// Challengers do not get into each other's way: one loses on purpose, one is
// silent, one denies what is right, and the honest one still wins.
func TestAccompliceSettlesNothing(t *testing.T) {
	toy, honest, liar := liarAndHonest(t, 2)
	task := toy.task()
	m := &match{t: t, task: task, name: "honest among accomplices"}
	accomplice, err := Open(task, liar.claimed(), Trace)
	if err != nil {
		t.Fatal(err)
	}
	a := NewPlayer(task, liar)
	for accomplice.Turn() == Claimant {
		if err := m.answer(accomplice, a); err != nil {
			t.Fatal(err)
		}
		if accomplice.Turn() == Challenger && accomplice.Stage == Steps {
			if err := accomplice.Deny(task, &Denial{Pick: 0}); err != nil {
				t.Fatal(err)
			}
		}
	}
	accomplice.Silent()
	if accomplice.Winner != Claimant {
		t.Fatalf("side %d won against a silent challenger", accomplice.Winner)
	}
	m.play(liar, honest, Challenger)
}

// A run whose first output is not zero contradicts itself: that is shown in one
// move, though the trace is what the run gives.
func TestContradiction(t *testing.T) {
	for _, value := range []float32{0, 1} {
		s := &sketch{r: rand.New(rand.NewPCG(1, 1))}
		s.Inputs, s.States = []string{"tokens", "step"}, []nn.State{{Name: "a", Next: 2}}
		s.Values = []nn.Value{ints(1), ints(1), floats(1)}
		s.node(nn.OpFill, []uint64{uint64(nn.Word(value)), 1}, nil, floats(1))
		s.Outputs = []nn.Output{{Name: "wrong", ID: 3}}
		p, err := nn.DecodeProgram(s.Encode())
		if err != nil {
			t.Fatal(err)
		}
		toy := &toy{programs: []*nn.Program{p}, steps: []int{3}, inputs: [][]int32{{1}}, outputs: 1, words: 1}
		task := toy.task()
		task.Sound = true
		task.Header = File{}
		task.Words = 0
		run := toy.execute(toy.programs, toy.inputs, nil)
		d := NewPlayer(task, run)
		target, ok, err := d.Compare(run.claimed())
		if err != nil || ok != (value != 0) {
			t.Fatalf("first output %v: target %d, %v, %v", value, target, ok, err)
		}
		g, err := Open(task, run.claimed(), Sound)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&match{t: t, task: task}).deny(g, d); err != nil {
			t.Fatal(err)
		}
		if want := map[bool]Side{true: Challenger, false: Claimant}[value != 0]; g.Winner != want {
			t.Fatalf("first output %v: side %d won", value, g.Winner)
		}
	}
}

// A move for another stage, of another side or with too much in it is refused
// and changes nothing.
func TestRefusedMoves(t *testing.T) {
	toy, honest, liar := liarAndHonest(t, 3)
	task := toy.task()
	g, err := Open(task, liar.claimed(), Trace)
	if err != nil {
		t.Fatal(err)
	}
	a, d := NewPlayer(task, liar), NewPlayer(task, honest)
	m := &match{t: t, task: task}
	for g.Winner == Nobody {
		before := g.Encode()
		bad := map[string]error{
			"empty answer": g.Answer(task, &Answer{}),
			"registers":    g.Answer(task, &Answer{Registers: [][]uint32{{1}, {2}, {3}}}),
			"hashes":       g.Answer(task, &Answer{Children: make([]Hash, 2)}),
			"far pick":     g.Deny(task, &Denial{Pick: 999}),
			"stray node":   g.Answer(task, &Answer{Node: &nn.Proof{Index: 1}, Root: Hash{1}}),
			"no evidence":  g.Deny(task, &Denial{Pick: 0, Evidence: []Evidence{{}}}),
			"own output":   g.Deny(task, &Denial{Pick: 0, Evidence: []Evidence{{Of: nn.Own(0), Words: []uint32{0}}}}),
		}
		for name, err := range bad {
			if !errors.Is(err, ErrMove) {
				t.Fatalf("stage %d, %s: %v", g.Stage, name, err)
			}
		}
		if !slices.Equal(before, g.Encode()) {
			t.Fatalf("stage %d: a refused move changed the game", g.Stage)
		}
		if g.Turn() == Claimant {
			err = m.answer(g, a)
		} else {
			err = m.deny(g, d)
		}
		if err != nil {
			break // the liar has nothing more to say
		}
	}
}

func FuzzDecodeTask(f *testing.F) {
	toy := randomToy(rand.New(rand.NewPCG(1, 2)))
	f.Add(toy.task().Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		task, err := DecodeTask(data)
		if err == nil && !slices.Equal(task.Encode(), data) {
			t.Fatal("another spelling of a task was read")
		}
	})
}

// position is a game before a move.
type position struct {
	task *Task
	game []byte
	move []byte
}

// positions are those of some games, by whose turn it is.
func positions(side Side) (all []position) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 8 {
		toy := randomToy(r)
		honest := toy.execute(toy.programs, toy.inputs, nil)
		liar := flipBit(r, toy, honest)
		task := toy.task()
		g, err := Open(task, liar.claimed(), Trace)
		a, d := NewPlayer(task, liar), NewPlayer(task, honest)
		for err == nil && g.Winner == Nobody {
			at, before := g.Turn(), g.Encode()
			var move []byte
			if at == Claimant {
				var answer *Answer
				if answer, err = a.Answer(g); err == nil {
					move, err = answer.Encode(), g.Answer(task, answer)
				}
			} else {
				var denial *Denial
				if denial, err = d.Deny(g); err == nil {
					move, err = denial.Encode(), g.Deny(task, denial)
				}
			}
			if at == side && err == nil {
				all = append(all, position{task, before, move})
			}
		}
	}
	return all
}

// FuzzAnswer plays any bytes in any game: nothing panics, what is refused changes
// nothing, and there is one spelling of everything.
func FuzzAnswer(f *testing.F) {
	fuzzMoves(f, Claimant, func(task *Task, g *Game, move []byte) ([]byte, error) {
		a, err := DecodeAnswer(move)
		if err != nil {
			return move, nil
		}
		return a.Encode(), g.Answer(task, a)
	})
}

// FuzzDenial is the same for the other side.
func FuzzDenial(f *testing.F) {
	fuzzMoves(f, Challenger, func(task *Task, g *Game, move []byte) ([]byte, error) {
		d, err := DecodeDenial(move)
		if err != nil {
			return move, nil
		}
		return d.Encode(), g.Deny(task, d)
	})
}

func fuzzMoves(f *testing.F, side Side, play func(*Task, *Game, []byte) (again []byte, refusal error)) {
	all := positions(side)
	for i, p := range all {
		f.Add(uint(i), p.move)
	}
	f.Fuzz(func(t *testing.T, i uint, move []byte) {
		p := all[i%uint(len(all))]
		g, err := DecodeGame(p.game)
		if err != nil {
			t.Fatal(err)
		}
		again, refusal := play(p.task, g, move)
		if !slices.Equal(again, move) {
			t.Fatal("another spelling of a move was read")
		}
		if refusal != nil && !slices.Equal(g.Encode(), p.game) {
			t.Fatal("a refused move changed the game")
		}
	})
}

func FuzzDecodeGame(f *testing.F) {
	for _, p := range append(positions(Claimant), positions(Challenger)...) {
		f.Add(p.game)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := DecodeGame(data)
		if err == nil && !slices.Equal(g.Encode(), data) {
			t.Fatal("another spelling of a game was read")
		}
	})
}

// What a decoder allocates is bounded by what it is given, whatever it says.
func TestDecodersAllocateLittle(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	decoders := map[string]func([]byte){
		"task":   func(b []byte) { _, _ = DecodeTask(b) },
		"answer": func(b []byte) { _, _ = DecodeAnswer(b) },
		"denial": func(b []byte) { _, _ = DecodeDenial(b) },
		"game":   func(b []byte) { _, _ = DecodeGame(b) },
	}
	var seeds [][]byte
	for _, p := range append(positions(Claimant), positions(Challenger)...) {
		seeds = append(seeds, p.move, p.game, p.task.Encode())
	}
	for name, decode := range decoders {
		var before, after runtime.MemStats
		size := uint64(0)
		runtime.ReadMemStats(&before)
		for i := range 3000 {
			b := slices.Clone(seeds[i%len(seeds)])
			for range 1 + r.IntN(3) {
				b[r.IntN(len(b))] = byte(r.Uint32())
			}
			b = append(b, make([]byte, r.IntN(MaxMessage-min(len(b), MaxMessage-1)))...)
			size += uint64(len(b))
			decode(b)
		}
		runtime.ReadMemStats(&after)
		// The copies made here are in it twice.
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 16*size {
			t.Errorf("%s: %d bytes allocated for %d bytes read", name, spent, size)
		} else {
			t.Logf("%s: %.1f bytes allocated for each byte read", name, float64(spent)/float64(size))
		}
	}
}
