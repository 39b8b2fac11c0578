package main

import (
	"fmt"
	"math/big"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a protobuf message taken apart, by field number. Fields that this program
// does not know are left alone: the bytes are proven as a whole.
type message map[protowire.Number][]field

type field struct {
	number uint64 // of a varint
	bytes  []byte // of everything that has a length
}

// parse takes a message apart. It keeps references to b.
func parse(b []byte) (message, error) {
	m := message{}
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
		var f field
		switch kind {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		case protowire.Fixed32Type, protowire.Fixed64Type:
			n = protowire.ConsumeFieldValue(num, kind, b)
		default:
			return nil, fmt.Errorf("field %d has a type that is not used", num)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
		m[num] = append(m[num], f)
	}
	return m, nil
}

func (m message) last(i protowire.Number) field {
	if fs := m[i]; len(fs) > 0 {
		return fs[len(fs)-1]
	}
	return field{}
}

func (m message) number(i protowire.Number) uint64 { return m.last(i).number }
func (m message) bytes(i protowire.Number) []byte  { return m.last(i).bytes }
func (m message) text(i protowire.Number) string   { return string(m.last(i).bytes) }

// amount is a whole number of coins, as decimal digits; 0 if there is none.
func (m message) amount(i protowire.Number) (*big.Int, error) { return parseAmount(m.text(i)) }

func parseAmount(digits string) (*big.Int, error) {
	if digits == "" {
		return new(big.Int), nil
	}
	if len(digits) > 80 || strings.Trim(digits, "0123456789") != "" {
		return nil, fmt.Errorf("%.80q is not an amount", digits)
	}
	n, _ := new(big.Int).SetString(digits, 10)
	return n, nil
}

// list is a repeated field of bytes, texts or messages.
func (m message) list(i protowire.Number) [][]byte {
	var all [][]byte
	for _, f := range m[i] {
		all = append(all, f.bytes)
	}
	return all
}

// numbers is a repeated field of numbers, packed as proto3 does it.
func (m message) numbers(i protowire.Number) ([]uint64, error) {
	var all []uint64
	for _, f := range m[i] {
		if f.bytes == nil {
			all = append(all, f.number)
		}
		for b := f.bytes; len(b) > 0; {
			x, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return nil, protowire.ParseError(n)
			}
			all, b = append(all, x), b[n:]
		}
	}
	return all, nil
}
