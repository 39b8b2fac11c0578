package job

import (
	"context"

	"cosmossdk.io/collections"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// endings is how many jobs, and how many disputes, end in one block at most; the others wait a block.
const endings = 200

// endingGas bounds the gas of one end, and mostGas that of all ends of a block. The one that passes the bound of the
// block is the last. So a block spends at most mostGas + endingGas on ends.
const (
	endingGas = 50_000_000
	mostGas   = 100_000_000
)

// retry is after how many blocks an end that failed is tried again, and tries how often it may fail. Then the job, or
// the dispute, ends neutrally.
const (
	retry = 1000
	tries = 3
)

// EndBlock ends what is due, the earliest first: disputes, then the jobs that they no longer hold, then open children
// that are of no more use.
func (k Keeper) EndBlock(ctx context.Context) error {
	m := &meter{left: mostGas}
	for _, end := range []func(context.Context, *meter) error{k.endDisputes, k.endJobs, k.dropChildren} {
		if err := end(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) endJobs(ctx context.Context, m *meter) error {
	due, err := due(ctx, k.Queue)
	if err != nil {
		return err
	}
	for _, id := range due {
		if m.left <= 0 {
			return nil
		}
		j, err := k.Jobs.Get(ctx, id)
		if err != nil {
			return err
		}
		if j.Due == 0 || j.Due > height(ctx) {
			continue // with another one in this block
		}
		if err := k.expire(ctx, m, j); err != nil {
			return err
		}
	}
	return nil
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
func (k Keeper) expire(ctx context.Context, m *meter, j Job) error {
	ended, end := j, k.timeout
	if j.Failures >= tries {
		end = k.neutral
	}
	if m.wholly(ctx, "job", j.Id, func(ctx context.Context) error { return end(ctx, &ended) }) {
		return nil
	}
	j.Failures++
	if err := k.wait(ctx, &j, height(ctx)+retry); err != nil {
		return err
	}
	return k.Jobs.Set(ctx, j.Id, j)
}

// meter is the gas that a block has left for ends.
type meter struct{ left int64 }

// wholly ends something wholly or not at all, and tells which. An end fails if the bank refuses a receiver, if it costs
// more than endingGas, or by a fault of ours. It must not stop the chain, and nobody may lose money by it.
func (m *meter) wholly(ctx context.Context, what string, id uint64, end func(context.Context) error) bool {
	outer := sdk.UnwrapSDKContext(ctx)
	inner, write := outer.CacheContext()
	inner = inner.WithGasMeter(storetypes.NewGasMeter(endingGas))
	err := contained(func() error { return end(inner) })
	m.left -= int64(inner.GasMeter().GasConsumedToLimit())
	if err != nil {
		outer.Logger().Error("not ended", what, id, "again_in", retry, "err", err)
		return false
	}
	write()
	return true
}

// contained makes an error of a panic. Running out of gas is one.
func contained(do func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = ErrEnding.Wrapf("%v", fault)
		}
	}()
	return do()
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
	return k.expired(ctx, j, refundAll(*j), "nobody took it before its deadline")
}

func (k Keeper) expired(ctx context.Context, j *Job, lines []Payment, reason string) error {
	j.Reason = reason
	refund := money(j.Escrow)
	if err := k.end(ctx, j, StateExpired, lines); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&EventExpired{Job: j.Id, Refund: refund})
}

// late ends the part of a worker that took a job and did not claim it. The fine is burned: nobody gains by terms that
// make a worker late.
func (k Keeper) late(ctx context.Context, j *Job) error {
	fine, err := k.fine(ctx, j)
	if err != nil {
		return err
	}
	if err := k.free(ctx, j, j.Worker, fine, nil, false); err != nil {
		return err
	}
	if j.kind().retried {
		who := j.Worker
		j.Barred = append(j.Barred, who)
		return k.reopen(ctx, j, who, fine)
	}
	return k.failed(ctx, j, refundAll(*j), fine, "the worker did not claim in time")
}
