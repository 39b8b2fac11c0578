package client

import (
	"context"
	"fmt"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/minga-network/minga/x/worker"
)

// sourcesAsked bounds how many workers are looked at for addresses.
const sourcesAsked = 100

// Sources lists base URLs where blobs may be found: those given, then the
// endpoints of the registered workers. Empty ones and repetitions are left out.
func (c *Client) Sources(ctx context.Context, first ...string) ([]string, error) {
	page := &query.PageRequest{Limit: sourcesAsked}
	r, err := worker.NewQueryClient(c).Workers(ctx, &worker.QueryWorkersRequest{Pagination: page})
	if err != nil {
		return nil, fmt.Errorf("ask for the workers' addresses: %w", err)
	}
	for _, w := range r.Workers {
		first = append(first, w.Endpoint)
	}
	var sources []string
	seen := map[string]bool{"": true}
	for _, url := range first {
		if !seen[url] {
			seen[url] = true
			sources = append(sources, url)
		}
	}
	return sources, nil
}
