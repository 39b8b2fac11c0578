// Package client is how a program outside the chain talks to it: it queries, signs
// and sends, and follows the blocks, over the RPC address of one node.
//
// Dial a node and ask with the modules' query clients: a Client is the connection
// that they want, as in job.NewQueryClient(c). Make a Signer from a key and Send
// messages: gas is simulated, the transaction signed and broadcast, and Send
// returns when a block has it. Blocks tells of each new block; all of this rests
// on one subscription to the node (feed.go), which is renewed when the connection
// breaks, so nothing is polled and no block's transactions are missed.
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

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"google.golang.org/grpc"

	"cosmossdk.io/math"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
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

	url  string
	rpc  *rpchttp.HTTP
	conn sdkclient.Context
	feed *feed

	mu       sync.Mutex
	gasPrice math.LegacyDec
}

// Dial connects to a node by its RPC address, as in http://127.0.0.1:26657.
// Close ends the connection.
func Dial(ctx context.Context, url string) (*Client, error) {
	rpc, err := rpchttp.New(url, "/websocket")
	if err != nil {
		return nil, fmt.Errorf("the node's address %q: %w", url, err)
	}
	status, err := rpc.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w at %s: is it running there? %w", ErrUnreachable, url, err)
	}
	conn, err := encoding()
	if err != nil {
		return nil, err
	}
	c := &Client{
		ChainID: status.NodeInfo.Network, url: url, rpc: rpc, gasPrice: math.LegacyZeroDec(),
		conn: conn.WithClient(rpc).WithChainID(status.NodeInfo.Network),
	}
	c.feed = follow(url, rpc, status.SyncInfo.LatestBlockHeight)
	return c, nil
}

// Close ends the connection: Sends under way fail and channels of Blocks close.
func (c *Client) Close() { c.feed.stop() }

// URL is the node's address.
func (c *Client) URL() string { return c.url }

// SetGasPrice sets what Send pays for a unit of gas, in uminga; 0 at first. A node
// may want more: it then refuses with ErrInsufficientFee.
func (c *Client) SetGasPrice(price math.LegacyDec) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gasPrice = price
}

// Invoke asks one query. It makes a Client the connection of a query client.
func (c *Client) Invoke(ctx context.Context, method string, request, reply any, options ...grpc.CallOption) error {
	return c.conn.Invoke(ctx, method, request, reply, options...)
}

// NewStream refuses: the chain has no streaming queries.
func (c *Client) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, options ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.conn.NewStream(ctx, desc, method, options...)
}
