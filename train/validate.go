package train

import (
	"context"
	"errors"
	"slices"

	"github.com/minga-network/minga/nn"
)

// validate is the mean loss over all validation windows, in nats a token. The
// last batch may be short; the rows that are left over in it do not count.
func (t *trainer) validate(ctx context.Context) (float32, error) {
	p, err := nn.Evaluation(t.config, t.spec.Train.Batch)
	if err != nil {
		return 0, err
	}
	m, err := nn.NewMachine(p, t.backend, t.states[:len(p.States)])
	if err != nil {
		return 0, err
	}
	tokens, targets, losses, err := ports(p, m, nn.OutputLosses)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for batch := range slices.Chunk(t.data.validation, t.spec.Train.Batch) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for row, window := range batch {
			t.data.copyWindow(tokens, targets, row, window)
		}
		m.Run()
		for _, l := range losses[:len(batch)*t.data.context] {
			sum += float64(l)
		}
	}
	return float32(sum / float64(len(t.data.validation)*t.data.context)), nil
}

// ports is the memory where tokens and targets go in and a loss comes out.
func ports(p *nn.Program, m *nn.Machine, output string) (tokens, targets []int32, loss []float32, err error) {
	in, err1 := p.Input(nn.InputTokens)
	next, err2 := p.Input(nn.InputTargets)
	out, err3 := p.Output(output)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, nil, nil, err
	}
	return m.Ints(in), m.Ints(next), m.Floats(out), nil
}
