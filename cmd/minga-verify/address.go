package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// prefix begins every address of the chain.
const prefix = "minga"

const bech32Digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// address writes an account's bytes as BIP 173 does.
func address(account []byte) string {
	data := groups(account)
	sum := polymod(append(expanded(), append(data[:len(data):len(data)], 0, 0, 0, 0, 0, 0)...)) ^ 1
	for i := range 6 {
		data = append(data, byte(sum>>(5*(5-i)))&31)
	}
	var b strings.Builder
	b.WriteString(prefix + "1")
	for _, d := range data {
		b.WriteByte(bech32Digits[d])
	}
	return b.String()
}

// groups cuts bytes into groups of 5 bits, the last one filled up with zeros.
func groups(b []byte) []byte {
	var out []byte
	acc, bits := 0, 0
	for _, c := range b {
		acc, bits = acc<<8|int(c), bits+8
		for bits >= 5 {
			bits -= 5
			out = append(out, byte(acc>>bits)&31)
		}
		acc &= 1<<bits - 1
	}
	if bits > 0 {
		out = append(out, byte(acc<<(5-bits))&31)
	}
	return out
}

// expanded is the prefix as the checksum reads it.
func expanded() []byte {
	var high, low []byte
	for _, c := range []byte(prefix) {
		high, low = append(high, c>>5), append(low, c&31)
	}
	return append(append(high, 0), low...)
}

// polymod is the checksum of BIP 173 over groups of 5 bits.
func polymod(values []byte) uint32 {
	sum := uint32(1)
	for _, v := range values {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum
}

// commons is the account of the commons: the first 20 bytes of the SHA-256 of its name.
func commons() string {
	h := sha256.Sum256([]byte("commons"))
	return address(h[:20])
}

// denom names the shares of an asset.
func denom(id uint64) string { return fmt.Sprintf("asset/%d", id) }
