package nn

import (
	"fmt"
	"math"

	"github.com/minga-network/minga/kernel"
)

// A call of a session of inference is a record of int32, for a model of some
// context: CallHeader words, then context tokens. These are the prompt's, those
// that the model made, and zeros. The words of the header:
const (
	callContext     = iota // tokens after the header: what the model can see
	callPrompt             // tokens of the prompt
	callMade               // tokens that the model made
	callTemperature        // bits of a float32
	callTopP               // in parts of TopPWhole
	callSeedLow            // the seed's lower half
	callSeedHigh           // the seed's upper half

	CallHeader = iota // words of the header
)

// TopPWhole is a top p of 1.
const TopPWhole = 1 << 20

// MaxTemperature is the highest that a call may ask for.
const MaxTemperature = 100

// Call is one request to a model and the tokens that it made of it.
type Call struct {
	Prompt []int32
	Made   []int32
	Sampling
}

// Units is what the call costs: its tokens, those of the prompt included.
func (c Call) Units() uint64 { return uint64(len(c.Prompt) + len(c.Made)) }

// CallWords is the size of a record for a model's context.
func CallWords(context int) int { return CallHeader + context }

// Record writes the call down for a model of a context that it fits into.
func (c Call) Record(context int) []int32 {
	r := make([]int32, CallWords(context))
	r[callContext], r[callPrompt], r[callMade] = int32(context), int32(len(c.Prompt)), int32(len(c.Made))
	r[callTemperature], r[callTopP] = int32(math.Float32bits(c.Temperature)), int32(c.TopP)
	r[callSeedLow], r[callSeedHigh] = int32(uint32(c.Seed)), int32(uint32(c.Seed>>32))
	n := CallHeader + copy(r[CallHeader:], c.Prompt)
	copy(r[n:], c.Made)
	return r
}

// ReadCall reads a record; ok is false if it has faults. They are counted by
// the operator call, which takes any words.
func ReadCall(r []int32, vocab int) (c Call, ok bool) {
	prompt, made := callLengths(r, len(r)-CallHeader)
	tokens := r[CallHeader:]
	c = Call{Prompt: tokens[:prompt], Made: tokens[prompt : prompt+made], Sampling: samplingOf(words(r))}
	return c, callFaults(r, vocab) == 0
}

// words reads a record by itself.
type words []int32

func (w words) Int(_ Operand, at int) int32    { return w[at] }
func (w words) Float(_ Operand, _ int) float32 { return 0 }

// samplingOf reads how a call's tokens are drawn; the call is the reader's
// input 2.
func samplingOf(read Reader) Sampling {
	at := func(i int) uint32 { return uint32(read.Int(In(2), i)) }
	return Sampling{
		Temperature: unword(at(callTemperature)), TopP: at(callTopP),
		Seed: uint64(at(callSeedLow)) | uint64(at(callSeedHigh))<<32,
	}
}

// callLengths are the numbers of tokens of a record; those of one that cannot be
// are 0. A call in which nothing was made may have no prompt: a session without
// calls is one of these.
func callLengths(r []int32, context int) (prompt, made int) {
	prompt, made = int(r[callPrompt]), int(r[callMade])
	if prompt < 0 || made < 0 || prompt+made > context || prompt == 0 && made > 0 {
		return 0, 0
	}
	return prompt, made
}

// callFaults counts what is wrong with a record: first its header, where all
// faults are one, and then its tokens, one by one.
func callFaults(r []int32, vocab int) int {
	prompt, made := callLengths(r, len(r)-CallHeader)
	faults := 0
	if !rightHeader(r, len(r)-CallHeader, prompt, made) {
		faults++
	}
	for i, token := range r[CallHeader:] {
		if !rightToken(token, i < prompt+made, vocab) {
			faults++
		}
	}
	return faults
}

func rightHeader(r []int32, context, prompt, made int) bool {
	t := unword(uint32(r[callTemperature]))
	return int(r[callContext]) == context && int(r[callPrompt]) == prompt && int(r[callMade]) == made &&
		t >= 0 && t <= MaxTemperature && // false for NaN
		r[callTopP] > 0 && r[callTopP] <= TopPWhole
}

// rightToken: what lies behind the text is 0.
func rightToken(token int32, inText bool, vocab int) bool {
	if !inText {
		return token == 0
	}
	return token >= 0 && int(token) < vocab
}

// safeToken is a token that a table of so many rows can be asked for.
func safeToken(token int32, vocab int) int32 {
	if token < 0 || int(token) >= vocab {
		return 0
	}
	return token
}

// nextToken is the token that row i of the logits chose, which is the token at
// i+1, or -1 where the row chose none or one that the vocabulary does not have.
func nextToken(token int32, i, prompt, made, vocab int) int32 {
	if i < prompt-1 || i >= prompt+made-1 || token < 0 || int(token) >= vocab {
		return -1
	}
	return token
}

// callOperator takes a record apart, whatever its words are: the outputs are
// tokens (context) to embed, for each row the token that it chose or -1, how
// many tokens the text has, and the number of faults.
var callOperator = operator{
	name:  "call",
	attrs: 2, // context, vocab
	shape: func(a []uint64, in []Value) ([]Value, error) {
		if a[0] < 1 || a[0] > 1<<20 || a[1] < 1 || a[1] > math.MaxInt32 {
			return nil, fmt.Errorf("%w: a call of %d tokens from %d", ErrProgram, a[0], a[1])
		}
		rows := ints(int(a[0]))
		return []Value{rows, rows, floats(1), floats(1)}, want(in, ints(CallWords(int(a[0]))))
	},
	run: func(_ *kernel.Backend, c *call) {
		r, context, vocab := c.in[0].i, int(c.attr[0]), int(c.attr[1])
		prompt, made := callLengths(r, context)
		for i, token := range r[CallHeader:] {
			c.out[0].i[i] = safeToken(token, vocab)
			c.out[1].i[i] = -1
			if i < context-1 {
				c.out[1].i[i] = nextToken(r[CallHeader+i+1], i, prompt, made, vocab)
			}
		}
		c.out[2].f[0], c.out[3].f[0] = float32(prompt+made), float32(callFaults(r, vocab))
	},
	fold: foldCall,
}

func foldCall(c *folding, output, e int) Fold {
	context, vocab := int(c.attr[0]), int(c.attr[1])
	header := func(read Reader) []int32 {
		r := make([]int32, CallHeader)
		for i := range r {
			r[i] = read.Int(In(0), i)
		}
		return r
	}
	token := func(read Reader, i int) int32 { return read.Int(In(0), CallHeader+i) }
	switch output {
	case 0:
		return integer(func(read Reader) int32 { return safeToken(token(read, e), vocab) })
	case 1:
		return integer(func(read Reader) int32 {
			if e == context-1 {
				return -1
			}
			prompt, made := callLengths(header(read), context)
			return nextToken(token(read, e+1), e, prompt, made, vocab)
		})
	case 2:
		return expression(func(read Reader) float32 {
			prompt, made := callLengths(header(read), context)
			return float32(prompt + made)
		})
	}
	return sum(1+context, func(p int, read Reader) float32 {
		r := header(read)
		prompt, made := callLengths(r, context)
		if p == 0 {
			return one(!rightHeader(r, context, prompt, made))
		}
		return one(!rightToken(token(read, p-1), p-1 < prompt+made, vocab))
	})
}

// one counts what is so.
func one(is bool) float32 {
	if is {
		return 1
	}
	return 0
}
