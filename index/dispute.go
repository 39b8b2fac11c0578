package index

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/minga-network/minga/x/job"
)

// Dispute tells a dispute to people, line by line: who denies what, then a line
// for each round by which the two narrow it down, at last what the chain found.
// What was told before never changes, so that a dispute under way can be told as
// it goes on. Name says who an address is.
func Dispute(d job.Dispute, v job.View, name func(address string) string) []string {
	what := fmt.Sprintf(denied[d.Target], name(d.Claimant))
	lines := []string{
		fmt.Sprintf("dispute %d about job %d: %s denies %s", d.Id, d.Job, name(d.Challenger), what),
		fmt.Sprintf("round  %-11s %-20s %-20s %s", "part", "shown", "first denied", "bytes"),
	}
	var shown job.Move
	rounds, node := 0, false
	for _, m := range d.Moves {
		if m.Side == job.SideClaimant {
			shown = m
			continue
		}
		if within := []job.Stage{"chunks", "element", "position"}; !node && slices.Contains(within, m.Stage) {
			lines, node = append(lines, placeOf(v)), true
		}
		rounds++
		lines = append(lines, roundOf(rounds, shown, m))
		shown = job.Move{}
	}
	if d.Ended == 0 {
		return lines
	}
	if v.Correct != "" {
		lines = append(lines, decided(v, name(d.Claimant)))
	}
	largest := Thousands(v.LargestMessage)
	return append(lines, endOf(d, name),
		fmt.Sprintf("%d rounds, %d blocks, no message over %s bytes", v.Exchanges, v.Blocks, largest))
}

// denied is what a challenger can deny.
var denied = map[job.Target]string{
	job.TargetTrace:  "%s's trace, which says what each step gave",
	job.TargetResult: "the file that %s made",
	job.TargetSound:  "%s's claim that no step contradicts its inputs",
}

// parts are what each stage chooses among.
var parts = map[job.Stage]string{
	"steps": "step", "nodes": "node", "outputs": "output", "chunks": "kibibyte", "element": "element",
	"position": "fold step", "states": "state", "pieces": "kibibyte", "place": "word", "contradiction": "step",
}

func roundOf(n int, shown, chosen job.Move) string {
	return fmt.Sprintf("%5d  %-11s %-20s %-20s %d + %d",
		n, parts[chosen.Stage], extent(shown.Lo, shown.Hi), extent(chosen.Lo, chosen.Hi), shown.Bytes, chosen.Bytes)
}

// extent is lo up to, without, hi.
func extent(lo, hi uint64) string {
	if hi <= lo+1 {
		return Thousands(lo)
	}
	return Thousands(lo) + " to " + Thousands(hi-1)
}

// placeOf says which value of the run the rest of a dispute is about.
func placeOf(v job.View) string {
	if v.At("steps") == 0 {
		return fmt.Sprintf("       of state %d before the first step, %s", v.At("states"), Dims(v.Shape))
	}
	return fmt.Sprintf("       of node %d in step %d: %s, output %d, %s",
		v.At("nodes"), v.At("steps"), v.Operator, v.At("outputs"), Dims(v.Shape))
}

// decided sets the two words beside each other.
func decided(v job.View, claimant string) string {
	place := fmt.Sprintf("element %s", Thousands(v.At("element")))
	switch v.Stage {
	case "position":
		place = fmt.Sprintf("fold step %s of %s", Thousands(v.At("position")), place)
	case "place":
		place = fmt.Sprintf("word %s of the file", Thousands(v.At("place")))
	case "contradiction":
		place = fmt.Sprintf("contradictions in step %d", v.At("contradiction"))
	}
	return fmt.Sprintf("%s: %s claimed %s, the chain gets %s",
		place, claimant, number(v, v.Claimed), number(v, v.Correct))
}

// number writes a word, 0x and hex digits, with what it stands for.
func number(v job.View, word string) string {
	bits, err := strconv.ParseUint(word, 0, 32)
	if err != nil {
		return word
	}
	if v.Type == "int32" {
		return fmt.Sprintf("%s = %d", word, int32(bits))
	}
	return fmt.Sprintf("%s = %.9g", word, math.Float32frombits(uint32(bits)))
}

func endOf(d job.Dispute, name func(string) string) string {
	if d.Winner == "" {
		return "ended: " + d.Reason
	}
	loser := d.Claimant
	if d.Winner == d.Claimant {
		loser = d.Challenger
	}
	return fmt.Sprintf("verdict: %s: %s is right, %s loses %s of its stake",
		d.Reason, name(d.Winner), name(loser), Coins(d.Slashed.Int64()))
}
