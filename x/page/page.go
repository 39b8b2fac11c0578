// Package page bounds the lists that queries return: a stranger asks, and the node does the
// work for nothing. All modules use it.
//
// A page has a limit, and the next page begins at the key that the last one gave. Counting
// all entries, or skipping some, would be a walk without a bound, so both are refused.
package page

import (
	"cosmossdk.io/errors"
	"google.golang.org/grpc/codes"

	"github.com/cosmos/cosmos-sdk/types/query"
)

// usual is the number of entries on a page for which no limit is given.
const usual = 100

// ErrPage is the refusal of a page.
var ErrPage = errors.RegisterWithGRPCCode("page", 2, codes.InvalidArgument, "no such page")

// Bounded returns the page to read for a request, of at most so many entries. A request may be nil.
func Bounded(p *query.PageRequest, most uint64) (*query.PageRequest, error) {
	if p == nil {
		p = &query.PageRequest{}
	}
	switch {
	case p.Limit > most:
		return nil, ErrPage.Wrapf("limit %d: ask for at most %d on a page", p.Limit, most)
	case p.CountTotal:
		return nil, ErrPage.Wrap("the total is not counted: leave count_total out")
	case p.Offset != 0:
		return nil, ErrPage.Wrapf("offset %d: nothing is skipped; go on by the next_key of the page before", p.Offset)
	}
	bounded := *p
	if bounded.Limit == 0 {
		bounded.Limit = min(usual, most)
	}
	return &bounded, nil
}
