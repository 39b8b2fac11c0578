package verify

import (
	"fmt"

	"github.com/minga-network/minga/blob"
)

// Bounds of what messages and games hold.
const (
	maxPath      = 64
	maxEvidence  = 16
	maxIndex     = 1 << 40
	maxLevels    = 16
	maxRegisters = 32 // of a line
	maxStage     = 255
)

// Encode writes the answer; one that is no longer than MaxMessage can be sent.
func (a *Answer) Encode() []byte {
	w := &writer{}
	w.block(a.Part)
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
	a := &Answer{Part: r.block(MaxMessage), Children: r.hashes(fan), Chunk: r.block(4 * leafWords), Registers: r.registers()}
	return a, r.end()
}

// Encode writes the denial; one that is no longer than MaxMessage can be sent.
func (d *Denial) Encode() []byte {
	w := &writer{}
	w.number(int64(d.Pick))
	w.block(d.Part)
	w.number(int64(len(d.Evidence)))
	for i := range d.Evidence {
		w.evidence(&d.Evidence[i])
	}
	return w.b
}

// DecodeDenial reads what Encode wrote and nothing else.
func DecodeDenial(data []byte) (*Denial, error) {
	r, err := message(data)
	if err != nil {
		return nil, err
	}
	d := &Denial{Pick: int(r.number(MaxSteps)), Part: r.block(MaxMessage)}
	for range r.count(maxEvidence) {
		d.Evidence = append(d.Evidence, r.evidence())
	}
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
	w.number(int64(g.Target))
	w.number(int64(g.Winner))
	w.number(int64(g.Exchanges))
	w.number(int64(len(g.Levels)))
	for i := range g.Levels {
		w.level(&g.Levels[i])
	}
	w.flag(g.Due)
	w.hashes(g.Shown)
	w.block(g.Data)
	w.registers(g.Points)
	w.words(g.Correct)
	return w.b
}

// DecodeGame reads what Encode wrote and nothing else.
func DecodeGame(data []byte) (*Game, error) {
	r := &reader{b: data}
	g := &Game{
		Target: Target(r.number(int64(Sound))), Winner: Side(r.number(int64(Challenger))), Exchanges: int(r.number(maxIndex)),
	}
	for range r.count(maxLevels) {
		g.Levels = append(g.Levels, r.level())
	}
	g.Due, g.Shown, g.Data, g.Points = r.flag(), r.hashes(fan), r.block(4*leafWords), r.registers()
	g.Correct = r.words(maxRegisters)
	if err := r.end(); err != nil || len(g.Levels) == 0 {
		return nil, fmt.Errorf("%w: not a game", ErrMalformed)
	}
	return g, nil
}

func (w *writer) level(l *Level) {
	w.number(int64(l.Stage))
	w.number(int64(l.Sort))
	w.flag(l.Closed)
	w.block(l.Part)
	w.span(l.At)
	w.number(int64(len(l.Agreed)))
	for _, s := range l.Agreed {
		w.span(s)
	}
	w.number(l.Words)
	for _, n := range []int{l.Word, l.Lo, l.Hi} {
		w.number(int64(n))
	}
	w.words(l.From)
	w.words(l.To)
}

func (r *reader) level() Level {
	l := Level{
		Stage: Stage(r.number(maxStage)), Sort: Sort(r.number(int64(Free))), Closed: r.flag(), Part: r.block(MaxMessage), At: r.span(),
	}
	for range r.count(maxPath) {
		l.Agreed = append(l.Agreed, r.span())
	}
	l.Words = r.number(maxIndex)
	for _, n := range []*int{&l.Word, &l.Lo, &l.Hi} {
		*n = int(r.number(maxIndex))
	}
	l.From, l.To = r.words(maxRegisters), r.words(maxRegisters)
	return l
}

func (w *writer) span(s blob.Span) {
	w.hash(s.Top)
	w.number(int64(s.Lo))
	w.number(int64(s.Hi))
}

func (r *reader) span() blob.Span {
	return blob.Span{Top: r.hash(), Lo: int(r.number(maxIndex)), Hi: int(r.number(maxIndex))}
}

func (w *writer) registers(points [][]uint32) {
	w.number(int64(len(points)))
	for _, p := range points {
		w.words(p)
	}
}

func (r *reader) registers() (points [][]uint32) {
	for range r.count(fan) {
		points = append(points, r.words(maxRegisters))
	}
	return points
}

func (w *writer) evidence(e *Evidence) {
	w.number(int64(e.Of))
	w.block(e.Part)
	w.hashes(e.Path)
	w.hashes(e.Among)
	w.number(int64(e.Chunk))
	w.words(e.Words)
	w.hashes(e.Up)
}

func (r *reader) evidence() Evidence {
	return Evidence{
		Of: int(r.number(maxIndex)), Part: r.block(MaxMessage), Path: r.hashes(maxPath), Among: r.hashes(maxPath),
		Chunk: int(r.number(maxIndex)), Words: r.words(leafWords), Up: r.hashes(maxPath),
	}
}
