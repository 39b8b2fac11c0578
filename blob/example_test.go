package blob_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/minga-network/minga/blob"
)

// One leaf of a blob is shown to somebody who knows only the blob's name.
func Example() {
	data := bytes.Repeat([]byte("minga "), 1000)
	tree := blob.NewTree()
	tree.Write(data)

	leaf, proof, err := tree.Pieces().Prove(3, data)
	if err != nil {
		fmt.Println(err)
		return
	}
	root, size := tree.Root(), tree.Size()
	fmt.Println(root == blob.Sum(data), len(leaf), "bytes,", len(proof), "hashes")
	fmt.Println(blob.Verify(root, size, 3, leaf, proof))
	fmt.Println(errors.Is(blob.Verify(root, size, 2, leaf, proof), blob.ErrMismatch))
	// Output:
	// true 1024 bytes, 3 hashes
	// <nil>
	// true
}
