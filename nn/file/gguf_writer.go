package file

import (
	"encoding/binary"
	"math"
	"slices"
)

// ggufWriter appends in GGUF's encoding: little endian, strings and arrays
// after their length in 8 bytes.
type ggufWriter struct {
	out   []byte
	count int // keys written
}

func (w *ggufWriter) uint32(x uint32) { w.out = binary.LittleEndian.AppendUint32(w.out, x) }
func (w *ggufWriter) uint64(x uint64) { w.out = binary.LittleEndian.AppendUint64(w.out, x) }

func (w *ggufWriter) string(s string) {
	w.uint64(uint64(len(s)))
	w.out = append(w.out, s...)
}

func (w *ggufWriter) float(f float32, as16 bool) {
	if as16 {
		w.out = binary.LittleEndian.AppendUint16(w.out, float16(f))
		return
	}
	w.uint32(math.Float32bits(f))
}

func (w *ggufWriter) align() {
	for len(w.out)%ggufAlign != 0 {
		w.out = append(w.out, 0)
	}
}

// describe writes name, sizes (the fastest first), type and offset of each
// tensor; offsets count from the aligned end of this list.
func (w *ggufWriter) describe(tensors []ggufTensor) {
	offset := 0
	for _, t := range tensors {
		w.string(t.name)
		w.uint32(uint32(len(t.shape)))
		for _, d := range slices.Backward(t.shape) {
			w.uint64(uint64(d))
		}
		kind := uint32(ggmlF32)
		if t.half {
			kind = ggmlF16
		}
		w.uint32(kind)
		w.uint64(uint64(offset))
		offset += (t.size() + ggufAlign - 1) / ggufAlign * ggufAlign
	}
}

func (w *ggufWriter) key(name string, kind uint32) {
	w.count++
	w.string(name)
	w.uint32(kind)
}

func (w *ggufWriter) keyString(name, s string) {
	w.key(name, ggufString)
	w.string(s)
}

func (w *ggufWriter) keyUint32(name string, x uint32) {
	w.key(name, ggufUint32)
	w.uint32(x)
}

func (w *ggufWriter) keyFloat32(name string, x float32) {
	w.key(name, ggufFloat32)
	w.uint32(math.Float32bits(x))
}

func (w *ggufWriter) keyBool(name string, x bool) {
	w.key(name, ggufBool)
	b := byte(0)
	if x {
		b = 1
	}
	w.out = append(w.out, b)
}

func (w *ggufWriter) array(name string, kind uint32, n int) {
	w.key(name, ggufArray)
	w.uint32(kind)
	w.uint64(uint64(n))
}

func (w *ggufWriter) keyStrings(name string, xs []string) {
	w.array(name, ggufString, len(xs))
	for _, s := range xs {
		w.string(s)
	}
}

func (w *ggufWriter) keyInt32s(name string, xs []int32) {
	w.array(name, ggufInt32, len(xs))
	for _, x := range xs {
		w.uint32(uint32(x))
	}
}
