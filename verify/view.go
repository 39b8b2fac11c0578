package verify

// A View is a game in words and numbers that people can read.
type View struct {
	Stage  string  // what is narrowed down at the moment
	Lo, Hi int     // what is left of it: Lo up to, without, Hi
	Places []Place // where the dispute has come to, from the step of the run on
	// Operator is what the machine executes at the disputed place, and Shape and Type are
	// those of the value that this makes.
	Operator string
	Shape    []int
	Type     string
	// What the claimant said and what executing the step gave, once that decided.
	Claimed, Correct []uint32
}

// Place is one part of a level.
type Place struct {
	Name string // of the level
	At   int
}

// View tells how far a game has come.
func (g *Game) View(t *Task) View {
	v := View{Claimed: g.Last().To, Correct: g.Correct}
	for i := range g.Levels {
		l := &g.Levels[i]
		p := part(t, l, len(g.Data) > 0 && i == len(g.Levels)-1)
		if v.Stage, v.Lo, v.Hi = p.Stage, p.Lo, p.Hi; l.narrow() {
			v.Places = append(v.Places, Place{p.Stage, p.Lo})
		}
	}
	if g.Winner == Nobody || len(v.Claimed) == 0 {
		v.Correct = nil
	}
	t.Describe(g, &v)
	return v
}

// A Part is what is left of a level.
type Part struct {
	Stage  string
	Lo, Hi int
}

// part is what is left of a level, of which perhaps a kibibyte's words are shown.
func part(t *Task, l *Level, shown bool) Part {
	switch {
	case l.Sort == Line:
		return Part{t.name(l.Stage, false), l.Lo, l.Hi}
	case l.Words > 0 && len(l.To) > 0:
		return Part{t.name(l.Stage, true), l.Word, l.Word + 1}
	case shown:
		lo := leafWords * l.At.Lo
		return Part{t.name(l.Stage, true), lo, min(lo+leafWords, int(l.Words))}
	}
	return Part{t.name(l.Stage, false), l.At.Lo, l.At.Hi}
}
