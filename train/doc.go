// Package train turns data into a model. A training job ships a Spec (one TOML
// file) and the data it names, never code; whoever runs it gets the same
// model, to the bit, whatever the machine, the kernel and the number of
// threads. That is what lets a checker run the job again and compare one hash.
//
// How the pieces meet. ParseSpec reads the file strictly. Run splits every
// dataset into a training and a validation part, trains the tokenizer on the
// training parts, builds the step as an nn Program, and repeats it over windows
// drawn by counter-based randomness from the seed, the step and the row, so
// that nothing depends on what happened before or elsewhere. At checkpoints
// the state (weights and both moments) is hashed over 1 KiB chunks into a
// trace, and saved; a run that was killed goes on from there to the same bits.
//
// What can go wrong: a Spec that asks for the impossible is an ErrSpec with its
// line; data that is absent or too short is an ErrData; a checkpoint that is
// damaged or of another job is reported and not used. Clocks only ever feed
// the progress display.
package train
