package demo

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/examples/commons"
	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// trained is what the acts of a training leave for those after them.
type trained struct {
	spec *train.Spec
	job  job.Job
}

// startWorkers starts those who train and check.
func (p *play) startWorkers(ctx context.Context) error {
	p.Act("Workers register: a stake each, and what they ask for a token")
	for _, m := range p.trainers {
		m.Progress = func(id uint64, role daemon.Role, at train.Progress) { p.progress(id, m.Owner.Name, role, at) }
		if err := p.StartWorker(ctx, m); err != nil {
			return err
		}
	}
	p.report.Workers = len(p.machines())
	if p.server != nil {
		if err := p.startServer(ctx); err != nil {
			return err
		}
	}
	p.Table(offersTable(p.machines()))
	return nil
}

// trainingJob is the number of the job that trains the model: the first on the chain.
const trainingJob = 1

// progress prints a line a tenth of the way of the training, and none for the many
// short ones that measure.
func (p *play) progress(id uint64, name string, role daemon.Role, at train.Progress) {
	if id != trainingJob || at.Step*10/at.Steps == (at.Step-1)*10/at.Steps {
		return
	}
	verb := map[daemon.Role]string{daemon.RoleTrain: "trains", daemon.RoleCheck: "checks"}[role]
	p.Say("%s %s  step %*d/%d  loss %.3f  %s tokens/s  %s left",
		name, verb, len(fmt.Sprint(at.Steps)), at.Step, at.Steps,
		at.Loss, index.Thousands(int(at.TokensPerSecond)), at.Left.Round(1e9))
	half := at.Step*2/at.Steps != (at.Step-1)*2/at.Steps
	if half && role == daemon.RoleTrain && at.Contribution != nil {
		p.Say("  who helps so far, at first sight: %s", p.helps(at.Contribution))
	}
}

// helps says whose data is seen to help during training: first-order values of the
// steps so far, which pay nobody.
func (p *play) helps(contribution []float64) string {
	var out []string
	for i, c := range contribution {
		out = append(out, p.texts[i].owner.Name+" "+strconv.Itoa(int(100*c+0.5))+" %")
	}
	return strings.Join(out, ", ")
}

// publish lets each contributor put a text on the blob server and register it.
func (p *play) publish(ctx context.Context) error {
	p.Act("Four people publish a text each: the bytes go to a blob server, their hash to the chain")
	rows := [][]string{{"dataset", "contributor", "text", "bytes", "records", "blob"}}
	for _, t := range p.texts {
		content, err := p.content(t.file)
		if err != nil {
			return err
		}
		a, err := p.Publish(ctx, t.owner, t.title, "CC0-1.0", content)
		if err != nil {
			return err
		}
		d := Dataset{Asset: asset.Denom(a.Id), Contributor: t.owner.Address(), Bytes: a.Bytes, Records: a.Records}
		p.report.Datasets = append(p.report.Datasets, d)
		p.subject.Noise = a.Id // the last one
		bytes, records := index.Thousands(d.Bytes), index.Thousands(d.Records)
		rows = append(rows, []string{d.Asset, t.owner.String(), t.title, bytes, records, short(a.Root)})
	}
	p.Table(rows)
	return nil
}

// content is a contributor's text, or its first lines.
func (p *play) content(file string) ([]byte, error) {
	content, err := commons.Files.ReadFile(file)
	if p.Short && err == nil {
		content = content[:1+bytes.LastIndexByte(content[:shortText], '\n')]
	}
	return content, err
}

// post lets the creator offer the training job.
func (p *play) post(ctx context.Context) error {
	p.Act(p.creator.Name + " posts a training job: its spec is data, its budget goes into escrow")
	raw, err := p.specText()
	if err != nil {
		return err
	}
	if p.spec, err = kind.Training(raw); err != nil {
		return err
	}
	if _, err := p.Put(raw); err != nil {
		return err
	}
	if err := p.bring("validation.txt"); err != nil {
		return err
	}
	terms, err := kind.On(p.host()).Terms(ctx, raw)
	if err != nil {
		return err
	}
	terms.Source = p.Source
	if p.job, err = p.Post(ctx, p.creator, terms); err != nil {
		return err
	}
	p.subject.Training = p.job.Id
	p.showTerms(terms)
	return nil
}

// bring publishes a text of the creator's own.
func (p *play) bring(file string) error {
	content, err := commons.Files.ReadFile(file)
	if err != nil {
		return err
	}
	_, err = p.Put(content)
	return err
}

// host is the creator's machine: it has what people have published.
func (p *play) host() kind.Host {
	return kind.Host{Chain: p.Client, Store: p.Library, Transport: p.Over}
}

func (p *play) showTerms(terms job.Terms) {
	s, split := p.spec, terms.Train.Split
	p.Say("job %d: %d layers, width %d, context %d; %s steps of %d × %d tokens = %s tokens",
		p.job.Id, s.Model.Layers, s.Model.Dim, s.Model.Context,
		index.Thousands(s.Train.Steps), s.Train.Batch, s.Model.Context, index.Thousands(terms.Units))
	p.Say("escrow %s; at most %s%s a token; %d other worker must get the same bits, for %s",
		index.Coins(terms.Budget.Int64()), terms.MaxPrice, client.Denom,
		terms.Checkers, index.Coins(terms.CheckPay.Int64()))
	p.Say("the model's shares: %s data, %s compute, %s creator, %s commons",
		percent(int(split.Data)), percent(int(split.Compute)), percent(int(split.Creator)), percent(int(split.Commons)))
	if s.Measured() {
		p.Say("the data's shares go by what each text does for the model, " +
			"measured on a text of which the spec has only the hash")
	}
}

// train waits until a worker has taken the job, trained, and claimed.
func (p *play) train(ctx context.Context) error {
	p.Act("A worker trains: the best ranked by price takes the job and locks stake")
	if err := p.showTaken(ctx); err != nil {
		return err
	}
	return p.claimed(ctx)
}

// showTaken waits until a worker has taken the job.
func (p *play) showTaken(ctx context.Context) error {
	names, err := p.Kernels()
	if err != nil {
		return err
	}
	if p.job, err = p.Await(ctx, p.job.Id, job.StateTaken, job.StateClaimed); err != nil {
		return err
	}
	p.Say("%s takes job %d at %s%s a token and locks %s; %s",
		p.Named(p.job.Worker), p.job.Id, p.job.Price, client.Denom, index.Coins(p.job.Terms.Stake.Int64()), names)
	return nil
}

// claimed waits until the worker that has taken the job has trained.
func (p *play) claimed(ctx context.Context) (err error) {
	spent := since()
	if p.job, err = p.Await(ctx, p.job.Id, job.StateClaimed); err != nil {
		return err
	}
	p.report.Seconds.Train = spent()
	p.Say("%s claims: model %s, state %s", p.Named(p.job.Worker), short(p.job.Claim.Result), short(p.job.Claim.State))
	return nil
}

// verify waits until another worker has done it again and the job is paid.
func (p *play) verify(ctx context.Context) error {
	p.Act("Another worker trains again from the same spec and compares every bit")
	spent := since()
	j, err := p.Await(ctx, p.job.Id, job.StateWaiting, job.StatePaid)
	if err != nil {
		return err
	}
	p.job, p.report.Seconds.Verify = j, spent()
	for _, c := range j.Checks {
		if c.Report != nil && bytes.Equal(c.Report.State, j.Claim.State) {
			p.report.Model.VerifiedBy = append(p.report.Model.VerifiedBy, c.Worker)
			p.Say("%s reports the same model and state: the claim stands.", p.Named(c.Worker))
		}
	}
	rows := [][]string{{"who", "for", "amount"}}
	for _, pay := range j.Paid {
		rows = append(rows, []string{p.Named(pay.To), string(pay.Role), index.Coins(pay.Amount.Int64())})
	}
	p.Say("The escrow is paid out, what is left goes back:")
	p.Table(rows)
	return nil
}

// showModel tells who owns the new model and how it learned.
func (p *play) showModel(ctx context.Context) error {
	a, err := p.Asset(ctx, p.job.Asset)
	if err != nil {
		return err
	}
	content, err := p.Fetch(ctx, blob.Hash(a.Root), int64(a.Bytes))
	if err != nil {
		return err
	}
	m, err := file.Decode(content)
	if err != nil {
		return err
	}
	run, err := train.ReadLog(m)
	if err != nil {
		return err
	}
	p.report.Model = Model{
		Asset: asset.Denom(a.Id), Parameters: m.Config.Parameters(), Steps: run.Steps,
		LossFirst: run.LossFirst, LossLast: run.LossLast, StateHash: hex.EncodeToString(a.State),
		TrainedBy: p.job.Worker, VerifiedBy: p.report.Model.VerifiedBy,
	}
	p.Act(fmt.Sprintf("The model is an asset: %s, owned by those who made it", asset.Denom(a.Id)))
	p.Say("%s parameters; validation loss %.3f → %.3f nats a token",
		index.Thousands(m.Config.Parameters()), run.LossFirst, run.LossLast)
	p.Say("%s", plot(run.Losses))
	rows := [][]string{{"owner", "part", "shares of 1,000,000,000"}}
	for _, part := range a.Parts {
		rows = append(rows, []string{p.Named(part.Holder), fmt.Sprint(part.Role), index.Thousands(part.Shares)})
	}
	p.Table(rows)
	return nil
}

// short is the beginning of a hash.
func short(hash []byte) string { return hex.EncodeToString(hash)[:min(12, 2*len(hash))] + "…" }

func percent(basisPoints int) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(basisPoints)/100), ".0") + " %"
}
