package nn

import (
	"fmt"
	"slices"
)

// maxArena bounds the memory that a Program may ask for: 8 GiB of float32.
const maxArena = 1 << 31

// Plan says where the values of a Program live. Inputs, states and ints have
// memory of their own; every other value has a place in one arena, and two
// values may share it when they are not alive at the same time.
type Plan struct {
	Arena int // float32 in the arena
	// home of each value: the value whose memory it uses, itself when it has
	// its own.
	home []ID
	// offset of each value in the arena; -1 for those that are not there.
	offset []int
}

// life is the span of nodes, both ends included, during which memory is used.
type life struct {
	id          ID
	first, last int
	size        int
}

// NewPlan places the values of p. It refuses a Program that would need more
// than 8 GiB.
func NewPlan(p *Program) (*Plan, error) {
	pl := &Plan{home: make([]ID, len(p.Values)), offset: make([]int, len(p.Values))}
	given := len(p.Inputs) + len(p.States)
	for id := range p.Values {
		pl.home[id], pl.offset[id] = ID(id), -1
	}
	lives := lifetimes(p)
	pl.overlay(p, lives)
	var own []life
	for _, l := range lives[given:] {
		if pl.home[l.id] == l.id && p.Values[l.id].Kind == Float {
			own = append(own, l)
		}
	}
	if err := pl.place(own); err != nil {
		return nil, err
	}
	return pl, nil
}

// lifetimes finds for each value the first and the last node that touch it.
// What the user or the next pass reads lives to the end; so does what comes
// from constant nodes, which run once, before the first pass.
func lifetimes(p *Program) []life {
	lives := make([]life, len(p.Values))
	for id, v := range p.Values {
		lives[id] = life{id: ID(id), first: -1, last: -1, size: v.Size()}
	}
	end := len(p.Nodes)
	for i, n := range p.Nodes {
		for _, id := range n.In {
			lives[id].last = max(lives[id].last, i)
		}
		for _, id := range n.Out {
			lives[id].first, lives[id].last = i, max(lives[id].last, i)
			if n.constant() {
				lives[id].first, lives[id].last = -1, end
			}
		}
	}
	for _, s := range p.States {
		lives[s.Next].last = end
	}
	for _, o := range p.Outputs {
		lives[o.ID].last = end
	}
	return lives
}

// constant nodes read nothing, so they compute the same in every pass.
func (n Node) constant() bool { return len(n.In) == 0 }

// overlay lets outputs take the memory of inputs that nobody reads later. The
// memory of a state may only be taken by what the state becomes.
func (pl *Plan) overlay(p *Program, lives []life) {
	states := map[ID]ID{} // state to what it becomes
	for i, s := range p.States {
		states[ID(len(p.Inputs)+i)] = s.Next
	}
	for i, n := range p.Nodes {
		var taken []ID
		for _, pair := range operators[n.Op].over {
			out, in := n.Out[pair[0]], n.In[pair[1]]
			home := pl.home[in]
			if becomes, isState := states[home]; isState && becomes != out {
				continue
			}
			if int(home) < len(p.Inputs) || lives[home].last > i || count(n.In, in) > 1 ||
				slices.Contains(taken, home) || pl.home[out] != out {
				continue
			}
			taken = append(taken, home)
			pl.home[out] = home
			lives[home].last = lives[out].last
		}
	}
}

func count(ids []ID, id ID) int {
	n := 0
	for _, x := range ids {
		if x == id {
			n++
		}
	}
	return n
}

// place gives every life the lowest offset that is free throughout it, the
// largest first (Pisarchyk and Lee, "Efficient Memory Management for Deep
// Neural Net Inference", 2020, greedy by size).
func (pl *Plan) place(lives []life) error {
	slices.SortStableFunc(lives, func(a, b life) int { return b.size - a.size })
	var placed []life // by offset
	for _, l := range lives {
		at := 0
		for _, other := range placed {
			if other.last < l.first || l.last < other.first {
				continue
			}
			if at+l.size <= pl.offset[other.id] {
				break
			}
			at = max(at, pl.offset[other.id]+aligned(other.size))
		}
		if at+l.size > maxArena {
			return fmt.Errorf("%w: it needs more than %d MiB of memory; lower batch, context or sizes", ErrProgram, maxArena>>18)
		}
		pl.offset[l.id] = at
		pl.Arena = max(pl.Arena, at+l.size)
		i, _ := slices.BinarySearchFunc(placed, at, func(o life, at int) int { return pl.offset[o.id] - at })
		placed = slices.Insert(placed, i, l)
	}
	return nil
}

// aligned rounds up to 16 float32, a cache line and the widest register.
func aligned(n int) int { return (n + 15) &^ 15 }
