package node

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConsensusFailureIsFatalAndItsReasonStays(t *testing.T) {
	var out strings.Builder
	f := newFaults()
	log := cometLog{lines{slog.New(slog.NewTextHandler(&out, nil)), f}}
	log.With("module", "p2p").With("peer", "x").Error("peer went away", "err", "EOF")
	require.Empty(t, f.String(), "peers come and go")
	log.With("module", "consensus").Error("bad vote", "err", "late")
	require.Equal(t, "bad vote err=late", f.String())
	select {
	case <-f.fatal:
		t.Fatal("an error is not yet a failure")
	default:
	}
	log.Error("CONSENSUS FAILURE!!!", "err", "the application panicked", "stack", "goroutine 1 ...")
	log.Error("CONSENSUS FAILURE!!!", "err", "again")
	log.Error("cannot close the log", "err", "closed")
	<-f.fatal
	require.Equal(t, "CONSENSUS FAILURE!!! err=the application panicked", f.String())
	require.NotContains(t, out.String(), "goroutine")
}
