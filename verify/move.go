package verify

// A Move is one message of a game as people read it.
type Move struct {
	Part     // of the level that it narrowed down: what is left of it
	Pick int // which of the parts shown a challenger denied
}

// Play reads a message and makes it the next move of a side. An error says why it is
// refused; the game is as before then.
func (g *Game) Play(t *Task, side Side, message []byte) (Move, error) {
	if side == Claimant {
		a, err := DecodeAnswer(message)
		if err == nil {
			err = g.Answer(t, a)
		}
		if err != nil {
			return Move{}, err
		}
		return Move{Part: part(t, g.Last(), len(g.Data) > 0)}, nil
	}
	d, err := DecodeDenial(message)
	if err != nil {
		return Move{}, err
	}
	at := len(g.Levels) - 1
	if err := g.Deny(t, d); err != nil {
		return Move{}, err
	}
	return Move{part(t, &g.Levels[at], false), d.Pick}, nil
}

// Verdict is what stays of a game that is decided: where it ended and why.
func (g *Game) Verdict() *Game {
	v := g.clone()
	for i := range v.Levels {
		v.Levels[i].Agreed = nil
	}
	return v
}
