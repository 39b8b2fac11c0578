package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/big"
	"strings"
)

// reasons is the way of one fee, from the coins to the records, and what it says in words.
type reasons struct {
	out strings.Builder

	dir   fs.FS
	b     *bundle
	seal  *seal
	state *state
	blobs map[string]bool // of the bundle; false: nothing led to it yet

	session, training *job
	model             *asset
	datasets          []*asset
	holders           *big.Int // their part of the fee, in uminga
}

// verify checks a bundle and says in words what it proves. The error is a refusal.
func verify(dir fs.FS, t trust) (string, error) {
	r := &reasons{dir: dir, blobs: map[string]bool{}}
	var err error
	if r.b, err = readBundle(dir); err != nil {
		return "", err
	}
	names, err := listBlobs(dir)
	if err != nil {
		return "", err
	}
	for _, name := range names {
		r.blobs[name] = false
	}
	if r.seal, err = r.b.Block.check(t); err != nil {
		return "", err
	}
	if r.state, err = openState(r.b, r.seal.app); err != nil {
		return "", err
	}
	for _, step := range []func() error{r.block, r.fee, r.paidHere, r.modelOf, r.sharesOf, r.incomeOf, r.textsOf,
		r.complete} {
		if err := step(); err != nil {
			return "", err
		}
	}
	return r.out.String(), nil
}

// say writes a line.
func (r *reasons) say(format string, args ...any) {
	r.out.WriteString(printable(fmt.Sprintf(format, args...)) + "\n")
}

func (r *reasons) block() error {
	s := r.seal
	r.say("BLOCK     %d of %s, %s", s.height, s.chain, s.time.UTC().Format("2 January 2006 15:04:05 UTC"))
	r.say("          signed with %d of %d votes by the validators %s", s.signed, s.of, s.validators)
	r.say("          application hash %x: the state after block %d", s.app, s.height-1)
	return nil
}

// fee checks the session and how its fee was paid out.
func (r *reasons) fee() error {
	what := fmt.Sprintf("session (job %d)", r.b.Session)
	j, err := r.state.job(r.b.Session, what)
	if err != nil {
		return err
	}
	if j.terms.kind != "infer" || j.state != statePaid || j.claim.raw == nil {
		return refuse(what, "is not a paid session")
	}
	owed, err := r.attributionOf(j, what)
	if err != nil {
		return err
	}
	fee, holders, lines := j.bill(owed)
	if i, same := samePayments(j.paid, lines); !same {
		return refuse(what, "payment %d is not what price, units and terms give", i+1)
	}
	if len(j.terms.task) > 0 {
		if err := j.checkEnd(what); err != nil {
			return err
		}
	}
	r.session, r.holders = j, holders
	r.say("FEE       %d tokens × %s = %s uminga, paid for job %d with the budget of %s", j.claim.units, j.price, fee,
		j.id, j.creator)
	for _, p := range lines {
		r.say("          %s", p)
	}
	r.sayQuotes(owed)
	if n := len(j.agreed()); n > 0 {
		r.say("          %d of its checkers did the session again and got every bit of the claim", n)
	}
	return nil
}

// paidHere checks that the session was not paid one block earlier.
func (r *reasons) paidHere() error {
	b := r.b.Before
	if b == nil {
		if r.b.Block.Parent != nil {
			return refuse("parent header", "nothing leads to it")
		}
		r.say("          when it was paid is not shown: holders below are those of block %d", r.seal.height-1)
		return nil
	}
	what := fmt.Sprintf("session (job %d) one block earlier", r.b.Session)
	if r.seal.parentApp == nil {
		return refuse(what, "there is no header to prove it by")
	}
	early := &state{roots: map[string][]byte{}}
	if err := early.open(&b.Store, r.seal.parentApp); err != nil {
		return err
	}
	if b.Store.Name != "job" || b.Entry.Store != "job" || !bytes.Equal(b.Entry.Key, jobKey(r.b.Session)) {
		return refuse(what, "is another record")
	}
	if err := early.prove(&b.Entry, what); err != nil {
		return err
	}
	j, err := decodeJob(b.Entry.Value)
	if err != nil || j.id != r.b.Session || j.state == statePaid {
		return refuse(what, "was paid already, so the holders of this block are not those of the fee")
	}
	r.say("          paid by block %d: it was not paid one block earlier", r.seal.height-1)
	return nil
}

// modelOf checks the model and the job that trained it.
func (r *reasons) modelOf() error {
	what := "model " + denom(r.session.terms.infer.model)
	a, err := r.state.asset(r.session.terms.infer.model, what)
	if err != nil {
		return err
	}
	if a.kind != kindModel || a.shares != allShares {
		return refuse(what, "is not a model of %d shares", allShares)
	}
	r.model = a
	r.say("MODEL     %s %q, blob %x", denom(a.id), a.name, a.root)
	if len(r.session.terms.task) > 0 {
		if t, _ := parseTask(r.session.terms.task); string(t.start.root[:]) != string(a.root) || t.start.size != a.bytes {
			return refuse(what, "the session's task begins with another file")
		}
	}
	return r.trainingOf()
}

func (r *reasons) trainingOf() error {
	what := r.place()
	j, err := r.state.job(r.model.job, what)
	if err != nil {
		return err
	}
	t := j.terms.train
	switch {
	case j.terms.kind != "train" || j.state != statePaid || j.asset != r.model.id || j.terms.parent != 0:
		return refuse(what, "is not the paid training that made %s", denom(r.model.id))
	case !bytes.Equal(j.claim.result, r.model.root) || j.claim.bytes != r.model.bytes:
		return refuse(what, "its claim is another file than %s", denom(r.model.id))
	case t.base != r.model.base || t.split.royalty != r.model.royalty || t.split.attribution != r.model.attribution:
		return refuse(what, "its base, royalty or attribution is not that of %s", denom(r.model.id))
	case len(t.used) != len(t.datasets) || j.terms.units == 0:
		return refuse(what, "does not say what it used of each dataset")
	}
	if err := j.checkEnd(what); err != nil {
		return err
	}
	r.training = j
	r.say("TRAINING  job %d of %s by %s: %d tokens", j.id, j.creator, j.worker, j.claim.units)
	r.say("          state %x, trace %x", j.claim.state, j.claim.trace)
	if n := len(j.agreed()); n > 0 {
		r.say("          %d of its checkers did the training again and got every bit of the claim", n)
	}
	for _, id := range j.terms.train.datasets {
		what := "dataset " + denom(id)
		d, err := r.state.asset(id, what)
		if err != nil {
			return err
		}
		if d.kind != kindDataset {
			return refuse(what, "is not a dataset")
		}
		r.datasets = append(r.datasets, d)
	}
	return nil
}

// sharesOf recomputes the first shares of the model.
func (r *reasons) sharesOf() error {
	d, err := r.division()
	if err != nil {
		return err
	}
	want := r.training.parts(r.datasets, d)
	for i := range max(len(want), len(r.model.parts)) {
		if i >= len(want) || i >= len(r.model.parts) || want[i] != r.model.parts[i] {
			return refuse("model "+denom(r.model.id), "part %d of its shares is not what the training gives", i+1)
		}
	}
	s := r.training.terms.train.split
	r.say("SHARES    %s in all: %s to data by %s, %s to compute, %s to the creator, the rest to the commons",
		grouped(allShares), percent(s.data), s.method, percent(s.compute), percent(s.creator))
	if s.floor != 0 || s.cap != 0 {
		r.say("          a dataset of use gets at least %s of the data part and at most %s (0: no bound)", percent(s.floor),
			percent(s.cap))
	}
	for _, p := range want {
		r.say("          %13s  %s (%s)%s", grouped(p.shares), p.holder, p.role, d.why[p.asset])
	}
	return nil
}

// division is how the data part was divided, by the training's method.
func (r *reasons) division() (division, error) {
	switch r.training.terms.train.split.method {
	case byTokens:
		return r.training.byTokens(r.datasets), nil
	case byMeasure, byExact:
		return r.byValue()
	}
	return division{}, refuse(r.place(), "its method %q is unknown", r.training.terms.train.split.method)
}

// place names the training.
func (r *reasons) place() string { return fmt.Sprintf("training (job %d)", r.model.job) }

// complete refuses what is in the bundle for no reason.
func (r *reasons) complete() error {
	for name, used := range r.blobs {
		if !used {
			return refuse(blobFolder+"/"+name, "nothing leads to it")
		}
	}
	return r.state.complete()
}
