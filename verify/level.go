package verify

import "github.com/minga-network/minga/blob"

// Sort is how a level is narrowed down.
type Sort uint8

const (
	// Tree: the claimant shows the hashes below the disputed subtree, at most 16, and the
	// challenger denies the first that is wrong. If the tree is that of a value's words, the
	// claimant shows the words of the last kibibyte, and the challenger denies one of them.
	Tree Sort = iota
	// Line: the claimant shows the registers at (at most) 16 points between agreed and denied
	// ones, and the challenger denies the first that are wrong.
	Line
	// Free: nothing is to be shown, as all parts are agreed. The challenger picks one.
	Free
)

// A Level is one level of a game, as far as it is narrowed down.
type Level struct {
	Stage Stage
	Sort  Sort
	// Closed: before it is narrowed down, the claimant shows what Machine.Open asks for.
	Closed bool
	Part   []byte // what the claimant showed, if the machine needs it later

	// Of a tree.
	At     blob.Span   // the disputed subtree, or the parts that are free to be picked
	Agreed []blob.Span // the leaves before it, which both sides agree on
	Words  int64       // if this is the tree of a value: how many words it has
	Word   int         // which of them is denied

	// Of a line, which has at most MaxRegisters.
	Lo, Hi int      // the steps done when the registers were From and To
	From   []uint32 // agreed
	// To are the registers that are denied; at first perhaps only those before the others. It
	// also is the word of a value that is denied.
	To []uint32
}

// ValueLevel is the tree of a value of so many words, given its name.
func ValueLevel(s Stage, name Hash, words int64) *Level {
	return &Level{Stage: s, At: blob.Span{Top: name, Hi: chunks(words)}, Words: words}
}

// Last is the level that is narrowed down at the moment.
func (g *Game) Last() *Level { return &g.Levels[len(g.Levels)-1] }

// Level is the one with a number; nil if the game is not there.
func (g *Game) Level(s Stage) *Level {
	for i := range g.Levels {
		if g.Levels[i].Stage == s {
			return &g.Levels[i]
		}
	}
	return nil
}

// narrow tells whether a level has come to one part.
func (l *Level) narrow() bool {
	switch {
	case l.Closed:
		return false
	case l.Sort == Line:
		return l.Hi-l.Lo == 1
	case l.Words > 0:
		return len(l.To) > 0
	}
	return l.At.Len() == 1
}

// named tells whether a subtree is all of a value, so that its hash is the value's name.
func (l *Level) named() bool { return l.Words > 0 && l.At.Len() == chunks(l.Words) }

// top is what the disputed subtree hashes to, given the top of its tree.
func (l *Level) top(tree Hash) Hash {
	if l.named() {
		return blob.Name(4*l.Words, tree)
	}
	return tree
}

// agrees tells whether a leaf is one that both sides agree on.
func (l *Level) agrees(leaf Hash, i int, path []Hash) bool {
	for _, s := range l.Agreed {
		if s.Lo <= i && i < s.Hi {
			return s.Holds(leaf, i, path)
		}
	}
	return false
}

// Agrees tells whether both sides agree on a leaf of the tree at a stage.
func (g *Game) Agrees(s Stage, leaf Hash, i int, path []Hash) bool {
	l := g.Level(s)
	return l != nil && l.agrees(leaf, i, path)
}
