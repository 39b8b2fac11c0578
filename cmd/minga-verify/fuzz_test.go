package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"testing/fstest"
)

const keptFile = "testdata/receipt/receipt.json"

// Whatever receipt.json is, it is refused or it is the true one.
func FuzzReceipt(f *testing.F) {
	kept, err := os.ReadFile(keptFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(kept)
	f.Add([]byte("{}"))
	f.Add([]byte(`{"version":1,"block":{"validators":[{"key":"","power":-1}]}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := verify(fstest.MapFS{receiptFile: &fstest.MapFile{Data: content}}, trust{})
		if err == nil && !bytes.Equal(content, kept) {
			t.Fatal("accepted another receipt")
		}
	})
}

// What is behind the proofs is reached by feeding records themselves: whatever they are,
// nothing panics, and none leads on for ever.
func FuzzRecords(f *testing.F) {
	kept, err := os.ReadFile(keptFile)
	if err != nil {
		f.Fatal(err)
	}
	b := &bundle{}
	if err := json.Unmarshal(kept, b); err != nil {
		f.Fatal(err)
	}
	for i, e := range b.Entries {
		f.Add(uint8(i), e.Value)
	}
	f.Fuzz(func(t *testing.T, which uint8, value []byte) {
		s := &state{entries: map[string]*entry{}, used: map[string]bool{}}
		changed := &bundle{Session: b.Session, Entries: append([]entry(nil), b.Entries...)}
		changed.Entries[int(which)%len(b.Entries)].Value = value
		for i := range changed.Entries {
			e := &changed.Entries[i]
			s.entries[e.id()], s.used[e.id()] = e, true // as if it were proven
		}
		r := &reasons{b: changed, state: s, seal: &seal{}, dir: fstest.MapFS{}}
		for _, step := range []func() error{r.fee, r.modelOf, r.sharesOf, r.incomeOf, r.textsOf} {
			if err := step(); err != nil {
				return
			}
		}
	})
}

func FuzzTask(f *testing.F) {
	f.Add([]byte("minga task 1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		task, err := parseTask(content)
		if err == nil && (task.steps() < 1 || task.width() < 1) {
			t.Fatal("a task without steps or values")
		}
	})
}

func FuzzBlock(f *testing.F) {
	kept, err := os.ReadFile(keptFile)
	if err != nil {
		f.Fatal(err)
	}
	b := &bundle{}
	if err := json.Unmarshal(kept, b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Block.Header, b.Block.Commit, b.Block.Parent, b.Stores[0].Proof)
	f.Fuzz(func(t *testing.T, header, commit, parent, proof []byte) {
		x := block{Header: header, Commit: commit, Validators: b.Block.Validators, Parent: parent}
		if _, err := x.check(trust{}); err == nil &&
			!(bytes.Equal(header, b.Block.Header) && bytes.Equal(commit, b.Block.Commit)) {
			t.Fatal("accepted another block")
		}
		s := &state{roots: map[string][]byte{}}
		st := b.Stores[0]
		st.Proof = proof
		if err := s.open(&st, []byte("app")); err == nil {
			t.Fatal("led to another hash")
		}
	})
}
