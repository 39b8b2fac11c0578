package job

import (
	"context"
	stderrors "errors"
	"fmt"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// A job has one worker. Work for many is a parent that posts other jobs as its parts: its children. They are jobs like
// all others. The parent counts those that are paid, and goes on when all are. If one ends without being paid, the
// parent gives up: its open children are dropped, and those that somebody works on go on and are paid.
//
// However many children there are, a block does a bounded amount of work for them. Each child's end changes one small
// record. The open children of a parent that has given up are found by an index, and dropped a number in each block.

// drops is how many open children are dropped in one block at most; the others wait a block.
const drops = 200

// givenUp is why a child ends that is of no more use.
const givenUp = "the job that it is a part of gave up on it"

// byParent lists children by parent, state and id. Other jobs have no place in it and cost nothing for it.
type byParent struct {
	collections.KeySet[collections.Pair[collections.Pair[uint64, int32], uint64]]
}

func newByParent(sb *collections.SchemaBuilder) byParent {
	return byParent{collections.NewKeySet(sb, collections.NewPrefix(13), "jobs_by_parent",
		collections.PairKeyCodec(
			collections.PairKeyCodec(collections.Uint64Key, collections.Int32Key), collections.Uint64Key),
		collections.WithKeySetSecondaryIndex())}
}

// Reference puts a job in its place, if it is a child.
func (b byParent) Reference(ctx context.Context, id uint64, j Job, old func() (Job, error)) error {
	if !j.isChild() {
		return nil
	}
	if err := b.Unreference(ctx, id, old); err != nil && !stderrors.Is(err, collections.ErrNotFound) {
		return err
	}
	return b.Set(ctx, collections.Join(collections.Join(j.Terms.Parent, int32(j.State)), id))
}

// Unreference takes a job from its place.
func (b byParent) Unreference(ctx context.Context, id uint64, old func() (Job, error)) error {
	j, err := old()
	if err != nil || !j.isChild() {
		return err
	}
	return b.Remove(ctx, collections.Join(collections.Join(j.Terms.Parent, int32(j.State)), id))
}

// in lists the first children of a parent that are in a state, by id.
func (b byParent) in(ctx context.Context, parent uint64, s State, most int) (ids []uint64, err error) {
	of := collections.NewPrefixedPairRange[collections.Pair[uint64, int32], uint64](collections.Join(parent, int32(s)))
	err = b.Walk(ctx, of, func(key collections.Pair[collections.Pair[uint64, int32], uint64]) (bool, error) {
		ids = append(ids, key.K2())
		return len(ids) >= most, nil
	})
	return ids, err
}

// isChild tells that the job is a part of another one.
func (j *Job) isChild() bool { return j.Terms.Parent != 0 }

// noChild refuses terms of a child: only the chain posts children.
func noChild(t Terms) error {
	if t.Parent != 0 || t.Number != 0 {
		return ErrTerms.Wrap("parent and number are for the jobs that the chain posts: leave them out")
	}
	return nil
}

// children returns how the children of a job stand, and whether it has any.
func (k Keeper) children(ctx context.Context, parent uint64) (c Children, begun bool, err error) {
	c, err = k.Children.Get(ctx, parent)
	if stderrors.Is(err, collections.ErrNotFound) {
		return Children{}, false, nil
	}
	return c, err == nil, err
}

// spawn posts the next children of a job, of which there will be count. Their budgets are in escrow already. It returns
// the first one; the others follow it.
func (k Keeper) spawn(ctx context.Context, parent *Job, count uint32, terms []Terms) (first uint64, err error) {
	c, begun, err := k.children(ctx, parent.Id)
	if err != nil {
		return 0, err
	}
	if !begun {
		c = Children{Parent: parent.Id, Count: count}
	}
	if c.Reason != "" || len(terms) > int(c.Count-c.Posted) {
		return 0, ErrState.Wrapf("job %d posts no more children: %d of %d are posted. %s",
			parent.Id, c.Posted, c.Count, c.Reason)
	}
	for i, t := range terms {
		t.Parent, t.Number = parent.Id, c.Posted
		j, err := k.begin(ctx, parent.Creator, t)
		if err != nil {
			return 0, err
		}
		if err := k.open(ctx, &j); err != nil {
			return 0, err
		}
		if c.Posted++; i == 0 {
			first = j.Id
		}
	}
	return first, k.Children.Set(ctx, parent.Id, c)
}

// outstanding tells whether a job has children that are neither paid nor given up.
func (c Children) outstanding() bool { return c.Reason == "" && c.Paid < c.Count }

// after does what follows from the end of a job for its parent and for its children.
func (k Keeper) after(ctx context.Context, j *Job) error {
	if j.State != StatePaid {
		if err := k.giveUp(ctx, j.Id, "the job itself "+j.State.Word()); err != nil {
			return err
		}
	}
	switch {
	case !j.isChild():
		return nil
	case j.State == StatePaid:
		return k.count(ctx, j.Terms.Parent)
	}
	return k.giveUp(ctx, j.Terms.Parent,
		fmt.Sprintf("child %d (job %d) %s: %s", j.Terms.Number, j.Id, j.State.Word(), j.Reason))
}

// count counts a child that was paid. After the last one the parent goes on.
func (k Keeper) count(ctx context.Context, parent uint64) error {
	c, err := k.Children.Get(ctx, parent)
	if err != nil {
		return err
	}
	c.Paid++
	if err := k.Children.Set(ctx, parent, c); err != nil || c.Paid < c.Count {
		return err
	}
	return k.wake(ctx, parent)
}

// wake has a job that waits for its children end with the next block.
func (k Keeper) wake(ctx context.Context, id uint64) error {
	j, err := k.Get(ctx, id)
	if err != nil || j.State != StateWaiting {
		return err
	}
	if err := k.wait(ctx, &j, height(ctx)); err != nil {
		return err
	}
	return k.Jobs.Set(ctx, id, j)
}

// giveUp has a job wait for its children no more, if it has any.
func (k Keeper) giveUp(ctx context.Context, parent uint64, reason string) error {
	c, begun, err := k.children(ctx, parent)
	if err != nil || !begun || c.Reason != "" {
		return err
	}
	c.Reason = reason
	if err := k.Children.Set(ctx, parent, c); err != nil {
		return err
	}
	if err := k.GivenUp.Set(ctx, parent); err != nil {
		return err
	}
	event := &EventGivenUp{Job: parent, Reason: reason}
	if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event); err != nil {
		return err
	}
	return k.wake(ctx, parent)
}

// dropChildren drops open children of the parents that gave up, the oldest parent's first.
func (k Keeper) dropChildren(ctx context.Context, m *meter) error {
	var parents []uint64
	err := k.GivenUp.Walk(ctx, nil, func(parent uint64) (bool, error) {
		parents = append(parents, parent)
		return len(parents) == drops, nil
	})
	left := drops
	for _, parent := range parents {
		if err != nil || left == 0 || m.left <= 0 {
			return err
		}
		left, err = k.dropSome(ctx, m, parent, left)
	}
	return err
}

// dropSome drops up to left open children of a parent, and returns how many more could be dropped. A child that cannot
// be paid back ends by its deadline, as those that somebody works on do.
func (k Keeper) dropSome(ctx context.Context, m *meter, parent uint64, left int) (int, error) {
	ids, err := k.Jobs.Indexes.Parent.in(ctx, parent, StateOpen, left)
	if err != nil {
		return 0, err
	}
	dropped := 0
	for _, id := range ids {
		if m.wholly(ctx, "job", id, func(ctx context.Context) error {
			j, err := k.Get(ctx, id)
			if err != nil {
				return err
			}
			return k.drop(ctx, &j, givenUp)
		}) {
			dropped++
		}
	}
	if dropped == left {
		return 0, nil
	}
	return left - len(ids), k.GivenUp.Remove(ctx, parent)
}

// useless says why a child is not worth being open again; empty: it is, or the job is no child.
func (k Keeper) useless(ctx context.Context, j *Job) (string, error) {
	c, _, err := k.children(ctx, j.Terms.Parent)
	switch {
	case err != nil:
		return "", err
	case j.isChild() && c.Reason != "":
		return givenUp, nil
	case j.isChild() && len(j.Barred) >= mostFailures:
		return fmt.Sprintf("%d workers have failed over it", len(j.Barred)), nil
	}
	return "", nil
}

// childStory says of a child whose part it is.
func (j *Job) childStory() string {
	if !j.isChild() {
		return ""
	}
	return fmt.Sprintf(" It is part %d of job %d.", j.Terms.Number, j.Terms.Parent)
}
