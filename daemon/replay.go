package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// maxLog bounds the log of a session that is checked, in bytes.
const maxLog = 256 << 20

// replayer is the engine that checks infer jobs: it makes every call of the
// claimed session again.
type replayer struct {
	*daemon
	mu     sync.Mutex // a session is prepared for beside the work on another
	quotes *Quotes    // of the model that was asked for last
	quotee uint64     // that model
}

func (r *replayer) prepare(ctx context.Context, j job.Job) error {
	if j.Claim == nil {
		return fmt.Errorf("%w: nothing is claimed yet", errSpec)
	}
	if _, err := r.log(ctx, j); err != nil {
		return err
	}
	model, file, err := r.asset(ctx, j.Terms.Model)
	if err != nil {
		return err
	}
	if _, err := r.quotesOf(ctx, model, file); err != nil {
		return err
	}
	return CheckSession(j.Terms, model, file)
}

// quotesOf prepares to find what a model's answers repeat of its data.
func (r *replayer) quotesOf(ctx context.Context, a asset.Asset, content []byte) (*Quotes, error) {
	if a.Attribution == 0 {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.quotes != nil && r.quotee == a.Id {
		return r.quotes, nil
	}
	m, err := file.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSpec, err)
	}
	if m.Tokenizer == nil {
		return nil, fmt.Errorf("%w: model %d has no tokenizer, so its answers are no text", errSpec, a.Id)
	}
	texts, err := r.texts(ctx, a)
	if err != nil {
		return nil, err
	}
	r.quotes, r.quotee = NewQuotes(texts, m.Tokenizer), a.Id
	return r.quotes, nil
}

// CheckSession tells whether the terms of an infer job have the task of sessions with
// the model that they name. Without a task there is nothing to check.
func CheckSession(t job.Terms, a asset.Asset, model []byte) error {
	if len(t.Task) == 0 {
		return nil
	}
	m, err := file.Decode(model)
	if err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	task, err := SessionTask(m, blob.Hash(a.Root), int64(a.Bytes))
	if err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	if !bytes.Equal(task.Encode(), t.Task) {
		return errTerms
	}
	return nil
}

// again reads a claimed session.
func (r *replayer) again(ctx context.Context, j job.Job) (player.Run, error) {
	x, err := r.open(ctx, j)
	if err != nil {
		return nil, err
	}
	return x.run(), nil
}

func (r *replayer) open(ctx context.Context, j job.Job) (reading, error) {
	file, err := r.log(ctx, j)
	if err != nil {
		return reading{}, err
	}
	_, model, err := r.asset(ctx, j.Terms.Model)
	if err != nil {
		return reading{}, err
	}
	b, err := kernel.New(r.Kernel, r.Threads)
	if err != nil {
		return reading{}, err
	}
	replay, err := infer.NewReplay(ctx, model, file, b)
	if err != nil {
		return reading{}, err
	}
	task, err := j.Task()
	if err != nil {
		return reading{}, err
	}
	session, err := verify.ProgramsOf(task)
	return reading{replay, session}, err
}

func (r *replayer) run(ctx context.Context, j job.Job, _ string) (outcome, error) {
	if len(j.Terms.Task) == 0 {
		return r.vote(ctx, j)
	}
	x, err := r.open(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	leaves, err := x.Leaves()
	if err != nil {
		return outcome{}, err
	}
	units, err := x.ProveUnits()
	if err != nil {
		return outcome{}, err
	}
	quoted, err := r.quoted(ctx, j, x.Replay)
	last, trace := len(leaves)-1, blob.Root(leaves)
	return outcome{job.Claim{
		Result: j.Claim.Result, Bytes: j.Claim.Bytes, State: leaves[last][:], Trace: trace[:], Units: x.Units(),
		End: hashes(append(units, blob.Path(leaves, last)...)), Quoted: quoted,
	}, x.run()}, err
}

// quoted is what a session repeats of its model's data.
func (r *replayer) quoted(ctx context.Context, j job.Job, replay *infer.Replay) ([]uint64, error) {
	model, file, err := r.asset(ctx, j.Terms.Model)
	if err != nil {
		return nil, err
	}
	q, err := r.quotesOf(ctx, model, file)
	return q.Session(replay.Calls()), err
}

// vote is for jobs without a task, where a majority of checkers decides what a
// session has come to: its calls before the first one that is wrong.
func (r *replayer) vote(ctx context.Context, j job.Job) (outcome, error) {
	file, err := r.log(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	model, content, err := r.asset(ctx, j.Terms.Model)
	if err != nil {
		return outcome{}, err
	}
	b, err := kernel.New(r.Kernel, r.Threads)
	if err != nil {
		return outcome{}, err
	}
	replay, file, err := honest(ctx, content, file, b)
	if err != nil {
		return outcome{}, err
	}
	leaves, err := replay.Leaves()
	if err != nil {
		return outcome{}, err
	}
	quoted, err := r.quoted(ctx, j, replay)
	root, trace := blob.Sum(file), blob.Root(leaves)
	return outcome{claim: job.Claim{
		Result: root[:], Bytes: uint64(len(file)), State: model.Root, Trace: trace[:], Units: replay.Units(), Quoted: quoted,
	}}, err
}

// honest is the session of a server that has made the calls before the first one that
// is wrong, and its file.
func honest(ctx context.Context, model, file []byte, b *kernel.Backend) (*infer.Replay, []byte, error) {
	replay, err := infer.NewReplay(ctx, model, file, b)
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
		return honest(ctx, model, file[:4*replay.Plan().Record*wrong], b)
	}
	return replay, file, nil
}

// nothing is a session without calls.
func nothing(ctx context.Context, model []byte, b *kernel.Backend) (*infer.Replay, []byte, error) {
	m, err := file.Decode(model)
	if err != nil {
		return nil, nil, err
	}
	return honest(ctx, model, infer.Log{}.File(m.Config.Context), b)
}

// log gets the session's file from the worker that claims it. One of another size than
// is claimed is as good as none.
func (r *replayer) log(ctx context.Context, j job.Job) ([]byte, error) {
	file, err := r.blob(ctx, j.Claim.Result, min(maxLog, int64(j.Claim.Bytes)), j.Terms.Source)
	if err == nil && len(j.Terms.Task) > 0 && uint64(len(file)) != j.Claim.Bytes {
		err = fmt.Errorf("%w: a session of %d bytes, %d are claimed", errSpec, len(file), j.Claim.Bytes)
	}
	return file, err
}
