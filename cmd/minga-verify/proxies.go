package main

import (
	"bytes"
	"fmt"
)

// byValue recomputes what the proxies measured, from the words of their claims on.
func (r *reasons) byValue() (division, error) {
	what := fmt.Sprintf("measuring of job %d", r.training.id)
	m, err := r.state.measured(r.training.id, what)
	if err != nil {
		return division{}, err
	}
	if m.reason != "" {
		r.say("MEASURED  nothing: %s, so the data gets no more than the creator's part was, by tokens used, and the commons "+
			"the rest of both", m.reason)
		return r.training.unmeasured(r.datasets), nil
	}
	portions, err := r.portions(what, m)
	if err != nil {
		return division{}, err
	}
	d, ok := newDesign(r.training.terms.train.split.method, portions)
	if !ok || uint64(len(d.coalitions)) != m.runs {
		return division{}, refuse(what, "%d runs are not the design of %d portions", m.runs, portions)
	}
	words, err := r.proxies(m, d)
	if err != nil {
		return division{}, err
	}
	return r.appraise(what, m, d, words)
}

// portions checks the segments and counts the portions.
func (r *reasons) portions(what string, m *measured) (int, error) {
	if len(m.segments) == 0 || len(m.segments) >= maxPortions+len(r.datasets) {
		return 0, refuse(what, "%d segments", len(m.segments))
	}
	portion, dataset := ^uint64(0), uint64(0)
	sums := make([]uint64, len(r.datasets))
	for i, s := range m.segments {
		next := s.portion == portion+1
		if !next && (s.portion != portion || s.dataset == dataset) || s.dataset < dataset || s.dataset >= uint64(len(sums)) ||
			s.portion >= maxPortions {
			return 0, refuse(what, "segment %d is out of order", i)
		}
		if s.bytes == 0 || s.bytes > r.datasets[s.dataset].bytes-sums[s.dataset] {
			return 0, refuse(what, "segment %d has more bytes than %s", i, denom(r.datasets[s.dataset].id))
		}
		sums[s.dataset] += s.bytes
		portion, dataset = s.portion, s.dataset
	}
	return int(portion) + 1, nil
}

// proxies checks the run of each coalition and returns the words that it measured.
func (r *reasons) proxies(m *measured, d *design) ([][]float32, error) {
	r.say("PROXIES   %d runs on parts of %d portions of data:", m.runs, d.portions)
	words := make([][]float32, len(d.coalitions))
	for run, c := range d.coalitions {
		id := m.first + uint64(run)
		what := fmt.Sprintf("proxy %d (job %d)", run, id)
		j, err := r.state.job(id, what)
		if err != nil {
			return nil, err
		}
		want := 2
		if run == 0 {
			want += portionSlices * d.portions
		}
		if err := r.proxy(what, j, run, want); err != nil {
			return nil, err
		}
		words[run] = wordsOf(j.claim.words)
		r.say("          job %d by %s on portions %s: loss %v to %v%s", id, j.worker, c, words[run][0], words[run][1],
			again(j))
	}
	return words, nil
}

// proxy checks that a job is a run of the training's measuring and that what it measured
// is what its trace ends with.
func (r *reasons) proxy(what string, j *job, run, words int) error {
	t, p := r.training.terms, j.terms
	switch {
	case j.state != statePaid || j.claim.raw == nil || p.kind != "measure" || p.parent != r.training.id ||
		p.number != uint64(run):
		return refuse(what, "is not the paid run %d of job %d", run, r.training.id)
	case !bytes.Equal(p.spec, t.spec):
		return refuse(what, "is of another spec than job %d", r.training.id)
	case len(j.claim.words) != 4*words:
		return refuse(what, "measured %d bytes, not %d", len(j.claim.words), 4*words)
	}
	return j.checkEnd(what)
}

func again(j *job) string {
	if n := len(j.agreed()); n > 0 {
		return fmt.Sprintf(", done again by %d", n)
	}
	return ""
}

// appraise turns the measured words into the value of each portion and dataset.
func (r *reasons) appraise(what string, m *measured, d *design, words [][]float32) (division, error) {
	first, last := make([]float32, len(words)), make([]float32, len(words))
	for i, w := range words {
		first[i], last[i] = w[0], w[1]
	}
	portions := d.values(utilities(first, last))
	for u, v := range portions {
		if u >= len(m.portions) || m.portions[u] != decimal(v) {
			return division{}, refuse(what, "the value of portion %d is %s", u, decimal(v))
		}
	}
	values, weights := zeros(len(r.datasets)), zeros(len(r.datasets))
	for i, v := range inside(portions, m.segments, words[0][2:]) {
		at := m.segments[i].dataset
		values[at].Add(values[at], v)
		if v.Sign() > 0 {
			weights[at].Add(weights[at], v)
		}
	}
	out := division{shares: r.training.terms.train.split.dataShares(weights), why: map[uint64]string{}}
	for i, v := range values {
		if i >= len(m.datasets) || m.datasets[i] != decimal(v) {
			return division{}, refuse(what, "the value of %s is %s", denom(r.datasets[i].id), decimal(v))
		}
		out.values = append(out.values, decimal(v))
		out.why[r.datasets[i].id] = fmt.Sprintf(" for %s %q: worth %s nats", denom(r.datasets[i].id), r.datasets[i].name,
			decimal(v))
	}
	r.say("MEASURED  what training with each portion takes off the validation loss, in nats:")
	r.say("          %s", m.portions)
	return out, nil
}
