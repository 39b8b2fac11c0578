// Package infer makes a trained model write: a prompt goes in as tokens, and
// the tokens that follow come out one by one.
//
// How the pieces meet. A Generator holds a model and its cache: the keys and
// values of every position so far, so that a new token costs one row and not
// the whole text again. The prompt goes through the network many rows at a
// time, then each step picks a token from the logits of the last row (greedy,
// or drawn at a temperature from the most likely ones), and feeds it back. A
// tail holds back text that may yet turn out to belong to a stop sequence.
//
// The calls of one API key are a session, and a session is a run of a Program
// (nn.Inference), one step a call: so what somebody claims of it can be disputed
// like training. A Log is what a server keeps; its File and Leaves are what it
// claims. Who has the model checks that with a Replay: it reads each text in one
// pass and looks whether the model chooses its tokens.
//
// The numbers obey the fold rule of package kernel: the logits of a position
// have the same bits with the cache as in training's forward pass, on every
// machine, and draws are integers from counters by the request's seed
// (nn.Sampling). So anybody who has the model finds the same tokens.
//
// What can go wrong. A request that the model cannot serve is refused before
// any work, with ErrRequest or ErrContext. A context that ends, or an emit
// that fails, ends the generation at the next token; the tokens emitted until
// then are in the result all the same.
package infer
