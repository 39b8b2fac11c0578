package worker

import (
	"context"

	"github.com/minga-network/minga/x/job"
)

// RunLying runs a daemon that claims and reports what lie makes of the truth.
func RunLying(ctx context.Context, c Config, kind string, lie func(*job.Claim)) error {
	d := newDaemon(c)
	d.engines[kind] = liar{d.engines[kind], lie}
	return d.follow(ctx)
}

type liar struct {
	engine
	lie func(*job.Claim)
}

func (l liar) run(ctx context.Context, j job.Job, role string) (job.Claim, error) {
	c, err := l.engine.run(ctx, j, role)
	if err == nil {
		l.lie(&c)
	}
	return c, err
}
