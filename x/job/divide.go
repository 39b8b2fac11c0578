package job

import (
	"context"
	stdmath "math"
	"math/big"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/x/asset"
)

// division is how the data part of a model is given out.
type division struct {
	// shares of each dataset, in the order of the terms.
	shares []uint64
	// values are what was measured of each dataset; nil where nothing was.
	values []string
	// forfeit tells that the creator's part goes to the commons.
	forfeit bool
}

// divided divides the data part of a job's model. If the creator asked for measuring, it goes by what was measured, and
// that is written down.
func (k Keeper) divided(ctx context.Context, j *Job) (division, error) {
	if !j.measured() {
		return byTokens(j), nil
	}
	m, begun, err := k.measuring(ctx, j.Id)
	if err != nil {
		return division{}, err
	}
	if !begun {
		m.Job, m.Reason = j.Id, "its creator did not post the runs in time"
	} else {
		c, wrong := k.Children.Get(ctx, j.Id)
		if wrong != nil {
			return division{}, wrong
		}
		m.Reason = c.Reason
	}
	d := unmeasured(j)
	if m.Reason == "" {
		d, err = k.byValue(ctx, j, &m)
	}
	if err != nil {
		return division{}, err
	}
	return d, k.Measured.Set(ctx, j.Id, m)
}

// unmeasured divides where the measuring that the creator asked for did not come about. It goes by tokens, and the
// creator's part goes to the commons. So that a creator with much data of little worth does not gain by that, the data
// gets no more than the creator's part was.
func unmeasured(j *Job) division {
	train := *j.Terms.Train
	train.Split.Data = min(train.Split.Data, train.Split.Creator)
	d := byTokens(&Job{Terms: Terms{Train: &train}})
	d.forfeit = true
	return d
}

// byTokens divides by the training tokens used of each dataset.
func byTokens(j *Job) division {
	weights := make([]*big.Rat, len(j.Terms.Train.Used))
	for i, n := range j.Terms.Train.Used {
		weights[i] = new(big.Rat).SetInt(new(big.Int).SetUint64(n))
	}
	return division{shares: dataShares(j.Terms.Train.Split, weights)}
}

// byValue divides by what the runs measured.
func (k Keeper) byValue(ctx context.Context, j *Job, m *Measured) (division, error) {
	claims := make([][]uint32, m.Runs)
	for run := range claims {
		r, err := k.Get(ctx, m.First+uint64(run))
		if err != nil {
			return division{}, err
		}
		claims[run] = blob.Words[uint32](r.Claim.Measure.Words)
	}
	w, err := appraise(j.Terms.Train.Split.Method, len(j.Terms.Train.Datasets), m.Segments, claims)
	if err != nil {
		return division{}, err
	}
	d := division{shares: dataShares(j.Terms.Train.Split, w.weights)}
	for _, v := range w.portions {
		m.Portions = append(m.Portions, decimal(v))
	}
	for i, v := range w.datasets {
		d.values = append(d.values, decimal(v))
		m.Values = append(m.Values, Value{Dataset: j.Terms.Train.Datasets[i], Value: d.values[i], Shares: d.shares[i]})
	}
	return d, nil
}

// worth is what the runs say of the data, exactly, in nats of validation loss.
type worth struct {
	portions []*big.Rat // of each portion
	datasets []*big.Rat // of each dataset: the sum over its segments
	weights  []*big.Rat // of each dataset: the sum over its segments of positive value
}

// appraise finds what each portion and each dataset is worth. means has the words that each run ended with.
func appraise(method string, datasets int, segments []Segment, means [][]uint32) (worth, error) {
	design, err := contribution.NewDesign(method, portionsOf(segments))
	if err != nil {
		return worth{}, err
	}
	first, last := make([]float32, len(means)), make([]float32, len(means))
	for run, words := range means {
		first[run], last[run] = stdmath.Float32frombits(words[0]), stdmath.Float32frombits(words[1])
	}
	w := worth{datasets: zeros(datasets), weights: zeros(datasets)}
	if w.portions, err = design.Values(contribution.Utilities(first, last)); err != nil {
		return worth{}, err
	}
	var credits []float32
	for _, word := range means[0][2:] {
		credits = append(credits, stdmath.Float32frombits(word))
	}
	parts := make([]contribution.Segment, len(segments))
	for i, s := range segments {
		parts[i] = contribution.Segment{Portion: int(s.Portion), Dataset: int(s.Dataset), Bytes: s.Bytes}
	}
	for i, v := range contribution.Inside(w.portions, parts, credits) {
		d := parts[i].Dataset
		w.datasets[d].Add(w.datasets[d], v)
		if v.Sign() > 0 {
			w.weights[d].Add(w.weights[d], v)
		}
	}
	return w, nil
}

func zeros(n int) []*big.Rat {
	rs := make([]*big.Rat, n)
	for i := range rs {
		rs[i] = new(big.Rat)
	}
	return rs
}

// nano is what decimal counts in.
var nano = big.NewInt(1_000_000_000)

// decimal writes a value with 9 digits after the point, rounded half to even. It is for reading only: payments go by
// exact values.
func decimal(v *big.Rat) string {
	n, d := new(big.Int).Mul(v.Num(), nano), v.Denom()
	q, r := new(big.Int).QuoRem(new(big.Int).Abs(n), d, new(big.Int))
	if c := r.Lsh(r, 1).Cmp(d); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	if n.Sign() < 0 {
		q.Neg(q)
	}
	return new(big.Rat).SetFrac(q, nano).FloatString(9)
}

// dataShares divides the data part of a model's shares by weights. No positive weight gets less than the split's floor
// or more than its cap. What caps and rounding leave over is in no part.
func dataShares(s Split, weights []*big.Rat) []uint64 {
	data := asset.Shares * uint64(s.Data) / whole
	return contribution.Divide(data, bounded(s, weights))[:len(weights)]
}
