package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// Lie is what a liar writes down of what it did, before it claims: which element of
// which node's output in which step of the run, and the words there, as 0x and 8
// hex digits.
type Lie struct {
	Step    uint64 `json:"step"` // from 1
	Node    uint64 `json:"node"`
	Element uint64 `json:"element"`
	Right   string `json:"right"`
	Wrong   string `json:"wrong"`
}

// lieSize bounds a Lie's encoding, in bytes.
const lieSize = 1 << 10

// FoundTheBit holds if the dispute ended at the element where the liar flipped a bit, and the
// chain got the word that was there before.
var FoundTheBit = Check{
	Name: "the dispute ends at the bit that was flipped",
	Holds: func(ctx context.Context, w World, s Subject) error {
		r, err := w.dispute(ctx, s.Training)
		if err != nil {
			return err
		}
		text, err := w.Blob(ctx, s.Lie, lieSize)
		if err != nil {
			return err
		}
		var lie Lie
		if err := json.Unmarshal(text, &lie); err != nil {
			return err
		}
		v := r.View
		if found := (Lie{v.At("steps"), v.At("nodes"), v.At("element"), v.Correct, v.Claimed}); found != lie {
			return fmt.Errorf("it ended at %+v, the lie is %+v", found, lie)
		}
		return nil
	},
	Break: bent(func(r *job.QueryDisputesResponse) {
		for i := range r.Disputes {
			r.Disputes[i].View.Correct = r.Disputes[i].View.Claimed
		}
	}),
}

// LiarPays holds if who denied the claim won, the loser has less stake than the winner, by
// what it lost, and got nothing of the job.
var LiarPays = Check{
	Name: "the liar loses stake and is not paid",
	Holds: func(ctx context.Context, w World, s Subject) error {
		r, err := w.dispute(ctx, s.Training)
		if err != nil {
			return err
		}
		d := r.Dispute
		if d.Winner == "" || d.Winner != d.Challenger {
			return fmt.Errorf("dispute %d was won by %q", d.Id, d.Winner)
		}
		liar, err := w.stake(ctx, d.Claimant)
		if err != nil {
			return err
		}
		honest, err := w.stake(ctx, d.Winner)
		if err != nil {
			return err
		}
		if !d.Slashed.IsPositive() || !liar.Add(d.Slashed).Equal(honest) {
			return fmt.Errorf("the liar lost %s and has %s of its stake, the winner has %s", d.Slashed, liar, honest)
		}
		j, err := w.job(ctx, s.Training)
		if err != nil {
			return err
		}
		for _, p := range j.Paid {
			if p.To == d.Claimant {
				return fmt.Errorf("the liar got %s as %s", p.Amount, p.Role)
			}
		}
		return nil
	},
	Break: bent(func(r *job.QueryDisputesResponse) {
		for i := range r.Disputes {
			r.Disputes[i].Dispute.Winner = r.Disputes[i].Dispute.Claimant
		}
	}),
}

// largest is the most bytes that a dispute may put into one message.
const largest = 16 << 10

// SmallMessages holds if the chain decided without ever seeing more than 16 KiB at once.
var SmallMessages = Check{
	Name: "no message of the dispute is over 16 KiB",
	Holds: func(ctx context.Context, w World, s Subject) error {
		r, err := w.dispute(ctx, s.Training)
		if err != nil {
			return err
		}
		if n := r.View.LargestMessage; n == 0 || n > largest {
			return fmt.Errorf("the largest has %d bytes", n)
		}
		return nil
	},
	Break: bent(func(r *job.QueryDisputesResponse) {
		for i := range r.Disputes {
			r.Disputes[i].View.LargestMessage += largest
		}
	}),
}

// dispute is the only one about a job.
func (w World) dispute(ctx context.Context, id uint64) (job.QueryDisputeResponse, error) {
	r, err := job.NewQueryClient(w.Chain).Disputes(ctx, &job.QueryDisputesRequest{Job: id})
	if err != nil {
		return job.QueryDisputeResponse{}, err
	}
	if len(r.Disputes) != 1 {
		return job.QueryDisputeResponse{}, errors.New("there is not one dispute about the job")
	}
	return r.Disputes[0], nil
}

func (w World) stake(ctx context.Context, address string) (math.Int, error) {
	r, err := worker.NewQueryClient(w.Chain).Worker(ctx, &worker.QueryWorkerRequest{Address: address})
	if err != nil {
		return math.Int{}, err
	}
	return r.Worker.Stake, nil
}
