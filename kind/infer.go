package kind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// maxLog bounds the file of a session that is checked, in bytes.
const maxLog = 256 << 20

// reader checks sessions: it makes every call that a server claims again. Gateways serve them.
type reader struct {
	Host
	mu     sync.Mutex
	quotes *Quotes // of the model that was asked for last
	quotee uint64  // that model
}

// Terms implements Kind.
func (r *reader) Terms(context.Context, []byte) (job.Terms, error) {
	return job.Terms{}, fmt.Errorf("%w: a session is paid for with an API key: `minga key new`", ErrFile)
}

// Sessions is the task of any session with a model. It fetches the model if the store does not have it.
func (h Host) Sessions(ctx context.Context, model uint64) (*verify.Task, error) {
	a, content, err := h.model(ctx, model)
	if err != nil {
		return nil, err
	}
	m, err := file.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("asset %d: %w", model, err)
	}
	return SessionTask(m, blob.Hash(a.Root), int64(a.Bytes))
}

// Prepare implements Kind, for a session that was claimed.
func (r *reader) Prepare(ctx context.Context, j job.Job) (Work, error) {
	if j.Claim == nil {
		return nil, fmt.Errorf("%w: nothing is claimed yet", ErrJob)
	}
	log, err := r.log(ctx, j)
	if err != nil {
		return nil, err
	}
	a, content, err := r.Host.model(ctx, j.Terms.Infer.Model)
	if err != nil {
		return nil, err
	}
	model, err := file.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	if err := checkTask(j.Terms, a, model); err != nil {
		return nil, err
	}
	quotes, err := r.quotesOf(ctx, a, model)
	if err != nil {
		return nil, err
	}
	return newReading(r.Host, j, a, content, model, log, quotes)
}

// checkTask tells whether the terms have the task of sessions with the model. Without a task there is nothing to check.
func checkTask(t job.Terms, a asset.Asset, m *file.Model) error {
	if t.Proof != job.ProofReferee {
		return nil
	}
	task, err := SessionTask(m, blob.Hash(a.Root), int64(a.Bytes))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrJob, err)
	}
	if !bytes.Equal(task.Encode(), t.Task) {
		return ErrTerms
	}
	return nil
}

// log gets the session's file from the worker that claims it. One of another size than is claimed is as good as none.
func (r *reader) log(ctx context.Context, j job.Job) ([]byte, error) {
	size := int64(min(maxLog, j.Claim.Bytes))
	if err := r.holds(size); err != nil {
		return nil, fmt.Errorf("the session: %w", err)
	}
	log, err := r.blob(ctx, j.Claim.Result, size, "", j.Worker, j.Creator)
	if err == nil && j.Terms.Proof == job.ProofReferee && uint64(len(log)) != j.Claim.Bytes {
		err = fmt.Errorf("%w: a session of %d bytes, %d are claimed", ErrJob, len(log), j.Claim.Bytes)
	}
	return log, err
}

// quotesOf prepares to find what a model's answers repeat of its data; nil if it owes nothing for that.
func (r *reader) quotesOf(ctx context.Context, a asset.Asset, m *file.Model) (*Quotes, error) {
	if a.Attribution == 0 {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.quotes != nil && r.quotee == a.Id {
		return r.quotes, nil
	}
	if m.Tokenizer == nil {
		return nil, fmt.Errorf("%w: model %d has no tokenizer, so its answers are no text", ErrJob, a.Id)
	}
	texts, err := r.Texts(ctx, a)
	if err != nil {
		return nil, err
	}
	r.quotes, r.quotee = NewQuotes(texts, m.Tokenizer), a.Id
	return r.quotes, nil
}

// reading is a prepared check of a session.
type reading struct {
	Host
	job    job.Job
	root   []byte // of the model
	model  []byte // its file
	log    []byte // the session's file
	quotes *Quotes
	memory int64
	move   int64 // more for a move in a dispute
}

func newReading(h Host, j job.Job, a asset.Asset, content []byte, m *file.Model, log []byte,
	q *Quotes) (*reading, error) {
	plan, err := infer.NewPlan(m.Config)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	machine, err := nn.MachineBytes(plan.Program, len(plan.Program.Inputs))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	memory := machine + 2*int64(len(content)) + 2*int64(len(log)) // as bytes, and decoded
	memory += infer.CacheBytes(m.Config, m.Config.Context)
	return &reading{h, j, a.Root, content, log, q, memory, SessionMove(plan.Program)}, nil
}

// SessionMove is about how many bytes a move takes in a dispute about a session of this Program, beside the model.
func SessionMove(p *nn.Program) int64 { return player.MostPasses * nn.RecordBytes(p) }

// Memory implements Work.
func (r *reading) Memory() int64 { return r.memory }

// MoveMemory implements Work.
func (r *reading) MoveMemory() int64 {
	if r.job.Terms.Proof != job.ProofReferee {
		return 0
	}
	return r.memory + r.move
}

// Takes implements Work. Later positions of a long context take longer than those of the trial: twice as long is
// allowed for.
func (r *reading) Takes(ctx context.Context) (time.Duration, error) {
	b, err := kernel.New(r.Kernel, r.Threads)
	if err != nil {
		return 0, err
	}
	m, err := file.Decode(r.model)
	if err != nil {
		return 0, err
	}
	speed, err := infer.New(m, b).Trial(ctx, time.Now)
	if errors.Is(err, infer.ErrRequest) {
		return 0, fmt.Errorf("%w: %w", ErrJob, err)
	}
	units := min(r.job.Claim.Units, uint64(len(r.log)))
	return 2 * time.Duration(units) * speed.Read, err
}

// Again implements Work.
func (r *reading) Again(ctx context.Context) (player.Run, error) {
	x, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	return x.run(), nil
}

func (r *reading) open(ctx context.Context) (session, error) {
	b, err := kernel.New(r.Kernel, r.Threads)
	if err != nil {
		return session{}, err
	}
	task, err := r.job.Task()
	if err != nil {
		return session{}, err
	}
	programs, err := verify.ProgramsOf(task)
	if err != nil {
		return session{}, err
	}
	replay, err := infer.NewReplay(ctx, r.model, r.log, b)
	return session{replay, programs}, err
}

// Run implements Work.
func (r *reading) Run(ctx context.Context) (Outcome, error) {
	if r.job.Terms.Proof != job.ProofReferee {
		return r.vote(ctx)
	}
	x, err := r.open(ctx)
	if err != nil {
		return Outcome{}, err
	}
	leaves, err := x.Leaves()
	if err != nil {
		return Outcome{}, err
	}
	units, err := x.ProveUnits()
	last, trace := len(leaves)-1, blob.Root(leaves)
	return Outcome{Run: x.run(), Claim: job.Claim{
		Result: r.job.Claim.Result, Bytes: r.job.Claim.Bytes, State: leaves[last][:], Trace: trace[:], Units: x.Units(),
		End: hashes(append(units, blob.Path(leaves, last)...)), Infer: &job.InferClaim{Quoted: r.quotes.Session(x.Calls())},
	}}, err
}

// vote is for jobs without a task, where a majority of checkers decides what a session has come to: its calls before
// the first one that is wrong.
func (r *reading) vote(ctx context.Context) (Outcome, error) {
	b, err := kernel.New(r.Kernel, r.Threads)
	if err != nil {
		return Outcome{}, err
	}
	replay, log, err := honest(ctx, r.model, r.log, b)
	if err != nil {
		return Outcome{}, err
	}
	leaves, err := replay.Leaves()
	root, trace := blob.Sum(log), blob.Root(leaves)
	return Outcome{Claim: job.Claim{
		Result: root[:], Bytes: uint64(len(log)), State: r.root, Trace: trace[:], Units: replay.Units(),
		Infer: &job.InferClaim{Quoted: r.quotes.Session(replay.Calls())},
	}}, err
}

// honest is the session of a server that has made the calls before the first one that is wrong, and its file.
func honest(ctx context.Context, model, log []byte, b *kernel.Backend) (*infer.Replay, []byte, error) {
	replay, err := infer.NewReplay(ctx, model, log, b)
	if errors.Is(err, infer.ErrLog) {
		return nothing(ctx, model, b)
	}
	if err != nil {
		return nil, nil, err
	}
	wrong, err := replay.Contradiction()
	switch {
	case err != nil:
		return nil, nil, err
	case wrong == 0:
		return nothing(ctx, model, b)
	case wrong > 0:
		return honest(ctx, model, log[:4*replay.Plan().Record*wrong], b)
	}
	return replay, log, nil
}

// nothing is a session without calls.
func nothing(ctx context.Context, model []byte, b *kernel.Backend) (*infer.Replay, []byte, error) {
	m, err := file.Decode(model)
	if err != nil {
		return nil, nil, err
	}
	return honest(ctx, model, infer.Log{}.File(m.Config.Context), b)
}
