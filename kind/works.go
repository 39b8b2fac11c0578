package kind

import (
	"context"
	"slices"
	"sync"

	"github.com/minga-network/minga/x/job"
)

// Works keeps what was prepared, so that a job is fetched and planned once: from before it is taken until its last
// dispute. Several goroutines may use it.
type Works struct {
	kinds  Kinds
	memory int64

	mu   sync.Mutex
	kept []*prepared // the one that was asked for last is the last
}

// mostWorks bounds how many works are kept.
const mostWorks = 16

// NewWorks keeps works that take at most so many bytes together, and always the last one; 0 is no bound.
func NewWorks(k Kinds, memory int64) *Works { return &Works{kinds: k, memory: memory} }

// prepared is the place of a work.
type prepared struct {
	job    uint64
	claim  string // that the work is about, if it is not about the job's file
	memory int64  // Works.mu guards it

	mu   sync.Mutex
	work Work // nil until it is prepared
}

// Prepare returns the work on a job: the one that is kept, or a new one.
func (w *Works) Prepare(ctx context.Context, j job.Job) (Work, error) {
	p := w.place(j)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.work != nil {
		return p.work, nil
	}
	work, err := w.kinds.Prepare(ctx, j)
	if err != nil {
		return nil, err
	}
	p.work = work
	w.mu.Lock()
	defer w.mu.Unlock()
	p.memory = work.Memory()
	w.trim()
	return work, nil
}

// place finds the place of a job, which becomes the last, or adds one. What a job without a file asks for, its claim
// says.
func (w *Works) place(j job.Job) *prepared {
	p := &prepared{job: j.Id}
	if len(j.Terms.Spec) == 0 && j.Claim != nil {
		p.claim = string(j.Claim.Result)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.kept, func(k *prepared) bool { return k.job == p.job && k.claim == p.claim })
	if i >= 0 {
		p = w.kept[i]
		w.kept = slices.Delete(w.kept, i, i+1)
	}
	w.kept = append(w.kept, p)
	return p
}

// trim drops the works that nobody has asked for the longest. The caller has w.mu.
func (w *Works) trim() {
	sum := int64(0)
	for i, p := range slices.Backward(w.kept) {
		last := i == len(w.kept)-1
		sum += p.memory
		if !last && (len(w.kept)-i > mostWorks || w.memory > 0 && sum > w.memory) {
			w.kept = slices.Delete(w.kept, 0, i+1)
			return
		}
	}
}

// Forget drops the works on jobs that are over.
func (w *Works) Forget(over func(job uint64) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept = slices.DeleteFunc(w.kept, func(p *prepared) bool { return over(p.job) })
}
