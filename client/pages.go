package client

import "github.com/cosmos/cosmos-sdk/types/query"

// Pages asks for a list page by page until the last one.
func Pages(ask func(*query.PageRequest) (*query.PageResponse, error)) error {
	for page := new(query.PageRequest); page != nil; {
		answer, err := ask(page)
		if err != nil {
			return err
		}
		page = nil
		if answer != nil && len(answer.NextKey) > 0 {
			page = &query.PageRequest{Key: answer.NextKey}
		}
	}
	return nil
}
