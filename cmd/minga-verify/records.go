package main

import (
	"encoding/binary"
	"fmt"
	"math/big"

	"google.golang.org/protobuf/encoding/protowire"
)

// The records of the chain, as far as a receipt needs them. Numbers of fields are those
// of the chain's proto files.

// States of a job.
const (
	statePaid = 5
)

// job is a record of the chain's store "job".
type job struct {
	id, state, asset uint64
	creator, worker  string
	price            *big.Int // uminga for a unit
	terms            terms
	claim            claim
	checks           []check
	paid             []payment
}

type terms struct {
	kind             string
	units            uint64
	budget, checkPay *big.Int
	task, spec       []byte
	parent, number   uint64
	train            trainTerms
	infer            inferTerms
}

type trainTerms struct {
	datasets, used []uint64
	base           uint64
	split          split
}

type inferTerms struct {
	model, serving uint64
}

// split is in basis points.
type split struct {
	data, compute, creator, commons  uint64
	method                           string
	floor, cap, royalty, attribution uint64
}

type claim struct {
	raw                         []byte // as the record has it; nil: there is none
	result, state, trace, words []byte
	bytes, units                uint64
	end                         [][]byte
	quoted                      []uint64 // tokens that repeat each of the model's datasets
}

// check is one checker's seat; report is nil until it has reported.
type check struct {
	worker string
	report []byte
}

type payment struct {
	to, role string
	amount   *big.Int
	asset    uint64
}

func (p payment) String() string {
	return fmt.Sprintf("%s uminga to %s (%s)", p.amount, p.to, p.role)
}

// decoder reads fields of messages and keeps the first mistake.
type decoder struct{ err error }

func (d *decoder) message(b []byte) message {
	m, err := parse(b)
	d.keep(err)
	return m
}

func (d *decoder) amount(m message, i protowire.Number) *big.Int {
	n, err := m.amount(i)
	d.keep(err)
	return n
}

func (d *decoder) numbers(m message, i protowire.Number) []uint64 {
	ns, err := m.numbers(i)
	d.keep(err)
	return ns
}

func (d *decoder) keep(err error) {
	if d.err == nil {
		d.err = err
	}
}

func decodeJob(b []byte) (*job, error) {
	d := &decoder{}
	m := d.message(b)
	j := &job{
		id: m.number(1), state: m.number(2), creator: m.text(3), worker: m.text(10), price: d.amount(m, 11),
		asset: m.number(15),
		terms: d.terms(m.bytes(4)), claim: d.claim(m.bytes(12)),
	}
	for _, b := range m.list(13) {
		c := d.message(b)
		j.checks = append(j.checks, check{c.text(1), c.bytes(3)})
	}
	for _, b := range m.list(17) {
		p := d.message(b)
		j.paid = append(j.paid, payment{p.text(1), p.text(2), d.amount(p, 3), p.number(4)})
	}
	return j, d.err
}

func (d *decoder) terms(b []byte) terms {
	m := d.message(b)
	infer := d.message(m.bytes(18))
	return terms{
		kind: m.text(1), spec: m.bytes(3), budget: d.amount(m, 5), units: m.number(6), checkPay: d.amount(m, 9),
		task: m.bytes(14), parent: m.number(15), number: m.number(16), train: d.train(m.bytes(17)),
		infer: inferTerms{model: infer.number(1), serving: infer.number(3)},
	}
}

func (d *decoder) train(b []byte) trainTerms {
	m := d.message(b)
	s := d.message(m.bytes(6))
	return trainTerms{
		datasets: d.numbers(m, 1), used: d.numbers(m, 2), base: m.number(3),
		split: split{
			data: s.number(1), compute: s.number(2), creator: s.number(3), commons: s.number(4), method: s.text(5),
			floor: s.number(6), cap: s.number(7), royalty: s.number(9), attribution: s.number(10),
		},
	}
}

func (d *decoder) claim(b []byte) claim {
	m := d.message(b)
	return claim{
		raw: b, result: m.bytes(1), bytes: m.number(2), state: m.bytes(3), trace: m.bytes(4), units: m.number(5),
		end: m.list(6), quoted: d.numbers(d.message(m.bytes(7)), 1), words: d.message(m.bytes(8)).bytes(1),
	}
}

// asset is a record of the chain's store "asset".
type asset struct {
	id, kind, bytes, records, job, shares uint64
	royalty, base                         uint64 // basis points that its children owe it; its own parent, or 0
	attribution                           uint64 // basis points of what its answers cost, for the data that they repeat
	name, creator, licence                string
	root                                  []byte
	parents                               []uint64
	parts                                 []part
}

// Kinds of asset.
const (
	kindDataset = 1
	kindModel   = 2
)

// part is one holder's first shares and why it got them.
type part struct {
	holder, role  string
	shares, asset uint64
	value         string
}

func decodeAsset(b []byte) (*asset, error) {
	d := &decoder{}
	m := d.message(b)
	a := &asset{
		id: m.number(1), kind: m.number(2), name: m.text(3), creator: m.text(4), root: m.bytes(5), bytes: m.number(6),
		records: m.number(7), licence: m.text(8), parents: d.numbers(m, 11), job: m.number(13), shares: m.number(15),
		royalty: m.number(23), base: m.number(24), attribution: m.number(25),
	}
	for _, b := range m.list(14) {
		p := d.message(b)
		a.parts = append(a.parts, part{p.text(1), p.text(2), p.number(3), p.number(4), p.text(5)})
	}
	return a, d.err
}

// measured is a record of the store "job": how a training's data was measured.
type measured struct {
	job, first, runs uint64
	segments         []segment
	reason           string
	portions         []string // values as they are shown, of portions and of datasets
	datasets         []string
}

// segment is the part of one portion that is of one dataset, counted in the training's terms.
type segment struct{ portion, dataset, bytes uint64 }

func decodeMeasured(b []byte) (*measured, error) {
	d := &decoder{}
	m := d.message(b)
	x := &measured{job: m.number(1), first: m.number(3), runs: m.number(4), reason: m.text(5)}
	for _, b := range m.list(2) {
		s := d.message(b)
		x.segments = append(x.segments, segment{s.number(1), s.number(2), s.number(3)})
	}
	for _, b := range m.list(6) {
		x.portions = append(x.portions, string(b))
	}
	for _, b := range m.list(7) {
		x.datasets = append(x.datasets, d.message(b).text(2))
	}
	return x, d.err
}

// Where the chain keeps its records: a byte for the collection, then the key.

func jobKey(id uint64) []byte   { return binary.BigEndian.AppendUint64([]byte{2}, id) }
func assetKey(id uint64) []byte { return binary.BigEndian.AppendUint64([]byte{1}, id) }

func measuredKey(job uint64) []byte { return binary.BigEndian.AppendUint64([]byte{11}, job) }

func (s *state) job(id uint64, what string) (*job, error) {
	b, err := s.get("job", jobKey(id), what)
	if err != nil {
		return nil, err
	}
	j, err := decodeJob(b)
	if err != nil || j.id != id {
		return nil, refuse(what, "is not the record of job %d", id)
	}
	return j, nil
}

func (s *state) asset(id uint64, what string) (*asset, error) {
	b, err := s.get("asset", assetKey(id), what)
	if err != nil {
		return nil, err
	}
	a, err := decodeAsset(b)
	if err != nil || a.id != id {
		return nil, refuse(what, "is not the record of asset/%d", id)
	}
	return a, nil
}

func (s *state) measured(job uint64, what string) (*measured, error) {
	b, err := s.get("job", measuredKey(job), what)
	if err != nil {
		return nil, err
	}
	m, err := decodeMeasured(b)
	if err != nil || m.job != job {
		return nil, refuse(what, "is not the record of what measured job %d", job)
	}
	return m, nil
}
