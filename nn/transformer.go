package nn

import "fmt"

// Names of the inputs and outputs of the Programs below.
const (
	InputTokens  = "tokens"  // int (batch·context)
	InputTargets = "targets" // int (batch·context): the token after each token
	InputStep    = "step"    // int (1), counted from 0
	OutputLoss   = "loss"    // of Training, float (1): mean cross-entropy in nats
	OutputLosses = "losses"  // of Evaluation, float (batch·context): that of each token
)

// Training builds one training step on the tokens and targets that it is given:
// forward, mean cross-entropy over the batch, gradients, clipping by the norm
// over all gradients, schedule, AdamW. The states are the weights in the order
// of Config.Tensors, then the first moments ("m." and the name), then the second
// ("v."). A run that can be disputed takes its data from Phases instead.
func Training(cfg Config, batch int, opt Optimizer) (*Program, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	t, err := newTransformer(cfg, batch)
	if err != nil {
		return nil, err
	}
	t.read(batch)
	step := t.input(InputStep, ints(1))
	weights := t.states("")
	m, v := t.states("m."), t.states("v.")
	loss, _ := t.learn(opt, step, t.losses(weights), weights, m, v)
	t.output(OutputLoss, loss)
	return t.done()
}

// Evaluation builds the forward pass alone. The states are the weights.
func Evaluation(cfg Config, batch int) (*Program, error) {
	t, err := newTransformer(cfg, batch)
	if err != nil {
		return nil, err
	}
	t.read(batch)
	t.output(OutputLosses, t.losses(t.states("")))
	return t.done()
}

// CheckBatch returns a *FieldError when the values of a pass over so many
// windows would not fit a Program. cfg is one that Validate accepts.
func CheckBatch(cfg Config, batch int) error {
	widest := max(cfg.Vocab, cfg.Dim, cfg.Hidden, cfg.Heads*cfg.Context)
	if most := maxElements / cfg.Context / widest; batch < 1 || batch > most {
		return wrong("batch", "is %d, want 1 to %d", batch, most)
	}
	return nil
}

// transformer remembers what the blocks share while they are written down.
type transformer struct {
	*builder
	cfg             Config
	tokens, targets ID
	cos, sin        ID
}

func newTransformer(cfg Config, batch int) (*transformer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := CheckBatch(cfg, batch); err != nil {
		return nil, err
	}
	return &transformer{builder: &builder{}, cfg: cfg}, nil
}

// read declares tokens and targets as inputs.
func (t *transformer) read(batch int) {
	t.tokens = t.input(InputTokens, ints(batch*t.cfg.Context))
	t.targets = t.input(InputTargets, ints(batch*t.cfg.Context))
}

// states declares one state for each weight.
func (t *transformer) states(prefix string) []ID {
	var ids []ID
	for _, w := range t.cfg.Tensors() {
		ids = append(ids, t.state(prefix+w.Name, w.Shape...))
	}
	return ids
}

// learn writes the rest of one training step, and returns the mean loss before it
// and how the weights move.
func (t *transformer) learn(o Optimizer, step, losses ID, weights, m, v []ID) (loss ID, moved movement) {
	loss = t.one(OpMean, nil, losses)
	t.backward(losses)
	return loss, t.optimize(o, step, weights, m, v)
}

// losses writes the forward pass and returns the cross-entropy of each row.
func (t *transformer) losses(weights []ID) ID {
	return t.one(OpCrossEntropy, nil, t.logits(weights), t.targets)
}

// logits writes the network: (tokens, vocab).
func (t *transformer) logits(weights []ID) ID {
	width := uint64(t.cfg.Dim / t.cfg.Heads)
	angles := t.apply(OpRopeTable, []uint64{0, uint64(t.cfg.Context), width, bits(t.cfg.Theta)})
	t.cos, t.sin = angles[0], angles[1]
	n := NewNetwork(t.cfg, weights)
	return n.Logits(t, n.Hidden(t))
}

// A transformer is the Arithmetic of a Program: each operator writes a node down.

func (t *transformer) Embed(table ID) ID     { return t.one(OpEmbed, nil, table, t.tokens) }
func (t *transformer) MatMul(x, w ID) ID     { return t.one(OpMatMul, nil, x, w) }
func (t *transformer) Rotate(x ID) ID        { return t.one(OpRope, nil, x, t.cos, t.sin) }
func (t *transformer) SwiGLU(gate, up ID) ID { return t.one(OpSwiGLU, nil, gate, up) }
func (t *transformer) Add(x, y ID) ID        { return t.one(OpAdd, nil, x, y) }
func (t *transformer) Project(x, w ID) ID    { return t.one(OpMatMulNT, nil, x, w) }

func (t *transformer) Norm(x, gain ID) ID {
	return t.one(OpRMSNorm, []uint64{bits(t.cfg.Eps)}, x, gain)
}

func (t *transformer) Attend(_ int, q, k, v ID) ID {
	return t.one(OpAttention, []uint64{uint64(t.cfg.Context), uint64(t.cfg.Heads)}, q, k, v)
}

// optimize appends clipping, the schedule and one AdamW for each weight. Gains
// are not decayed: pulling them to 0 would silence their layer.
func (b *builder) optimize(o Optimizer, step ID, weights, m, v []ID) (moved movement) {
	grads, sums := make([]ID, len(weights)), make([]ID, len(weights))
	for i, w := range weights {
		g, ok := b.grads[w]
		if !ok {
			b.fail(fmt.Errorf("%w: no gradient reaches state %d", ErrProgram, w))
			return movement{v: make([]ID, len(weights))}
		}
		grads[i], sums[i] = g, b.one(OpSumSquares, nil, g)
	}
	moved.clip = b.one(OpClipScale, []uint64{bits(o.Clip)}, sums...)
	moved.rates = b.schedule(o, step)
	for i, w := range weights {
		decay := o.Decay
		if len(b.p.Values[w].Shape) == 1 {
			decay = 0
		}
		after := b.apply(OpAdamW, []uint64{bits(o.Beta1), bits(o.Beta2), bits(o.Eps), bits(decay)},
			w, m[i], v[i], grads[i], moved.rates, moved.clip)
		b.next(w, after[0])
		b.next(m[i], after[1])
		b.next(v[i], after[2])
		moved.v = append(moved.v, after[2])
	}
	return moved
}

func (b *builder) schedule(o Optimizer, step ID) ID {
	return b.one(OpSchedule, []uint64{bits(o.Rate), bits(o.Floor), uint64(o.Warmup), uint64(o.Steps),
		bits(o.Beta1), bits(o.Beta2)}, step)
}

// movement is what decides, besides the gradient, how far AdamW moves weights.
type movement struct {
	rates, clip ID
	v           []ID // of each weight, after the step
}
