package verify_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// match plays games about one task of any machine.
type match struct {
	t         *testing.T
	r         *rand.Rand
	task      *verify.Task
	name      string
	most      int                           // how many exchanges a game may take
	foreign   func(g *verify.Game) [][]byte // parts that must not open a level
	evasive   func(g *verify.Game) []*verify.Denial
	exchanges int
	largest   int
}

// open begins the game that a challenger plays after comparing the claim with its own run. The game is nil
// if the claim is what that run gives.
func (m *match) open(claimant, challenger player.Run) (g *verify.Game, a, d *player.Player) {
	m.t.Helper()
	a, d = player.New(m.task, claimant), player.New(m.task, challenger)
	claim := m.claim(claimant, a)
	target, ok, err := d.Compare(claim)
	if err == nil && ok {
		g, err = verify.Open(m.task, claim, target)
	}
	if err != nil {
		m.t.Fatalf("%s: %v", m.name, err)
	}
	return g, a, d
}

func (m *match) claim(run player.Run, p *player.Player) verify.Claimed {
	trace, err := p.Trace()
	if err != nil {
		m.t.Fatal(err)
	}
	file, err := run.File()
	if err != nil {
		m.t.Fatal(err)
	}
	return verify.Claimed{Trace: trace, Result: blob.Sum(file)}
}

// play lets a claimant and a challenger play to the end. All messages are encoded and decoded.
func (m *match) play(claimant, challenger player.Run, want verify.Side) {
	m.t.Helper()
	g, a, d := m.open(claimant, challenger)
	if g == nil {
		return // the lie made no difference
	}
	for g.Winner == verify.Nobody {
		g = m.copy(g)
		m.forge(g, d)
		err := m.move(g, a, d)
		if errors.Is(err, verify.ErrMove) && want != g.Turn() {
			g.Silent() // who is wrong has no move that follows
			break
		}
		if err != nil {
			m.t.Fatalf("%s: %v of side %d: %v", m.name, g.View(m.task), g.Turn(), err)
		}
	}
	if g.Winner != want {
		m.t.Fatalf("%s: side %d won, want %d: %+v", m.name, g.Winner, want, g)
	}
	if g.Exchanges > m.most {
		m.t.Fatalf("%s: %d exchanges, want at most %d", m.name, g.Exchanges, m.most)
	}
	m.exchanges = max(m.exchanges, g.Exchanges)
}

// forge takes the challenger's last message. It changes a bit of each thing that the message shows, one at a
// time, and tries evidence about something else. All of that must be refused.
func (m *match) forge(g *verify.Game, d *player.Player) {
	m.t.Helper()
	denial, err := d.Deny(g)
	if err != nil || len(denial.Evidence) == 0 {
		return
	}
	var all []*verify.Denial
	for i := range denial.Evidence {
		all = append(all, m.flipped(denial, i)...)
	}
	if next, err := g.Denied(m.task, denial.Pick); err == nil && m.evasive != nil {
		all = append(all, m.evasive(next)...)
	}
	for i, x := range all {
		x.Pick = denial.Pick
		if m.copy(g).Deny(m.task, x) == nil {
			m.t.Fatalf("%s: forgery %d is taken at %v", m.name, i, g.View(m.task))
		}
	}
}

// flipped are copies of a denial. Each has one bit of one piece of evidence changed, in its words or in one
// of its paths.
func (m *match) flipped(d *verify.Denial, i int) (all []*verify.Denial) {
	again := func() *verify.Evidence {
		x, err := verify.DecodeDenial(d.Encode())
		if err != nil {
			m.t.Fatal(err)
		}
		all = append(all, x)
		return &x.Evidence[i]
	}
	e := again()
	e.Words[m.r.IntN(len(e.Words))] ^= 1 << m.r.IntN(32)
	for path := range 3 {
		paths := func(e *verify.Evidence) []verify.Hash { return [][]verify.Hash{e.Path, e.Among, e.Up}[path] }
		if n := len(paths(&d.Evidence[i])); n > 0 {
			paths(again())[m.r.IntN(n)][m.r.IntN(32)] ^= 1
		}
	}
	return all
}

// quiet lets one side stop moving at some time. That side must not win.
func (m *match) quiet(claimant, challenger player.Run, who verify.Side) {
	m.t.Helper()
	g, a, d := m.open(claimant, challenger)
	if g == nil {
		return
	}
	for g.Winner == verify.Nobody {
		if g.Turn() == who && m.r.IntN(3) == 0 || m.move(g, a, d) != nil {
			g.Silent()
		}
	}
	if g.Winner == who {
		m.t.Fatalf("%s: silent side %d won: %v", m.name, who, g.View(m.task))
	}
}

// move makes the next move.
func (m *match) move(g *verify.Game, a, d *player.Player) error {
	raw, err := next(g, a, d)
	if err != nil {
		return err
	}
	m.largest = max(m.largest, len(raw))
	_, err = g.Play(m.task, g.Turn(), raw)
	return err
}

// next is the message of the side whose turn it is.
func next(g *verify.Game, a, d *player.Player) ([]byte, error) {
	if g.Turn() == verify.Claimant {
		answer, err := a.Answer(g)
		if err != nil {
			return nil, err
		}
		return answer.Encode(), nil
	}
	denial, err := d.Deny(g)
	if err != nil {
		return nil, err
	}
	return denial.Encode(), nil
}

// copy is the game, encoded and decoded.
func (m *match) copy(g *verify.Game) *verify.Game {
	back, err := verify.DecodeGame(g.Encode())
	if err != nil || !slices.Equal(back.Encode(), g.Encode()) {
		m.t.Fatalf("%s: a game does not come back: %v", m.name, err)
	}
	return back
}

// shift lets a claimant leave its lie. In each turn it first tries what an honest claimant would answer, and
// parts that do not belong to the game. It must lose, whatever of that is accepted.
func (m *match) shift(liar, honest player.Run) {
	m.t.Helper()
	g, a, d := m.open(liar, honest)
	if g == nil {
		return
	}
	var err error
	for err == nil && g.Winner == verify.Nobody {
		if g.Turn() == verify.Claimant {
			m.tryForeign(g, a)
			if m.tryTruth(g, honest) {
				continue
			}
		}
		err = m.move(g, a, d)
	}
	if err != nil && g.Turn() == verify.Claimant {
		g.Silent()
	}
	if g.Winner != verify.Challenger {
		m.t.Fatalf("%s: a shifty claimant got through at %v of target %d: %v", m.name, g.View(m.task), g.Target, err)
	}
}

// tryTruth answers what the honest execution gives, whatever was claimed about a line's end.
func (m *match) tryTruth(g *verify.Game, honest player.Run) bool {
	if l := g.Last(); l.Sort == verify.Line && !l.Closed {
		points, err := honest.Line(g)
		return err == nil && g.Answer(m.task, &verify.Answer{Registers: points}) == nil
	}
	a, err := player.New(m.task, honest).Answer(g)
	return err == nil && g.Answer(m.task, a) == nil
}

// tryForeign tries to open a level with parts that do not belong to it.
func (m *match) tryForeign(g *verify.Game, p *player.Player) {
	for i, part := range m.foreign(g) {
		a, err := p.Answer(g)
		if err != nil {
			return
		}
		if a.Part = part; m.copy(g).Answer(m.task, a) == nil {
			m.t.Fatalf("%s: foreign part %d opened %v", m.name, i, g.View(m.task))
		}
	}
}

// mischief plays an honest claimant against a challenger who picks parts at random and sends damaged
// messages. It also tries damaged answers. The claimant must win.
func (m *match) mischief(honest player.Run) {
	for _, target := range []verify.Target{verify.Trace, verify.Result} {
		a, d := player.New(m.task, honest), player.New(m.task, honest)
		g, err := verify.Open(m.task, m.claim(honest, a), target)
		if errors.Is(err, verify.ErrMove) {
			continue // this machine makes no file
		}
		for tries := 0; g.Winner == verify.Nobody; tries++ {
			if g.Turn() == verify.Claimant {
				m.damagedAnswer(g, a)
				if err := m.move(g, a, d); err != nil {
					m.t.Fatalf("%s: an honest answer is refused: %v", m.name, err)
				}
				continue
			}
			m.mischievous(g, d)
			if tries > 60 && g.Turn() == verify.Challenger { // its time is over
				g.Silent()
			}
		}
		if g.Winner != verify.Claimant {
			m.t.Fatalf("%s: mischief won against the truth: %+v", m.name, g)
		}
	}
}

// mischievous denies a random part, sometimes with a damaged message.
func (m *match) mischievous(g *verify.Game, d *player.Player) {
	denial, err := d.Deny(g)
	if err != nil {
		denial = &verify.Denial{}
	}
	denial.Pick = m.r.IntN(16)
	raw := denial.Encode()
	if m.r.IntN(3) == 0 {
		raw[m.r.IntN(len(raw))] ^= 1 << m.r.IntN(8)
	}
	before := g.Encode()
	if _, err := g.Play(m.task, verify.Challenger, raw); err != nil && !slices.Equal(before, g.Encode()) {
		m.t.Fatalf("%s: a refused move changed the game", m.name)
	}
}

// damagedAnswer tries an answer with one bit changed. If it is refused, the game must be as before.
func (m *match) damagedAnswer(g *verify.Game, p *player.Player) {
	a, err := p.Answer(g)
	if err != nil {
		m.t.Fatal(err)
	}
	raw := a.Encode()
	raw[m.r.IntN(len(raw))] ^= 1 << m.r.IntN(8)
	before := g.Encode()
	next := m.copy(g)
	if _, err := next.Play(m.task, verify.Claimant, raw); err != nil && !slices.Equal(before, next.Encode()) {
		m.t.Fatalf("%s: a refused answer changed the game", m.name)
	}
}
