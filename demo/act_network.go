package demo

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/gateway"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/worker"
)

// stake is what each worker puts in, in uminga.
const stake = 50_000_000

func (p *play) startNetwork(ctx context.Context) error {
	p.act("A chain starts: four validators on loopback, with throw-away keys and test money")
	spent := since()
	var err error
	if p.net, err = node.Local(ctx, node.LocalConfig{Accounts: p.accounts(), Log: p.Log}); err != nil {
		return err
	}
	p.servers.Go(p.net.Wait)
	if p.client, err = client.Dial(ctx, p.net.URL()); err != nil {
		return err
	}
	p.report.Validators = len(p.net.Nodes)
	p.report.Seconds.Network = spent()
	p.say("%s at %s; everybody in this story begins with %s.", p.net.ChainID, p.net.URL(), coins(purse))
	return nil
}

func (p *play) startWorkers(ctx context.Context) error {
	p.act("Workers register: a stake each, and what they ask for a token")
	rows := [][]string{{"worker", "offers", "price of a token", "stake"}}
	for i, m := range p.machines {
		start := p.startTrainer
		if i == len(p.machines)-1 {
			start = p.startGateway
		}
		s, err := p.openStore(m.owner.name)
		if err != nil {
			return err
		}
		url, err := start(ctx, m, s)
		if err != nil {
			return err
		}
		offers, words := m.offers()
		if _, err := p.client.Send(ctx, m.owner.signer, &worker.MsgRegister{
			Worker: m.owner.address(), Offers: offers, Endpoint: url, Stake: math.NewInt(stake),
		}); err != nil {
			return fmt.Errorf("%s registers: %w", m.owner.name, err)
		}
		for j, o := range offers {
			rows = append(rows, []string{m.owner.String(), words[j], o.Price.String() + client.Denom, coins(stake)})
		}
	}
	p.report.Workers = len(p.machines)
	p.table(rows)
	return nil
}

// offers are what a machine offers on the chain, and in words.
func (m machine) offers() (offers []worker.Offer, words []string) {
	if m.train > 0 {
		offers = append(offers, worker.Offer{Kind: worker.Train, Price: math.NewInt(m.train)})
		words = append(words, "train")
	}
	if m.infer > 0 {
		offers = append(offers, worker.Offer{Kind: worker.Infer, Price: math.NewInt(m.infer)})
		words = append(words, "infer")
	}
	return offers, words
}

// startTrainer starts the daemon of a worker that trains and checks.
func (p *play) startTrainer(ctx context.Context, m machine, s *store.Store) (string, error) {
	c, err := client.Dial(ctx, p.net.URL())
	if err != nil {
		return "", err
	}
	url, err := p.serve(ctx, transfer.Handler(s))
	if err != nil {
		return "", err
	}
	config := daemon.Config{
		Client: c, Signer: m.owner.signer, Store: s, Dir: p.dir + "/" + m.owner.name + "-work",
		Kernel: p.Kernel, Threads: threads(), Log: p.Log.With("worker", m.owner.name),
		Progress: func(id uint64, role string, at train.Progress) { p.progress(id, m.owner.name, role, at) },
	}
	if m.lies {
		l, err := p.newLiar(m.owner.name)
		if err != nil {
			return "", err
		}
		config.Observe = l.observe
	}
	p.servers.Go(func() error {
		defer c.Close()
		if p.Liar && !m.lies {
			select {
			case <-p.first:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return daemon.Run(ctx, config)
	})
	return url, nil
}

// startGateway starts the worker that serves models.
func (p *play) startGateway(ctx context.Context, m machine, s *store.Store) (string, error) {
	c, err := client.Dial(ctx, p.net.URL())
	if err != nil {
		return "", err
	}
	p.gateway, err = gateway.New(gateway.Config{
		Client: c, Signer: m.owner.signer, Store: s, Dir: p.dir + "/" + m.owner.name + "-work",
		Kernel: p.Kernel, Threads: threads(), Log: p.Log.With("gateway", m.owner.name),
	})
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.Handle("/blob/", transfer.Handler(s))
	mux.Handle("/", p.gateway.Handler())
	if p.apiURL, err = p.serve(ctx, mux); err != nil {
		return "", err
	}
	p.servers.Go(func() error {
		defer c.Close()
		return p.gateway.Run(ctx)
	})
	return p.apiURL, nil
}

func (p *play) serve(ctx context.Context, h http.Handler) (string, error) {
	url, wait, err := transfer.Serve(ctx, "", h)
	if err != nil {
		return "", err
	}
	p.servers.Go(wait)
	return url, nil
}

// trainingJob is the number of the job that trains the model: the first on the chain.
const trainingJob = 1

// progress prints a line a tenth of the way of the training, and none for the many
// short ones that measure.
func (p *play) progress(id uint64, name, role string, at train.Progress) {
	if id != trainingJob || at.Step*10/at.Steps == (at.Step-1)*10/at.Steps {
		return
	}
	verb := map[string]string{daemon.RoleTrain: "trains", daemon.RoleCheck: "checks"}[role]
	p.say("%s %s  step %*d/%d  loss %.3f  %s tokens/s  %s left", name, verb, digits(at.Steps), at.Step, at.Steps,
		at.Loss, thousands(int(at.TokensPerSecond)), at.Left.Round(1e9))
	if half := at.Step*2/at.Steps != (at.Step-1)*2/at.Steps; half && role == daemon.RoleTrain && at.Contribution != nil {
		p.say("  who helps so far, at first sight: %s", p.helps(at.Contribution))
	}
}

func digits(n int) int { return len(fmt.Sprint(n)) }

// kernels names what the numbers will be computed with.
func (p *play) kernels() (string, error) {
	b, err := kernel.New(p.Kernel, threads())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s kernels (of %s here), %d threads", b.Name(), strings.Join(kernel.Names(), ", "), b.Threads()), nil
}
