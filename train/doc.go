// Package train turns data into a model. A training job ships a Spec (one TOML
// file) and the data it names, never code; whoever runs it gets the same
// model, to the bit, whatever the machine, the kernel and the number of
// threads. That is what lets a checker run the job again and compare one hash.
//
// How the pieces meet. ParseSpec reads the file strictly. NewPlan splits every
// dataset into a training and a validation part, trains the tokenizer on the
// training parts, and writes the job out as four phases of nn Programs: initial
// weights, validation, training, validation. Whatever comes after is a step of
// one of them, from states of zeros on: the weights, the curve of the training
// loss, the validation means, both moments. Windows are drawn by counter-based
// randomness from the seed, the step and the row, so that nothing depends on
// what happened elsewhere. The model file is a header, known with the Plan, and
// the first of the last states.
//
// After every step the state root is taken: over the blobs that the states make.
// The trace is the root over all of them, so that a wrong step cannot hide even
// if its bits heal later. Checkpoints have the state and the roots so far; a run
// that was killed goes on from the last to the same bits, and a Replay, for a
// dispute, starts at the one nearest to the step in question and records that
// step with all its values.
//
// A job may measure what its data did for the model. A Measure cuts the data into
// portions of equal size, whoever owns them, and writes out a run for each of some
// coalitions of portions: a short training of a small model, and as much a Plan as
// the job's own. In all of them the tokens are those of the job's own corpus, the
// weights begin alike, and a portion's windows are drawn alike, so that nothing but
// who is present makes a difference. Package contribution makes values of what
// the runs reach on a text that was hidden until the job's model was trained.
// Before all that, what repeats an earlier dataset, or the public text to validate
// on, is left out of the data.
//
// What can go wrong: a Spec that asks for the impossible is an ErrSpec with its
// line; data that is absent or too short is an ErrData; a checkpoint that is
// damaged or of another job is reported and not used. Clocks only ever feed
// the progress display.
package train
