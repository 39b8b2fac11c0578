package client

import (
	"context"
	"errors"

	abci "github.com/cometbft/cometbft/abci/types"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

// Invoke asks one query. It makes a Client the connection of a query client. The query is
// about the last block unless the context's gRPC metadata name a height, as the SDK has it.
func (c *Client) Invoke(ctx context.Context, method string, request, reply any, _ ...grpc.CallOption) error {
	data, err := proto.Marshal(request.(proto.Message))
	if err != nil {
		return err
	}
	height, err := sdkclient.GetHeightFromMetadataStrict(ctx)
	if err != nil {
		return err
	}
	r, err := c.node.ABCIQueryWithOptions(ctx, method, data, rpcclient.ABCIQueryOptions{Height: height})
	if err != nil {
		return err
	}
	if !r.Response.IsOK() {
		return refusal(r.Response)
	}
	if err := proto.Unmarshal(r.Response.Value, reply.(proto.Message)); err != nil {
		return err
	}
	return codectypes.UnpackInterfaces(reply, c.coder.InterfaceRegistry)
}

// NewStream refuses: the chain has no streaming queries.
func (c *Client) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("the chain has no streaming queries")
}

// refusal is a query's refusal as a gRPC status, whose code the application has turned
// into one of the SDK's errors on the way.
func refusal(r abci.ResponseQuery) error {
	code := codes.Unknown
	switch r.Code {
	case sdkerrors.ErrInvalidRequest.ABCICode():
		code = codes.InvalidArgument
	case sdkerrors.ErrUnauthorized.ABCICode():
		code = codes.Unauthenticated
	case sdkerrors.ErrKeyNotFound.ABCICode():
		code = codes.NotFound
	}
	return status.Error(code, r.Log)
}
