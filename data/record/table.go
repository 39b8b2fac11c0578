package record

import "math/bits"

// table maps hashes to numbers of 32 bits, 0 for a hash that it does not have. A
// slot holds the upper half of the hash above the number, the lower half finds the
// slot. Hashes are keyed, so nobody can make them meet.
type table []uint64

// newTable has room for n hashes, which fill at most three quarters of it.
func newTable(n int) table {
	return make(table, 1<<bits.Len(uint(n+n/3+1)))
}

// slot returns the slot of a hash, or the free one where it belongs.
func (t table) slot(hash uint64) *uint64 {
	mask := uint64(len(t) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if t[i] == 0 || t[i]>>32 == hash>>32 {
			return &t[i]
		}
	}
}

func (t table) get(hash uint64) uint32 { return uint32(*t.slot(hash)) }

// set gives a hash a number if it has none.
func (t table) set(hash uint64, number uint32) {
	if slot := t.slot(hash); *slot == 0 {
		*slot = hash>>32<<32 | uint64(number)
	}
}

// count adds one to the number of a hash.
func (t table) count(hash uint64) {
	slot := t.slot(hash)
	if *slot == 0 {
		*slot = hash >> 32 << 32
	}
	if uint32(*slot) != 1<<32-1 {
		*slot++
	}
}
