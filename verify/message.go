package verify

import (
	"fmt"

	"github.com/minga-network/minga/nn"
)

// Bounds of what messages and games hold.
const (
	maxPath     = 64
	maxEvidence = 16
	maxIndex    = 1 << 40
)

// Encode writes the answer; one that is no longer than MaxMessage can be sent.
func (a *Answer) Encode() []byte {
	w := &writer{}
	w.hash(a.Root)
	w.hashes(a.Last)
	w.proof(a.Node)
	w.hashes(a.Children)
	w.block(a.Chunk)
	w.registers(a.Registers)
	return w.b
}

// DecodeAnswer reads what Encode wrote and nothing else.
func DecodeAnswer(data []byte) (*Answer, error) {
	r, err := message(data)
	if err != nil {
		return nil, err
	}
	a := &Answer{
		Root: r.hash(), Last: r.hashes(maxPath), Node: r.proof(), Children: r.hashes(fan),
		Chunk: r.block(4 * leafWords), Registers: r.registers(),
	}
	return a, r.end()
}

// Encode writes the denial; one that is no longer than MaxMessage can be sent.
func (d *Denial) Encode() []byte {
	w := &writer{}
	w.number(int64(d.Pick))
	w.number(int64(len(d.Evidence)))
	for i := range d.Evidence {
		w.evidence(&d.Evidence[i])
	}
	w.proof(d.State)
	w.proof(d.Head)
	return w.b
}

// DecodeDenial reads what Encode wrote and nothing else.
func DecodeDenial(data []byte) (*Denial, error) {
	r, err := message(data)
	if err != nil {
		return nil, err
	}
	d := &Denial{Pick: int(r.number(MaxSteps))}
	for range r.count(maxEvidence) {
		d.Evidence = append(d.Evidence, r.evidence())
	}
	d.State, d.Head = r.proof(), r.proof()
	return d, r.end()
}

func message(data []byte) (*reader, error) {
	if len(data) > MaxMessage {
		return nil, fmt.Errorf("%w: a message of %d bytes, at most %d are read", ErrMalformed, len(data), MaxMessage)
	}
	return &reader{b: data}, nil
}

// Encode writes the game, for whoever keeps it until the next move.
func (g *Game) Encode() []byte {
	w := &writer{}
	for _, n := range []int64{int64(g.Target), int64(g.Stage), int64(g.Winner), int64(g.Exchanges), g.Named} {
		w.number(n)
	}
	w.span(g.At)
	w.hashes(g.Shown)
	w.block(g.Data)
	w.number(int64(g.Step + 1))
	w.span(g.Before)
	w.hash(g.Leaf)
	w.number(int64(g.Node))
	w.number(int64(len(g.Agreed)))
	for _, s := range g.Agreed {
		w.span(s)
	}
	w.proof(g.Proof)
	w.hashes(g.Outs)
	for _, n := range []int{g.Output, g.Chunk, g.Word, g.Lo, g.Hi} {
		w.number(int64(n))
	}
	w.words(g.From)
	w.words(g.To)
	w.registers(g.Points)
	w.words(g.Correct)
	return w.b
}

// DecodeGame reads what Encode wrote and nothing else.
func DecodeGame(data []byte) (*Game, error) {
	r := &reader{b: data}
	g := &Game{
		Target: Target(r.number(int64(Sound))), Stage: Stage(r.number(int64(Contradiction))),
		Winner: Side(r.number(int64(Challenger))), Exchanges: int(r.number(maxIndex)), Named: r.number(maxIndex),
	}
	g.At, g.Shown, g.Data = r.span(), r.hashes(fan), r.block(4*leafWords)
	g.Step, g.Before, g.Leaf = int(r.number(MaxSteps))-1, r.span(), r.hash()
	g.Node = int(r.number(maxNodes))
	for range r.count(maxPath * fan) {
		g.Agreed = append(g.Agreed, r.span())
	}
	g.Proof, g.Outs = r.proof(), r.hashes(maxPath)
	for _, n := range []*int{&g.Output, &g.Chunk, &g.Word, &g.Lo, &g.Hi} {
		*n = int(r.number(maxIndex))
	}
	g.From, g.To, g.Points, g.Correct = r.words(nn.MaxRegisters), r.words(nn.MaxRegisters), r.registers(), r.words(nn.MaxRegisters)
	return g, r.end()
}

func (w *writer) span(s span) {
	w.hash(s.Top)
	w.number(int64(s.Lo))
	w.number(int64(s.Hi))
}

func (r *reader) span() span {
	return span{Top: r.hash(), Lo: int(r.number(maxIndex)), Hi: int(r.number(maxIndex))}
}

func (w *writer) proof(p *nn.Proof) {
	w.flag(p != nil)
	if p == nil {
		return
	}
	w.number(int64(p.Index))
	w.block(p.Content)
	w.hashes(p.Path)
}

func (r *reader) proof() *nn.Proof {
	if !r.flag() {
		return nil
	}
	return &nn.Proof{Index: int(r.number(maxNodes)), Content: r.block(MaxMessage), Path: r.hashes(maxPath)}
}

func (w *writer) registers(points [][]uint32) {
	w.number(int64(len(points)))
	for _, p := range points {
		w.words(p)
	}
}

func (r *reader) registers() (points [][]uint32) {
	for range r.count(fan) {
		points = append(points, r.words(nn.MaxRegisters))
	}
	return points
}

func (w *writer) evidence(e *Evidence) {
	w.flag(e.Of.Own)
	w.number(int64(e.Of.Index))
	w.proof(e.Maker)
	w.hashes(e.Path)
	w.hashes(e.Among)
	w.number(int64(e.Chunk))
	w.words(e.Words)
	w.hashes(e.Up)
}

func (r *reader) evidence() Evidence {
	return Evidence{
		Of: nn.Operand{Own: r.flag(), Index: int(r.number(maxNodes))}, Maker: r.proof(),
		Path: r.hashes(maxPath), Among: r.hashes(maxPath), Chunk: int(r.number(maxIndex)),
		Words: r.words(leafWords), Up: r.hashes(maxPath),
	}
}
