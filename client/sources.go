package client

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"slices"

	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/x/worker"
)

const (
	// othersAsked is how many workers are drawn that a blob may be asked of.
	othersAsked = 32
	// workersPage and mostPages bound how much of the list of workers is read.
	workersPage, mostPages = 500, 20
	// workersKept is for how many blocks the list is used before it is read again.
	workersKept = 5
)

// Sources lists base URLs where a blob may be found, the likeliest first: the one given, the endpoints of the accounts
// given, and then those of other workers. These are drawn anew each time, by stake, so that nobody hides the others
// by having many accounts. Empty ones and repetitions are left out.
func (c *Client) Sources(ctx context.Context, url string, accounts ...string) ([]string, error) {
	urls := []string{url}
	for _, account := range distinct(accounts) {
		r, err := worker.NewQueryClient(c).Worker(ctx, &worker.QueryWorkerRequest{Address: account})
		if status.Code(err) == codes.NotFound {
			continue // a creator need not be a worker
		}
		if err != nil {
			return nil, fmt.Errorf("ask for the address of %s: %w", account, err)
		}
		urls = append(urls, r.Worker.Endpoint)
	}
	all, err := c.Workers(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range drawn(all, othersAsked) {
		urls = append(urls, w.Endpoint)
	}
	return distinct(urls), nil
}

// distinct leaves out empty words and repetitions.
func distinct(words []string) []string {
	seen := map[string]bool{"": true}
	return slices.DeleteFunc(words, func(w string) bool {
		again := seen[w]
		seen[w] = true
		return again
	})
}

// drawn draws some workers, each with a probability that grows with its stake: what one has gains nothing by being
// spread over many accounts.
func drawn(all []worker.Worker, most int) []worker.Worker {
	type ticket struct {
		worker.Worker
		wait float64 // an exponential race: the rate is the stake
	}
	var tickets []ticket
	for _, w := range all {
		stake, err := w.Stake.ToLegacyDec().Float64()
		if err == nil && stake > 0 && w.Endpoint != "" {
			tickets = append(tickets, ticket{w, mathrand.ExpFloat64() / stake})
		}
	}
	slices.SortFunc(tickets, func(a, b ticket) int { return cmp.Compare(a.wait, b.wait) })
	var winners []worker.Worker
	for _, t := range tickets[:min(most, len(tickets))] {
		winners = append(winners, t.Worker)
	}
	return winners
}

// Workers lists the registered workers, as they were some blocks ago at most. It reads up to 10,000, from a random
// place of the list on, so that no account is always among those that are left out.
func (c *Client) Workers(ctx context.Context) ([]worker.Worker, error) {
	c.mu.Lock()
	kept, at := c.workers, c.workersAt
	c.mu.Unlock()
	head := c.feed.now()
	if at != 0 && head < at+workersKept {
		return kept, nil
	}
	all, err := c.listWorkers(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the workers: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers, c.workersAt = all, head
	return all, nil
}

// listWorkers reads the list from a random account to its end, and then from its beginning.
func (c *Client) listWorkers(ctx context.Context) (all []worker.Worker, err error) {
	begin := make([]byte, 20) // as an account's
	_, _ = rand.Read(begin)   // never fails
	seen := map[string]bool{}
	page, wrapped := &query.PageRequest{Key: begin, Limit: workersPage}, false
	for range mostPages {
		r, err := worker.NewQueryClient(c).Workers(ctx, &worker.QueryWorkersRequest{Pagination: page})
		if err != nil {
			return nil, err
		}
		for _, w := range r.Workers {
			if seen[w.Address] {
				return all, nil // once around
			}
			seen[w.Address] = true
			all = append(all, w)
		}
		page = &query.PageRequest{Key: r.Pagination.GetNextKey(), Limit: workersPage}
		if len(page.Key) > 0 {
			continue
		}
		if wrapped {
			return all, nil
		}
		wrapped = true
	}
	return all, nil
}
