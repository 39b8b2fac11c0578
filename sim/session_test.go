package sim

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/gateway"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// gateway makes a gateway of a person: its endpoint is the API and the blobs.
func (v *Village) gateway(p *Person) *gateway.Gateway {
	v.Helper()
	g, err := gateway.New(gateway.Config{
		Client: v.client(), Signer: p.Signer, Store: p.Store, Transport: v.Over, Dir: p.Dir, Threads: 1,
	})
	require.NoError(v, err)
	mux := http.NewServeMux()
	mux.Handle("/blob/", transfer.Handler(p.Store))
	mux.Handle("/", g.Handler())
	v.Serve(p, mux)
	return g
}

// TestASessionIsServedCheckedAndPaid: a model is trained. A customer buys a key and asks. Another worker
// computes every answer again, the session is paid, and the fee is split.
func TestASessionIsServedCheckedAndPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := NewVillage(t, "author", "trainer", "server", "checker", "customer")
		author, trainer, server := v.Person("author"), v.Person("trainer"), v.Person("server")
		checker, customer := v.Person("checker"), v.Person("customer")
		v.Register(trainer, 2, job.KindTrain)
		v.Start(func(ctx context.Context) error { return daemon.Run(ctx, v.Config(trainer)) })
		v.Register(checker, 9, job.KindTrain, job.KindInfer)
		v.Start(func(ctx context.Context) error { return daemon.Run(ctx, v.Config(checker)) })
		data := v.Publish(author, Text("author", 200))
		spec := Spec(20, 1, data)
		v.Put(author, []byte(spec))
		model := v.Await(v.Post(author, v.Terms(author, spec)), job.StatePaid).Asset

		g := v.gateway(server)
		v.Register(server, 5, job.KindInfer)
		v.Start(g.Run)

		secret, hash := gateway.NewKey()
		pay := math.NewInt(1000)
		id := v.Post(customer, job.Terms{
			Kind: job.KindInfer, Proof: job.ProofReferee, Units: 1000, MaxPrice: math.NewInt(5), Budget: math.NewInt(6000),
			Checkers: 1, CheckPay: pay, Stake: math.NewInt(1_000_000), Deadline: 100, Work: 1000, Window: 2,
			Infer: &job.InferTerms{Model: model, Key: hash, Serving: 3000},
			Task:  v.sessions(customer, model),
		})
		v.Await(id, job.StateTaken)
		used := v.ask(server.URL, secret, asset.Denom(model))
		require.NoError(t, g.Settle(v.Ctx, id))
		j := v.Await(id, job.StatePaid)

		require.EqualValues(t, used, j.Claim.Units)
		require.Len(t, j.Checks, 1)
		require.Equal(t, checker.Signer.String(), j.Checks[0].Worker)
		require.Equal(t, j.Claim, j.Checks[0].Report)
		fee := used * 5
		require.Equal(t, int64(Purse-Stake)+fee*3/10, v.Balance(server))
		require.Equal(t, Purse-fee-1000, v.Balance(customer))
		a, err := asset.NewQueryClient(v.Client).Asset(v.Ctx, &asset.QueryAssetRequest{Id: model})
		require.NoError(t, err)
		require.Equal(t, fee-fee*3/10, a.Asset.Income.Int64())
	})
}

// sessions is the task of sessions with a model.
func (v *Village) sessions(p *Person, model uint64) []byte {
	v.Helper()
	task, err := v.Host(p).Sessions(v.Ctx, model)
	require.NoError(v, err)
	return task.Encode()
}

// api is OpenAI's client of a gateway.
func (v *Village) api(url, key string) openai.Client {
	over := &http.Client{Transport: v.Over}
	return openai.NewClient(
		option.WithBaseURL(url+"/v1"), option.WithAPIKey(key), option.WithMaxRetries(0), option.WithHTTPClient(over),
	)
}

// ask asks twice with OpenAI's client and returns how many tokens the gateway says were used. Then it asks
// for a model that does not exist, and wants to be refused.
func (v *Village) ask(url, key, model string) (used int64) {
	v.Helper()
	api := v.api(url, key)
	for _, temperature := range []float64{0, 1} {
		r, err := api.Completions.New(v.Ctx, openai.CompletionNewParams{
			Model:     openai.CompletionNewParamsModel(model),
			Prompt:    openai.CompletionNewParamsPromptUnion{OfString: openai.String("the")},
			MaxTokens: openai.Int(8), Temperature: openai.Float(temperature),
		})
		require.NoError(v, err)
		used += r.Usage.TotalTokens
	}
	var refusal *openai.Error
	_, err := api.Models.Get(v.Ctx, "other")
	require.True(v, errors.As(err, &refusal) && refusal.StatusCode == http.StatusNotFound, "%v", err)
	return used
}
