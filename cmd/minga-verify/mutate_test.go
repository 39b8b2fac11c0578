package main_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/receipt"
)

// A mutation changes what a bundle says, in one place. It returns false where the bundle
// has no such place.
type mutation struct {
	name   string
	change func(r *rand.Rand, m *mutant) bool
}

// mutant is a bundle that is being changed.
type mutant struct {
	files fstest.MapFS
	b     receipt.Bundle
	other *receipt.Bundle // a receipt of another fee
}

// mutations are those of every region of a bundle. Those of bytes come first and then
// those of meaning, which are written in the right form: no check of form helps there.
var mutations = []mutation{
	{"a bit of receipt.json", func(r *rand.Rand, m *mutant) bool { return m.flip(r, "receipt.json") }},
	{"a byte more in receipt.json", func(r *rand.Rand, m *mutant) bool {
		content := m.files["receipt.json"].Data
		at := r.IntN(len(content) + 1)
		return m.put("receipt.json", slices.Insert(slices.Clone(content), at,
			[]byte{' ', '0', '\n', content[r.IntN(len(content))]}[r.IntN(4)]))
	}},
	{"receipt.json cut short", func(r *rand.Rand, m *mutant) bool {
		content := m.files["receipt.json"].Data
		return m.put("receipt.json", content[:r.IntN(len(content))])
	}},
	{"a bit of a text", func(r *rand.Rand, m *mutant) bool {
		name, ok := m.text(r)
		return ok && m.flip(r, name)
	}},
	{"a text cut short", func(r *rand.Rand, m *mutant) bool {
		name, ok := m.text(r)
		return ok && m.put(name, m.files[name].Data[:r.IntN(len(m.files[name].Data))])
	}},
	{"a text grown", func(r *rand.Rand, m *mutant) bool {
		name, ok := m.text(r)
		return ok && m.put(name, append(slices.Clone(m.files[name].Data), byte(r.IntN(256))))
	}},
	{"a file that is no part", func(r *rand.Rand, m *mutant) bool {
		return m.put([]string{"notes", "blobs/" + strings.Repeat("0", 64), "blobs/x", "receipt.json.orig"}[r.IntN(4)],
			[]byte("x"))
	}},
	{"the header", func(r *rand.Rand, m *mutant) bool { return m.field(r, &m.b.Block.Header) }},
	{"the commit", func(r *rand.Rand, m *mutant) bool { return m.field(r, &m.b.Block.Commit) }},
	{"the parent", func(r *rand.Rand, m *mutant) bool { return m.b.Block.Parent != nil && m.field(r, &m.b.Block.Parent) }},
	{"the parent left out", func(_ *rand.Rand, m *mutant) bool {
		was := m.b.Block.Parent
		m.b.Block.Parent = nil
		return was != nil && m.encode()
	}},
	{"a validator's key", func(r *rand.Rand, m *mutant) bool { return m.field(r, &pick(r, m.b.Block.Validators).Key) }},
	{"a validator's power", func(r *rand.Rand, m *mutant) bool {
		pick(r, m.b.Block.Validators).Power += r.Int64N(1000) - 1000
		return m.encode()
	}},
	{"validators changed places", func(r *rand.Rand, m *mutant) bool {
		return swap(r, m.b.Block.Validators) && m.encode()
	}},
	{"a validator left out", func(r *rand.Rand, m *mutant) bool { return drop(r, &m.b.Block.Validators) && m.encode() }},
	{"another session", func(r *rand.Rand, m *mutant) bool {
		m.b.Session += 1 + r.Uint64N(20)
		return m.encode()
	}},
	{"another version", func(r *rand.Rand, m *mutant) bool {
		m.b.Version += 1 + r.IntN(9)
		return m.encode()
	}},
	{"a store's name", func(r *rand.Rand, m *mutant) bool {
		pick(r, m.b.Stores).Name = []string{"", "job", "asset", "bank", "gov", "jobs"}[r.IntN(6)]
		return m.encode()
	}},
	{"a store's root", func(r *rand.Rand, m *mutant) bool { return m.field(r, &pick(r, m.b.Stores).Root) }},
	{"a store's proof", func(r *rand.Rand, m *mutant) bool { return m.field(r, &pick(r, m.b.Stores).Proof) }},
	{"a store left out", func(r *rand.Rand, m *mutant) bool { return drop(r, &m.b.Stores) && m.encode() }},
	{"a store twice", func(r *rand.Rand, m *mutant) bool { return twice(r, &m.b.Stores) && m.encode() }},
	{"an entry's store", func(r *rand.Rand, m *mutant) bool {
		pick(r, m.b.Entries).Store = []string{"", "job", "asset", "bank", "gov"}[r.IntN(5)]
		return m.encode()
	}},
	{"an entry's key", func(r *rand.Rand, m *mutant) bool { return m.field(r, &pick(r, m.b.Entries).Key) }},
	{"an entry's value", func(r *rand.Rand, m *mutant) bool { return m.field(r, &pick(r, m.b.Entries).Value) }},
	{"an entry's proof", func(r *rand.Rand, m *mutant) bool { return m.field(r, &pick(r, m.b.Entries).Proof) }},
	{"an entry left out", func(r *rand.Rand, m *mutant) bool { return drop(r, &m.b.Entries) && m.encode() }},
	{"an entry twice", func(r *rand.Rand, m *mutant) bool { return twice(r, &m.b.Entries) && m.encode() }},
	{"entries changed places", func(r *rand.Rand, m *mutant) bool { return swap(r, m.b.Entries) && m.encode() }},
	{"entries changed values", func(r *rand.Rand, m *mutant) bool {
		a, b := pick(r, m.b.Entries), pick(r, m.b.Entries)
		a.Value, b.Value, a.Proof, b.Proof = b.Value, a.Value, b.Proof, a.Proof
		return m.encode()
	}},
	{"the session before", func(r *rand.Rand, m *mutant) bool {
		if m.b.Before == nil {
			return false
		}
		e, s := m.b.Before.Entry, m.b.Before.Store
		switch r.IntN(6) {
		case 0:
			return m.field(r, &m.b.Before.Entry.Value)
		case 1:
			return m.field(r, &m.b.Before.Entry.Proof)
		case 2:
			return m.field(r, &m.b.Before.Entry.Key)
		case 3:
			return m.field(r, &m.b.Before.Store.Proof)
		case 4:
			return m.field(r, &m.b.Before.Store.Root)
		}
		m.b.Before = &receipt.Before{Store: m.b.Stores[slices.IndexFunc(m.b.Stores,
			func(x receipt.Store) bool { return x.Name == s.Name })], Entry: e}
		return m.encode()
	}},
	{"another fee's block", func(_ *rand.Rand, m *mutant) bool {
		m.b.Block = m.other.Block
		return m.encode()
	}},
	{"another fee's signatures", func(_ *rand.Rand, m *mutant) bool {
		m.b.Block.Commit = m.other.Block.Commit
		return m.encode()
	}},
	{"another fee's entries", func(_ *rand.Rand, m *mutant) bool {
		m.b.Entries = m.other.Entries
		return m.encode()
	}},
	{"another fee's session before", func(_ *rand.Rand, m *mutant) bool {
		m.b.Before = m.other.Before
		return m.encode()
	}},
	{"another fee's session", func(_ *rand.Rand, m *mutant) bool {
		m.b.Session = m.other.Session
		return m.encode()
	}},
}

func pick[T any](r *rand.Rand, from []T) *T { return &from[r.IntN(len(from))] }

func swap[T any](r *rand.Rand, of []T) bool {
	i, j := r.IntN(len(of)), r.IntN(len(of))
	of[i], of[j] = of[j], of[i]
	return i != j
}

func drop[T any](r *rand.Rand, from *[]T) bool {
	i := r.IntN(len(*from))
	*from = slices.Delete(slices.Clone(*from), i, i+1)
	return true
}

func twice[T any](r *rand.Rand, of *[]T) bool {
	i := r.IntN(len(*of))
	*of = slices.Insert(slices.Clone(*of), i, (*of)[i])
	return true
}

// flip changes one bit of a file.
func (m *mutant) flip(r *rand.Rand, name string) bool {
	content := slices.Clone(m.files[name].Data)
	content[r.IntN(len(content))] ^= 1 << r.IntN(8)
	return m.put(name, content)
}

func (m *mutant) put(name string, content []byte) bool {
	m.files[name] = &fstest.MapFile{Data: content}
	return true
}

// text picks one of the bundle's texts.
func (m *mutant) text(r *rand.Rand) (string, bool) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(m.files)),
		func(n string) bool { return !strings.HasPrefix(n, "blobs/") })
	if len(names) == 0 {
		return "", false
	}
	return *pick(r, names), true
}

// field changes bytes in one of the ways in which bytes can be changed.
func (m *mutant) field(r *rand.Rand, b *[]byte) bool {
	was := *b
	content := slices.Clone(was)
	switch r.IntN(5) {
	case 0, 1:
		content[r.IntN(len(content))] ^= 1 << r.IntN(8)
	case 2:
		content = slices.Delete(content, r.IntN(len(content)), len(content))
	case 3:
		content = append(content, 0xf8, 0x07, byte(r.IntN(128))) // a field 127 that no message has
	case 4:
		content = slices.Insert(content, r.IntN(len(content)+1), byte(r.IntN(256)))
	}
	*b = content
	return !bytes.Equal(was, content) && m.encode()
}

// encode writes the changed bundle in its one form.
func (m *mutant) encode() bool {
	content, err := m.b.Encode()
	return err == nil && m.put("receipt.json", content)
}

// mutate makes one that differs from a true bundle.
func mutate(t *testing.T, r *rand.Rand, kind mutation, true1, true2 fstest.MapFS) (fstest.MapFS, bool) {
	m := &mutant{files: maps.Clone(true1), other: &receipt.Bundle{}}
	require.NoError(t, json.Unmarshal(true1["receipt.json"].Data, &m.b))
	require.NoError(t, json.Unmarshal(true2["receipt.json"].Data, m.other))
	return m.files, kind.change(r, m) && !same(m.files, true1)
}

func same(a, b fstest.MapFS) bool {
	return maps.EqualFunc(a, b, func(x, y *fstest.MapFile) bool { return bytes.Equal(x.Data, y.Data) })
}
