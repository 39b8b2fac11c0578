package client_test

import (
	"context"
	"fmt"

	"cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/worker"
)

// A machine registers as a worker, and asks the chain what it knows of it.
func Example() {
	ctx := context.Background()
	c, err := client.Dial(ctx, "http://localhost:26657")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	me := client.NewSigner(secp256k1.GenPrivKey())
	register := &worker.MsgRegister{Worker: me.String(), Stake: math.NewInt(100_000_000)}
	if _, err := c.Send(ctx, me, register); err != nil {
		fmt.Println(err)
		return
	}
	found, err := worker.NewQueryClient(c).Worker(ctx, &worker.QueryWorkerRequest{Address: me.String()})
	fmt.Println(found, err)
}
