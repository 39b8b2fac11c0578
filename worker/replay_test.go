package worker_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// TestSessions has the test serve a trained model, honestly and not: a worker's
// replay agrees with the true log, and objects to the false ones.
func TestSessions(t *testing.T) {
	v := sim.NewVillage(t, "ana", "elena", "server")
	ana, elena, server := v.Person("ana"), v.Person("elena"), v.Person("server")
	v.Register(elena, 1, "train", "infer")
	v.Register(server, 0, "infer")
	start(v, elena)
	spec := sim.Spec(10, 0, v.Publish(ana, sim.Text("ana", 100)))
	v.Put(ana, []byte(spec))
	model := v.Await(v.Post(ana, v.Terms(ana, spec)), job.StatePaid).Asset

	m, state := fetchModel(v, elena, model)
	log := session(t, m)
	for i, c := range []struct {
		name  string
		log   func() []byte
		state job.State
	}{
		{"true", func() []byte { return log.File(m.Config.Context) }, job.StatePaid},
		{"another token", func() []byte {
			l := session(t, m)
			l.Calls[1].Made[2] ^= 1
			return l.File(m.Config.Context)
		}, job.StateDisputed},
		{"torn", func() []byte { return log.File(m.Config.Context)[9:] }, job.StateDisputed},
		{"no log", func() []byte { return []byte("a poem") }, job.StateDisputed},
	} {
		id := v.Post(ana, inferTerms(model, byte(i)))
		v.Send(server.Signer, &job.MsgTake{Worker: server.Signer.String(), Job: id})
		v.Send(server.Signer, &job.MsgClaim{Worker: server.Signer.String(), Job: id, Claim: claim(v, server, m, log, c.log(), state)})
		j := v.Await(id, c.state)
		require.Equal(t, elena.Signer.String(), j.Checks[0].Worker, c.name)
	}
}

func fetchModel(v *sim.Village, p *sim.Person, id uint64) (*nn.Model, []byte) {
	r, err := asset.NewQueryClient(v.Client).Asset(v.Ctx, &asset.QueryAssetRequest{Id: id})
	require.NoError(v, err)
	file, err := p.Store.Bytes(blob.Hash(r.Asset.Root))
	require.NoError(v, err)
	m, err := nn.DecodeModel(file)
	require.NoError(v, err)
	return m, r.Asset.Root
}

// session makes three calls and logs them.
func session(t *testing.T, m *nn.Model) (l infer.Log) {
	b, err := kernel.New("", 1)
	require.NoError(t, err)
	g := infer.New(m, b)
	for i, temperature := range []float32{0, 0.8, 1} {
		r := infer.Request{Prompt: m.Tokenizer.Encode([]byte("ana")), MaxTokens: 5, Temperature: temperature, TopP: 1, Seed: uint64(i)}
		res, err := g.Generate(t.Context(), r, nil)
		require.NoError(t, err)
		l.Calls = append(l.Calls, res.Call)
	}
	return l
}

// claim is what the server says of the true log, with another blob in its place.
func claim(v *sim.Village, p *sim.Person, m *nn.Model, l infer.Log, content, state []byte) job.Claim {
	root, trace := v.Put(p, content), nn.Root(infer.NewTrace(m).Leaves(l))
	return job.Claim{Result: root[:], Bytes: uint64(len(content)), State: state, Trace: trace[:], Units: l.Units()}
}

func inferTerms(model uint64, key byte) job.Terms {
	hash := blob.Sum([]byte{key})
	return job.Terms{
		Kind: "infer", Model: model, Key: hash[:], Units: 1000, MaxPrice: math.NewInt(1), Budget: math.NewInt(1_001_000),
		Checkers: 1, CheckPay: math.NewInt(check), Stake: math.NewInt(stake), Deadline: 100, Work: 100, Window: 2,
		Policy: job.Policy{Serving: 3000},
	}
}
