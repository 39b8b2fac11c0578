package transfer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
)

// filling is the part of a fetch that brings pieces.
type filling struct {
	fetch   *fetch
	partial *store.Partial
	pieces  blob.Pieces
	plan    *plan
	abort   context.CancelCauseFunc // when the fault is ours
}

// work takes pieces from s until all are here, s is given up or ctx ends.
func (j *filling) work(ctx context.Context, s *source) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, j.plan.wake)()
	var count atomic.Int32
	var wg sync.WaitGroup
	for range lanes {
		wg.Go(func() {
			buf := make([]byte, min(blob.PieceSize, j.pieces.Size))
			for t := j.plan.next(ctx, s); t != nil; t = j.plan.next(ctx, s) {
				err := j.bring(t, buf)
				if err == nil || ctx.Err() != nil {
					continue
				}
				if errors.Is(err, blob.ErrMismatch) || isIdle(err) || count.Add(1) >= faults {
					j.fetch.giveUp(s, t.piece, err)
					cancel()
				}
			}
		})
	}
	wg.Wait()
}

// bring gets one piece and stores it if it is true. Its error is the source's
// fault; nil also if the piece came from elsewhere meanwhile.
func (j *filling) bring(t *task, buf []byte) error {
	offset, length := j.pieces.Span(t.piece)
	data := buf[:length]
	err := t.source.piece(t.ctx, j.fetch.hash, j.pieces.Size, offset, data)
	if err == nil {
		err = j.partial.WritePiece(t.piece, data)
		if err != nil && !errors.Is(err, blob.ErrMismatch) {
			j.abort(err) // the disk, not the source
		}
	}
	if err == nil {
		j.plan.brought(t)
		return nil
	}
	if wanted := j.plan.gaveUp(t); !wanted {
		return nil
	}
	return err
}
