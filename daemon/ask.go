package daemon

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/kind/fit"
	"github.com/minga-network/minga/x/job"
)

// What a worker asks for, and in which order.
//
// What pays best is looked at, a bounded number of jobs in each block. Of that, seats come first. A claim is checked by
// somebody else than who made it, a run can be done by anybody: what is left for the end should be what anybody can do,
// so that with two workers neither waits for the other. (A claim has a deadline, too, and holds its worker's stake.)
// Then come the runs that measure a job, before other jobs: they are short, and a trained model waits for them.
//
// A block may take longer than a run. So a worker takes short works ahead (see room.takes): then it need not wait for
// blocks, and has in the end no more before it than it does in one.

// size is how much of what a worker can hold a job takes.
type size int

const (
	nothing size = iota // no work follows from a message
	short               // a run that measures another job
	long                // anything else: it has a slot for itself
)

func sizeOf(j job.Job) size {
	if j.Terms.Kind == job.KindMeasure {
		return short
	}
	return long
}

// ahead is how many short works a worker has at most for each slot, those that it asks for included: what it has and
// does not do, if it goes away, others wait for.
const ahead = 8

// room is how much work a worker can hold, and has.
type room struct {
	slots int
	pace  int // short works that are done in a block
	has   [long + 1]int
}

// takes tells whether there is room for some work. Long works have a slot each; the other slots have short works before
// them, as many as are done in a block, and one more than there are slots.
func (r room) takes(s size) bool {
	free := r.slots - r.has[long]
	if s == long {
		return free > 0 && r.has[short] <= ahead*(free-1)
	}
	return r.has[short] < min(ahead*free, free+1+r.pace)
}

// room counts what this worker has to do and what it asks for.
func (d *daemon) room(queue []held) room {
	r := room{slots: d.slots.most, pace: d.slots.pace()}
	told := d.outbox.under()
	for _, s := range told {
		r.has[s]++
	}
	for _, h := range queue {
		if _, is := told[h.Id]; !is {
			r.has[sizeOf(h.Job)]++
		}
	}
	return r
}

// ask asks for as much as there is room for.
func (d *daemon) ask(ctx context.Context, b board, queue []held) {
	d.opinions.forget(b.over)
	all := d.wanted(b)
	if len(all) == 0 {
		return
	}
	m, err := d.market(ctx, queue)
	if err != nil {
		if ctx.Err() == nil {
			d.Log.Warn("work is asked for after the next block", "err", err)
		}
		return
	}
	room := d.room(queue)
	for _, w := range all {
		if !room.takes(sizeOf(w.Job)) || d.outbox.refused(w.turn(), w.self()) || !d.ready(ctx, b, m, w) {
			continue
		}
		room.has[sizeOf(w.Job)]++
		b.me.Locked = b.me.Locked.Add(w.Terms.Stake)
		m.queued += d.opinions.of(w).takes / time.Duration(d.slots.most)
		d.request(ctx, w)
	}
}

// mostLooked is how many seats, and how many open jobs, are looked at in a block: however many strangers post.
const mostLooked = 64

// wanted lists what this worker could ask for, the first first. Infer jobs are for gateways.
func (d *daemon) wanted(b board) (all []held) {
	var open []held
	for _, j := range b.claimed {
		if len(j.Checks) < int(j.Seats) && !d.seated(j) && !b.busy[j.Id] {
			all = append(all, held{j, RoleCheck})
		}
	}
	for _, j := range b.open {
		if j.Terms.Kind != job.KindInfer && !b.busy[j.Id] {
			open = append(open, held{j, RoleTrain})
		}
	}
	all, open = d.best(b, all), d.best(b, open)
	slices.SortStableFunc(open, func(a, b held) int { return cmp.Compare(sizeOf(a.Job), sizeOf(b.Job)) })
	return append(all, open...)
}

// best are those that pay best, of those that are not left alone for now. What pays the same is in an order of this
// worker's own.
func (d *daemon) best(b board, all []held) []held {
	type paid struct {
		held
		pay   math.Int
		place [sha256.Size]byte
	}
	var some []paid
	for _, h := range all {
		if !d.opinions.of(h).Waits(b.height) {
			some = append(some, paid{h, fit.Pay(b.me, h.Job), d.place(h.Id)})
		}
	}
	slices.SortFunc(some, func(x, y paid) int {
		switch {
		case x.pay.GT(y.pay):
			return -1
		case x.pay.LT(y.pay):
			return 1
		}
		return bytes.Compare(x.place[:], y.place[:])
	})
	var best []held
	for _, p := range some[:min(mostLooked, len(some))] {
		best = append(best, p.held)
	}
	return best
}

// place puts jobs that pay the same in an order of this worker's own, so that not all begin with the same one.
func (d *daemon) place(id uint64) [sha256.Size]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte(d.me), id))
}

// turn names those jobs that a worker has its turn for together: the runs of a job that are open since the same block.
// Everything else is by itself.
type turn struct {
	job    uint64
	opened int64
}

func (h held) turn() turn {
	if h.role == RoleTrain && h.Terms.Kind == job.KindMeasure {
		return turn{h.Terms.Parent, h.Opened}
	}
	return h.self()
}

// self names a job alone.
func (h held) self() turn { return turn{job: h.Id} }

// request asks for a job or a seat.
func (d *daemon) request(ctx context.Context, h held) {
	var msg sdk.Msg = &job.MsgTake{Worker: d.me, Job: h.Id}
	if h.role == RoleCheck {
		msg = &job.MsgCheck{Worker: d.me, Job: h.Id}
	}
	d.send(h, sizeOf(h.Job), func() {
		_, err := d.Client.Send(ctx, d.Signer, msg)
		asked.WithLabelValues(string(h.role), answer(err)).Inc()
		if err == nil {
			return
		}
		d.Log.Debug("not ours", "job", h.Id, "msg", sdk.MsgTypeURL(msg), "err", err)
		if errors.Is(err, job.ErrTurn) {
			d.outbox.refuse(h.turn())
		} else {
			d.outbox.refuse(h.self())
		}
	})
}

// answer is the word that the outcome of a request is counted under.
func answer(err error) string {
	switch {
	case err == nil:
		return "granted"
	case errors.Is(err, job.ErrTurn):
		return "turn"
	case errors.Is(err, job.ErrState), errors.Is(err, job.ErrSeats), errors.Is(err, job.ErrLate):
		return "gone"
	case errors.Is(err, job.ErrUnfit):
		return "unfit"
	}
	return "failed"
}
