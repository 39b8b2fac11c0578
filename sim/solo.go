package sim

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/chain/solo"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/train"
)

const (
	// pace is the time between two blocks, when no transaction waits.
	pace = time.Second
	// stepTime is how long a step of training takes in a bubble, where computing takes no time.
	stepTime = 50 * time.Millisecond
	// eternity is when a test in a bubble has waited in vain.
	eternity = 2 * time.Hour
)

// NewVillage makes a village on a solo chain, where the named people have coins. Call it in a
// bubble of testing/synctest: there a block passes when nobody has anything to do before it.
func NewVillage(t *testing.T, names ...string) *Village {
	t.Helper()
	s, err := solo.New(solo.Config{Accounts: accounts(names)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, s.Step(1))
	w := &web{hosts: map[string]http.Handler{}}
	v := newVillage(t, memory{s, w}, eternity)
	v.Over = w
	// A step of work takes time on the bubble's clock, on which nobody really sleeps.
	v.step = func(uint64, daemon.Role, train.Progress) { time.Sleep(stepTime) }
	v.Start(func(ctx context.Context) error {
		err := s.Run(ctx, pace)
		require.NoError(t, err)
		return err
	})
	return v
}

// memory reaches the chain and people by calls in this process.
type memory struct {
	chain *solo.Chain
	web   *web
}

func (i memory) dial(ctx context.Context) (*client.Client, error) { return client.New(ctx, i.chain) }

func (i memory) blocks() (blocks, error) { return i.chain, nil }

func (i memory) serve(_ context.Context, name string, h http.Handler) (string, func() error, error) {
	return i.web.serve(name+".test", h), func() error { return nil }, nil
}
