package job

import (
	"context"
	stderrors "errors"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/collections/indexes"
)

// jobIndexes find jobs without a walk over all of them. They are kept by Jobs itself, with
// each change of a job.
type jobIndexes struct {
	// State lists jobs by state and kind.
	State *indexes.Multi[collections.Pair[int32, string], uint64, Job]
	// Parent lists children by parent and state.
	Parent byParent
	// Worker lists the jobs that have not ended by each worker and checker that they have.
	Worker parties[Job]
}

// IndexesList is what collections asks for.
func (i jobIndexes) IndexesList() []collections.Index[uint64, Job] {
	return []collections.Index[uint64, Job]{i.State, i.Parent, i.Worker}
}

func newJobIndexes(sb *collections.SchemaBuilder) jobIndexes {
	return jobIndexes{
		State: indexes.NewMulti(sb, collections.NewPrefix(3), "jobs_by_state",
			collections.PairKeyCodec(collections.Int32Key, collections.StringKey), collections.Uint64Key,
			func(_ uint64, j Job) (collections.Pair[int32, string], error) {
				return collections.Join(int32(j.State), string(j.Terms.Kind)), nil
			}),
		Parent: newByParent(sb),
		Worker: newParties(sb, 15, "jobs_by_worker", (*Job).parties),
	}
}

// parties are the accounts that have a part in the job now: who does the work, and who checks it.
func (j *Job) parties() []string {
	if j.State.Final() {
		return nil
	}
	var who []string
	if j.State != StateOpen && j.State != StateWaiting {
		who = append(who, j.Worker)
	}
	for _, c := range j.Checks {
		who = append(who, c.Worker)
	}
	return who
}

// disputeIndexes find disputes without a walk over all of them.
type disputeIndexes struct {
	// Job lists disputes by job.
	Job *indexes.Multi[uint64, uint64, Dispute]
	// Party lists the disputes that have not ended by either side.
	Party parties[Dispute]
}

// IndexesList is what collections asks for.
func (i disputeIndexes) IndexesList() []collections.Index[uint64, Dispute] {
	return []collections.Index[uint64, Dispute]{i.Job, i.Party}
}

func newDisputeIndexes(sb *collections.SchemaBuilder) disputeIndexes {
	return disputeIndexes{
		Job: indexes.NewMulti(sb, collections.NewPrefix(8), "disputes_of_job", collections.Uint64Key, collections.Uint64Key,
			func(_ uint64, d Dispute) (uint64, error) { return d.Job, nil }),
		Party: newParties(sb, 16, "disputes_by_party", (*Dispute).parties),
	}
}

// parties are both sides of a dispute until it has ended.
func (d *Dispute) parties() []string {
	if d.Ended != 0 {
		return nil
	}
	return []string{d.Claimant, d.Challenger}
}

// parties is an index by any number of accounts: it has (account, id) for each of them.
type parties[V any] struct {
	collections.KeySet[collections.Pair[string, uint64]]
	of func(*V) []string
}

func newParties[V any](sb *collections.SchemaBuilder, prefix int, name string, of func(*V) []string) parties[V] {
	key := collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)
	refs := collections.NewKeySet(sb, collections.NewPrefix(prefix), name, key, collections.WithKeySetSecondaryIndex())
	return parties[V]{refs, of}
}

// Reference writes the accounts of a new value, and removes those that only the old one had.
func (p parties[V]) Reference(ctx context.Context, id uint64, value V, old func() (V, error)) error {
	now := p.of(&value)
	before, err := p.before(old)
	if err != nil {
		return err
	}
	for _, who := range now {
		if slices.Contains(before, who) {
			continue
		}
		if err := p.Set(ctx, collections.Join(who, id)); err != nil {
			return err
		}
	}
	return p.remove(ctx, id, before, now)
}

// Unreference removes all accounts of a value.
func (p parties[V]) Unreference(ctx context.Context, id uint64, old func() (V, error)) error {
	before, err := p.before(old)
	if err != nil {
		return err
	}
	return p.remove(ctx, id, before, nil)
}

// before is who stands in the index; nobody for a value that was not there.
func (p parties[V]) before(old func() (V, error)) ([]string, error) {
	value, err := old()
	if stderrors.Is(err, collections.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return p.of(&value), nil
}

func (p parties[V]) remove(ctx context.Context, id uint64, before, kept []string) error {
	for _, who := range before {
		if slices.Contains(kept, who) {
			continue
		}
		if err := p.Remove(ctx, collections.Join(who, id)); err != nil {
			return err
		}
	}
	return nil
}
