package stage

import (
	"context"
	"fmt"
	"net/http"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/gateway"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// Stake is what each worker puts in, in uminga.
const Stake = 50_000_000

// Machine is a worker and what its owner asks for a token, in uminga; 0: not offered.
type Machine struct {
	Owner        Person
	Train, Infer int64
	Progress     func(job uint64, role daemon.Role, p train.Progress)
	Observe      func(step int, m *nn.Machine, node int) // see daemon.Config; nil for who is honest
	Wait         <-chan struct{}                         // it begins to work when this is closed; nil: at once
}

// StartWorker starts a worker that trains and checks, and registers it.
func (s *Stage) StartWorker(ctx context.Context, m Machine) error {
	c, err := client.Dial(ctx, s.Net.URL())
	if err != nil {
		return err
	}
	has, err := s.openStore(m.Owner.Name)
	if err != nil {
		return err
	}
	url, err := s.serve(ctx, transfer.Handler(has))
	if err != nil {
		return err
	}
	config := daemon.Config{
		Client: c, Signer: m.Owner.Signer, Store: has, Dir: s.workDir(m), Kernel: s.Kernel, Threads: Threads(),
		Transport: s.Over, Log: s.Log.With("worker", m.Owner.Name), Progress: m.Progress, Observe: m.Observe,
	}
	s.servers.Go(func() error {
		defer c.Close()
		if m.Wait != nil {
			select {
			case <-m.Wait:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return daemon.Run(ctx, config)
	})
	return s.register(ctx, m, url)
}

// StartGateway starts a worker that serves models over HTTP, and registers it. It
// returns the gateway and its address.
func (s *Stage) StartGateway(ctx context.Context, m Machine) (*gateway.Gateway, string, error) {
	c, err := client.Dial(ctx, s.Net.URL())
	if err != nil {
		return nil, "", err
	}
	has, err := s.openStore(m.Owner.Name)
	if err != nil {
		return nil, "", err
	}
	g, err := gateway.New(gateway.Config{
		Client: c, Signer: m.Owner.Signer, Store: has, Dir: s.workDir(m), Kernel: s.Kernel, Threads: Threads(),
		Transport: s.Over, Log: s.Log.With("gateway", m.Owner.Name),
	})
	if err != nil {
		return nil, "", err
	}
	mux := http.NewServeMux()
	mux.Handle("/blob/", transfer.Handler(has))
	mux.Handle("/", g.Handler())
	url, err := s.serve(ctx, mux)
	if err != nil {
		return nil, "", err
	}
	s.servers.Go(func() error {
		defer c.Close()
		return g.Run(ctx)
	})
	return g, url, s.register(ctx, m, url)
}

func (s *Stage) workDir(m Machine) string { return s.dir + "/" + m.Owner.Name + "-work" }

func (s *Stage) register(ctx context.Context, m Machine, url string) error {
	_, err := s.Client.Send(ctx, m.Owner.Signer, &worker.MsgRegister{
		Worker: m.Owner.Address(), Offers: m.Offers(), Endpoint: url, Stake: math.NewInt(Stake),
	})
	if err != nil {
		return fmt.Errorf("%s registers: %w", m.Owner.Name, err)
	}
	return nil
}

// Offers are what a machine offers on the chain.
func (m Machine) Offers() (offers []worker.Offer) {
	if m.Train > 0 {
		offers = append(offers, worker.Offer{Kind: job.KindTrain, Price: math.NewInt(m.Train)})
	}
	if m.Infer > 0 {
		offers = append(offers, worker.Offer{Kind: job.KindInfer, Price: math.NewInt(m.Infer)})
	}
	return offers
}
