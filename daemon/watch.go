package daemon

import (
	"context"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/kind"
)

// follow does after each block, and after other news, what the chain waits for.
func (d *daemon) follow(ctx context.Context) error {
	blocks := d.Client.Blocks(ctx)
	for {
		select {
		case height, more := <-blocks:
			if !more {
				return context.Cause(ctx)
			}
			d.height = height
			d.outbox.block()
			d.slots.block()
		case <-d.news:
		}
		err := kind.Contain(func() error { return d.look(ctx) })
		if err != nil && ctx.Err() == nil {
			d.Log.Warn("tried again with the next block", "err", err)
		}
	}
}

// look reads the board and begins what is to be done. A worker that is not registered yet, or not any more, has nothing
// to do.
func (d *daemon) look(ctx context.Context) error {
	b, err := d.board(ctx)
	if status.Code(err) == codes.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	d.works.Forget(b.over)
	d.sweep(ctx, b)
	queue := d.queue(b)
	d.slots.lose(queue)
	d.start(ctx, b, queue)
	d.judging.start(d, func() { d.judge(ctx, b) })
	d.asking.start(d, func() { d.ask(ctx, b, queue) })
	return d.left.Write(d.opinions.left())
}

// news tells that something has happened which is in no block: a work has ended, a message has come to something.
type news chan struct{}

func newNews() news { return make(news, 1) }

func (n news) tell() {
	select {
	case n <- struct{}{}:
	default: // somebody has not looked yet
	}
}

// task is something that is done beside the watch, once at a time.
type task struct {
	mu      sync.Mutex
	running bool
	again   bool // somebody wanted to start it meanwhile
}

// start does the task, unless it is being done: then there is news when it has ended.
func (t *task) start(d *daemon, do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running {
		t.again = true
		return
	}
	t.running = true
	d.beside.Go(func() {
		do()
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.again {
			d.news.tell()
		}
		t.running, t.again = false, false
	})
}
