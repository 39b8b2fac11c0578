package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/demo/stage"
	"github.com/minga-network/minga/gateway"
	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// The terms of a session that pays for an API key.
const (
	sessionTokens = 20_000
	sessionPrice  = 25 // uminga a token, at most
	servingPart   = 3_000
)

// sessionTerms are those of an infer job for a model.
func sessionTerms(model uint64, key []byte) job.Terms {
	pay := math.NewInt(100_000)
	return job.Terms{
		Kind: job.KindInfer, Proof: job.ProofReferee, Units: sessionTokens, MaxPrice: math.NewInt(sessionPrice),
		Budget: math.NewInt(sessionTokens * sessionPrice).Add(pay), Stake: math.NewInt(1_000_000),
		Checkers: 1, CheckPay: pay, Deadline: 200, Work: 10_000, Window: 5,
		Infer: &job.InferTerms{Model: model, Key: key, Serving: servingPart},
	}
}

// served is what the acts of serving leave for those after them.
type served struct {
	gateway *gateway.Gateway
	apiURL  string
	session job.Job
	key     string // the customer's API key
}

// startServer starts the worker that serves models.
func (p *play) startServer(ctx context.Context) (err error) {
	p.gateway, p.apiURL, err = p.StartGateway(ctx, *p.server)
	return err
}

// openKey lets the customer pay for an API key.
func (p *play) openKey(ctx context.Context) error {
	p.Act(p.customer.Name + " buys an API key: an inference job's escrow stands behind it")
	return p.newSession(ctx)
}

// newSession posts an infer job for a new key and waits until the gateway has taken it.
func (p *play) newSession(ctx context.Context) error {
	secret, hash := gateway.NewKey()
	terms := sessionTerms(p.job.Asset, hash)
	task, err := p.host().Sessions(ctx, terms.Infer.Model)
	if err != nil {
		return err
	}
	terms.Task = task.Encode()
	j, err := p.Post(ctx, p.customer, terms)
	if err != nil {
		return err
	}
	if p.session, err = p.Await(ctx, j.Id, job.StateTaken); err != nil {
		return err
	}
	p.key = secret
	p.Say("job %d: %s in escrow for up to %s tokens; %s serves at %s%s a token",
		j.Id, index.Coins(terms.Budget.Int64()), index.Thousands(terms.Units),
		p.Named(p.session.Worker), p.session.Price, client.Denom)
	p.Say("%s of each fee is for serving, the rest for who owns the model", percent(servingPart))
	return nil
}

// prompts are what the customer asks.
var prompts = []string{"In the beginning", "Call me", "The people of the United States", "And the whale"}

// ask sends requests as any client of OpenAI's interface does.
func (p *play) ask(ctx context.Context) error {
	p.Act(p.customer.Name + " asks over OpenAI's interface, at the gateway's address")
	spent := since()
	p.report.Income = &Income{}
	api := p.Ask(p.apiURL, p.key)
	for _, prompt := range prompts {
		if err := p.complete(ctx, api, prompt); err != nil {
			return err
		}
	}
	if err := p.chat(ctx, api); err != nil {
		return err
	}
	p.report.Seconds.Serve = spent()
	i := p.report.Inference
	p.Say("%d requests, %d prompt tokens, %d completion tokens", i.Requests, i.PromptTokens, i.CompletionTokens)
	return nil
}

// question is what all requests have.
func (p *play) question(tokens int, topP float64) stage.Question {
	model := asset.Denom(p.job.Asset)
	return stage.Question{Model: model, MaxTokens: tokens, Temperature: 0.7, TopP: topP, Seed: int64(p.Seed)}
}

func (p *play) complete(ctx context.Context, api stage.API, prompt string) error {
	q := p.question(48, 0.9)
	q.Prompt = prompt
	r, err := api.Complete(ctx, q)
	if err != nil {
		return fmt.Errorf("completion of %q: %w", prompt, err)
	}
	p.use(r.Usage)
	p.Say("» %s%s", prompt, indent(r.Choices[0].Text))
	return nil
}

// chat asks over the other endpoint, and reads the answer as it is written.
func (p *play) chat(ctx context.Context, api stage.API) error {
	q := p.question(32, 1)
	q.Messages = []stage.Message{{Role: "user", Content: "What is the sea?"}}
	var answer strings.Builder
	pieces := 0
	err := api.Chat(ctx, q, func(r stage.Reply) {
		for _, c := range r.Choices {
			answer.WriteString(c.Delta.Content)
			pieces++
		}
		if r.Usage != nil {
			p.use(r.Usage)
		}
	})
	if err != nil {
		return fmt.Errorf("chat: %w", err)
	}
	p.Say("» user: What is the sea?  (streamed in %d pieces)%s", pieces, indent("\n"+answer.String()))
	return nil
}

func (p *play) use(u *stage.Usage) {
	i := &p.report.Inference
	i.Requests++
	i.PromptTokens += u.PromptTokens
	i.CompletionTokens += u.CompletionTokens
}

// indent puts further lines of an answer under its first.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}

// settle ends the session: the gateway claims it in one transaction, another
// worker reads every answer again, and the fee is paid.
func (p *play) settle(ctx context.Context) error {
	p.Act("The session settles: one claim for all requests, and another worker reads every answer with the model")
	if err := p.gateway.Settle(ctx, p.session.Id); err != nil {
		return err
	}
	j, err := p.Await(ctx, p.session.Id, job.StatePaid)
	if err != nil {
		return err
	}
	p.session, p.subject.Session = j, j.Id
	if len(j.Checks) == 0 {
		return errors.New("the session was paid without a check")
	}
	fee := j.Price.MulRaw(int64(j.Claim.Units))
	p.report.Inference.Fee = fee.String() + client.Denom
	p.Say("%s tokens × %s%s = %s; %s got the same answers", index.Thousands(j.Claim.Units), j.Price, client.Denom,
		index.Coins(fee.Int64()), p.Named(j.Checks[0].Worker))
	p.Say("first settled inference %s after the start", p.Elapsed().Round(time.Second))
	return nil
}
