package verify

import "github.com/minga-network/minga/nn"

// types are what people call the kinds of words.
var types = map[nn.Kind]string{nn.Float: "float32", nn.Int: "int32"}

// Describe adds the operator of the disputed node, its output and that output's shape;
// or those of a state before the first step. The game has checked the proofs.
func (p *Programs) Describe(g *Game, v *View) {
	if l := g.Level(First); l != nil {
		if s, err := p.readState(l.Part, p.Phases[0]); err == nil {
			v.Operator, v.Shape, v.Type = "start", s.value.Shape, types[s.value.Kind]
		}
		return
	}
	l := g.Level(Outputs)
	if l == nil || l.Closed {
		return
	}
	n, err := p.node(g)
	if err != nil {
		return
	}
	v.Operator = n.Op.String()
	if g.Level(Chunks) == nil {
		return
	}
	own := n.order[l.At.Lo]
	v.Shape, v.Type = n.out[own].Shape, types[n.out[own].Kind]
	for i := range v.Places {
		if v.Places[i].Name == "outputs" {
			v.Places[i].At = own
		}
	}
}
