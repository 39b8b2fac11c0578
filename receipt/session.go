package receipt

import (
	"context"
	"fmt"
	"strconv"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// Session finds the session that somebody means: by the number of its job, or by the
// hash of a transaction of its life, as that of its claim.
func Session(ctx context.Context, c *client.Client, name string) (uint64, error) {
	if id, err := strconv.ParseUint(name, 10, 64); err == nil {
		return id, nil
	}
	tx, err := c.Find(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("%w: name a session by its job's number, or by the transaction of its claim", err)
	}
	if id := jobOf(tx.Events); id != 0 {
		return id, nil
	}
	if w, ok := client.Event[*asset.EventWithdrawn](tx.Events); ok {
		return 0, fmt.Errorf("transaction %s takes out what many fees brought to %s: name one of the sessions with it "+
			"(`minga query job list`)",
			tx.Hash, asset.Denom(w.Asset))
	}
	return 0, fmt.Errorf("transaction %s is of no session: name the one of a claim", tx.Hash)
}

// jobOf is the job that a transaction's events are about, or 0.
func jobOf(events []abci.Event) uint64 {
	if e, ok := client.Event[*job.EventClaimed](events); ok {
		return e.Job
	}
	if e, ok := client.Event[*job.EventTaken](events); ok {
		return e.Job
	}
	if e, ok := client.Event[*job.EventPosted](events); ok {
		return e.Job
	}
	return 0
}
