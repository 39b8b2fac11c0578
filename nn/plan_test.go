package nn

import "testing"

// Each case runs twice from s = 1 and t = 2; an output that takes memory which
// is still needed shows in the numbers.
func TestPlanOverlays(t *testing.T) {
	for _, c := range []struct {
		name    string
		build   func(b *builder, s, u ID) ID // returns what the test reads
		s, u, y float32                      // after two passes
		arena   int                          // values that may be in the arena
	}{
		{"a state that stays is not written over", func(b *builder, s, u ID) ID {
			return b.one(OpAdd, nil, s, u)
		}, 1, 2, 3, 1},
		{"a state that becomes the output is", func(b *builder, s, u ID) ID {
			y := b.one(OpAdd, nil, s, u)
			b.next(s, y)
			return y
		}, 5, 2, 5, 0},
		{"a state that is read later is copied at the end", func(b *builder, s, u ID) ID {
			y := b.one(OpAdd, nil, s, u)
			b.next(s, y)
			return b.one(OpAdd, nil, s, s)
		}, 5, 2, 6, 2},
		{"a value that is read later keeps its memory", func(b *builder, s, u ID) ID {
			x := b.one(OpAdd, nil, s, u)
			y := b.one(OpAdd, nil, x, u)
			return b.one(OpAdd, nil, x, y)
		}, 1, 2, 8, 2},
		{"a chain stays in one place", func(b *builder, s, u ID) ID {
			x := b.one(OpAdd, nil, s, u)
			for range 5 {
				x = b.one(OpAdd, nil, x, u)
			}
			return x
		}, 1, 2, 13, 1},
		{"states that trade places through values", func(b *builder, s, u ID) ID {
			x := b.one(OpAdd, nil, s, u)
			z := b.one(OpAdd, nil, u, u)
			b.next(s, z)
			b.next(u, x)
			return x
		}, 6, 7, 7, 2},
	} {
		b := &builder{}
		s, u := b.state("s", 16), b.state("t", 16)
		y := c.build(b, s, u)
		b.output("y", y)
		p, err := b.done()
		m := bind(t, p, err, newBackend(t, "reference", 1))
		for i := range m.state[0] {
			m.state[0][i], m.state[1][i] = 1, 2
		}
		m.Run()
		m.Run()
		if got := m.output(t, "y")[0]; got != c.y || m.state[0][0] != c.s || m.state[1][0] != c.u {
			t.Errorf("%s: y = %v, s = %v, t = %v, want %v, %v, %v", c.name, got, m.state[0][0], m.state[1][0], c.y, c.s, c.u)
		}
		if m.Plan.Arena != 16*c.arena {
			t.Errorf("%s: %d values in the arena, want %d", c.name, m.Plan.Arena/16, c.arena)
		}
	}
}

func TestBuilderRefusesStatesOutOfPlace(t *testing.T) {
	for name, build := range map[string]func(b *builder){
		"state becomes another state": func(b *builder) { b.next(b.state("s", 4), b.state("t", 4)) },
		"state becomes another shape": func(b *builder) {
			s := b.state("s", 4)
			b.next(s, b.one(OpMean, nil, s))
		},
		"state after a node": func(b *builder) {
			b.one(OpMean, nil, b.state("s", 4))
			b.state("t", 4)
		},
		"input after a state": func(b *builder) {
			b.state("s", 4)
			b.input("x", ints(4))
		},
		"output that is not there": func(b *builder) { b.output("y", 3) },
	} {
		b := &builder{}
		build(b)
		if _, err := b.done(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
