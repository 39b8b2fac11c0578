package job

import (
	"fmt"

	"github.com/minga-network/minga/verify"
)

// sides and stages are those of a game as people read them.
var (
	sides  = map[verify.Side]string{verify.Nobody: "nobody", verify.Claimant: "claimant", verify.Challenger: "challenger"}
	stages = map[verify.Stage]string{
		verify.Steps: "steps", verify.Nodes: "nodes", verify.Outputs: "outputs", verify.Chunks: "chunks",
		verify.Element: "element", verify.Position: "position", verify.States: "states",
		verify.Pieces: "pieces", verify.Place: "place", verify.Contradiction: "contradiction",
	}
)

// chunkWords is how many words the kibibyte of a value has.
const chunkWords = 256

// left is what a stage has come down to: the parts that are still disputed, or the one
// that the game went on with.
func left(t *verify.Task, g *verify.Game, stage verify.Stage) (lo, hi uint64) {
	at := 0
	switch {
	case stage == verify.Position:
		return uint64(g.Lo), uint64(g.Hi)
	case stage == g.Stage && len(g.Data) > 0:
		return chunkWords * uint64(g.Chunk), chunkWords*uint64(g.Chunk) + uint64(len(g.Data)/4)
	case stage == verify.Element || stage == verify.Place:
		at = g.Word
	case stage == verify.Contradiction || stage == verify.Steps && g.Stage != stage:
		at = g.Step + 1
	case stage == g.Stage:
		return uint64(g.At.Lo), uint64(g.At.Hi)
	case stage == verify.Nodes && g.Stage == verify.States:
		at = phase(t, g.Step).Nodes // what the step committed to comes after its nodes
	case stage == verify.Nodes || stage == verify.States:
		at = g.Node
	case stage == verify.Outputs:
		at = g.Output
	case stage == verify.Chunks || stage == verify.Pieces:
		at = g.Chunk
	}
	return uint64(at), uint64(at) + 1
}

// phase is the one that a step of the run belongs to.
func phase(t *verify.Task, step int) verify.Phase {
	for _, p := range t.Phases {
		if step < p.Steps {
			return p
		}
		step -= p.Steps
	}
	return verify.Phase{}
}

// view is a dispute as people read it, at a height.
func view(t *verify.Task, g *verify.Game, d *Dispute, height int64) View {
	v := View{
		Turn: sides[g.Turn()], Stage: stages[g.Stage], Node: uint64(g.Node),
		Element: uint64(g.Word), Position: uint64(g.Lo), Exchanges: uint32(g.Exchanges),
		Blocks: height - d.Opened, Winner: d.Winner,
	}
	if d.Ended != 0 {
		v.Turn, v.Blocks = sides[verify.Nobody], d.Ended-d.Opened
	} else if v.Winner == "" {
		v.Winner = d.party(g.Winner)
	}
	if g.Target != verify.Result && g.Stage != verify.Steps {
		v.Step = uint64(g.Step + 1)
	}
	v.Lo, v.Hi = left(t, g, g.Stage)
	v.Claimed, v.Correct = decisive(g.To, g.Correct)
	for _, m := range d.Moves {
		v.LargestMessage = max(v.LargestMessage, m.Bytes)
	}
	if g.Proof != nil {
		v.describe(t, g)
	}
	return v
}

// describe adds what the proof of the disputed node tells, or of the state before the
// first step. The game has checked it.
func (v *View) describe(t *verify.Task, g *verify.Game) {
	p := phase(t, g.Step)
	if g.Step < 0 {
		_, state, _, err := g.Proof.State(p.Program, t.States, p.Nodes)
		if err == nil {
			v.Operator, v.Shape = "start", dims(state.Shape)
		}
		return
	}
	n, _, out, err := g.Proof.Node(p.Program, t.States, p.Nodes)
	if err != nil {
		return
	}
	v.Operator = n.Op.String()
	if order := n.Order(); g.Output < len(order) {
		v.Output = uint64(order[g.Output])
		v.Shape = dims(out[order[g.Output]].Shape)
	}
}

func dims(shape []int) (d []uint64) {
	for _, n := range shape {
		d = append(d, uint64(n))
	}
	return d
}

// decisive is the first word in which what was claimed differs from what is correct.
func decisive(claimed, correct []uint32) (string, string) {
	at := 0
	for i := range min(len(claimed), len(correct)) {
		if claimed[i] != correct[i] {
			at = i
			break
		}
	}
	return word(claimed, at), word(correct, at)
}

func word(words []uint32, at int) string {
	if at >= len(words) {
		return ""
	}
	return fmt.Sprintf("0x%08x", words[at])
}

// verdictOf is what stays of a game that is decided: where it ended and why.
func verdictOf(g *verify.Game) *verify.Game {
	return &verify.Game{
		Target: g.Target, Stage: g.Stage, Winner: g.Winner, Exchanges: g.Exchanges, At: g.At, Step: g.Step,
		Node: g.Node, Proof: g.Proof, Output: g.Output, Chunk: g.Chunk, Word: g.Word,
		Lo: g.Lo, Hi: g.Hi, From: g.From, To: g.To, Correct: g.Correct,
	}
}
