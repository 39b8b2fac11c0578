package demo

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/examples/commons"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
)

// hiddenFile is the validation text that the creator keeps back until the training is
// done.
const hiddenFile = "hidden.txt"

// measure lets the creator show the hidden text and post the runs that measure the data.
func (p *play) measure(ctx context.Context) error {
	p.act(p.creator.name + " shows the text that was kept back, and has measured what each part of the data did")
	p.measuring = since()
	hidden, err := commons.Files.ReadFile(hiddenFile)
	if err != nil {
		return err
	}
	if _, err := put(p.library, hidden); err != nil {
		return err
	}
	p.data = append(p.data, train.Data{Asset: p.spec.Hidden(), Bytes: hidden})
	m, err := train.NewMeasure(p.spec, p.data)
	if err != nil {
		return err
	}
	terms, err := daemon.Measure(p.spec, m)
	if err != nil {
		return err
	}
	if _, err := p.client.Send(ctx, p.creator.signer, &job.MsgMeasure{Creator: p.creator.address(), Job: p.training.Id, Measure: terms}); err != nil {
		return fmt.Errorf("%s posts the measure: %w", p.creator.name, err)
	}
	return p.showDesign(m)
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
	p.report.Measure = Measure{Method: p.spec.Split.Method, Units: portions, Runs: runs, CostShare: m.Cost()}
	for i := range p.report.Datasets {
		p.report.Datasets[i].Proxies = proxies(m, i)
	}
	p.say("%d portions of about %s bytes, whoever they are of; %d small trainings with and without each of them:", portions, thousands(p.spec.Measure.Portion), runs)
	p.say("alone, with half of the others, with all others. Together they compute %.2f times what the training did;", m.Cost())
	p.say("the largest takes %.1f MB. Another worker does some of them again, which the chain draws.", float64(memory)/1e6)
	return nil
}

// proxies counts the runs that some of a dataset takes part in.
func proxies(m *train.Measure, dataset int) int {
	n := 0
	for _, c := range m.Design.Coalitions {
		if slices.ContainsFunc(m.Segments, func(s contribution.Segment) bool { return s.Dataset == dataset && c.Has(s.Portion) }) {
			n++
		}
	}
	return n
}

// value waits until all runs are paid, and tells what they gave.
func (p *play) value(ctx context.Context) error {
	p.act("Workers do the small trainings, and the chain reckons what each text was worth")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shown := uint32(0)
	for range p.client.Blocks(ctx) {
		m, err := p.measured(ctx)
		if err != nil {
			return err
		}
		if done := m.Runs - m.Left; done*10/m.Runs > shown*10/m.Runs {
			p.say("%d of %d runs paid", done, m.Runs)
			shown = done
		}
		if m.Reason != "" {
			return fmt.Errorf("the data was not measured: %s", m.Reason)
		}
		if m.Left == 0 {
			break
		}
	}
	j, err := p.await(ctx, p.training.Id, job.StatePaid)
	if err != nil {
		return err
	}
	p.training = j
	p.report.Measure.Seconds = p.measuring()
	return p.showValues(ctx)
}

func (p *play) measured(ctx context.Context) (job.Measured, error) {
	r, err := job.NewQueryClient(p.client).Measured(ctx, &job.QueryMeasuredRequest{Job: p.training.Id})
	if err != nil {
		return job.Measured{}, err
	}
	return r.Measured, nil
}

// showValues puts the values into the report and says who gets what for them.
func (p *play) showValues(ctx context.Context) error {
	m, err := p.measured(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{{"dataset", "contributor", "worth in nats", "of the data's shares"}}
	for i, part := range billionths(m.Values) {
		d := &p.report.Datasets[i]
		d.Value, d.Contribution = m.Values[i].Value, fmt.Sprintf("%d.%09d", part/billion, part%billion)
		rows = append(rows, []string{d.Asset, p.named(d.Contributor), d.Value, fmt.Sprintf("%.1f %%", 100*float64(part)/billion)})
	}
	p.table(rows)
	for i, d := range p.report.Datasets {
		if m.Values[i].Shares == 0 {
			p.say("%s gets nothing for %s: a model that learns from them too predicts the hidden text worse,", p.named(d.Contributor), p.texts[i].title)
			p.say("which is a value of %s nats; who brings such data loses nothing but the effort.", d.Value)
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

// helps says whose data is seen to help during training: first-order values of the
// steps so far, which pay nobody.
func (p *play) helps(contribution []float64) string {
	var out []string
	for i, c := range contribution {
		out = append(out, p.texts[i].owner.name+" "+strconv.Itoa(int(100*c+0.5))+" %")
	}
	return strings.Join(out, ", ")
}
