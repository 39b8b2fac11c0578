package record

import "math/bits"

// Information is counted in 1/256 bit, and always in integers.
const bit = 256

// prior is how many other words are taken to have been read before, so that the
// few words of a short text do not look common.
const prior = 1 << 16

// log2 of x > 0 in 1/256 bit, straight between powers of two.
func log2(x uint64) int {
	n := bits.Len64(x) - 1
	return n*bit + int(x<<(63-n)<<1>>56)
}

// information returns what each word tells, -log2 of how often it is among all
// words, and the mean; counts is empty and is so again afterwards. However somebody pads a text to make another's words
// look common, their mean cannot fall below the entropy of the other's words (Gibbs).
func information(hashes []uint64, counts table) (info []uint16, mean int) {
	for _, h := range hashes {
		counts.count(h)
	}
	all := log2(uint64(len(hashes)) + prior)
	info = make([]uint16, len(hashes))
	sum := 0
	for i, h := range hashes {
		told := all - log2(uint64(counts.get(h))+1)
		info[i] = uint16(told)
		sum += told
	}
	clear(counts)
	return info, sum / max(len(hashes), 1)
}
