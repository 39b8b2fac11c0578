package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Bounds of a bundle. Everything in it comes from a stranger.
const (
	maxReceipt    = 64 << 20 // bytes of receipt.json
	maxEntries    = 200_000
	maxStores     = 64
	maxValidators = 10_000
	maxBlobs      = 4096
)

// The files of a bundle.
const (
	receiptFile = "receipt.json"
	blobFolder  = "blobs"
)

// bundle is receipt.json. docs/receipts.md says what each field is.
type bundle struct {
	Version int     `json:"version"`
	Session uint64  `json:"session"`
	Block   block   `json:"block"`
	Stores  []store `json:"stores"`
	Entries []entry `json:"entries"`
	Before  *before `json:"before,omitempty"`
}

type block struct {
	Header     []byte      `json:"header"`
	Commit     []byte      `json:"commit"`
	Validators []validator `json:"validators"`
	Parent     []byte      `json:"parent,omitempty"`
}

type validator struct {
	Key   []byte `json:"key"`
	Power int64  `json:"power"`
}

type store struct {
	Name  string `json:"name"`
	Root  []byte `json:"root"`
	Proof []byte `json:"proof"`
}

type entry struct {
	Store string `json:"store"`
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
	Proof []byte `json:"proof"`
}

type before struct {
	Store store `json:"store"`
	Entry entry `json:"entry"`
}

// refusal says where a bundle is not what it must be.
type refusal struct{ place, reason string }

func (r *refusal) Error() string { return r.place + ": " + r.reason }

func refuse(place, format string, args ...any) error {
	return &refusal{place, fmt.Sprintf(format, args...)}
}

// readBundle reads receipt.json, which has one form only: what its fields would be
// written as. So no byte of it is without a meaning.
func readBundle(dir fs.FS) (*bundle, error) {
	f, err := dir.Open(receiptFile)
	if err != nil {
		return nil, refuse(receiptFile, "cannot be read: %s", err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxReceipt+1))
	switch {
	case err != nil:
		return nil, refuse(receiptFile, "cannot be read: %s", err)
	case len(content) > maxReceipt:
		return nil, refuse(receiptFile, "longer than %d bytes", maxReceipt)
	}
	return decodeBundle(content)
}

func decodeBundle(content []byte) (*bundle, error) {
	b := &bundle{}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(b); err != nil {
		return nil, refuse(receiptFile, "%s", err)
	}
	if at := differ(content, b.encode()); at >= 0 {
		return nil, refuse(receiptFile, "byte %d is not as a receipt is written: one form only is accepted", at)
	}
	return b, b.bounded()
}

func (b *bundle) encode() []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	_ = e.Encode(b) // a buffer takes everything, and all fields can be written
	return out.Bytes()
}

// differ is the first place where two texts differ, or -1.
func differ(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return n
	}
	return -1
}

func (b *bundle) bounded() error {
	switch {
	case b.Version != 1:
		return refuse("version", "%d: this program reads version 1", b.Version)
	case len(b.Entries) > maxEntries || len(b.Stores) > maxStores || len(b.Block.Validators) > maxValidators:
		return refuse(receiptFile, "more than %d entries, %d stores or %d validators", maxEntries, maxStores, maxValidators)
	}
	return nil
}

// listBlobs names the bundle's blobs, and refuses files that are none of a bundle's.
func listBlobs(dir fs.FS) ([]string, error) {
	top, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, refuse("bundle", "cannot be read: %s", err)
	}
	for _, f := range top {
		if f.Name() != receiptFile && (f.Name() != blobFolder || !f.IsDir()) {
			return nil, refuse(f.Name(), "is no part of a bundle")
		}
	}
	files, err := fs.ReadDir(dir, blobFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil || len(files) > maxBlobs {
		return nil, refuse(blobFolder, "cannot be read, or more than %d files", maxBlobs)
	}
	var names []string
	for _, f := range files {
		if name := f.Name(); len(name) != 64 || strings.Trim(name, "0123456789abcdef") != "" {
			return nil, refuse(blobFolder+"/"+name, "is not the name of a blob: 64 hexadecimal digits")
		}
		names = append(names, f.Name())
	}
	return names, nil
}
