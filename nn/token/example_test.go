package token_test

import (
	"fmt"

	"github.com/minga-network/minga/nn/token"
)

// An Encoder has a token for each byte, one for the end of a text, and those that
// training finds.
func Example() {
	texts := [][]byte{[]byte("the cat and the hat and the bat")}
	encoder, err := token.Train(texts, 257+3)
	if err != nil {
		fmt.Println(err)
		return
	}
	ids := encoder.Encode([]byte("the hat"))
	for _, id := range ids {
		fmt.Printf("%d %q\n", id, encoder.Bytes(id))
	}
	fmt.Printf("%s\n", encoder.Decode(ids))
	// Output:
	// 259 "the"
	// 32 " "
	// 104 "h"
	// 257 "at"
	// the hat
}
