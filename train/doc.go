// Package train turns data into a model. A training is a Spec and the data that it names, never code. Whoever runs it
// gets the same model, to the bit, on any machine, with any kernel and any number of threads. So a checker can run it
// again and compare one hash.
//
// How the pieces meet. A Spec says what to train; package kind reads it from a job file. NewPlan splits every dataset
// into a training and a validation part, trains the tokenizer on the training parts, and writes the training out as
// four phases of nn Programs: initial weights, validation, training, validation. All that follows is a step of one of
// them. The states are zeros at first: the weights, the curve of the training loss, the validation means, both moments.
// Windows of text are drawn by counter-based randomness from the seed, the step and the row, so they depend on nothing
// that happened elsewhere. The model file is a header, which the Plan knows, and the first of the last states.
//
// After every step the state root is taken, over the blobs of the states. The trace is the root over all state roots: a
// wrong step cannot hide, even if later steps give right bits again. A checkpoint has the state and the roots so far. A
// run that was killed goes on from the last one to the same bits. A Replay, which is for disputes, starts at the one
// nearest to the step in question and records that step with all its values.
//
// A job may measure what its data did for the model. A Measure cuts the data into portions of equal size, whoever owns
// them, and plans a run for each of some coalitions of portions: a short training of a small model. All runs have the
// tokens of the job's own corpus, begin with the same weights, and draw a portion's windows alike, so that they differ
// only in which portions are present. They validate on a text that is hidden until the job's model is trained, and
// package contribution makes values of their losses. What repeats an earlier dataset, or the public text to validate
// on, is left out of the data before all that.
//
// What can go wrong: a Spec that asks for the impossible is a KeyError, which names the key. Data that is absent or too
// short is an ErrData. A checkpoint that is damaged or of another job is reported and not used. Clocks only feed the
// progress display.
package train
