package node

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	cmtlog "github.com/cometbft/cometbft/libs/log"

	"cosmossdk.io/log/v2"
)

// faults keeps what was complained of last, for the one who asks why the chain stopped.
type faults struct {
	fatal  chan struct{} // closed at a consensus failure
	ending atomic.Bool   // the node is being stopped: complaints are only about that

	mu     sync.Mutex
	last   string
	failed bool
}

func newFaults() *faults { return &faults{fatal: make(chan struct{})} }

// note keeps an error line. The line of a consensus failure stays: what follows it
// are only consequences.
func (f *faults) note(msg string, kv []any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed {
		return
	}
	f.last = msg
	for i := 0; i+1 < len(kv); i += 2 {
		f.last += fmt.Sprintf(" %v=%v", kv[i], kv[i+1])
	}
	if strings.HasPrefix(msg, "CONSENSUS FAILURE") {
		f.failed = true
		close(f.fatal)
	}
}

// String is the last error line.
func (f *faults) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// lines writes to slog and keeps errors.
type lines struct {
	out    *slog.Logger
	faults *faults
}

func (l lines) Debug(msg string, kv ...any) { l.out.Debug(msg, kv...) }
func (l lines) Info(msg string, kv ...any)  { l.out.Info(msg, kv...) }
func (l lines) Warn(msg string, kv ...any)  { l.out.Warn(msg, kv...) }

func (l lines) Error(msg string, kv ...any) {
	if l.faults.ending.Load() {
		l.out.Info(msg, kv...)
		return
	}
	kv = withoutStack(kv)
	l.faults.note(msg, kv)
	l.out.Error(msg, kv...)
}

// withoutStack drops the stack that comes with a consensus failure: pages that hide the reason.
func withoutStack(kv []any) []any {
	var short []any
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i] != "stack" {
			short = append(short, kv[i], kv[i+1])
		}
	}
	return short
}

// cometLog is CometBFT's logger.
type cometLog struct{ lines }

func (l cometLog) With(kv ...any) cmtlog.Logger {
	next := cometLog{lines{l.out.With(kv...), l.faults}}
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i] == "module" && slices.Contains([]any{"p2p", "rpc-server", "blocksync"}, kv[i+1]) {
			return othersLog{next}
		}
	}
	return next
}

// othersLog is the logger of CometBFT's connections to peers and clients. It calls
// one that went away, or has no block to send, an error; for an operator it is news.
type othersLog struct{ cometLog }

func (l othersLog) Error(msg string, kv ...any) { l.out.Info(msg, kv...) }

func (l othersLog) With(kv ...any) cmtlog.Logger {
	return othersLog{cometLog{lines{l.out.With(kv...), l.faults}}}
}

// appLog is the application's logger.
type appLog struct{ lines }

func (l appLog) InfoContext(_ context.Context, msg string, kv ...any)  { l.Info(msg, kv...) }
func (l appLog) WarnContext(_ context.Context, msg string, kv ...any)  { l.Warn(msg, kv...) }
func (l appLog) ErrorContext(_ context.Context, msg string, kv ...any) { l.Error(msg, kv...) }
func (l appLog) DebugContext(_ context.Context, msg string, kv ...any) { l.Debug(msg, kv...) }
func (l appLog) Impl() any                                             { return l.out }

func (l appLog) With(kv ...any) log.Logger { return appLog{lines{l.out.With(kv...), l.faults}} }
