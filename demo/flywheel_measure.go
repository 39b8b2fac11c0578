package demo

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
)

// hiddenFile is the validation text that the creator keeps back until the training is
// done.
const hiddenFile = "hidden.txt"

// measure lets the creator show the hidden text and post the runs that measure the data.
func (p *play) measure(ctx context.Context) error {
	p.Act(p.creator.Name + " shows the text that was kept back, and has measured what each part of the data did")
	p.measuring = since()
	if err := p.bring(hiddenFile); err != nil {
		return err
	}
	m, err := p.host().Measuring(ctx, p.job)
	if err != nil {
		return err
	}
	msg := &job.MsgMeasure{Creator: p.creator.Address(), Job: p.job.Id, Measure: m.Says}
	if _, err := p.Client.Send(ctx, p.creator.Signer, msg); err != nil {
		return fmt.Errorf("%s posts the measure: %w", p.creator.Name, err)
	}
	return p.showDesign(m.Measure)
}

func (p *play) showDesign(m *train.Measure) error {
	all, err := m.Plan(0)
	if err != nil {
		return err
	}
	memory, err := all.Memory()
	if err != nil {
		return err
	}
	portions, runs := m.Design.Portions, len(m.Design.Coalitions)
	p.report.Measure = &Measure{Method: p.spec.Measure.Method, Units: portions, Runs: runs, CostShare: m.Cost()}
	for i := range p.report.Datasets {
		p.report.Datasets[i].Proxies = proxies(m, i)
	}
	p.Say("%d portions of about %s bytes, whoever they are of; %d small trainings with and without each of them:",
		portions, index.Thousands(p.spec.Measure.Portion), runs)
	p.Say("alone, with half of the others, with all others. Together they compute %.2f times what the training did;\n"+
		"the largest takes %.1f MB. Another worker does some of them again, which the chain draws.",
		m.Cost(), float64(memory)/1e6)
	return nil
}

// proxies counts the runs that some of a dataset takes part in.
func proxies(m *train.Measure, dataset int) int {
	n := 0
	for _, c := range m.Design.Coalitions {
		used := func(s contribution.Segment) bool { return s.Dataset == dataset && c.Has(s.Portion) }
		if slices.ContainsFunc(m.Segments, used) {
			n++
		}
	}
	return n
}

// value waits until all runs are paid, and tells what they gave.
func (p *play) value(ctx context.Context) error {
	p.Act("Workers do the small trainings, and the chain reckons what each text was worth")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shown := uint32(0)
	for range p.Client.Blocks(ctx) {
		r, err := p.measured(ctx)
		if err != nil {
			return err
		}
		runs := r.Children
		if done := runs.Paid; done*10/runs.Count > shown*10/runs.Count {
			p.Say("%d of %d runs paid", done, runs.Count)
			shown = done
		}
		if runs.Reason != "" {
			return fmt.Errorf("the data was not measured: %s", runs.Reason)
		}
		if runs.Paid == runs.Count {
			break
		}
	}
	j, err := p.Await(ctx, p.job.Id, job.StatePaid)
	if err != nil {
		return err
	}
	p.job = j
	p.report.Measure.Seconds = p.measuring()
	return p.showValues(ctx)
}

func (p *play) measured(ctx context.Context) (job.QueryMeasuredResponse, error) {
	r, err := job.NewQueryClient(p.Client).Measured(ctx, &job.QueryMeasuredRequest{Job: p.job.Id})
	if err != nil {
		return job.QueryMeasuredResponse{}, err
	}
	return *r, nil
}

// showValues puts the values into the report and says who gets what for them.
func (p *play) showValues(ctx context.Context) error {
	r, err := p.measured(ctx)
	if err != nil {
		return err
	}
	m := r.Measured
	rows := [][]string{{"dataset", "contributor", "worth in nats", "of the data's shares"}}
	for i, part := range billionths(m.Values) {
		d := &p.report.Datasets[i]
		d.Value, d.Contribution = m.Values[i].Value, fmt.Sprintf("%d.%09d", part/billion, part%billion)
		share := fmt.Sprintf("%.1f %%", 100*float64(part)/billion)
		rows = append(rows, []string{d.Asset, p.Named(d.Contributor), d.Value, share})
	}
	p.Table(rows)
	for i, d := range p.report.Datasets {
		if m.Values[i].Shares == 0 {
			p.Say("%s gets nothing for %s: a model that learns from them too predicts the hidden text worse,\n"+
				"which is a value of %s nats; who brings such data loses nothing but the effort.",
				p.Named(d.Contributor), p.texts[i].title, d.Value)
		}
	}
	return nil
}

const billion = 1_000_000_000

// billionths are the datasets' parts of the data's shares. What rounding leaves goes to
// the largest, so that they sum to a whole.
func billionths(values []job.Value) []uint64 {
	var shares []*big.Rat
	largest := 0
	for i, v := range values {
		shares = append(shares, new(big.Rat).SetInt(new(big.Int).SetUint64(v.Shares)))
		if v.Shares > values[largest].Shares {
			largest = i
		}
	}
	parts, left := contribution.Divide(billion, shares), uint64(billion)
	for _, part := range parts {
		left -= part
	}
	if left < billion {
		parts[largest] += left
	}
	return parts
}
