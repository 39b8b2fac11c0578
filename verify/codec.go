package verify

import (
	"errors"
	"fmt"

	"github.com/minga-network/minga/blob"
)

// ErrMalformed marks bytes that are no message, game or task of this package.
var ErrMalformed = errors.New("verify: malformed")

// MaxMessage bounds what one side sends at a time, in bytes.
const MaxMessage = 16 << 10

// MaxRegisters bounds those of a line.
const MaxRegisters = 32

// writer adds the parts of messages and games to what an Encoder writes.
type writer struct{ blob.Encoder }

// reader takes the parts of messages and games from what a Decoder reads.
type reader struct{ *blob.Decoder }

func newReader(data []byte) reader { return reader{blob.NewDecoder(data)} }

// end says whether all went well and nothing is left.
func (r reader) end() error {
	if err := r.End(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
