package kernel

import "math/bits"

// Philox is the counter-based random function Philox4x32-10 (Salmon, Moraes, Dror
// and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011): 128 random bits
// for each counter, without state.
func Philox(key uint64, ctr [4]uint32) [4]uint32 {
	k0, k1 := uint32(key), uint32(key>>32)
	for range 10 {
		h0, l0 := bits.Mul32(0xd2511f53, ctr[0])
		h1, l1 := bits.Mul32(0xcd9e8d57, ctr[2])
		ctr = [4]uint32{h1 ^ ctr[1] ^ k0, l1, h0 ^ ctr[3] ^ k1, l0}
		k0 += 0x9e3779b9 // golden ratio
		k1 += 0xbb67ae85 // √3 − 1
	}
	return ctr
}

// Uniform returns a multiple of 2⁻²⁴ in [0, 1). Equal arguments give equal numbers;
// a stream has 2⁶⁴ of them. A stream serves Uniform or Normal, not both: they would be
// related.
func Uniform(key, stream, index uint64) float32 {
	return unit(draw(key, stream, index)[0])
}

// draw is Philox at a stream's index.
func draw(key, stream, index uint64) [4]uint32 {
	return Philox(key, [4]uint32{uint32(index), uint32(index >> 32), uint32(stream), uint32(stream >> 32)})
}

// unit takes the upper 24 bits as a fraction.
func unit(word uint32) float32 { return float32(float32(word>>8) * 0x1p-24) }

// Normal fills y with normal numbers of mean 0 and standard deviation std. Element i
// depends on key, stream and i only.
func (b *Backend) Normal(y []float32, key, stream uint64, std float32) {
	if b.reference {
		for i := range y {
			y[i] = Normal(key, stream, i, std)
		}
		return
	}
	b.parallel((len(y)+3)/4, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for j, z := range normals(key, stream, uint64(i)) {
				if 4*i+j < len(y) {
					y[4*i+j] = z * std
				}
			}
		}
	})
}

// Normal is element i of what a Backend's Normal fills.
func Normal(key, stream uint64, i int, std float32) float32 {
	return normals(key, stream, uint64(i/4))[i%4] * std
}

// normals makes four standard normal numbers of one Philox block, two by two after
// Box and Muller (1958): √(−2 ln u)·cos 2πv and √(−2 ln u)·sin 2πv with u in (0, 1].
func normals(key, stream, index uint64) (z [4]float32) {
	const twoPi = 6.28318531
	w := draw(key, stream, index)
	for i := 0; i < 4; i += 2 {
		radius := Sqrt(-2 * Log(unit(w[i])+0x1p-24))
		angle := twoPi * unit(w[i+1])
		z[i] = radius * Cos(angle)
		z[i+1] = radius * Sin(angle)
	}
	return z
}
