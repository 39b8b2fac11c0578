// Package client is how a program outside the chain talks to it: it queries, signs
// and sends, and follows the blocks, through one node.
//
// Dial a node by its RPC address, or make a Client of any other Node with New, and
// ask with the modules' query clients: a Client is the connection that they want,
// as in job.NewQueryClient(c). Make a Signer from a key and Send messages: gas is
// simulated, the transaction signed and broadcast, and Send returns when a block
// has it. Blocks tells of each new block; all of this rests on one subscription to
// the node (feed.go), which is renewed when the connection breaks, so nothing is
// polled and no block's transactions are missed.
//
// What can go wrong: a refusal keeps its identity, so errors.Is(err, job.ErrX)
// works after Send. A query's refusal arrives as a gRPC status: status.Code(err)
// is codes.NotFound and so on. ErrDropped means that a transaction will never be
// in a block and may be sent anew. When ctx ends first, Send does not know.
package client

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"cosmossdk.io/math"

	sdkclient "github.com/cosmos/cosmos-sdk/client"

	"github.com/minga-network/minga/x/worker"
)

const (
	// Prefix begins every address.
	Prefix = "minga"
	// Denom is the coin that fees are paid in.
	Denom = "uminga"
)

// ErrUnreachable means that no node answers at the address.
var ErrUnreachable = errors.New("no node answers")

// Client talks to one node. It is safe for concurrent use.
type Client struct {
	// ChainID is the chain that the node belongs to.
	ChainID string

	node  Node
	coder sdkclient.Context // reads and writes messages; it has no connection
	feed  *feed

	mu        sync.Mutex
	gasPrice  math.LegacyDec
	maxFee    math.Int
	workers   []worker.Worker // as Workers read them last
	workersAt int64
}

// Dial connects to a node by its RPC address, as in http://127.0.0.1:26657. Close the
// client in the end.
func Dial(ctx context.Context, url string) (*Client, error) {
	node, err := newRemote(url)
	if err != nil {
		return nil, err
	}
	c, err := New(ctx, node)
	if err != nil {
		return nil, fmt.Errorf("%w at %s: is it running there? %w", ErrUnreachable, url, err)
	}
	return c, nil
}

// New makes a client of a node, and follows its blocks until Close.
func New(ctx context.Context, node Node) (*Client, error) {
	status, err := node.Status(ctx)
	if err != nil {
		return nil, err
	}
	coder, err := encoding()
	if err != nil {
		return nil, err
	}
	return &Client{
		ChainID: status.NodeInfo.Network, node: node, coder: coder, gasPrice: math.LegacyZeroDec(),
		maxFee: math.NewInt(MaxFee), feed: follow(node, status.SyncInfo.LatestBlockHeight),
	}, nil
}

// Close ends the connection: Sends under way fail and channels of Blocks close.
func (c *Client) Close() { c.feed.stop() }

// SetGasPrice sets what Send pays for a unit of gas, in uminga, where that is more than the
// chain's least price, which Send pays at first. A node may want more: it then refuses with
// ErrInsufficientFee.
func (c *Client) SetGasPrice(price math.LegacyDec) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gasPrice = price
}

// SetMaxFee sets the most that one transaction may cost, in uminga; MaxFee at first.
func (c *Client) SetMaxFee(most math.Int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.maxFee = most
}
