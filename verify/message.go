package verify

import (
	"fmt"

	"github.com/minga-network/minga/blob"
)

// Bounds of what messages and games hold.
const (
	maxPath     = 64
	maxEvidence = 16
	maxIndex    = 1 << 40
	maxLevels   = 16
	maxStage    = 255
)

// Encode writes the answer; one that is no longer than MaxMessage can be sent.
func (a *Answer) Encode() []byte {
	w := &writer{}
	w.Bytes(a.Part)
	w.Hashes(a.Children)
	w.Bytes(a.Chunk)
	w.registers(a.Registers)
	return w.Out()
}

// DecodeAnswer reads what Encode wrote and nothing else.
func DecodeAnswer(data []byte) (*Answer, error) {
	r, err := message(data)
	if err != nil {
		return nil, err
	}
	a := &Answer{
		Part: r.Bytes(MaxMessage), Children: r.Hashes(fan), Chunk: r.Bytes(4 * leafWords), Registers: r.registers(),
	}
	return a, r.end()
}

// Encode writes the denial; one that is no longer than MaxMessage can be sent.
func (d *Denial) Encode() []byte {
	w := &writer{}
	w.Number(int64(d.Pick))
	w.Bytes(d.Part)
	w.Number(int64(len(d.Evidence)))
	for i := range d.Evidence {
		w.evidence(&d.Evidence[i])
	}
	return w.Out()
}

// DecodeDenial reads what Encode wrote and nothing else.
func DecodeDenial(data []byte) (*Denial, error) {
	r, err := message(data)
	if err != nil {
		return nil, err
	}
	d := &Denial{Pick: int(r.Number(MaxSteps)), Part: r.Bytes(MaxMessage)}
	for range r.Count(maxEvidence) {
		d.Evidence = append(d.Evidence, r.evidence())
	}
	return d, r.end()
}

func message(data []byte) (reader, error) {
	if len(data) > MaxMessage {
		return reader{}, fmt.Errorf("%w: a message of %d bytes, at most %d are read", ErrMalformed, len(data), MaxMessage)
	}
	return newReader(data), nil
}

// Encode writes the game, for whoever keeps it until the next move.
func (g *Game) Encode() []byte {
	w := &writer{}
	w.Number(int64(g.Target))
	w.Number(int64(g.Winner))
	w.Number(int64(g.Exchanges))
	w.Number(int64(len(g.Levels)))
	for i := range g.Levels {
		w.level(&g.Levels[i])
	}
	w.Flag(g.Due)
	w.Hashes(g.Shown)
	w.Bytes(g.Data)
	w.registers(g.Points)
	w.Words(g.Correct)
	return w.Out()
}

// DecodeGame reads what Encode wrote and nothing else.
func DecodeGame(data []byte) (*Game, error) {
	r := newReader(data)
	g := &Game{
		Target: Target(r.Number(int64(Sound))), Winner: Side(r.Number(int64(Challenger))), Exchanges: int(r.Number(maxIndex)),
	}
	for range r.Count(maxLevels) {
		g.Levels = append(g.Levels, r.level())
	}
	g.Due, g.Shown, g.Data, g.Points = r.Flag(), r.Hashes(fan), r.Bytes(4*leafWords), r.registers()
	g.Correct = r.Words(MaxRegisters)
	if err := r.end(); err != nil || len(g.Levels) == 0 {
		return nil, fmt.Errorf("%w: not a game", ErrMalformed)
	}
	return g, nil
}

func (w *writer) level(l *Level) {
	w.Number(int64(l.Stage))
	w.Number(int64(l.Sort))
	w.Flag(l.Closed)
	w.Bytes(l.Part)
	w.span(l.At)
	w.Number(int64(len(l.Agreed)))
	for _, s := range l.Agreed {
		w.span(s)
	}
	w.Number(l.Words)
	for _, n := range []int{l.Word, l.Lo, l.Hi} {
		w.Number(int64(n))
	}
	w.Words(l.From)
	w.Words(l.To)
}

func (r reader) level() Level {
	l := Level{
		Stage: Stage(r.Number(maxStage)), Sort: Sort(r.Number(int64(Free))), Closed: r.Flag(),
		Part: r.Bytes(MaxMessage), At: r.span(),
	}
	for range r.Count(maxPath) {
		l.Agreed = append(l.Agreed, r.span())
	}
	l.Words = r.Number(maxIndex)
	for _, n := range []*int{&l.Word, &l.Lo, &l.Hi} {
		*n = int(r.Number(maxIndex))
	}
	l.From, l.To = r.Words(MaxRegisters), r.Words(MaxRegisters)
	return l
}

func (w *writer) span(s blob.Span) {
	w.Hash(s.Top)
	w.Number(int64(s.Lo))
	w.Number(int64(s.Hi))
}

func (r reader) span() blob.Span {
	return blob.Span{Top: r.Hash(), Lo: int(r.Number(maxIndex)), Hi: int(r.Number(maxIndex))}
}

func (w *writer) registers(points [][]uint32) {
	w.Number(int64(len(points)))
	for _, p := range points {
		w.Words(p)
	}
}

func (r reader) registers() (points [][]uint32) {
	for range r.Count(fan) {
		points = append(points, r.Words(MaxRegisters))
	}
	return points
}

func (w *writer) evidence(e *Evidence) {
	w.Number(int64(e.Of))
	w.Bytes(e.Part)
	w.Hashes(e.Path)
	w.Hashes(e.Among)
	w.Number(int64(e.Chunk))
	w.Words(e.Words)
	w.Hashes(e.Up)
}

func (r reader) evidence() Evidence {
	return Evidence{
		Of: int(r.Number(maxIndex)), Part: r.Bytes(MaxMessage), Path: r.Hashes(maxPath), Among: r.Hashes(maxPath),
		Chunk: int(r.Number(maxIndex)), Words: r.Words(leafWords), Up: r.Hashes(maxPath),
	}
}
