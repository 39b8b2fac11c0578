package verify_test

import (
	"encoding/binary"
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/verify"
)

// abacus is a second step machine, which only tests have. It has a few instructions, an
// accumulator and a memory. A step of its run is some blocks of instructions. For each step the
// trace has the root over the states after its blocks. Below a step there is a tree of blocks,
// and below that a line of instructions. The disputed instruction is executed on words of the
// code and of the memory.
type abacus struct {
	code                        blob.Hash
	codeWords, memory           int // words
	steps, blocks, instructions int
}

const (
	blocks       = verify.Own + iota // which block of the step
	instructions                     // which instruction of the block
)

// The registers of a line: where the next instruction is, the accumulator, and the hash of the
// memory.
const (
	pc = iota
	acc
	mem
	registers = mem + 8
)

func (m *abacus) fields() []*int {
	return []*int{&m.codeWords, &m.memory, &m.steps, &m.blocks, &m.instructions}
}

func (m *abacus) Body() []byte {
	b := m.code[:]
	for _, n := range m.fields() {
		b = binary.BigEndian.AppendUint32(b[:len(b):len(b)], uint32(*n))
	}
	return b
}

func decodeAbacus(body []byte) (verify.Machine, error) {
	m := &abacus{}
	if len(body) != len(m.code)+4*len(m.fields()) {
		return nil, fmt.Errorf("%w: not an abacus", verify.ErrMalformed)
	}
	copy(m.code[:], body)
	for i, n := range m.fields() {
		*n = int(binary.BigEndian.Uint32(body[len(m.code)+4*i:]))
	}
	return m, nil
}

func (m *abacus) Extent() verify.Extent {
	return verify.Extent{Steps: m.steps, Result: 4 * int64(m.memory)} // the file is the memory at the end
}

func (m *abacus) Levels() []verify.Name {
	return []verify.Name{{Parts: "blocks"}, {Parts: "instructions"}}
}

func (m *abacus) Describe(g *verify.Game, v *verify.View) { v.Operator = "abacus" }

func (m *abacus) Below(g *verify.Game) (*verify.Level, error) {
	switch l := g.Last(); l.Stage {
	case verify.Steps:
		if l.At.Lo > 0 {
			return &verify.Level{Stage: blocks, At: blob.Span{Top: l.At.Top, Hi: m.blocks}}, nil
		}
	case blocks:
		return &verify.Level{Stage: instructions, Sort: verify.Line, Closed: true}, nil
	}
	return nil, nil // everybody knows what the run begins with
}

// Open takes the registers before the block, which are agreed, and those after it.
func (m *abacus) Open(g *verify.Game, part []byte) (verify.Level, error) {
	l := *g.Last()
	d, err := verify.DecodeDenial(part)
	if err != nil || len(d.Evidence) != 2 {
		return l, fmt.Errorf("%w: show the registers before and after the block", verify.ErrMove)
	}
	before, after, block := &d.Evidence[0], &d.Evidence[1], g.Level(blocks).At
	if len(before.Words) != registers || len(after.Words) != registers || verify.Value(after.Words) != block.Top {
		return l, fmt.Errorf("%w: these are not the registers after block %d", verify.ErrMove, block.Lo)
	}
	agreed := g.Agrees(blocks, verify.Value(before.Words), block.Lo-1, before.Path)
	if block.Lo == 0 {
		agreed = m.ends(g, g.Level(verify.Steps).At.Lo-1, before)
	}
	if !agreed {
		return l, fmt.Errorf("%w: the registers before block %d are not agreed", verify.ErrMove, block.Lo)
	}
	l.Hi, l.From, l.To = m.instructions, before.Words, after.Words
	return l, nil
}

// ends tells whether both sides agree that a leaf of the trace ends with some registers.
func (m *abacus) ends(g *verify.Game, leaf int, e *verify.Evidence) bool {
	n := m.blocks
	if leaf == 0 {
		n = 1
	}
	top, ok := blob.Climb(verify.Value(e.Words), n-1, n, e.Among)
	return ok && g.Agrees(verify.Steps, top, leaf, e.Path)
}

func (m *abacus) Execute(g *verify.Game, d *verify.Denial) ([]uint32, error) {
	switch g.Last().Stage {
	case instructions:
		return m.instruction(g.Last().From, d)
	case verify.Pieces:
		return m.filed(g, d)
	}
	return verify.HashWords(verify.Value(m.start())), nil
}

// start are the registers before the first instruction: everything is zero.
func (m *abacus) start() []uint32 {
	return append([]uint32{0, 0}, verify.HashWords(verify.Value(make([]uint32, m.memory)))...)
}

// filed is a word of the memory at the end.
func (m *abacus) filed(g *verify.Game, d *verify.Denial) ([]uint32, error) {
	if len(d.Evidence) != 2 || len(d.Evidence[0].Words) != registers || !m.ends(g, m.steps, &d.Evidence[0]) {
		return nil, fmt.Errorf("%w: show the last registers and the memory", verify.ErrMove)
	}
	e := &d.Evidence[1]
	if err := e.Within(hashOf(d.Evidence[0].Words[mem:]), int64(m.memory)); err != nil {
		return nil, err
	}
	return e.Word(int64(g.Last().Word))
}

// instruction executes one instruction on the code and the memory that the evidence shows.
func (m *abacus) instruction(from []uint32, d *verify.Denial) ([]uint32, error) {
	if len(d.Evidence) != 2 || len(from) != registers {
		return nil, fmt.Errorf("%w: show the instruction and the memory", verify.ErrMove)
	}
	code, cell := &d.Evidence[0], d.Evidence[1]
	if err := code.Within(m.code, int64(m.codeWords)); err != nil {
		return nil, err
	}
	word, err := code.Word(int64(from[pc]) % int64(m.codeWords))
	if err != nil {
		return nil, err
	}
	if err := cell.Within(hashOf(from[mem:]), int64(m.memory)); err != nil {
		return nil, err
	}
	at := int64(m.address(word[0]))
	old, err := cell.Word(at)
	if err != nil {
		return nil, err
	}
	r := append([]uint32(nil), from...)
	stored := m.do(word[0], r, old[0])
	cell.Words = append([]uint32(nil), cell.Words...)
	cell.Words[at%256] = stored
	name, err := cell.Value(int64(m.memory))
	copy(r[mem:], verify.HashWords(name))
	return r, err
}

// address is the word of memory that an instruction reads or writes.
func (m *abacus) address(instruction uint32) int { return int(instruction>>8) % m.memory }

// do changes the registers as an instruction says, and returns the new word of memory.
func (m *abacus) do(instruction uint32, r []uint32, cell uint32) (stored uint32) {
	r[pc] = (r[pc] + 1) % uint32(m.codeWords)
	switch instruction % 6 {
	case 0:
		r[acc] += cell
	case 1:
		r[acc] = r[acc]*5 + instruction>>8
	case 2:
		return r[acc]
	case 3:
		return cell ^ r[acc]
	case 4:
		r[acc] = cell
	case 5:
		if r[acc]%2 == 1 {
			r[pc] = instruction >> 8 % uint32(m.codeWords)
		}
	}
	return cell
}

func hashOf(words []uint32) (h blob.Hash) {
	for i, w := range words {
		binary.LittleEndian.PutUint32(h[4*i:], w)
	}
	return h
}
