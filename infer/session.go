package infer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// ErrLog marks bytes that are not, or not to their end, a session's log or the
// file that is claimed of it.
var ErrLog = errors.New("infer: bad session log")

// Log is a session: the calls of one API key in their order. Its encoding is one
// line a call, so a session can be written down call by call, and what a crash
// leaves is a log with a torn end. File is what others see of it.
type Log struct{ Calls []Call }

// Call is a call with the name of the blob that its logits are (the output
// logits of nn.Inference), which a claim needs and which costs a pass to find
// again.
type Call struct {
	nn.Call
	Logits blob.Hash
}

// maxTokens bounds a call that is read: no model has a larger context.
const maxTokens = 1 << 17

// Line is the call in a log: its record without the zeros at the end, the name
// of its logits, and a checksum of both.
func (c Call) Line() []byte {
	b := blob.AppendWords(nil, c.Record(len(c.Prompt)+len(c.Made)))
	b = append(b, c.Logits[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// cutCall reads a line from the front of data.
func cutCall(data []byte) (c Call, rest []byte, ok bool) {
	if len(data) < 4 {
		return c, data, false
	}
	context := binary.LittleEndian.Uint32(data)
	size := 4 * nn.CallWords(int(min(context, maxTokens)))
	end := size + len(c.Logits)
	if context > maxTokens || len(data) < end+4 ||
		crc32.ChecksumIEEE(data[:end]) != binary.LittleEndian.Uint32(data[end:]) {
		return c, data, false
	}
	c.Call, ok = nn.ReadCall(blob.Words[int32](data[:size]), math.MaxInt32)
	c.Logits = blob.Hash(data[size:end])
	return c, data[end+4:], ok && len(c.Made) > 0 && c.Units() == uint64(context)
}

// Encode writes the log.
func (l Log) Encode() (b []byte) {
	for _, c := range l.Calls {
		b = append(b, c.Line()...)
	}
	return b
}

// ParseLog reads what Encode writes, and only that: equal logs are equal bytes. If
// the error wraps ErrLog, the log has the calls before the first bad line.
func ParseLog(data []byte) (Log, error) {
	var l Log
	for len(data) > 0 {
		c, rest, ok := cutCall(data)
		if !ok {
			return l, fmt.Errorf("%w: call %d is none, or torn", ErrLog, len(l.Calls))
		}
		l.Calls, data = append(l.Calls, c), rest
	}
	return l, nil
}

// Units is what the session costs, in tokens.
func (l Log) Units() uint64 {
	var n uint64
	for _, c := range l.Calls {
		n += c.Units()
	}
	return n
}

// File is what is claimed: the records of the calls for a model of a context, each
// of nn.CallWords int32, little-endian. A session without calls is one call of
// nothing, as a claim is about one step at least.
func (l Log) File(context int) (b []byte) {
	for _, c := range l.served() {
		b = blob.AppendWords(b, c.Record(context))
	}
	return b
}

// served is never empty.
func (l Log) served() []Call {
	if len(l.Calls) == 0 {
		return []Call{{Call: nn.Call{Sampling: nn.Sampling{TopP: nn.TopPWhole}}}}
	}
	return l.Calls
}
