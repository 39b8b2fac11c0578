package sim

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/openai/openai-go/v3"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/gateway"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

const verse = "we met as pals by the big ford in may with ten old men.\n"

// TestAnAnswerPaysTheDataThatItRepeats: a model learns a verse by heart. When it repeats the verse, the
// verse's dataset is paid and the other one is not, with a task and without. A server that claims
// that its answer repeated the other dataset gets nothing for that.
func TestAnAnswerPaysTheDataThatItRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := NewVillage(t, "checker", "poet", "author", "trainer", "server", "liar", "first", "second", "third", "customer")
		poet, author, trainer, server, liar := v.Person("poet"), v.Person("author"), v.Person("trainer"), v.Person("server"),
			v.Person("liar")
		v.Register(trainer, 2, job.KindTrain)
		v.Start(func(ctx context.Context) error { return daemon.Run(ctx, v.Config(trainer)) })
		checker := v.Person("checker")
		v.Register(checker, 9, job.KindTrain)
		v.Start(func(ctx context.Context) error { return daemon.Run(ctx, v.Config(checker)) })
		poem, prose := v.Publish(poet, strings.Repeat(verse, 60)), v.Publish(author, Text("author", 20))
		spec := strings.Replace(Spec(400, 1, poem, prose), "commons = 500\n", "commons = 500\nattribution = 2000\n", 1)
		v.Put(author, []byte(spec))
		model := v.Await(v.Post(author, v.Terms(author, spec)), job.StatePaid).Asset

		g := v.gateway(server)
		g.Policy.Majority = true // of the checkers decides about the session without a task
		v.Register(server, 5, job.KindInfer)
		stop := v.Start(g.Run)
		for _, name := range []string{"first", "second", "third"} {
			p := v.Person(name)
			v.Register(p, 9, job.KindInfer)
			c := v.Config(p)
			c.Policy.Majority = true
			v.Start(func(ctx context.Context) error { return daemon.Run(ctx, c) })
		}
		customer := v.Person("customer")
		buy := func(task []byte) (string, uint64) {
			secret, hash := gateway.NewKey()
			proof := job.ProofReferee
			if task == nil {
				proof = job.ProofQuorum
			}
			return secret, v.Post(customer, job.Terms{
				Kind: job.KindInfer, Proof: proof, Units: 1000, MaxPrice: math.NewInt(5), Budget: math.NewInt(6000),
				Checkers: 1, CheckPay: math.NewInt(300), Stake: math.NewInt(1_000_000), Deadline: 100, Work: 1000, Window: 2,
				Infer: &job.InferTerms{Model: model, Key: hash, Serving: 3000}, Task: task,
			})
		}
		task := v.sessions(customer, model)
		var honest job.Claim
		earned := int64(0)
		for _, task := range [][]byte{nil, task} {
			secret, id := buy(task)
			v.Await(id, job.StateTaken)
			v.repeat(server.URL, secret, asset.Denom(model))
			require.NoError(t, g.Settle(v.Ctx, id))
			honest = *v.Await(id, job.StatePaid).Claim
			t.Logf("%d of %d tokens are quoted", honest.Infer.Quoted, honest.Units)
			require.Greater(t, honest.Infer.Quoted[0], honest.Units/2)
			require.Zero(t, honest.Infer.Quoted[1])
			earned += int64(honest.Infer.Quoted[0]) // a fifth of 5 uminga
			require.Equal(t, []int64{earned, 0}, []int64{v.income(poem), v.income(prose)})
		}
		stop()

		v.Register(liar, 1, job.KindInfer)
		_, id := buy(task)
		v.Send(liar.Signer, &job.MsgTake{Worker: liar.Signer.String(), Job: id})
		lie := honest
		lie.Infer = &job.InferClaim{Quoted: []uint64{0, honest.Units}}
		v.Send(liar.Signer, &job.MsgClaim{Worker: liar.Signer.String(), Job: id, Claim: lie})
		j := v.Await(id, job.StatePaid)
		require.Equal(t, honest.Infer.Quoted, j.Claim.Infer.Quoted)
		require.EqualValues(t, 3, j.Seats)
		require.Equal(t, int64(Stake), v.Record(liar).Stake.Int64(), "a majority is no proof")
		require.Equal(t, []int64{earned + int64(honest.Infer.Quoted[0])/5, 0}, []int64{v.income(poem), v.income(prose)})
	})
}

// repeat asks the model for the verse.
func (v *Village) repeat(url, key, model string) {
	v.Helper()
	api := v.api(url, key)
	_, err := api.Completions.New(v.Ctx, openai.CompletionNewParams{
		Model:     openai.CompletionNewParamsModel(model),
		Prompt:    openai.CompletionNewParamsPromptUnion{OfString: openai.String("we met")},
		MaxTokens: openai.Int(13), Temperature: openai.Float(0),
	})
	require.NoError(v, err)
}

// income is what an asset has earned, in uminga.
func (v *Village) income(id uint64) int64 {
	v.Helper()
	r, err := asset.NewQueryClient(v.Client).Asset(v.Ctx, &asset.QueryAssetRequest{Id: id})
	require.NoError(v, err)
	return r.Asset.Income.Int64()
}
