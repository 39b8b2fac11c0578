package kind

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/minga-network/minga/train"
)

// trials keeps how long runs take. Many runs that measure have one shape, and one of them is tried.
type trials struct {
	mu   sync.Mutex
	kept []trial // the newest last
}

// trial is how long runs of a shape take.
type trial struct {
	shape string
	takes time.Duration
}

// mostTrials bounds how many shapes are kept.
const mostTrials = 64

// of is how long a run of a plan takes. Only one is tried at a time, so that trials do not slow each other down.
func (all *trials) of(p *train.Plan, try func() (time.Duration, error)) (time.Duration, error) {
	shape := shapeOfRun(p)
	all.mu.Lock()
	defer all.mu.Unlock()
	if i := slices.IndexFunc(all.kept, func(t trial) bool { return t.shape == shape }); i >= 0 {
		return all.kept[i].takes, nil
	}
	takes, err := try()
	if err != nil {
		return 0, err
	}
	if len(all.kept) == mostTrials {
		all.kept = slices.Delete(all.kept, 0, 1)
	}
	all.kept = append(all.kept, trial{shape, takes})
	return takes, nil
}

// shapeOfRun names what a run's time follows from: its Programs and their numbers of steps.
func shapeOfRun(p *train.Plan) string {
	var shape strings.Builder
	for _, phase := range p.Phases {
		fmt.Fprintf(&shape, "%x %d ", phase.Program.Root(), phase.Steps)
	}
	return shape.String()
}
