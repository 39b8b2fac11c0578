package kind

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// library is a chain that knows datasets.
type library struct {
	nowhere
	assets []asset.Asset
	asked  int
}

// Invoke answers queries for assets.
func (l *library) Invoke(_ context.Context, method string, request, reply any, _ ...grpc.CallOption) error {
	ask, ok := request.(*asset.QueryAssetRequest)
	if !ok {
		return fmt.Errorf("no answer to %s", method)
	}
	l.asked++
	reply.(*asset.QueryAssetResponse).Asset = l.assets[ask.Id-1]
	return nil
}

// commons is a host with the texts and the job file of the example, and the job.
func commons(t testing.TB) (Host, *library, job.Job) {
	t.Helper()
	h, chain := alone(t), &library{}
	h.Chain = chain
	keep := func(name string) (blob.Hash, []byte) {
		content, err := os.ReadFile("../examples/commons/" + name)
		require.NoError(t, err)
		root, err := h.keep(content)
		require.NoError(t, err)
		return root, content
	}
	for i, name := range []string{"king-james-bible.txt", "moby-dick.txt", "state-of-the-union.txt", "noise.txt"} {
		root, content := keep(name)
		a := asset.Asset{Id: uint64(i + 1), Root: root[:], Bytes: uint64(len(content)), Since: int64(i + 1)}
		chain.assets = append(chain.assets, a)
	}
	keep("validation.txt")
	_, file := keep("train.toml")
	terms, err := On(h).Terms(t.Context(), file)
	require.NoError(t, err)
	return h, chain, job.Job{Id: 1, Terms: terms}
}

// TestPrepareOnce counts what a worker asks the chain for to take the example's job, do it, compare a claim with it and
// play a dispute about it, and shows what a job costs that is prepared once instead of for each of these.
func TestPrepareOnce(t *testing.T) {
	h, chain, j := commons(t)
	works := NewWorks(On(h), 0)
	chain.asked = 0
	began := time.Now()
	first, err := works.Prepare(t.Context(), j)
	require.NoError(t, err)
	once := time.Since(began)
	for range 3 { // to do it, to compare, to play
		again, err := works.Prepare(t.Context(), j)
		require.NoError(t, err)
		require.Same(t, first, again)
	}
	require.Equal(t, len(chain.assets), chain.asked)
	t.Logf("prepared in %v, four times in %v; a plan for each would have taken %v", once, time.Since(began), 4*once)
}

// TestOtherTermsAreRefused: nobody works on other terms than its job file and its data give.
func TestOtherTermsAreRefused(t *testing.T) {
	h, _, j := commons(t)
	_, err := On(h).Prepare(t.Context(), j)
	require.NoError(t, err)
	for name, change := range map[string]func(*job.Terms){
		"more units": func(t *job.Terms) { t.Units++ },
		"less pay":   func(t *job.Terms) { t.MaxPrice = t.MaxPrice.SubRaw(1) },
		"a task":     func(t *job.Terms) { t.Task = []byte(strings.Repeat("x", len(t.Task))) },
	} {
		other := j
		change(&other.Terms)
		_, err := On(h).Prepare(t.Context(), other)
		require.ErrorIs(t, err, ErrTerms, name)
	}
}
