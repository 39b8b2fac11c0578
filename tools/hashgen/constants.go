package main

import (
	"math/big"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// primes are the first n prime numbers.
func primes(n int) []int64 {
	var p []int64
	for x := int64(2); len(p) < n; x++ {
		if big.NewInt(x).ProbablyPrime(0) { // exact for numbers of this size
			p = append(p, x)
		}
	}
	return p
}

// fraction is the first 32 bits behind the point of the k-th root of x.
func fraction(x int64, k int64) uint32 {
	// The largest y with y^k ≤ x·2^(32k) is the root times 2^32, rounded down.
	power := new(big.Int).Lsh(big.NewInt(x), uint(32*k))
	y := new(big.Int)
	for bit := 40; bit >= 0; bit-- {
		y.SetBit(y, bit, 1)
		if new(big.Int).Exp(y, big.NewInt(k), nil).Cmp(power) > 0 {
			y.SetBit(y, bit, 0)
		}
	}
	return uint32(y.Uint64())
}

var tables = map[string]Mem{}

// table is read-only memory that holds words.
func table(name string, words []uint32) Mem {
	m, ok := tables[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		for i, w := range words {
			DATA(4*i, U32(w))
		}
		tables[name] = m
	}
	return m
}

// roundConstants are FIPS 180-4, 4.2.2: from the cube roots of 64 primes.
func roundConstants() Mem {
	var words []uint32
	for _, p := range primes(64) {
		words = append(words, fraction(p, 3))
	}
	return table("roundConstants", words)
}

// initialWords are the state before the first block, FIPS 180-4, 5.3.3: from the
// square roots of 8 primes.
func initialWords() (words []uint32) {
	for _, p := range primes(8) {
		words = append(words, fraction(p, 2))
	}
	return words
}

// initial is that state in every lane.
func initial() []reg.VecVirtual {
	state := registers(8)
	from := table("initialState", initialWords())
	for i, s := range state {
		VPBROADCASTD(from.Offset(4*i), s)
	}
	return state
}

// bigEndian turns round the bytes of every word, for VPSHUFB.
func bigEndian() Mem {
	var words []uint32
	for range 4 {
		words = append(words, 0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f)
	}
	return table("bigEndian", words)
}
