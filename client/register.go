package client

import (
	"context"
	"crypto/rand"

	"github.com/minga-network/minga/x/asset"
)

// Register publishes a dataset in two transactions: a commitment, and in a later block
// the registration. It fills in the message's creator and salt and returns what the second
// did. When it fails in between, call it again: the first commitment expires unused.
func (c *Client) Register(ctx context.Context, s *Signer, msg *asset.MsgRegister) (Result, error) {
	msg.Creator, msg.Salt = s.String(), make([]byte, asset.SaltSize)
	if _, err := rand.Read(msg.Salt); err != nil {
		return Result{}, err
	}
	commitment := asset.Commitment(s.Address, msg.Root, msg.Salt)
	r, err := c.Send(ctx, s, &asset.MsgCommit{Creator: msg.Creator, Commitment: commitment})
	if err != nil {
		return Result{}, err
	}
	// What Send simulates runs in the last block's state: that must be a later one.
	if err := c.after(ctx, r.Height); err != nil {
		return Result{}, err
	}
	return c.Send(ctx, s, msg)
}
