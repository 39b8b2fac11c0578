package sim_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/train"
)

// With these variables in its environment, a process of this test binary is a worker.
const (
	envName   = "MINGA_SIM_WORKER" // the worker's name
	envNode   = "MINGA_SIM_NODE"   // RPC address of the chain
	envHome   = "MINGA_SIM_HOME"   // folder of blobs and checkpoints
	envListen = "MINGA_SIM_LISTEN" // where blobs are served
	envLie    = "MINGA_SIM_LIE"    // the step that it lies about; empty: none
)

func TestMain(m *testing.M) {
	if name := os.Getenv(envName); name != "" {
		fmt.Println("ended:", work(context.Background(), name))
		os.Exit(1) // a worker runs until it is killed
	}
	flag.Parse()
	if testing.Short() {
		fmt.Println("these tests start whole networks, so -short leaves them out")
		return
	}
	os.Exit(m.Run())
}

// work is a worker process. It writes where its blobs are, then each step that it has done. After each
// step it waits for a byte of its input, or for the input's end.
func work(ctx context.Context, name string) error {
	blobs, err := store.Open(os.Getenv(envHome)+"/blobs", 1<<30)
	if err != nil {
		return err
	}
	url, _, err := transfer.Serve(ctx, os.Getenv(envListen), transfer.Handler(blobs))
	if err != nil {
		return err
	}
	c, err := client.Dial(ctx, os.Getenv(envNode))
	if err != nil {
		return err
	}
	fmt.Println("serves", url)
	var lie func(int, *nn.Machine, int)
	if step, err := strconv.Atoi(os.Getenv(envLie)); err == nil {
		lie = sim.Lie(step)
	}
	return daemon.Run(ctx, daemon.Config{
		Client: c, Signer: sim.Signer(name), Store: blobs, Dir: os.Getenv(envHome) + "/work", Threads: 1, Observe: lie,
		Transport: transfer.AnyAddress(),
		Progress: func(_ uint64, role daemon.Role, p train.Progress) {
			fmt.Println(role, p.Step)
			_, _ = os.Stdin.Read(make([]byte, 1)) // the end of the input lets it go on too
		},
	})
}
