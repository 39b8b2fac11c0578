package job

import (
	"fmt"

	"github.com/minga-network/minga/verify"
)

// Side is a side of a dispute as people read it, or nobody.
type Side string

// The sides.
const (
	SideNobody     Side = "nobody"
	SideClaimant   Side = "claimant"
	SideChallenger Side = "challenger"
)

// sides are those of a game as people read them.
var sides = map[verify.Side]Side{verify.Nobody: SideNobody, verify.Claimant: SideClaimant,
	verify.Challenger: SideChallenger}

// Stage is what a dispute narrows down, as people read it. The machine of the work says which stages there are.
type Stage string

// view is a dispute as people read it, at a height.
func view(t *verify.Task, g *verify.Game, d *Dispute, height int64) View {
	seen := g.View(t)
	v := View{
		Turn: sides[g.Turn()], Stage: Stage(seen.Stage), Lo: uint64(seen.Lo), Hi: uint64(seen.Hi),
		Operator: seen.Operator, Type: seen.Type,
		Exchanges: uint32(g.Exchanges), Blocks: height - d.Opened, Winner: d.Winner,
	}
	if d.Ended == 0 && d.Due == 0 {
		v.Turn = SideNobody
	}
	if d.Ended != 0 {
		v.Turn, v.Blocks = sides[verify.Nobody], d.Ended-d.Opened
	} else if v.Winner == "" {
		v.Winner = d.party(g.Winner)
	}
	for _, n := range seen.Shape {
		v.Shape = append(v.Shape, uint64(n))
	}
	for _, p := range seen.Places {
		v.Places = append(v.Places, Place{Level: Stage(p.Name), At: uint64(p.At)})
	}
	v.Claimed, v.Correct = decisive(seen.Claimed, seen.Correct)
	for _, m := range d.Moves {
		v.LargestMessage = max(v.LargestMessage, m.Bytes)
	}
	return v
}

// At is the part that the dispute has come to at a level; 0 where it has not come there.
func (v *View) At(level Stage) uint64 {
	for _, p := range v.Places {
		if p.Level == level {
			return p.At
		}
	}
	return 0
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
