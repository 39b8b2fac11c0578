package receipt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/minga-network/minga/blob"
)

// Bundle is a receipt as it is written to a folder: File, and under Blobs one file a
// text, named by its hash. docs/receipts.md describes every field.
type Bundle struct {
	Version int    `json:"version"`
	Session uint64 `json:"session"` // the infer job whose fee this is about
	Block   Block  `json:"block"`
	// Stores lead from the block's application hash to each store, by name; Entries from a
	// store to what it holds, by store and key.
	Stores  []Store `json:"stores"`
	Entries []Entry `json:"entries"`
	// Before shows the session one block earlier, not paid yet. It is absent where the node
	// no longer had that state.
	Before *Before `json:"before,omitempty"`

	// Texts are the bytes of datasets, by their roots; optional.
	Texts map[blob.Hash][]byte `json:"-"`
}

// Names in a bundle's folder, and the version of what is written there.
const (
	File    = "receipt.json"
	Blobs   = "blobs"
	version = 1
)

// Block is a header and who signed it. What is bytes here is protobuf as CometBFT writes it.
type Block struct {
	Header     []byte      `json:"header"`
	Commit     []byte      `json:"commit"`
	Validators []Validator `json:"validators"`
	// Parent is the header of the block before, for Before.
	Parent []byte `json:"parent,omitempty"`
}

// Validator is one signer: its Ed25519 key and voting power.
type Validator struct {
	Key   []byte `json:"key"`
	Power int64  `json:"power"`
}

// Store is a module's store: the root of its tree, and the ICS 23 proof that the
// application's hash commits to it.
type Store struct {
	Name  string `json:"name"`
	Root  []byte `json:"root"`
	Proof []byte `json:"proof"`
}

// Entry is a key and its value, with the ICS 23 proof that the store's root commits to them.
type Entry struct {
	Store string `json:"store"`
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
	Proof []byte `json:"proof"`
}

// Before is the session's record one block earlier.
type Before struct {
	Store Store `json:"store"`
	Entry Entry `json:"entry"`
}

// Encode writes the one form of a receipt that minga-verify reads.
func (b *Bundle) Encode() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(b)
	return out.Bytes(), err
}

// Write makes a new folder of the bundle.
func (b *Bundle) Write(dir string) error {
	content, err := b.Encode()
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("the bundle wants a folder of its own: %w", err)
	}
	if len(b.Texts) > 0 {
		if err := os.Mkdir(filepath.Join(dir, Blobs), 0o755); err != nil {
			return err
		}
	}
	for root, text := range b.Texts {
		if err := os.WriteFile(filepath.Join(dir, Blobs, root.String()), text, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, File), content, 0o644)
}
