package main

import (
	"bytes"
	"cmp"
	"fmt"

	ics23 "github.com/cosmos/ics23/go"
)

// state is what a bundle shows of the chain's state. An entry is checked when the chain
// of reasons comes to it, and none may be left over.
type state struct {
	roots   map[string][]byte // of stores that the application's hash commits to
	entries map[string]*entry
	used    map[string]bool
}

// openState checks the way from the application's hash to each store.
func openState(b *bundle, app []byte) (*state, error) {
	s := &state{roots: map[string][]byte{}, entries: map[string]*entry{}, used: map[string]bool{}}
	for i := range b.Stores {
		if i > 0 && b.Stores[i-1].Name >= b.Stores[i].Name {
			return nil, refuse("store "+b.Stores[i].Name, "stands twice or out of order")
		}
		if err := s.open(&b.Stores[i], app); err != nil {
			return nil, err
		}
	}
	for i := range b.Entries {
		e := &b.Entries[i]
		if i > 0 && cmp.Or(cmp.Compare(b.Entries[i-1].Store, e.Store), bytes.Compare(b.Entries[i-1].Key, e.Key)) >= 0 {
			return nil, refuse(e.id(), "stands twice or out of order")
		}
		s.entries[e.id()] = e
	}
	return s, nil
}

func (s *state) open(st *store, app []byte) error {
	if err := proven("store "+st.Name, ics23.TendermintSpec, app, []byte(st.Name), st.Root, st.Proof); err != nil {
		return err
	}
	s.roots[st.Name] = st.Root
	return nil
}

func (e *entry) id() string { return fmt.Sprintf("entry %s/%x", e.Store, e.Key) }

// get is the value of a key, proven. what names it in refusals.
func (s *state) get(store string, key []byte, what string) ([]byte, error) {
	id := (&entry{Store: store, Key: key}).id()
	e := s.entries[id]
	if e == nil {
		return nil, refuse(what, "the bundle does not have it (%s)", id)
	}
	if s.used[id] {
		return e.Value, nil
	}
	s.used[id] = true
	return e.Value, s.prove(e, what)
}

func (s *state) prove(e *entry, what string) error {
	root, ok := s.roots[e.Store]
	if !ok {
		return refuse(what, "the bundle does not lead to store %s", e.Store)
	}
	return proven(what, ics23.IavlSpec, root, e.Key, e.Value, e.Proof)
}

// complete refuses entries and stores that nothing led to.
func (s *state) complete() error {
	for id, e := range s.entries {
		if !s.used[id] {
			return refuse(id, "nothing leads to it")
		}
		delete(s.roots, e.Store)
	}
	for name := range s.roots {
		return refuse("store "+name, "has no entry here")
	}
	return nil
}

// proven checks that a root commits to a key with a value.
func proven(what string, spec *ics23.ProofSpec, root, key, value, proof []byte) error {
	var p ics23.CommitmentProof
	if err := p.Unmarshal(proof); err != nil || p.GetExist() == nil {
		return refuse(what, "its proof is none of ICS 23")
	}
	if again, err := p.Marshal(); err != nil || !bytes.Equal(again, proof) {
		return refuse(what, "its proof is not written as ICS 23 writes it")
	}
	if !ics23.VerifyMembership(spec, root, &p, key, value) {
		return refuse(what, "its proof does not lead to the block's application hash")
	}
	return nil
}
