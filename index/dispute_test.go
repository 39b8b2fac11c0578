package index

import (
	"slices"
	"strings"
	"testing"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/x/job"
)

// moves are those of a dispute: each row a stage, what was shown and what was
// denied of it.
func moves(rows ...job.Move) (all []job.Move) {
	for _, m := range rows {
		shown := m
		shown.Side, shown.Lo, shown.Hi, shown.Bytes = "claimant", 0, 16*m.Hi, 500
		m.Side, m.Bytes = "challenger", 4
		all = append(all, shown, m)
	}
	return all
}

// move is one that denies the part at lo.
func move(stage string, lo uint64) job.Move {
	return job.Move{Stage: job.Stage(stage), Lo: lo, Hi: lo + 1}
}

// places are levels and their parts in turn.
func places(of ...any) (all []job.Place) {
	for ; len(of) > 0; of = of[2:] {
		all = append(all, job.Place{Level: job.Stage(of[0].(string)), At: uint64(of[1].(int))})
	}
	return all
}

func named(address string) string { return strings.ToUpper(address) }

func TestADisputeIsTold(t *testing.T) {
	d := job.Dispute{
		Id: 3, Job: 1, Claimant: "julio", Challenger: "elena", Target: "trace", Ended: 90, Winner: "elena",
		Slashed: math.NewInt(5_000_000), Reason: "the disputed step was executed",
		Moves: moves(
			move("steps", 45), move("nodes", 84), move("outputs", 1),
			move("chunks", 3), move("element", 1008), move("position", 1023),
		),
	}
	v := job.View{
		Turn: "nobody", Stage: "position", Operator: "attention_grad", Shape: []uint64{8, 128}, Type: "float32",
		Places:  places("steps", 45, "nodes", 84, "outputs", 1, "element", 1008, "position", 1023),
		Claimed: "0xb9b8ac1c", Correct: "0xb9b0ac1c", Exchanges: 6, LargestMessage: 3394, Blocks: 26,
	}
	want := []string{
		"dispute 3 about job 1: ELENA denies JULIO's trace, which says what each step gave",
		"round  part        shown                first denied         bytes",
		"    1  step        0 to 735             45                   500 + 4",
		"    2  node        0 to 1,359           84                   500 + 4",
		"    3  output      0 to 31              1                    500 + 4",
		"       of node 84 in step 45: attention_grad, output 1, 8×128",
		"    4  kibibyte    0 to 63              3                    500 + 4",
		"    5  element     0 to 16,143          1,008                500 + 4",
		"    6  fold step   0 to 16,383          1,023                500 + 4",
		"fold step 1,023 of element 1,008: JULIO claimed 0xb9b8ac1c = -0.000352234463, " +
			"the chain gets 0xb9b0ac1c = -0.000336975674",
		"verdict: the disputed step was executed: ELENA is right, JULIO loses 5.000000 MINGA of its stake",
		"6 rounds, 26 blocks, no message over 3,394 bytes",
	}
	if got := Dispute(d, v, named); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// While it goes on, what was told stays.
	d.Ended, d.Winner = 0, ""
	all := d.Moves
	for n := range len(all) + 1 {
		early := v
		if n < 7 { // the fourth answer shows the output
			early.Operator, early.Shape, early.Places = "", nil, nil
		}
		d.Moves = all[:n]
		if got := Dispute(d, early, named); !slices.Equal(got, want[:len(got)]) {
			t.Errorf("after %d moves %q", n, got)
		}
	}
}

func TestOtherDisputesAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		dispute job.Dispute
		view    job.View
		want    []string
	}{
		"before the first step": {
			job.Dispute{Target: "trace", Ended: 9, Moves: moves(move("states", 2), move("element", 7))},
			job.View{
				Stage: "element", Operator: "start", Shape: []uint64{16}, Places: places("steps", 0, "states", 2, "element", 7),
				Claimed: "0x3f800000", Correct: "0x00000000",
			},
			[]string{
				"state       0 to 47", "of state 2 before the first step, 16",
				"element 7: JULIO claimed 0x3f800000 = 1, the chain gets 0x00000000 = 0",
			},
		},
		"an operator of integers": {
			job.Dispute{Target: "trace", Ended: 9},
			job.View{Stage: "position", Operator: "windows", Type: "int32", Places: places("element", 4), Claimed: "0x00000007",
				Correct: "0xffffffff"},
			[]string{"fold step 0 of element 4: JULIO claimed 0x00000007 = 7, the chain gets 0xffffffff = -1"},
		},
		"the file": {
			job.Dispute{Target: "result", Ended: 9, Moves: moves(move("pieces", 2))},
			job.View{Stage: "place", Places: places("place", 600), Claimed: "0x00000001", Correct: "0x00000000"},
			[]string{
				"denies the file that JULIO made", "kibibyte    0 to 47",
				"word 600 of the file: JULIO claimed 0x00000001",
			},
		},
		"a contradiction": {
			job.Dispute{
				Target: "sound", Ended: 9,
				Moves: []job.Move{{Side: "challenger", Stage: "contradiction", Lo: 4, Hi: 5}},
			},
			job.View{Stage: "contradiction", Places: places("contradiction", 4), Claimed: "0x00000000", Correct: "0x40000000"},
			[]string{
				"JULIO's claim that no step contradicts its inputs",
				"contradictions in step 4: JULIO claimed 0x00000000 = 0, the chain gets 0x40000000 = 2",
			},
		},
		"a challenger who is silent": {
			job.Dispute{
				Target: "trace", Ended: 9, Winner: "julio", Reason: "the challenger did not move in time",
				Slashed: math.NewInt(5_000_000),
			},
			job.View{Stage: "steps"},
			[]string{"verdict: the challenger did not move in time: JULIO is right, ELENA loses 5.000000 MINGA"},
		},
		"one that another overtook": {
			job.Dispute{Target: "trace", Ended: 9, Reason: "the claim fell by another dispute"},
			job.View{Stage: "steps"},
			[]string{"ended: the claim fell by another dispute"},
		},
	} {
		c.dispute.Claimant, c.dispute.Challenger = "julio", "elena"
		got := strings.Join(Dispute(c.dispute, c.view, named), "\n")
		for _, part := range c.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: it does not say %q:\n%s", name, part, got)
			}
		}
	}
}
