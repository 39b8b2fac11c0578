package verify

import (
	"fmt"

	"github.com/minga-network/minga/blob"
)

// Evidence shows one kibibyte of a value that both sides agree on.
type Evidence struct {
	Of   int    // which value, in the machine's numbers
	Part []byte // of what the machine executes, as it encodes it: what makes the value
	// Path leads from a leaf of a tree to what is agreed about the leaves before the
	// disputed one, and Among from the value to that leaf.
	Path  []Hash
	Among []Hash
	Chunk int      // which kibibyte
	Words []uint32 // its words
	Up    []Hash   // leads from it to the top of the value's tree
}

// Value is the name of the value, of so many words, that the evidence leads to.
func (e *Evidence) Value(words int64) (Hash, error) {
	all := chunks(words)
	if e.Chunk < 0 || e.Chunk >= all || int64(len(e.Words)) != min(leafWords, words-int64(e.Chunk)*leafWords) {
		return Hash{}, fmt.Errorf("%w: chunk %d with %d words, of a value of %d", ErrMove, e.Chunk, len(e.Words), words)
	}
	top, ok := blob.Climb(blob.Leaf(blob.AppendWords(nil, e.Words)), e.Chunk, all, e.Up)
	if !ok {
		return Hash{}, fmt.Errorf("%w: the path of chunk %d has a wrong length", ErrMove, e.Chunk)
	}
	return blob.Name(4*words, top), nil
}

// Within checks that the evidence is of a value with this name, of so many words.
func (e *Evidence) Within(value Hash, words int64) error {
	top, err := e.Value(words)
	if err == nil && top != value {
		err = fmt.Errorf("%w: evidence of operand %d does not lead to what is agreed", ErrMove, e.Of)
	}
	return err
}

// Word is the element at a place of the value, if the evidence shows it.
func (e *Evidence) Word(at int64) ([]uint32, error) {
	i := at - int64(e.Chunk)*leafWords
	if i < 0 || i >= int64(len(e.Words)) {
		return nil, fmt.Errorf("%w: chunk %d does not have word %d", ErrMove, e.Chunk, at)
	}
	return e.Words[i : i+1], nil
}

// Only is the one piece of evidence where a machine reads no more.
func (d *Denial) Only() (*Evidence, error) {
	if len(d.Evidence) != 1 {
		return nil, fmt.Errorf("%w: %d pieces of evidence: show the one value that decides", ErrMove, len(d.Evidence))
	}
	return &d.Evidence[0], nil
}
