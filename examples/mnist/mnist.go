// Package mnist is a small part of the MNIST database of handwritten digits, on
// which the measuring of contributions is held against the truth. README.md says
// where the images come from and whose they are.
package mnist

import _ "embed"

// Side is the height and width of an image, Size its pixels.
const (
	Side = 14
	Size = Side * Side
)

// Digit is one handwritten digit: its pixels row by row, 0 (paper) to 15 (ink).
type Digit struct {
	Class  int // 0 to 9
	Pixels [Size]byte
}

//go:embed train.bin
var train string

//go:embed test.bin
var test string

// Train returns the first 4,000 digits of the training set.
func Train() []Digit { return read(train) }

// Test returns the first 1,000 digits of the test set, which other people wrote.
func Test() []Digit { return read(test) }

// record is a digit in a file: its class, then two pixels a byte.
const record = 1 + Size/2

func read(file string) []Digit {
	digits := make([]Digit, len(file)/record)
	for i := range digits {
		d, r := &digits[i], file[i*record:]
		d.Class = int(r[0])
		for p := range d.Pixels {
			d.Pixels[p] = r[1+p/2] >> (4 - p%2*4) & 15
		}
	}
	return digits
}
