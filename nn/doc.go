// Package nn describes neural networks as data: a Program is a static list of
// tensor operators that any machine executes to the same bits.
//
// How the pieces meet. A Config says what a transformer looks like. Training
// and Evaluation build Programs from it: the builder writes down the forward
// operators, asks each operator for its gradient, and appends clipping, the
// learning-rate schedule and AdamW, so that everything a training step
// computes is a node of the list. Phases has the Programs of a whole training
// run, which share their states and inputs and also draw the weights and the
// data, all of it or some portions, and may give credits to parts of the data for
// what they did. A Plan places every value of a Program in one arena by the time it
// lives, and a Machine runs the list against a kernel.Backend without
// allocating; a Record is one pass with all its values kept. Nodes and states
// are encoded canonically and are the leaves of a Merkle tree, so that a single
// one can be shown to somebody who does not have the rest: operator, attributes,
// inputs, shapes.
//
// A Fold is the definition of one element of what a node makes: registers and
// scalar steps, each of which reads at most four chunks of 1 KiB. Machines never
// execute folds; those who disagree about an element do, and in the end a chain
// executes the one step on which they differ.
//
// Package token, below this one, makes text into the numbers that a Program reads;
// package file keeps a trained model.
//
// A Program is data and never code. Programs and proofs may come from strangers:
// every decoder in this package bounds what it allocates by the bytes it was given,
// and answers what it does not like with an error. Numbers follow the fold rule of package kernel, so the number of
// threads and the kind of processor never show in a result.
package nn
