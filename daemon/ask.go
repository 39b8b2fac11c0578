package daemon

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// What a worker asks for, and in which order.
//
// Seats come first. A claim is checked by somebody else than who made it, a run can be
// done by anybody: what is left for the end should be what anybody can do, so that with
// two workers neither waits for the other. (A claim has a deadline, too, and holds its
// worker's stake.) Then come the runs that measure a job, before other jobs: they are
// short, and a trained model waits for them.
//
// One thing is done at a time, but a block may take longer than a run. So a worker takes
// short things ahead: as many as it did during the last block, and two more. Then it need
// not wait for blocks, and has in the end no more before it than it does in one.

// ahead is how many short things a worker has at most, what it asks for included: what
// it has and does not do, if it goes away, others wait for.
const ahead = 8

// load is how much of what a worker can hold a job takes: a run that measures another job
// is short, anything else fills it.
func load(j job.Job) int {
	if j.Terms.Parent != 0 {
		return 1
	}
	return ahead
}

// pace is how many short things are done in a block.
type pace struct{ last, now int }

// block begins with the next block.
func (p *pace) block() { p.last, p.now = p.now, 0 }

// room tells whether one can take some load on, to what one has.
func (p *pace) room(has, load int) bool {
	return has == 0 || has+load <= min(ahead, 2+max(p.last, p.now))
}

// ask asks for as much as there is room for, beside the work.
func (d *daemon) ask(ctx context.Context, b board, hand []held) {
	full := d.out.asked()
	for _, h := range hand {
		full += load(h.Job)
	}
	for _, w := range d.wanted(b) {
		if !d.pace.room(full, load(w.Job)) || !d.fits(b.me, w.Job) || d.out.refused(w.queue(), w.self()) || !d.ready(ctx, w.Job) {
			continue
		}
		full += load(w.Job)
		b.me.Locked = b.me.Locked.Add(w.Terms.Stake)
		d.request(ctx, w)
	}
}

// wanted lists what this worker could ask for, the first first. Infer jobs are for
// gateways.
func (d *daemon) wanted(b board) (all []held) {
	for _, j := range b.claimed {
		if len(j.Checks) < int(j.Seats) && !d.seated(j) && !d.isBusy(j) {
			all = append(all, held{j, RoleCheck})
		}
	}
	seats := len(all)
	for _, j := range b.open {
		if j.Terms.Kind == worker.Train && !d.isBusy(j) {
			all = append(all, held{j, RoleTrain})
		}
	}
	slices.SortStableFunc(all[seats:], func(a, b held) int {
		if c := cmp.Compare(load(a.Job), load(b.Job)); c != 0 || load(a.Job) > 1 {
			return c
		}
		x, y := d.place(a.Id), d.place(b.Id)
		return bytes.Compare(x[:], y[:])
	})
	return all
}

// place puts the runs in an order of this worker's own, so that not all run after the
// same one.
func (d *daemon) place(id uint64) [sha256.Size]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte(d.me), id))
}

// queue names those that have their turn together: the runs of a job that are open since
// the same block, and everything else by itself.
func (h held) queue() queue {
	if h.role == RoleTrain && h.Terms.Parent != 0 {
		return queue{h.Terms.Parent, h.Opened}
	}
	return h.self()
}

// self names what is wanted alone.
func (h held) self() queue { return queue{job: h.Id} }

type queue struct {
	job    uint64
	opened int64
}

// request asks for a job or a seat.
func (d *daemon) request(ctx context.Context, h held) {
	var msg sdk.Msg = &job.MsgTake{Worker: d.me, Job: h.Id}
	if h.role == RoleCheck {
		msg = &job.MsgCheck{Worker: d.me, Job: h.Id}
	}
	d.out.send(h.Id, load(h.Job), func() {
		_, err := d.Client.Send(ctx, d.Signer, msg)
		asked.WithLabelValues(h.role, answer(err)).Inc()
		if err == nil {
			return
		}
		d.Log.Debug("not ours", "job", h.Id, "msg", sdk.MsgTypeURL(msg), "err", err)
		if errors.Is(err, job.ErrTurn) {
			d.out.refuse(h.queue())
		} else {
			d.out.refuse(h.self())
		}
	})
}

// answer is the word that a request's outcome is counted under.
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
