package train

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is one that a step takes so long by.
type clock struct {
	at   time.Time
	read int
	each time.Duration
}

func (c *clock) now() time.Time {
	if c.read++; c.read%2 == 0 {
		c.at = c.at.Add(c.each)
	}
	return c.at
}

// A run takes as long as all its steps do, of each of which a trial does a few.
func TestTrialCountsAllSteps(t *testing.T) {
	s, data := small(t)
	p := written(t, s, data)
	c := &clock{each: time.Second}
	took, err := Trial(t.Context(), p, backend(t, "", 1), c.now)
	require.NoError(t, err)
	require.Equal(t, time.Duration(p.Steps())*time.Second, took)
	require.LessOrEqual(t, c.read, 2*trialSteps*len(p.Phases))

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Trial(ended, p, backend(t, "", 1), c.now)
	require.True(t, errors.Is(err, context.Canceled))
}
