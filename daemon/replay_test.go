package daemon_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/daemon"
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
		v := sim.NewVillage(t, "ana", "elena", "server", "checker")
		ana, elena, server := v.Person("ana"), v.Person("elena"), v.Person("server")
		v.Register(elena, 1, "train", "infer")
		checks(v, v.Person("checker"))
		v.Register(server, 0, "infer")
		c := v.Config(elena)
		c.Policy.Majority = true // which decides about these
		v.Start(func(ctx context.Context) error { return daemon.Run(ctx, c) })
		spec := sim.Spec(10, 1, v.Publish(ana, sim.Text("ana", 100)))
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

// checks has somebody check trainings, which it is too dear to do itself.
func checks(v *sim.Village, p *sim.Person) {
	v.Register(p, 9, "train")
	start(v, p)
}

// serving is a village with a model that the test serves, with a task, and a friend who challenges.
type serving struct {
	*sim.Village
	ana, elena, server, friend *sim.Person
	model                      uint64
	file                       *file.Model
	task                       []byte
}

func newServing(t *testing.T) *serving {
	v := sim.NewVillage(t, "ana", "elena", "server", "friend", "checker")
	p := &serving{
		Village: v, ana: v.Person("ana"), elena: v.Person("elena"), server: v.Person("server"), friend: v.Person("friend"),
	}
	v.Register(p.elena, 1, "train", "infer")
	v.Register(p.server, 0, "infer")
	v.Register(p.friend, 2, "infer")
	start(v, p.elena)
	checks(v, v.Person("checker"))
	spec := sim.Spec(10, 1, v.Publish(p.ana, sim.Text("ana", 100)))
	v.Put(p.ana, []byte(spec))
	p.model = v.Await(v.Post(p.ana, v.Terms(p.ana, spec)), job.StatePaid).Asset
	task, err := v.Host(p.server).Sessions(v.Ctx, p.model)
	require.NoError(t, err)
	p.task = task.Encode()
	p.file, _ = fetchModel(v, p.elena, p.model)
	return p
}

// serve claims a session, after changes of what was served and of the claim.
func (p *serving) serve(key byte, change func(l *infer.Log), lie func(c *job.Claim)) uint64 {
	terms := inferTerms(p.model, key)
	terms.Proof, terms.Task = job.ProofReferee, p.task
	id := p.Post(p.ana, terms)
	p.Send(p.server.Signer, &job.MsgTake{Worker: p.server.Signer.String(), Job: id})
	l := session(p.T, p.file)
	change(&l)
	claim := proved(p.Village, p.server, p.file, l)
	lie(&claim)
	p.Send(p.server.Signer, &job.MsgClaim{Worker: p.server.Signer.String(), Job: id, Claim: claim})
	return id
}

// right and believed are for a session that is as it should be.
func right(*infer.Log)    {}
func believed(*job.Claim) {}

// challenge has the friend deny a claim. It says nothing more.
func (p *serving) challenge(id uint64) {
	p.Send(p.friend.Signer, &job.MsgChallenge{Challenger: p.friend.Signer.String(), Job: id, Target: "trace"})
}

// defend plays the server's disputes.
func (p *serving) defend(prepare func(context.Context, job.Job) (kind.Work, error)) {
	p.Start(func(ctx context.Context) error {
		disputes := dispute.Loop{
			Client: p.Client, Signer: p.server.Signer, Prepare: prepare, Log: slog.New(slog.DiscardHandler),
		}
		disputes.Follow(ctx)
		return nil
	})
}

// fallen awaits that elena has shown a claim to be false.
func (p *serving) fallen(id uint64, target job.Target, reason string) {
	p.Await(id, job.StateOpen)
	all := p.Disputes(id)
	require.Len(p, all, 1)
	d := all[0].Dispute
	require.Equal(p, p.elena.Signer.String(), d.Winner)
	require.Equal(p, target, d.Target)
	require.Contains(p, d.Reason, reason)
}

// TestSessionsWithATask: the chain itself decides about a session. A true one is paid. One whose own trace
// says that it is false falls at once. A false trace is disputed until a scalar step is left.
func TestSessionsWithATask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newServing(t)
		p.Await(p.serve(0, right, believed), job.StatePaid)
		p.Await(p.serve(1, func(l *infer.Log) { l.Calls = nil }, believed), job.StatePaid)
		p.fallen(p.serve(2, func(l *infer.Log) { l.Calls[1].Made[2] ^= 1 }, believed), "sound", "")
		// Another trace, of which the server does not show the parts.
		p.fallen(p.serve(3, right, func(c *job.Claim) {
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
		p.defend(kind.On(p.Host(p.server)).Prepare)
		id := p.serve(4, right, believed)
		p.challenge(id)
		p.Await(id, job.StatePaid)
		require.Equal(t, p.server.Signer.String(), p.Disputes(id)[0].Dispute.Winner)
		require.Contains(t, p.Disputes(id)[0].Dispute.Reason, "challenger did not move in time")
	})
}

// TestABrokenDisputeStopsNoOther: of three true claims that are challenged, this program breaks over the first and
// waits for a blob of the second that never comes. The third is defended all the same.
func TestABrokenDisputeStopsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newServing(t)
		host := kind.On(p.Host(p.server))
		var broken, missing, good uint64
		p.defend(func(ctx context.Context, j job.Job) (kind.Work, error) {
			switch j.Id {
			case broken:
				panic("as a stranger wants it")
			case missing:
				<-ctx.Done()
				return nil, context.Cause(ctx)
			}
			return host.Prepare(ctx, j)
		})
		for key, id := range []*uint64{&broken, &missing, &good} {
			*id = p.serve(byte(key), right, believed)
			p.challenge(*id)
		}
		p.Await(good, job.StatePaid)
		require.Equal(t, p.server.Signer.String(), p.Disputes(good)[0].Dispute.Winner)
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
