package nn

import "github.com/minga-network/minga/kernel"

// InputImages is the float input (Images, Pixels) of a Classifier's Programs.
const InputImages = "images"

// Classifier is a network of one hidden layer, SwiGLU and no biases, that sorts
// images into classes: a transformer's operators without attention. What is to be
// learned about training itself it shows in a thousandth of the time. An image
// is best given one pixel more, which is 1 throughout.
//
// Its Programs read the images from one table, so that a step names its rows by
// number: InputTokens (rows), and their classes in InputTargets (rows).
type Classifier struct {
	Images  int // rows of the table
	Pixels  int
	Hidden  int
	Classes int
}

func (c Classifier) weights() []Tensor {
	return []Tensor{
		{Name: "w1", Shape: []int{c.Pixels, c.Hidden}},
		{Name: "w3", Shape: []int{c.Pixels, c.Hidden}},
		{Name: "w2", Shape: []int{c.Hidden, c.Classes}},
	}
}

// Initial returns the weights before training: normal, with a deviation of 1 over
// the root of a matrix's height.
func (c Classifier) Initial(seed uint64, b *kernel.Backend) [][]float32 {
	var weights [][]float32
	for i, w := range c.weights() {
		data := make([]float32, w.Size())
		b.Normal(data, seed, uint64(i), 1/kernel.Sqrt(float32(w.Shape[0])))
		weights = append(weights, data)
	}
	return weights
}

// Training builds a training step on so many rows: mean cross-entropy, gradients,
// clipping, AdamW. The number of the step is InputStep. States are the weights as
// Initial gives them, their first moments, and their second. OutputLoss is the
// loss before the step.
func (c Classifier) Training(rows int, o Optimizer) (*Program, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	n := c.begin(rows)
	step := n.input(InputStep, ints(1))
	weights, m, v := n.states(""), n.states("m."), n.states("v.")
	losses := n.losses(weights)
	n.output(OutputLoss, n.one(OpMean, nil, losses))
	n.backward(losses)
	n.optimize(o, step, weights, m, v)
	return n.done()
}

// Gradients builds the mean loss over so many rows, OutputLoss, and its gradients,
// called "g." and the weight's name. The states are the weights, which stay.
func (c Classifier) Gradients(rows int) (*Program, error) {
	n := c.begin(rows)
	weights := n.states("")
	losses := n.losses(weights)
	n.output(OutputLoss, n.one(OpMean, nil, losses))
	n.backward(losses)
	for i, w := range c.weights() {
		n.output("g."+w.Name, n.grads[weights[i]])
	}
	return n.done()
}

// classifier is a Program under way.
type classifier struct {
	*builder
	shape                   Classifier
	images, tokens, targets ID
}

func (c Classifier) begin(rows int) *classifier {
	n := &classifier{builder: &builder{}, shape: c}
	n.images = n.input(InputImages, floats(c.Images, c.Pixels))
	n.tokens = n.input(InputTokens, ints(rows))
	n.targets = n.input(InputTargets, ints(rows))
	return n
}

func (n *classifier) states(prefix string) []ID {
	var ids []ID
	for _, w := range n.shape.weights() {
		ids = append(ids, n.state(prefix+w.Name, w.Shape...))
	}
	return ids
}

// losses writes the forward pass: the cross-entropy of each row.
func (n *classifier) losses(weights []ID) ID {
	x := n.one(OpEmbed, nil, n.images, n.tokens)
	gate, up := n.one(OpMatMul, nil, x, weights[0]), n.one(OpMatMul, nil, x, weights[1])
	logits := n.one(OpMatMul, nil, n.one(OpSwiGLU, nil, gate, up), weights[2])
	return n.one(OpCrossEntropy, nil, logits, n.targets)
}
