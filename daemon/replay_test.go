package daemon_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/dispute"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// TestSessions: the test serves a trained model, first honestly and then not. A worker computes the answers
// again. It agrees with the true log and not with the false ones.
func TestSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
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
			v.Send(server.Signer, &job.MsgClaim{Worker: server.Signer.String(), Job: id,
				Claim: claim(v, server, m, log, c.log(), state)})
			j := v.Await(id, c.state)
			require.Equal(t, elena.Signer.String(), j.Checks[0].Worker, c.name)
		}
	})
}

// TestSessionsWithATask: the chain itself decides about a session. A true one is paid. One whose own trace
// says that it is false falls at once. A false trace is disputed until a scalar step is left.
func TestSessionsWithATask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "elena", "server", "friend")
		ana, elena, server, friend := v.Person("ana"), v.Person("elena"), v.Person("server"), v.Person("friend")
		v.Register(elena, 1, "train", "infer")
		v.Register(server, 0, "infer")
		v.Register(friend, 2, "infer")
		start(v, elena)
		spec := sim.Spec(10, 0, v.Publish(ana, sim.Text("ana", 100)))
		v.Put(ana, []byte(spec))
		model := v.Await(v.Post(ana, v.Terms(ana, spec)), job.StatePaid).Asset
		task, err := v.Host(server).Sessions(v.Ctx, model)
		require.NoError(t, err)
		m, _ := fetchModel(v, elena, model)

		serve := func(key byte, change func(l *infer.Log), lie func(c *job.Claim)) uint64 {
			terms := inferTerms(model, key)
			terms.Proof, terms.Task = job.ProofReferee, task.Encode()
			id := v.Post(ana, terms)
			v.Send(server.Signer, &job.MsgTake{Worker: server.Signer.String(), Job: id})
			l := session(t, m)
			change(&l)
			claim := proved(v, server, m, l)
			lie(&claim)
			v.Send(server.Signer, &job.MsgClaim{Worker: server.Signer.String(), Job: id, Claim: claim})
			return id
		}
		fallen := func(id uint64, target job.Target, reason string) {
			v.Await(id, job.StateOpen)
			all := v.Disputes(id)
			require.Len(t, all, 1)
			d := all[0].Dispute
			require.Equal(t, elena.Signer.String(), d.Winner)
			require.Equal(t, target, d.Target)
			require.Contains(t, d.Reason, reason)
		}
		right, believed := func(*infer.Log) {}, func(*job.Claim) {}

		v.Await(serve(0, right, believed), job.StatePaid)
		v.Await(serve(1, func(l *infer.Log) { l.Calls = nil }, believed), job.StatePaid)
		fallen(serve(2, func(l *infer.Log) { l.Calls[1].Made[2] ^= 1 }, believed), "sound", "")
		// Another trace, of which the server does not show the parts.
		fallen(serve(3, right, func(c *job.Claim) {
			first := &c.End[len(c.End)-1] // the steps before the last
			*first = append([]byte(nil), *first...)
			(*first)[0] ^= 1
			path := make([]blob.Hash, 0, len(c.End))
			for _, h := range c.End[len(c.End)-depth:] {
				path = append(path, blob.Hash(h))
			}
			top, ok := blob.Climb(blob.Hash(c.State), 3, 4, path)
			require.True(t, ok)
			c.Trace = top[:]
		}), "trace", "claimant did not move in time")

		// A challenger of a true claim loses to its server.
		v.Start(func(ctx context.Context) error {
			host := v.Host(server)
			disputes := dispute.Loop{Client: v.Client, Signer: server.Signer, Prepare: kind.On(host).Prepare,
				Log: slog.New(slog.DiscardHandler)}
			disputes.Follow(ctx)
			return nil
		})
		id := serve(4, right, believed)
		v.Send(friend.Signer, &job.MsgChallenge{Challenger: friend.Signer.String(), Job: id, Target: "trace"})
		v.Await(id, job.StatePaid)
		require.Equal(t, server.Signer.String(), v.Disputes(id)[0].Dispute.Winner)
		require.Contains(t, v.Disputes(id)[0].Dispute.Reason, "challenger did not move in time")
	})
}

// depth is the length of the path from the last of four leaves.
const depth = 2

// proved is the claim about a session's file with its true trace.
func proved(v *sim.Village, p *sim.Person, m *file.Model, l infer.Log) job.Claim {
	file := l.File(m.Config.Context)
	root := v.Put(p, file)
	b, err := kernel.New("", 1)
	require.NoError(v, err)
	r, err := infer.NewReplay(v.Ctx, m.Encode(), file, b)
	require.NoError(v, err)
	leaves, err := r.Leaves()
	require.NoError(v, err)
	end, err := r.ProveUnits()
	require.NoError(v, err)
	last, trace := len(leaves)-1, blob.Root(leaves)
	c := job.Claim{Result: root[:], Bytes: uint64(len(file)), State: leaves[last][:], Trace: trace[:], Units: r.Units(),
		Infer: &job.InferClaim{}}
	for _, h := range append(end, blob.Path(leaves, last)...) {
		c.End = append(c.End, h[:])
	}
	return c
}

func fetchModel(v *sim.Village, p *sim.Person, id uint64) (*file.Model, []byte) {
	r, err := asset.NewQueryClient(v.Client).Asset(v.Ctx, &asset.QueryAssetRequest{Id: id})
	require.NoError(v, err)
	content, err := p.Store.Bytes(blob.Hash(r.Asset.Root))
	require.NoError(v, err)
	m, err := file.Decode(content)
	require.NoError(v, err)
	return m, r.Asset.Root
}

// session makes three calls and returns their log.
func session(t *testing.T, m *file.Model) (l infer.Log) {
	b, err := kernel.New("", 1)
	require.NoError(t, err)
	g := infer.New(m, b)
	for i, temperature := range []float32{0, 0.8, 1} {
		r := infer.Request{Prompt: m.Tokenizer.Encode([]byte("ana")), MaxTokens: 5, Temperature: temperature, TopP: 1,
			Seed: uint64(i)}
		res, err := g.Generate(t.Context(), r, nil)
		require.NoError(t, err)
		l.Calls = append(l.Calls, res.Call)
	}
	return l
}

// claim is what the server claims about the true log, with content in the place of the log's file.
func claim(v *sim.Village, p *sim.Person, m *file.Model, l infer.Log, content, state []byte) job.Claim {
	root, trace := v.Put(p, content), blob.Root(infer.NewTrace(m).Leaves(l))
	return job.Claim{Result: root[:], Bytes: uint64(len(content)), State: state, Trace: trace[:], Units: l.Units(),
		Infer: &job.InferClaim{}}
}

func inferTerms(model uint64, key byte) job.Terms {
	hash := blob.Sum([]byte{key})
	return job.Terms{
		Kind: job.KindInfer, Proof: job.ProofQuorum, Units: 1000, MaxPrice: math.NewInt(1), Budget: math.NewInt(1_001_000),
		Checkers: 1, CheckPay: math.NewInt(check), Stake: math.NewInt(stake), Deadline: 100, Work: 100, Window: 2,
		Infer: &job.InferTerms{Model: model, Key: hash[:], Serving: 3000},
	}
}
