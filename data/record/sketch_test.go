package record_test

import (
	"bytes"
	"errors"
	"math/rand"
	"testing"

	"github.com/minga-network/minga/data/record"
)

func TestSketchFindsCopies(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	names := []string{bible, moby, speeches}
	for n, name := range names {
		original := commons(t, name)
		first := record.NewSketch(original)
		noisy := spoil(rng, string(original), 4, 3, 3)
		for _, c := range []struct {
			name   string
			text   []byte
			copied bool
		}{
			{"the same", original, true},
			{"10 % noise", []byte(noisy), true},
			{"sentences shuffled", []byte(shuffle(rng, sentences(string(original)))), true},
			{"a fifth", original[:len(original)/5], true},
			{"a noisy fifth", []byte(noisy[:len(noisy)/5]), true},
			{"a twentieth", original[len(original)/2:][:len(original)/20], true},
			{"half own", append(commons(t, names[(n+1)%3])[:150_000], original[:150_000]...), true},
			{"another text", commons(t, names[(n+1)%3]), false},
			{"noise", commons(t, noise), false},
			{"a page of another text", commons(t, names[(n+1)%3])[5000:7000], false},
			{"nothing", nil, false},
		} {
			sketch := record.NewSketch(c.text)
			resemblance, contained := sketch.Similarity(first)
			if got := contained > 2000; got != c.copied {
				t.Errorf("%s, %s: found %v, resemblance %d, contained %d", name, c.name, got, resemblance, contained)
			}
			if shared(sketch, first) == 0 && c.copied {
				t.Errorf("%s, %s: no band in common", name, c.name)
			}
		}
	}
}

func shared(a, b record.Sketch) (n int) {
	for _, x := range a.Bands() {
		for _, y := range b.Bands() {
			if bytes.Equal(x, y) {
				n++
			}
		}
	}
	return n
}

func TestSketchOfSmallNumbers(t *testing.T) {
	data := make([]byte, 20_000)
	rng := rand.New(rand.NewSource(1))
	for i := range data {
		data[i] = byte(rng.Intn(8))
	}
	if _, contained := record.NewSketch(append([]byte{1}, data...)).Similarity(record.NewSketch(data)); contained < 9000 {
		t.Errorf("of a copy of data without words %d is found", contained)
	}
}

func TestSketchEncoding(t *testing.T) {
	sketch := record.NewSketch(commons(t, moby)[:3000])
	encoded := sketch.Encode()
	if len(encoded) != record.SketchSize || record.SketchSize > 1024 {
		t.Errorf("%d bytes", len(encoded))
	}
	if again, err := record.Decode(encoded); err != nil || again != sketch {
		t.Errorf("decoded another sketch: %v", err)
	}
	if _, err := record.Decode(encoded[1:]); !errors.Is(err, record.ErrSketch) {
		t.Errorf("a short sketch: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(make([]byte, record.SketchSize), bytes.Repeat([]byte{255}, record.SketchSize))
	f.Add([]byte{1}, record.NewSketch([]byte("call me ishmael some years ago never mind how long")).Encode())
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, err := record.Decode(a)
		if (err == nil) != (len(a) == record.SketchSize) {
			t.Fatalf("%d bytes: %v", len(a), err)
		}
		if err == nil && !bytes.Equal(x.Encode(), a) {
			t.Fatal("encodes to something else")
		}
		y, _ := record.Decode(b)
		resemblance, contained := x.Similarity(y)
		if resemblance > 10000 || contained > 10000 || len(x.Bands()) > 64 {
			t.Fatalf("resemblance %d, contained %d, %d bands", resemblance, contained, len(x.Bands()))
		}
	})
}
