package job

import (
	"context"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/worker"
)

// endings is how many jobs, and how many disputes, end in one block at most; the others wait a block. A job whose end
// costs more counts for several: see weight in kind.go.
const endings = 200

// retry is after how many blocks an end that failed is tried again.
const retry = 1000

// EndBlock ends what is due, the earliest first: disputes, then the jobs that they no longer hold, then open children
// that are of no more use.
func (k Keeper) EndBlock(ctx context.Context) error {
	for _, end := range []func(context.Context) error{k.endDisputes, k.endJobs, k.dropChildren} {
		if err := end(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) endJobs(ctx context.Context) error {
	due, err := due(ctx, k.Queue)
	if err != nil {
		return err
	}
	left := endings
	for _, id := range due {
		j, err := k.Jobs.Get(ctx, id)
		if err != nil {
			return err
		}
		if j.Due == 0 || j.Due > height(ctx) {
			continue // with another one in this block
		}
		n, err := k.cost(ctx, &j)
		if err != nil {
			return err
		}
		if n > left && left < endings {
			return nil // the first one ends whatever it costs
		}
		left -= n
		if err := k.expire(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// cost is for how many the end of a job counts.
func (k Keeper) cost(ctx context.Context, j *Job) (int, error) {
	weight := j.kind().weight
	if weight == nil {
		return 1, nil
	}
	n, err := weight(ctx, k, j)
	return 1 + n, err
}

// due lists the first entries of a queue of (height, id) whose time has come.
func due(ctx context.Context, queue collections.KeySet[collections.Pair[int64, uint64]]) ([]uint64, error) {
	var ids []uint64
	until := collections.NewPrefixUntilPairRange[int64, uint64](height(ctx))
	err := queue.Walk(ctx, until, func(key collections.Pair[int64, uint64]) (bool, error) {
		ids = append(ids, key.K2())
		return len(ids) == endings, nil
	})
	return ids, err
}

// expire ends one job, or has it tried again later.
func (k Keeper) expire(ctx context.Context, j Job) error {
	ended := j
	if wholly(ctx, "job", j.Id, func(ctx context.Context) error { return k.timeout(ctx, &ended) }) {
		return nil
	}
	if err := k.wait(ctx, &j, height(ctx)+retry); err != nil {
		return err
	}
	return k.Jobs.Set(ctx, j.Id, j)
}

// wholly ends something wholly or not at all, and tells which. An end fails if the bank refuses a receiver. It is tried
// again later: it must not stop the chain, and nobody may lose money by it.
func wholly(ctx context.Context, what string, id uint64, end func(context.Context) error) bool {
	outer := sdk.UnwrapSDKContext(ctx)
	inner, write := outer.CacheContext()
	if err := end(inner); err != nil {
		outer.Logger().Error("not ended", what, id, "again_in", retry, "err", err)
		return false
	}
	write()
	return true
}

// timeout is what happens to a job when the time of its state is over.
func (k Keeper) timeout(ctx context.Context, j *Job) error {
	switch j.State {
	case StateOpen:
		return k.untaken(ctx, j)
	case StateTaken:
		return k.late(ctx, j)
	case StateClaimed, StateDisputed:
		return k.settle(ctx, j)
	case StateWaiting:
		return k.complete(ctx, j)
	default:
		return ErrState.Wrapf("job %d is %s and cannot be due", j.Id, j.State.Word())
	}
}

func (k Keeper) untaken(ctx context.Context, j *Job) error {
	j.Reason = "nobody took it before its deadline"
	refund := money(j.Escrow)
	if err := k.end(ctx, j, StateExpired, refundAll(*j)); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&EventExpired{Job: j.Id, Refund: refund})
}

// late ends a job that was taken and not claimed. A part of the stake goes to the creator, who has waited in vain.
func (k Keeper) late(ctx context.Context, j *Job) error {
	fine, err := k.fine(ctx, j)
	if err != nil {
		return err
	}
	if j.kind().retried {
		return k.lateAgain(ctx, j, fine)
	}
	if err := k.free(ctx, j, j.Worker, fine, []worker.Reward{{To: j.Creator, Amount: fine}}, false); err != nil {
		return err
	}
	return k.failed(ctx, j, refundAll(*j), fine, "the worker did not claim in time")
}
