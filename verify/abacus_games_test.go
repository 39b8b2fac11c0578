package verify_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/verify"
)

// TestGamesOfAnotherMachine plays the same games with a machine that only tests have. The game, the
// players and x/job do not know it.
func TestGamesOfAnotherMachine(t *testing.T) {
	verify.AddMachine("abacus", decodeAbacus)
	count, longest, largest := map[string]int{}, 0, 0
	for i, played := 0, 0; played < *games; i++ {
		r := rand.New(rand.NewPCG(*seed, uint64(i)))
		m, code := randomAbacus(r)
		honest := compute(m, code, nil)
		name, liar := randomLiar(r, m, code)
		task, err := verify.DecodeTask((&verify.Task{Name: "abacus", Machine: m}).Encode())
		if err != nil {
			t.Fatal(err)
		}
		most := max(verify.MaxExchanges(m.steps, m.blocks, m.instructions), verify.MaxExchanges(m.memory))
		match := &match{t: t, r: r, task: task, name: name, most: most, foreign: honest.strange}
		if slices.Equal(liar.leaves, honest.leaves) && slices.Equal(liar.file, honest.file) {
			continue // the lie made no difference
		}
		played++
		count[name]++
		match.play(liar, honest, verify.Challenger)
		match.play(honest, liar, verify.Claimant)
		match.quiet(liar, honest, verify.Claimant)
		match.quiet(honest, liar, verify.Challenger)
		match.shift(liar, honest)
		match.mischief(honest)
		longest, largest = max(longest, match.exchanges), max(largest, match.largest)
	}
	t.Logf("seed %d: %v; at most %d exchanges, messages of at most %d bytes", *seed, count, longest, largest)
	if largest > verify.MaxMessage {
		t.Error("a message is too long")
	}
}

func randomAbacus(r *rand.Rand) (*abacus, []uint32) {
	code := make([]uint32, 1+r.IntN(600))
	for i := range code {
		code[i] = r.Uint32()
	}
	return &abacus{
		code: verify.Value(code), codeWords: len(code), memory: 1 + r.IntN(700),
		steps: 1 + r.IntN(40), blocks: 1 + r.IntN(20), instructions: 1 + r.IntN(60),
	}, code
}

// randomLiar computes something else, or computes the same and claims something else.
func randomLiar(r *rand.Rand, m *abacus, code []uint32) (string, *counted) {
	at, bit := r.IntN(m.steps*m.blocks*m.instructions), uint32(1)<<r.IntN(32)
	switch r.IntN(6) {
	case 0:
		return "wrong sum", compute(m, code, func(done int, s *abacusState) {
			if done == at {
				s.r[acc] ^= bit
			}
		})
	case 1:
		return "wrong memory", compute(m, code, func(done int, s *abacusState) {
			if done == at {
				s.memory[int(bit)%m.memory] ^= bit
			}
		})
	case 2:
		return "wrong start", compute(m, code, func(done int, s *abacusState) {
			if done < 0 {
				s.r[acc] = bit
			}
		})
	case 3:
		other := slices.Clone(code)
		other[at%len(code)] ^= bit
		return "wrong code", compute(m, other, nil)
	}
	liar := compute(m, code, nil)
	if at%2 == 0 {
		said := 1 + at%(len(liar.states)-1)
		liar.states[said] = liar.states[said].clone()
		liar.states[said].r[acc] ^= bit
		liar.commit()
		return "wrong word about a right block", liar
	}
	liar.file[at%len(liar.file)] ^= 1
	return "wrong file", liar
}

// abacusState is a state of an abacus.
type abacusState struct {
	r      []uint32 // registers, without the hash of the memory
	memory []uint32
}

func (s *abacusState) clone() *abacusState {
	return &abacusState{slices.Clone(s.r), slices.Clone(s.memory)}
}

// registers are the registers as a line has them, with the hash of the memory.
func (s *abacusState) registers() []uint32 {
	return append(slices.Clone(s.r[:mem]), verify.HashWords(verify.Value(s.memory))...)
}

// counted is a run of an abacus. It keeps the state that it begins with, and that after each block.
type counted struct {
	m      *abacus
	code   []uint32
	change func(done int, s *abacusState)
	states []*abacusState
	tops   []blob.Hash // of the states
	leaves []blob.Hash
	file   []byte
}

// compute runs an abacus. change is called after each instruction and may change the state. done is the
// number of that instruction, from 0; -1: the run begins.
func compute(m *abacus, code []uint32, change func(done int, s *abacusState)) *counted {
	c := &counted{m: m, code: code, change: change}
	s := &abacusState{make([]uint32, mem), make([]uint32, m.memory)}
	c.tamper(-1, s)
	c.states = append(c.states, s)
	for range m.steps * m.blocks {
		s = s.clone()
		c.run(s, (len(c.states)-1)*m.instructions, m.instructions)
		c.states = append(c.states, s)
	}
	c.commit()
	for _, w := range s.memory {
		c.file = binary.LittleEndian.AppendUint32(c.file, w)
	}
	return c
}

// commit hashes the states.
func (c *counted) commit() {
	c.tops = nil
	for _, s := range c.states {
		c.tops = append(c.tops, verify.Value(s.registers()))
	}
	c.leaves = []blob.Hash{c.tops[0]}
	for leaf := 1; leaf <= c.m.steps; leaf++ {
		c.leaves = append(c.leaves, blob.Root(c.blocksOf(leaf)))
	}
}

func (c *counted) tamper(done int, s *abacusState) {
	if c.change != nil {
		c.change(done, s)
	}
}

// run executes the next n instructions. done were executed before.
func (c *counted) run(s *abacusState, done, n int) {
	for i := range n {
		instruction := c.code[int(s.r[pc])%len(c.code)]
		at := c.m.address(instruction)
		s.memory[at] = c.m.do(instruction, s.r, s.memory[at])
		c.tamper(done+i, s)
	}
}

func (c *counted) Leaves() ([]verify.Hash, error)       { return c.leaves, nil }
func (c *counted) File() ([]byte, error)                { return c.file, nil }
func (c *counted) Contradiction() (int, error)          { return -1, nil }
func (c *counted) Value(*verify.Game) ([]uint32, error) { return nil, verify.ErrMove }

func (c *counted) Tree(g *verify.Game) ([]verify.Hash, error) {
	return c.blocksOf(g.Level(verify.Steps).At.Lo), nil
}

// blocksOf are the leaves below a leaf of the trace.
func (c *counted) blocksOf(leaf int) []blob.Hash {
	if leaf == 0 {
		return c.tops[:1]
	}
	return c.tops[1+(leaf-1)*c.m.blocks : 1+leaf*c.m.blocks]
}

// before is the number of the state before the disputed block.
func (c *counted) before(g *verify.Game) int {
	return (g.Level(verify.Steps).At.Lo-1)*c.m.blocks + g.Level(blocks).At.Lo
}

// Open shows the registers before and after the disputed block.
func (c *counted) Open(g *verify.Game) ([]byte, error) {
	at, block := c.before(g), g.Level(blocks)
	before := verify.Evidence{Words: c.states[at].registers()}
	if block.At.Lo > 0 {
		lead(block.Agreed, c.blocksOf(g.Level(verify.Steps).At.Lo), block.At.Lo-1, &before)
	} else {
		c.ends(g, g.Level(verify.Steps).At.Lo-1, &before)
	}
	d := &verify.Denial{Evidence: []verify.Evidence{before, {Words: c.states[at+1].registers()}}}
	return d.Encode(), nil
}

// ends is the path from the state at the end of a leaf of the trace to what both sides agree on.
func (c *counted) ends(g *verify.Game, leaf int, e *verify.Evidence) {
	last := c.blocksOf(leaf)
	e.Among = blob.Path(last, len(last)-1)
	lead(g.Level(verify.Steps).Agreed, c.leaves, leaf, e)
}

func lead(agreed []blob.Span, leaves []blob.Hash, i int, e *verify.Evidence) {
	for _, s := range agreed {
		if s.Lo <= i && i < s.Hi {
			e.Path = blob.Path(leaves[s.Lo:s.Hi], i-s.Lo)
		}
	}
}

// after is the state after n instructions of the disputed block.
func (c *counted) after(g *verify.Game, n int) *abacusState {
	at := c.before(g)
	s := c.states[at].clone()
	c.run(s, at*c.m.instructions, n)
	return s
}

func (c *counted) Line(g *verify.Game) (points [][]uint32, err error) {
	for _, n := range verify.Points(g.Last().Lo, g.Last().Hi) {
		points = append(points, c.after(g, n).registers())
	}
	return points, nil
}

// Evidence shows the instruction and the word of memory that it is about; or for the file
// the last registers and the memory; or nothing, as the start is known.
func (c *counted) Evidence(g *verify.Game, d *verify.Denial) error {
	switch l := g.Last(); l.Stage {
	case instructions:
		s := c.after(g, l.Lo)
		at := int(s.r[pc])
		d.Evidence = []verify.Evidence{chunkOf(c.code, at), chunkOf(s.memory, c.m.address(c.code[at]))}
	case verify.Pieces:
		s := c.states[len(c.states)-1]
		last := verify.Evidence{Words: s.registers()}
		c.ends(g, c.m.steps, &last)
		d.Evidence = []verify.Evidence{last, chunkOf(s.memory, l.Word)}
	}
	return nil
}

func chunkOf(words []uint32, at int) verify.Evidence {
	chunk := at / 256
	return verify.Evidence{
		Chunk: chunk, Words: words[256*chunk : min(len(words), 256*(chunk+1))], Up: blob.Path(blob.WordLeaves(words), chunk),
	}
}

// strange are openings whose registers before the block are wrong.
func (c *counted) strange(g *verify.Game) (parts [][]byte) {
	if !g.Last().Closed {
		return nil
	}
	at := c.before(g)
	for i := range registers {
		before := c.states[at].registers()
		before[i]++
		d := &verify.Denial{Evidence: []verify.Evidence{{Words: before}, {Words: c.states[at+1].registers()}}}
		parts = append(parts, d.Encode())
	}
	return parts
}
