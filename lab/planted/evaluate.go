package planted

import (
	"context"
	"fmt"
	"math/big"

	"github.com/minga-network/minga/rule/contribution"
)

// Result is what one game showed.
type Result struct {
	Names   []string  // of the portions
	Exact   []float64 // Shapley values of the training itself, in nats
	Utility float64   // by how much all portions together lower its loss
	Ways    []Way
}

// measured is how the names begin of the ways that measure as a job does.
const measured = "measured: "

// Way is one way of finding values, and how good they were.
type Way struct {
	Name     string
	Cost     float64 // in trainings of the whole
	Values   []float64
	Wrong    float64 // share of the money that goes to the wrong portions
	Spearman float64
	Best     []float64 // utility left when portions are removed, the best first
	Worst    []float64 // the worst first
}

// Evaluate finds the truth of a game and compares all ways with it: the measured split
// at each size, tokens, leave-one-out and in-run values. As many coalitions are trained
// at a time as there are workers.
func Evaluate(ctx context.Context, g Game, workers int) (*Result, error) {
	sizes, portions := g.Sizes(), len(g.Names())
	whole, err := g.Open(sizes[0])
	if err != nil {
		return nil, err
	}
	u, err := all(ctx, whole, portions, workers)
	if err != nil {
		return nil, err
	}
	r := &Result{Names: g.Names(), Exact: u.shapley(portions), Utility: u[len(u)-1]}
	add := func(name string, cost float64, values []float64) {
		r.Ways = append(r.Ways, Way{name, cost, values, wrong(values, r.Exact), spearman(values, r.Exact),
			u.removal(values, true), u.removal(values, false)})
	}
	design, err := contribution.NewDesign(contribution.Measure, portions)
	if err != nil {
		return nil, err
	}
	training := whole.Work(design.Coalitions[:1])
	for _, size := range sizes[1:] {
		t, err := g.Open(size)
		if err != nil {
			return nil, err
		}
		values, err := measure(ctx, t, portions, workers)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", size.Name, err)
		}
		add(measured+size.Name, t.Work(design.Coalitions)/training, values)
	}
	values, err := design.Values(u.of(design.Coalitions))
	if err != nil {
		return nil, err
	}
	add(measured+"runs as large as the training", whole.Work(design.Coalitions)/training, floats(values))
	credits, err := whole.Credits(ctx)
	if err != nil {
		return nil, err
	}
	add("in-run, first order", 0, credits)
	add("leave-one-out", whole.Work(design.Coalitions[1+portions:1+2*portions])/training, u.leaveOneOut(portions))
	add("tokens", 0, g.Tokens())
	return r, nil
}

// of returns the utilities of coalitions.
func (u truth) of(coalitions []contribution.Coalition) []*big.Rat {
	var found []*big.Rat
	for _, c := range coalitions {
		found = append(found, new(big.Rat).SetFloat64(u[c]))
	}
	return found
}

func floats(rats []*big.Rat) []float64 {
	out := make([]float64, len(rats))
	for i, r := range rats {
		out[i], _ = r.Float64()
	}
	return out
}
