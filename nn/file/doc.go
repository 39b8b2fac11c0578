// Package file writes a trained transformer to a file, with all that its user
// needs, and reads it back.
//
// How the pieces meet. A [Model] is the weights in the order of its nn.Config, the
// tokenizer that cut its texts, and words about it. Encode writes safetensors,
// which many programs read; [Decode] reads that back. GGUF exports the model for
// llama.cpp, with float16 matrices if that is wanted.
//
// What can go wrong. Files come from strangers. Decode allocates in proportion to
// the bytes that it is given, accepts one spelling of each model, and wraps
// [ErrModel] for anything else. So a model's file has one hash, which a chain may
// keep. A Model whose tensors are not those of its Config is a programmer's
// mistake: Encode panics, GGUF wraps [ErrExport].
package file
