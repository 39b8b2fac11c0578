package main_test

import (
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/job"
)

// byMeasure trains a model on some datasets and measures them in so many units.
func (v *town) byMeasure(method string, units int, datasets ...uint64) uint64 {
	v.Helper()
	used := make([]uint64, len(datasets))
	for i := range used {
		used[i] = 1 + v.rng.Uint64N(5000)
	}
	t := v.terms(datasets, used)
	t.Train.Split.Method = method
	if v.rng.IntN(2) == 0 {
		t.Train.Split.Floor = uint32(v.rng.IntN(2000))
		t.Train.Split.Cap = 2000 + uint32(v.rng.IntN(8001))
	}
	whole := v.trained(1+v.rng.IntN(40), t.Units)
	v.begin(&t, whole)
	id := v.send("creator", &job.MsgPost{Creator: key("creator").String(), Terms: t})[0].(*job.MsgPostResponse).Job
	v.send("worker", &job.MsgTake{Worker: key("worker").String(), Job: id},
		&job.MsgClaim{Worker: key("worker").String(), Job: id, Claim: whole.claim})
	v.check(v.job(id), whole)
	v.measure(id, whole, method, units, len(datasets))
	v.await(id)
	return v.job(id).Asset
}

// measure posts the runs of a job and has them done and checked.
func (v *town) measure(id uint64, whole *training, method string, units, datasets int) {
	design, err := contribution.NewDesign(method, units)
	require.NoError(v, err)
	m := job.Measure{
		Segments: v.segments(units, datasets), Context: 5,
		Stake: sdkmath.NewInt(1000), CheckPay: sdkmath.NewInt(10), Work: 50,
	}
	for range units * contribution.Slices {
		m.Tokens = append(m.Tokens, 10)
	}
	m.Tokens[0] += uint64(corpusTokens - 10*len(m.Tokens))
	shapes := v.shapes(whole, 1+slices.Max(design.Shapes()))
	for _, t := range shapes {
		m.Tasks, m.Units = append(m.Tasks, t.Encode()), append(m.Units, 1+v.rng.Uint64N(100))
	}
	runs := make([]*training, len(design.Coalitions))
	for i, shape := range design.Shapes() {
		words := []float32{4 + v.rng.Float32(), 3.5 + v.rng.Float32()}
		if i == 0 {
			words[1] = 2
			for range units * contribution.Slices {
				words = append(words, v.rng.Float32()-0.2)
			}
		}
		runs[i] = v.proxy(shapes[shape], m.Units[shape], words)
	}
	first := v.send("creator", &job.MsgMeasure{Creator: key("creator").String(), Job: id,
		Measure: m})[0].(*job.MsgMeasureResponse).First
	var takes, claims []sdk.Msg
	for i, r := range runs {
		takes = append(takes, &job.MsgTake{Worker: key("worker").String(), Job: first + uint64(i)})
		claims = append(claims, &job.MsgClaim{Worker: key("worker").String(), Job: first + uint64(i), Claim: r.claim})
	}
	v.turns(v.job(first).Opened)
	v.send("worker", append(takes, claims...)...)
	for i, r := range runs {
		v.check(v.job(first+uint64(i)), r)
	}
}

// turns waits until either of the two workers may take any of the runs that are open since a
// height: each run has another one first in turn.
func (v *town) turns(opened int64) {
	v.Helper()
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	for height := range v.client.Blocks(ctx) {
		if height >= opened+job.DefaultParams().OfferBlocks {
			return
		}
	}
	require.Fail(v, "waited in vain")
}

// check takes a seat once it is drawn, and reports what the run's own claim says, and the step that was drawn if there
// are any.
func (v *town) check(j job.Job, r *training) {
	v.Helper()
	v.seat(j.Id)
	who := key("checker").String()
	report := &job.MsgReport{Worker: who, Job: j.Id, Report: r.claim}
	if j = v.job(j.Id); len(r.leaves) > 0 {
		step := j.Sample(who, len(r.leaves)-1)
		report.Leaf, report.Path = r.leaves[step][:], slicesOf(blob.Path(r.leaves, step))
	}
	v.send("checker", report)
}

// seat waits until the seats of a job are drawn, and takes one.
func (v *town) seat(id uint64) {
	v.Helper()
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	for range v.client.Blocks(ctx) {
		_, err := v.client.Send(v.ctx, key("checker"), &job.MsgCheck{Worker: key("checker").String(), Job: id})
		if err == nil {
			return
		}
		require.ErrorIs(v, err, job.ErrTurn)
	}
	require.Fail(v, "waited in vain")
}

// segments cuts so many units out of the datasets, in order, some of them over a border.
func (v *town) segments(units, datasets int) []job.Segment {
	var all []job.Segment
	dataset := uint32(0)
	for u := range uint32(units) {
		for {
			all = append(all, job.Segment{Portion: u, Dataset: dataset, Bytes: 1 + v.rng.Uint64N(50)})
			if int(dataset) == datasets-1 || v.rng.IntN(2) == 0 {
				break
			}
			dataset++
		}
	}
	return all
}

// shapes are the tasks of small trainings on parts of the data of a whole one.
func (v *town) shapes(whole *training, n int) []*verify.Programs {
	steps, weights := 1+v.rng.IntN(5), 1+v.rng.IntN(4)
	header, held := v.trained(1, 1).task.Header, verify.Input{Root: v.hash(), Words: 12}
	shapes := make([]*verify.Programs, n)
	for i := range shapes {
		shapes[i] = &v.trained(steps, 1).task
		shapes[i].States, shapes[i].Header = 3*weights+2, header
		shapes[i].Inputs = []verify.Input{whole.task.Inputs[0], {}, held}
	}
	shapes[0].Inputs = append(shapes[0].Inputs, verify.Input{})
	return shapes
}

// proxy is a run that measured some words.
func (v *town) proxy(shape *verify.Programs, units uint64, words []float32) *training {
	steps, at := shape.Phases[0].Steps, (shape.States-2)/3+1
	r := v.trained(steps, units)
	r.task = *shape
	values := v.hashes(shape.States + shape.Phases[0].Outputs)
	var bits []uint32
	r.claim.Measure = &job.MeasureClaim{}
	for _, x := range words {
		bits = append(bits, blob.Word(x))
		r.claim.Measure.Words = binary.LittleEndian.AppendUint32(r.claim.Measure.Words, math.Float32bits(x))
	}
	values[at] = verify.Value(bits)
	r.leaves[steps] = blob.Root(values)
	trace := blob.Root(r.leaves)
	r.claim.State, r.claim.Trace = r.leaves[steps][:], trace[:]
	r.claim.End = slicesOf(append(blob.Path(values, at), blob.Path(r.leaves, steps)...))
	return r
}
