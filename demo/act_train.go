package demo

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/data/record"
	"github.com/minga-network/minga/examples/commons"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

func threads() int { return runtime.GOMAXPROCS(0) }

// publish lets each contributor put a text on the blob server and register it.
func (p *play) publish(ctx context.Context) error {
	p.act("Four people publish a text each: the bytes go to a blob server, their hash to the chain")
	var err error
	if p.library, err = p.openStore("library"); err != nil {
		return err
	}
	if p.publisher, err = p.serve(ctx, transfer.Handler(p.library)); err != nil {
		return err
	}
	rows := [][]string{{"dataset", "contributor", "text", "bytes", "records", "blob"}}
	for _, t := range p.texts {
		content, err := commons.Files.ReadFile(t.file)
		if err != nil {
			return err
		}
		d, root, err := p.publishOne(ctx, t, content)
		if err != nil {
			return fmt.Errorf("%s publishes %s: %w", t.owner.name, t.file, err)
		}
		p.report.Datasets = append(p.report.Datasets, d)
		p.data = append(p.data, train.Data{Asset: d.Asset, Bytes: content})
		rows = append(rows, []string{d.Asset, t.owner.String(), t.title, thousands(d.Bytes), thousands(d.Records), short(root[:])})
	}
	p.table(rows)
	return nil
}

func (p *play) publishOne(ctx context.Context, t text, content []byte) (Dataset, blob.Hash, error) {
	root, err := put(p.library, content)
	if err != nil {
		return Dataset{}, blob.Hash{}, err
	}
	records := uint64(bytes.Count(content, []byte("\n")))
	r, err := p.client.Register(ctx, t.owner.signer, &asset.MsgRegister{
		Name: t.title, Root: root[:], Bytes: uint64(len(content)), Records: records,
		Licence: t.licence, Price: math.ZeroInt(), Source: p.publisher, Sketch: record.NewSketch(content).Encode(),
	})
	if err != nil {
		return Dataset{}, blob.Hash{}, err
	}
	made, ok := client.Event[*asset.EventRegistered](r.Events)
	if !ok {
		return Dataset{}, blob.Hash{}, errors.New("the chain did not say which asset it is")
	}
	return Dataset{Asset: asset.Denom(made.Asset), Contributor: t.owner.address(), Bytes: uint64(len(content)), Records: records}, root, nil
}

// put stores and pins bytes.
func put(s *store.Store, content []byte) (blob.Hash, error) {
	root, err := s.PutBytes(content)
	if err != nil {
		return root, err
	}
	return root, s.Pin(root)
}

// specText is the example's spec with this run's seed and steps: of the training, and in
// proportion of the runs that measure.
func (p *play) specText() ([]byte, error) {
	raw, err := commons.Files.ReadFile("train.toml")
	if err != nil {
		return nil, err
	}
	raw = set(raw, `name = `, "seed", int(p.Seed))
	if p.Steps > 0 {
		raw = set(raw, `\[train\]`, "steps", p.Steps)
		raw = set(raw, `\[measure\]`, "steps", max(1, p.Steps/10))
	}
	return raw, nil
}

// set changes the first number of a name after a place in a spec.
func set(spec []byte, after, name string, to int) []byte {
	line := regexp.MustCompile(`(?s)^(.*?` + after + `.*?\n` + name + ` = )\d+`)
	return line.ReplaceAll(spec, fmt.Appendf(nil, "${1}%d", to))
}

// post lets the creator offer the training job.
func (p *play) post(ctx context.Context) error {
	p.act(p.creator.name + " posts a training job: its spec is data, its budget goes into escrow")
	raw, err := p.specText()
	if err != nil {
		return err
	}
	if p.spec, err = train.ParseSpec(raw); err != nil {
		return err
	}
	root, err := put(p.library, raw)
	if err != nil {
		return err
	}
	validation, err := commons.Files.ReadFile("validation.txt")
	if err != nil {
		return err
	}
	if _, err := put(p.library, validation); err != nil {
		return err
	}
	p.data = append(p.data, train.Data{Asset: p.spec.Validation.Text, Bytes: validation})
	plan, err := train.NewPlan(p.spec, p.data)
	if err != nil {
		return err
	}
	terms, err := daemon.Terms(p.spec, plan, root, p.publisher)
	if err != nil {
		return err
	}
	if p.training, err = p.postJob(ctx, p.creator, terms); err != nil {
		return err
	}
	s := p.spec
	p.say("job %d: %d layers, width %d, context %d; %s steps of %d × %d tokens = %s tokens",
		p.training.Id, s.Model.Layers, s.Model.Dim, s.Model.Context, thousands(s.Train.Steps), s.Train.Batch, s.Model.Context, thousands(terms.Units))
	p.say("escrow %s; at most %s%s a token; %d other worker must get the same bits, for %s",
		coins(terms.Budget.Int64()), terms.MaxPrice, client.Denom, terms.Checkers, coins(terms.CheckPay.Int64()))
	p.say("the model's shares: %s data, %s compute, %s creator, %s commons",
		percent(s.Split.Data), percent(s.Split.Compute), percent(s.Split.Creator), percent(s.Split.Commons))
	p.say("the data's shares go by what each text does for the model, measured on a text of which the spec has only the hash")
	return nil
}

func (p *play) postJob(ctx context.Context, who person, terms job.Terms) (job.Job, error) {
	r, err := p.client.Send(ctx, who.signer, &job.MsgPost{Creator: who.address(), Terms: terms})
	if err != nil {
		return job.Job{}, fmt.Errorf("%s posts: %w", who.name, err)
	}
	posted, ok := client.Event[*job.EventPosted](r.Events)
	if !ok {
		return job.Job{}, errors.New("the chain did not say which job it is")
	}
	return job.Job{Id: posted.Job, Terms: terms}, nil
}

// await follows a job until it is in one of the states. A job that ends
// otherwise is an error with the chain's reason.
func (p *play) await(ctx context.Context, id uint64, states ...job.State) (job.Job, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range p.client.Blocks(ctx) {
		r, err := job.NewQueryClient(p.client).Job(ctx, &job.QueryJobRequest{Id: id})
		if err != nil {
			return job.Job{}, err
		}
		for _, s := range states {
			if r.Job.State == s {
				return r.Job, nil
			}
		}
		if r.Job.State.Final() {
			return job.Job{}, fmt.Errorf("job %d is %s: %s", id, r.Job.State.Word(), r.Job.Reason)
		}
	}
	return job.Job{}, fmt.Errorf("waiting for job %d: %w", id, context.Cause(ctx))
}

// train waits until a worker has taken the job, trained, and claimed.
func (p *play) train(ctx context.Context) error {
	again := p.report.Dispute != nil
	title := "A worker trains: the best ranked by price takes the job and locks stake"
	if again {
		title = "An honest worker trains: the next by price takes the job, which is open again"
	}
	p.act(title)
	spent := since()
	names, err := p.kernels()
	if err != nil {
		return err
	}
	j, err := p.await(ctx, p.training.Id, job.StateTaken, job.StateClaimed)
	if err != nil {
		return err
	}
	if p.Liar && !again {
		close(p.first)
	}
	p.say("%s takes job %d at %s%s a token and locks %s; %s", p.named(j.Worker), j.Id, j.Price, client.Denom, coins(j.Terms.Stake.Int64()), names)
	if again && p.report.Dispute.Winner == j.Worker {
		p.say("%s has done the work already, when it checked.", p.named(j.Worker))
	}
	if p.training, err = p.await(ctx, j.Id, job.StateClaimed); err != nil {
		return err
	}
	p.report.Seconds.Train = spent()
	p.say("%s claims: model %s, state %s", p.named(j.Worker), short(p.training.Claim.Result), short(p.training.Claim.State))
	return nil
}

// check waits until another worker has done it again and the job is paid.
func (p *play) check(ctx context.Context) error {
	p.act("Another worker trains again from the same spec and compares every bit")
	spent := since()
	j, err := p.await(ctx, p.training.Id, job.StateMeasuring, job.StatePaid)
	if err != nil {
		return err
	}
	p.report.Seconds.Verify = spent()
	for _, c := range j.Checks {
		if c.Report != nil && bytes.Equal(c.Report.State, j.Claim.State) {
			p.report.Model.VerifiedBy = append(p.report.Model.VerifiedBy, c.Worker)
			p.say("%s reports the same model and state: the claim stands.", p.named(c.Worker))
		}
	}
	rows := [][]string{{"who", "for", "amount"}}
	for _, pay := range j.Paid {
		rows = append(rows, []string{p.named(pay.To), pay.Role, coins(pay.Amount.Int64())})
	}
	p.say("The escrow is paid out, what is left goes back:")
	p.table(rows)
	return nil
}

// short is the beginning of a hash.
func short(hash []byte) string { return hex.EncodeToString(hash)[:min(12, 2*len(hash))] + "…" }

func percent(basisPoints int) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(basisPoints)/100), ".0") + " %"
}
