// Package token cuts text into the tokens that a language model reads, and puts
// tokens together into text again.
//
// How the pieces meet. [Train] learns from texts which bytes stand next to each
// other most often, and gives an [Encoder] with a token for each of the best. The
// Encoder belongs to the model that is trained on its tokens; its Text goes into the
// model's file, and [Parse] reads it from there. Encode and Decode are each
// other's inverse for any bytes.
//
// What can go wrong. Texts and encoders come from strangers: Parse bounds memory
// by the length of what it is given and wraps [ErrTokenizer]. The same texts
// must give the same tokens on every machine. So nothing depends on the order of a
// map, and the Unicode tables of the Go release are pinned by a test.
package token
