package client

import (
	"context"
	"fmt"
	"time"
)

// Pace is the average time from one block to the next, over the last hundred or as many as the node still has.
func (c *Client) Pace(ctx context.Context) (time.Duration, error) {
	head := c.feed.now()
	last, err := c.node.Block(ctx, &head)
	if err != nil {
		return 0, fmt.Errorf("block %d: %w", head, err)
	}
	for _, blocks := range []int64{100, 10, 1} {
		from := max(1, head-blocks)
		first, err := c.node.Block(ctx, &from)
		if err == nil && from < head {
			return last.Block.Time.Sub(first.Block.Time) / time.Duration(head-from), nil
		}
	}
	return 0, fmt.Errorf("the node has no block before %d: the time between blocks is not known yet", head)
}
