package nn

import (
	"errors"
	"fmt"
)

// ErrConfig marks a Config or an Optimizer that cannot be.
var ErrConfig = errors.New("nn: impossible configuration")

// FieldError says which field of a Config or an Optimizer is wrong; it is an
// ErrConfig.
type FieldError struct {
	Field   string // in lower case, as in a spec
	Problem string
}

func (e *FieldError) Error() string { return ErrConfig.Error() + ": " + e.Field + " " + e.Problem }
func (e *FieldError) Unwrap() error { return ErrConfig }

func wrong(field, format string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// maxParameters bounds what a foreign Config can make a reader allocate
// (4 GiB of float32).
const maxParameters = 1 << 30

// Config is the shape of a decoder-only transformer: RMSNorm, rotary
// positions, SwiGLU, no biases.
type Config struct {
	Vocab   int     // number of tokens
	Layers  int     // number of blocks
	Dim     int     // width of the residual stream
	Heads   int     // attention heads; Dim/Heads is even
	Hidden  int     // width inside SwiGLU
	Context int     // longest sequence, in tokens
	Tied    bool    // the output matrix is the embedding
	Theta   float32 // base of the rotary frequencies
	Eps     float32 // added to the mean square in RMSNorm
}

// Validate returns a *FieldError when no transformer of this shape exists or can
// be held in memory.
func (c Config) Validate() error {
	for _, f := range []struct {
		name    string
		v, most int
	}{
		{"vocab", c.Vocab, 1 << 18},
		{"layers", c.Layers, 256},
		{"dim", c.Dim, 1 << 14},
		{"heads", c.Heads, 1 << 10},
		{"hidden", c.Hidden, 1 << 16},
		{"context", c.Context, 1 << 17},
	} {
		if f.v < 1 || f.v > f.most {
			return wrong(f.name, "is %d, want 1 to %d", f.v, f.most)
		}
	}
	if c.Dim%c.Heads != 0 || c.Dim/c.Heads%2 != 0 {
		return wrong("heads", "is %d, want a number that divides dim %d into even parts", c.Heads, c.Dim)
	}
	// Comparisons are written so that NaN fails them.
	if !(c.Theta >= 1 && c.Theta <= 1e9) {
		return wrong("theta", "is %v, want 1 to 1e9", c.Theta)
	}
	if !(c.Eps > 0 && c.Eps <= 1) {
		return wrong("eps", "is %v, want more than 0 and at most 1", c.Eps)
	}
	if n := c.Parameters(); n > maxParameters {
		return wrong("dim", "and the other sizes make %d parameters, want at most %d", n, maxParameters)
	}
	return nil
}

// Parameters counts the weights. It
// cannot overflow within the bounds that Validate checks first.
func (c Config) Parameters() int {
	n := c.Vocab*c.Dim + c.Dim
	if !c.Tied {
		n += c.Vocab * c.Dim
	}
	return n + c.Layers*(2*c.Dim+4*c.Dim*c.Dim+3*c.Dim*c.Hidden)
}

// Tensor is a named array of float32, row-major.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// Size is the number of elements that the shape names.
func (t Tensor) Size() int { return size(t.Shape) }

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
