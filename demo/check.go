package demo

import (
	"errors"
	"fmt"

	"cosmossdk.io/math"
)

// lossBar is how far a whole run must bring the validation loss down.
const lossBar = 0.62

// largestMessage is the most bytes that a dispute may put into one message.
const largestMessage = 16 << 10

// verdict checks what the story claims. Its error names everything that does not hold.
func (p *play) verdict() error {
	r := &p.report
	var wrong []error
	must := func(holds bool, format string, args ...any) {
		if !holds {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	must(len(r.Model.VerifiedBy) > 0, "nobody verified the model")
	must(r.Model.LossLast < r.Model.LossFirst, "the loss did not fall: %.3f to %.3f", r.Model.LossFirst, r.Model.LossLast)
	if p.Steps == 0 {
		must(r.Model.LossLast <= lossBar*r.Model.LossFirst, "the loss fell to %.3f of %.3f only, not to %.2f of it", r.Model.LossLast, r.Model.LossFirst, lossBar)
	}
	if p.Steps == 0 && len(r.Datasets) > 0 {
		noise := r.Datasets[len(r.Datasets)-1]
		must(noise.Contribution == "0.000000000", "the noise gets %s of the data's shares for a value of %s", noise.Contribution, noise.Value)
	}
	must(r.Inference.CompletionTokens > 0, "the model answered nothing")
	used := uint64(r.Inference.PromptTokens + r.Inference.CompletionTokens)
	must(p.session.Claim.Units == used, "the session claims %d tokens, the client was told of %d", p.session.Claim.Units, used)
	must(p.sum().Equal(p.session.Price.MulRaw(int64(used))), "the parts sum to %s, the fee is %s", p.sum(), r.Inference.Fee)
	must(r.Conserved, "coins were made or lost")
	if p.Liar {
		d := r.Dispute
		found := place{int(d.Step), int(d.Node), int(d.Element)}
		must(found == p.lie.place, "the dispute ended at %+v, the lie is at %+v", found, p.lie.place)
		must(d.Claimed == word(p.lie.wrong) && d.Correct == word(p.lie.right), "the dispute was about %s instead of %s, the lie is %s instead of %s",
			d.Claimed, d.Correct, word(p.lie.wrong), word(p.lie.right))
		must(d.LargestMessage <= largestMessage, "a message of the dispute has %d bytes", d.LargestMessage)
		must(r.Model.TrainedBy != p.machines[0].owner.address(), "the liar's model was paid")
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the demo ran, but not everything holds: %w", errors.Join(wrong...))
	}
	p.act("All checks hold: same bits twice, the parts sum to the fee, nothing made or lost")
	return nil
}

// sum adds up the parts and the remainder of the report.
func (p *play) sum() math.Int {
	sum, _ := math.NewIntFromString(p.report.Remainder)
	for _, part := range p.report.Split {
		amount, _ := math.NewIntFromString(part.Amount)
		sum = sum.Add(amount)
	}
	return sum
}
