package job

import (
	"slices"
	"strings"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/ledgertest"
)

// measureOf is what the runs of two units, of 1000 bytes each, of three datasets are.
func measureOf() Measure {
	m := Measure{
		Segments: []Segment{
			{Portion: 0, Dataset: 0, Bytes: 700}, {Portion: 0, Dataset: 1, Bytes: 300},
			{Portion: 1, Dataset: 1, Bytes: 600}, {Portion: 1, Dataset: 2, Bytes: 400}},
		Units: []uint64{100, 60}, Stake: math.NewInt(500_000), CheckPay: math.NewInt(70), Work: 15, Context: 3,
	}
	for i := 0; i < len(toySlices); i += 2 {
		m.Tokens = append(m.Tokens, uint64(toySlices[i+1]-toySlices[i]))
	}
	for _, r := range measuringRuns()[:2] {
		m.Tasks = append(m.Tasks, shapeOf(taskOf(r.truth.program, r.truth.inputs)).Encode())
	}
	return m
}

// shapeOf takes out of a task what differs between runs of its shape.
func shapeOf(t *verify.Programs) *verify.Programs {
	for i := range t.Inputs {
		if i == inPresent || i == inSlices {
			t.Inputs[i] = verify.Input{}
		}
	}
	return t
}

// measuredTerms are those of a job whose data is measured.
func measuredTerms(datasets ...uint64) Terms {
	t := trainTerms(datasets...)
	t.Train.Split.Method = "measure"
	return t
}

func (c *town) measure(job uint64, m Measure) (first uint64, err error) {
	res, err := c.k.Measure(c.Ctx, &MsgMeasure{Creator: c.creator, Job: job, Measure: m})
	c.check()
	if err != nil {
		return 0, err
	}
	return res.First, nil
}

// standing is a measured job whose claim has stood its window: it waits for its runs.
func (c *town) standing(t Terms) uint64 {
	id := c.claimed(t, honest())
	c.checks(id, c.drawn(id)[0], honest())
	for range 11 {
		c.next()
	}
	require.Equal(c, StateWaiting, c.job(id).State)
	return id
}

func TestMeasurePostsEachRun(t *testing.T) {
	c := newTown(t)
	id := c.post(c.creator, measuredTerms(c.data...))
	m := measureOf()
	first, err := c.measure(id, m)
	require.NoError(t, err)
	require.Equal(t, id+1, first)
	budgets := int64(0)
	for run, r := range measuringRuns() {
		j := c.job(first + uint64(run))
		shape := min(run, 1)
		require.Equal(t, Terms{
			Kind: KindMeasure, Proof: ProofReferee, Spec: hash("spec"), Source: "http://127.0.0.1:9000",
			MaxPrice: math.NewInt(5), Deadline: 30, Window: 10,
			Parent: id, Number: uint32(run), Task: taskOf(r.truth.program, r.truth.inputs).Encode(), Units: m.Units[shape],
			Stake: math.NewInt(500_000), CheckPay: math.NewInt(70),
			Work: 15, Measure: &MeasureTerms{}, Checkers: 1, Budget: math.NewInt(5*int64(m.Units[shape]) + 70),
		}, j.Terms)
		require.Equal(t, []any{StateOpen, c.creator}, []any{j.State, j.Creator})
		budgets += j.Escrow.Int64()
	}
	require.Equal(t, -10_000-budgets, c.gained(c.creator))
	res, err := queries{c.k}.Measured(c.Ctx, &QueryMeasuredRequest{Job: id})
	require.NoError(t, err)
	require.Equal(t, Measured{Job: id, Segments: m.Segments, First: first, Runs: 3}, res.Measured)
	require.Equal(t, Children{Parent: id, Count: 3, Posted: 3}, res.Children)
	_, err = queries{c.k}.Measured(c.Ctx, &QueryMeasuredRequest{Job: 99})
	require.ErrorIs(t, err, ErrUnknown)
	_, err = c.measure(id, m)
	require.ErrorIs(t, err, ErrState, "once")
}

// TestARunHasACheckerEvenIfTheJobHasNone, for those that the lot falls on.
func TestARunHasACheckerEvenIfTheJobHasNone(t *testing.T) {
	c := newTown(t)
	terms := measuredTerms(c.data...)
	for checkers, want := range map[uint32]uint32{0: 1, 1: 1, 2: 2} {
		terms.Checkers = checkers
		first, err := c.measure(c.post(c.creator, terms), measureOf())
		require.NoError(t, err)
		require.Equal(t, want, c.job(first).Terms.Checkers)
	}
}

func TestMeasureRefuses(t *testing.T) {
	shape := func(at int, change func(t *verify.Programs)) func(*Measure) {
		return func(m *Measure) {
			r := measuringRuns()[at].truth
			x := shapeOf(taskOf(r.program, r.inputs))
			change(x)
			m.Tasks[at] = x.Encode()
		}
	}
	third := func(change func(t *verify.Programs)) func(*Measure) { // three units have runs of 3, 1 and 2 of them
		return func(m *Measure) {
			m.Segments[3].Portion, m.Context = 2, 1
			m.Tokens = slices.Repeat([]uint64{3}, 24)
			m.Tokens[0] += 80 - 72
			m.Units = append(m.Units, 80)
			r := measuringRuns()[1].truth
			x := shapeOf(taskOf(r.program, r.inputs))
			change(x)
			m.Tasks = append(m.Tasks, x.Encode())
		}
	}
	huge := math.NewIntFromUint64(1 << 63).MulRaw(2)
	for _, r := range []struct {
		name   string
		change func(m *Measure)
		says   string
	}{
		{"nothing", func(m *Measure) { *m = Measure{} }, "work"},
		{"no segments", func(m *Measure) { m.Segments = nil }, "0 segments"},
		{"more segments than units and datasets can have", func(m *Measure) { m.Segments = make([]Segment, 34) },
			"give 1 to 33"},
		{"a first unit that is not 0", func(m *Measure) { m.Segments = m.Segments[2:] }, "segment 0 is of portion 1"},
		{"a first unit that wraps round", func(m *Measure) { m.Segments[0].Portion = 1<<32 - 1 }, "segment 0"},
		{"a unit left out", func(m *Measure) { m.Segments[2].Portion, m.Segments[3].Portion = 2, 2 }, "segment 2"},
		{"units that fall", func(m *Measure) { m.Segments[3].Portion = 0 }, "segment 3"},
		{"datasets that fall", func(m *Measure) { m.Segments[2].Dataset = 0 }, "segment 2"},
		{"a segment twice", func(m *Measure) { m.Segments[1].Dataset = 0 }, "segment 1"},
		{"a dataset there is not", func(m *Measure) { m.Segments[3].Dataset = 3 }, "segment 3"},
		{"an empty segment", func(m *Measure) { m.Segments[1].Bytes = 0 }, "segment 1 has 0 bytes"},
		{"a segment of too much", func(m *Measure) { m.Segments[1].Bytes = 1<<40 + 1 }, "segment 1 has"},
		{"too many units", func(m *Measure) {
			m.Segments = nil
			for u := range uint32(32) {
				m.Segments = append(m.Segments, Segment{Portion: u, Bytes: 1})
			}
		}, "31 portions"},
		{"a shape too few", func(m *Measure) { m.Tasks, m.Units = m.Tasks[:1], m.Units[:1] }, "have 2 shapes"},
		{"a shape too many", func(m *Measure) { m.Tasks, m.Units = append(m.Tasks, m.Tasks[1]), append(m.Units, 1) },
			"have 2 shapes"},
		{"shapes without number", func(m *Measure) { m.Tasks, m.Units = make([][]byte, 1<<16), make([]uint64, 1<<16) },
			"have 2 shapes"},
		{"units of some shapes only", func(m *Measure) { m.Units = m.Units[:1] }, "2 tasks and 1 numbers"},
		{"a run without work", func(m *Measure) { m.Units[1] = 0 }, "run 1: units is 0"},
		{"a run that costs more than there is", func(m *Measure) { m.Units[1] = 1<<64 - 1 }, "run 1: budget"},
		{"no pay for checkers", func(m *Measure) { m.CheckPay = math.Int{} }, "check_pay"},
		{"a pay over 64 bits", func(m *Measure) { m.CheckPay = huge }, "run 0: budget"},
		{"a negative pay", func(m *Measure) { m.CheckPay = math.NewInt(-1) }, "check_pay"},
		{"no stake", func(m *Measure) { m.Stake = math.ZeroInt() }, "stake"},
		{"a stake that is not there", func(m *Measure) { m.Stake = math.Int{} }, "stake"},
		{"no time for work", func(m *Measure) { m.Work = 0 }, "work of 0 blocks"},
		{"work without end", func(m *Measure) { m.Work = 1 << 62 }, "work of"},
		{"no task", func(m *Measure) { m.Tasks[1] = nil }, "task 1: "},
		{"a task that is too long", func(m *Measure) { m.Tasks[1] = make([]byte, 2049) }, "at most 2048"},
		{"a task that is none", func(m *Measure) { m.Tasks[1] = m.Tasks[1][1:] }, "task 1: "},
		{"a task that makes no file", func(m *Measure) {
			none := func(t *verify.Programs) { t.Header = verify.File{} }
			shape(0, none)(m)
			shape(1, none)(m)
		}, "makes a file"},
		{"a task that counts contradictions", shape(0, func(t *verify.Programs) { t.Sound, t.Phases[0].Outputs = true, 1 }),
			"another kind"},
		{"a task that begins with a model",
			shape(1, func(t *verify.Programs) { t.Start = verify.File{Root: verify.Hash{1}, Size: 8} }), "begins with a model"},
		{"a task without means", shape(1, func(t *verify.Programs) { t.States = 1 }),
			"task 1: a training run has three states"},
		{"a task with two states", shape(0, func(t *verify.Programs) { t.States = 2 }),
			"task 0: a training run has three states"},
		{"a task with a state more", shape(1, func(t *verify.Programs) { t.States++ }),
			"task 1: a training run has three states"},
		{"an input too few", shape(0, func(t *verify.Programs) { t.Inputs = t.Inputs[:3] }), "task 0: a run reads"},
		{"an input too many", shape(1, func(t *verify.Programs) { t.Inputs = append(t.Inputs, verify.Input{}) }),
			"task 1: a run reads"},
		{"no inputs", shape(1, func(t *verify.Programs) { t.Inputs = nil }), "task 1: a run reads"},
		{"another corpus", shape(1, func(t *verify.Programs) { t.Inputs[0].Root[3] ^= 1 }),
			"task 1: it reads another corpus"},
		{"a shorter corpus", shape(0, func(t *verify.Programs) { t.Inputs[0].Words-- }), "task 0: it reads another corpus"},
		{"a corpus that moves", shape(0, func(t *verify.Programs) { t.Inputs[0].Each = true }),
			"task 0: it reads another corpus"},
		{"units by hand", shape(1, func(t *verify.Programs) { t.Inputs[1].Root[0] = 1 }), "leave out"},
		{"slices by hand", shape(0, func(t *verify.Programs) { t.Inputs[3].Words = 8 }), "leave out"},
		{"another hidden text", shape(1, func(t *verify.Programs) { t.Inputs[2].Root[0] ^= 1 }),
			"task 1: it measures by another text"},
		{"a hidden text that moves", shape(0, func(t *verify.Programs) { t.Inputs[2].Each = true }),
			"task 0: it measures by another text"},
		{"another model's form", third(func(t *verify.Programs) { t.Header.Root[0] ^= 1 }), "task 2: it makes another model"},
		{"a larger model", third(func(t *verify.Programs) { t.Words++ }), "task 2: it makes another model"},
		{"more weights", shape(1, func(t *verify.Programs) { t.States += 3 }), "task 1: it has other states"},
		{"another step", shape(1, func(t *verify.Programs) { t.Phases[0].Steps++ }), "task 1: it has other states"},
		{"another phase", shape(1, func(t *verify.Programs) { t.Phases = append(t.Phases, t.Phases[0]) }),
			"task 1: it has other states"},
		{"windows of nothing", func(m *Measure) { m.Context = 0 }, "portion 0 has 48 tokens and a window takes 0"},
		{"windows larger than a unit", func(m *Measure) { m.Context = 32 }, "portion 1 has 32 tokens and a window takes 32"},
		{"windows that wrap round", func(m *Measure) { m.Context = 1<<32 - 1 }, "portion 0 has 48 tokens"},
		{"more tokens than there are", func(m *Measure) { m.Tokens[15]++ }, "slice 15 ends beyond the corpus of 80"},
		{"fewer tokens than there are", func(m *Measure) { m.Tokens[15]-- }, "79 tokens together, the corpus has 80"},
		{"tokens that wrap round", func(m *Measure) { m.Tokens[1] = 1<<64 - 6 }, "slice 1 ends beyond"},
		{"a slice too few", func(m *Measure) { m.Tokens = m.Tokens[1:] }, "tokens has 15 entries"},
		{"a slice too many", func(m *Measure) { m.Tokens = append(m.Tokens, 0) }, "tokens has 17 entries"},
		{"no slices", func(m *Measure) { m.Tokens = nil }, "tokens has 0 entries"},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := newTown(t)
			id := c.post(c.creator, measuredTerms(c.data...))
			m := measureOf()
			r.change(&m)
			_, err := c.k.Measure(c.Ctx, &MsgMeasure{Creator: c.creator, Job: id, Measure: m})
			require.ErrorIs(t, err, ErrTerms)
			require.ErrorContains(t, err, r.says)
		})
	}
}

func TestMeasureRefusesAtTheWrongTime(t *testing.T) {
	c := newTown(t)
	measure := func(who string, id uint64, height int64) error {
		ctx, _ := c.Ctx.CacheContext()
		_, err := c.k.Measure(ctx.WithBlockHeight(height), &MsgMeasure{Creator: who, Job: id, Measure: measureOf()})
		return err
	}
	id := c.post(c.creator, measuredTerms(c.data...))
	require.ErrorIs(t, measure(c.creator, 99, 10), ErrUnknown)
	require.ErrorIs(t, measure(c.beto, id, 10), ErrNotYours)
	require.ErrorIs(t, measure("me", id, 10), ErrNotYours)
	require.NoError(t, measure(strings.ToUpper(c.creator), id, 10), "in capitals it is the same account")
	require.ErrorIs(t, measure(c.creator, id, 41), ErrLate, "the open job is over")
	require.ErrorIs(t, measure(c.creator, c.post(c.creator, trainTerms(c.data...)), 10), ErrState,
		"its data part goes by tokens")
	require.ErrorIs(t, measure(c.creator, c.post(c.creator, inferTerms(c.model(c.ana))), 10), ErrState,
		"it trains nothing")
	few := measuredTerms(c.data...)
	few.Train.Split.Method = "measure-exact"
	require.NoError(t, measure(c.creator, c.post(c.creator, few), 10), "all subsets of two units are the same runs")

	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, measure(c.creator, id, 10))
	require.NoError(t, c.claim(id, c.w[0], honest()))
	require.NoError(t, measure(c.creator, id, 10))
	_, err := c.challenge(id, c.w[1], "trace")
	require.NoError(t, err)
	require.NoError(t, measure(c.creator, id, 60), "disputed, its due is only that of challenges")

	poor := c.post(c.beto, measuredTerms(c.data...))
	ctx, _ := c.Ctx.CacheContext()
	_, err = c.k.Measure(ctx, &MsgMeasure{Creator: c.beto, Job: poor, Measure: func() Measure {
		m := measureOf()
		m.Units[0], m.CheckPay = 1000, math.NewInt(ledgertest.Purse)
		return m
	}()})
	require.ErrorContains(t, err, "insufficient funds")

	first, err := c.measure(c.post(c.creator, measuredTerms(c.data...)), measureOf())
	require.NoError(t, err)
	require.ErrorIs(t, measure(c.creator, first, 10), ErrState, "a run is not measured itself")
	_, err = c.k.Cancel(c.Ctx, &MsgCancel{Creator: c.creator, Job: first})
	require.ErrorIs(t, err, ErrState, "no run is cancelled alone")
}

func TestPostRefusesWhatIsForRuns(t *testing.T) {
	c := newTown(t)
	for name, change := range map[string]func(x *Terms){
		"a parent":                  func(x *Terms) { x.Parent = 1 },
		"a number":                  func(x *Terms) { x.Number = 1 },
		"the kind of a run":         func(x *Terms) { x.Kind, x.Train, x.Measure = KindMeasure, nil, &MeasureTerms{} },
		"a floor above all":         func(x *Terms) { x.Train.Split.Floor = 10_001 },
		"a cap above all":           func(x *Terms) { x.Train.Split.Cap = 10_001 },
		"a royalty above all":       func(x *Terms) { x.Train.Split.Royalty = 10_001 },
		"a floor above the cap":     func(x *Terms) { x.Train.Split.Floor, x.Train.Split.Cap = 301, 300 },
		"a negative vesting":        func(x *Terms) { x.Train.Split.Vesting = -1 },
		"a vesting without an end":  func(x *Terms) { x.Train.Split.Vesting = 1<<40 + 1 },
		"a method that is not one":  func(x *Terms) { x.Train.Split.Method = "measured" },
		"no method":                 func(x *Terms) { x.Train.Split.Method = "" },
		"a method in other letters": func(x *Terms) { x.Train.Split.Method = "Measure" },
	} {
		terms := measuredTerms(c.data...)
		change(&terms)
		_, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: terms})
		require.ErrorIs(t, err, ErrTerms, name)
	}
	terms := measuredTerms(c.data...)
	terms.Train.Split.Floor, terms.Train.Split.Cap, terms.Train.Split.Royalty, terms.Train.Split.Vesting = 300, 300,
		10_000, 1<<40
	c.post(c.creator, terms)
}
