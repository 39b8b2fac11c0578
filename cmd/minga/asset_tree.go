package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"cosmossdk.io/math"

	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
)

// mostOwners is how many holders a tree lists.
const mostOwners = 20

// tree is a line of text with others below it.
type tree struct {
	line  string
	below []*tree
}

func (t *tree) add(format string, args ...any) *tree {
	b := &tree{line: fmt.Sprintf(format, args...)}
	t.below = append(t.below, b)
	return b
}

// write draws the tree; first stands before its own line, rest before those below.
func (t *tree) write(w io.Writer, first, rest string) error {
	if _, err := fmt.Fprintln(w, first+t.line); err != nil {
		return err
	}
	for i, b := range t.below {
		mark, deeper := "├─ ", "│  "
		if i == len(t.below)-1 {
			mark, deeper = "└─ ", "   "
		}
		if err := b.write(w, rest+mark, rest+deeper); err != nil {
			return err
		}
	}
	return nil
}

// ownersTree tells who owns an asset and why.
func ownersTree(o *origin, owners []*banktypes.DenomOwner) *tree {
	a := o.asset
	t := &tree{}
	if a.Kind == asset.KindModel {
		t.line = fmt.Sprintf("%s %s: a model of %d bytes under %s, made by job %d at height %d", asset.Denom(a.Id), a.Name,
			a.Bytes, a.Licence, a.Job, a.Height)
		o.addParts(t)
		o.addBase(t)
	} else {
		t.line = fmt.Sprintf("%s %s: a dataset under %s, price %s", asset.Denom(a.Id), a.Name, a.Licence, amount(a.Price))
		o.addText(t, a)
		t.add("all shares first to %s, who registered it", name(a.Creator))
	}
	addOwners(t, a, owners)
	t.add("income: %s so far, of which %s is withdrawn", amount(a.Income), amount(a.Paid))
	return t
}

// addParts lists the first shares by their reason.
func (o *origin) addParts(t *tree) {
	for _, role := range []string{"data", "compute", "creator", "commons"} {
		var parts []asset.Part
		sum := uint64(0)
		for _, p := range o.asset.Parts {
			if p.Role == role {
				parts, sum = append(parts, p), sum+p.Shares
			}
		}
		if len(parts) == 1 && role != "data" {
			t.add("%s: %s to %s", role, percent(sum), name(parts[0].Holder))
			continue
		}
		if len(parts) > 0 {
			r := t.add("%s: %s", role, percent(sum))
			if how := o.method(); role == "data" && how != "" {
				r.line += ", " + how
			}
			for _, p := range parts {
				o.addPart(r, p, sum)
			}
		}
	}
}

// method says how the data part was divided if its job measures.
func (o *origin) method() string {
	switch m := o.measured; {
	case m == nil:
		return ""
	case m.Reason != "":
		return "not measured: " + m.Reason
	default:
		return fmt.Sprintf("measured by %d runs, jobs %d to %d", m.Runs, m.First, m.First+uint64(m.Runs)-1)
	}
}

// addPart tells of one part of a role that got sum shares.
func (o *origin) addPart(t *tree, p asset.Part, sum uint64) {
	if p.Asset == 0 {
		t.add("%s to %s", percent(p.Shares), name(p.Holder))
		return
	}
	set := o.others[p.Asset]
	b := t.add("%s %s: %s to %s", asset.Denom(p.Asset), set.Name, percent(p.Shares), name(p.Holder))
	o.addText(b, set)
	o.addValue(b, p, sum)
}

// addText says what a dataset is, since when, and whether another was there before.
func (o *origin) addText(t *tree, set asset.Asset) {
	t.add("%d bytes, %d lines, committed at height %d", set.Bytes, set.Records, set.Since)
	if set.Similar != 0 {
		earlier := o.others[set.Similar]
		t.add("%s of %s, committed at height %d", likeness(set, earlier), earlier.Creator, earlier.Since)
	}
}

// addValue says what a dataset did for the model.
func (o *origin) addValue(t *tree, p asset.Part, sum uint64) {
	contribution := math.LegacyZeroDec()
	if sum > 0 {
		contribution = math.LegacyNewDec(int64(p.Shares)).QuoInt64(int64(sum)).MulInt64(100)
	}
	switch {
	case p.Value != "":
		t.add("value %s nats of validation loss: contribution %.2f %%", p.Value, contribution.MustFloat64())
	case o.job != nil:
		if i := slices.Index(o.job.Terms.Train.Datasets, p.Asset); i >= 0 {
			t.add("%d of %d training tokens: contribution %.2f %%", o.job.Terms.Train.Used[i], o.job.Terms.Units,
				contribution.MustFloat64())
		}
	}
}

// addBase tells what a model owes, line by line up to the oldest, what it asks, and what it
// gives to its data.
func (o *origin) addBase(t *tree) {
	at, child := t, o.asset
	for base, ok := o.others[child.Base]; ok && child.Base != 0; base, ok = o.others[child.Base] {
		at = at.add("trained from %s %s, whose holders get %s of what %s earns", asset.Denom(base.Id), base.Name,
			points(base.Royalty), asset.Denom(child.Id))
		child = base
	}
	if o.asset.Royalty > 0 {
		t.add("royalty: models trained from it owe it %s of what they earn", points(o.asset.Royalty))
	}
	if o.asset.Attribution > 0 {
		t.add("attribution: %s of what an answer costs goes, as far as it repeats their text, to the datasets",
			points(o.asset.Attribution))
	}
	if o.asset.Vested > o.asset.Height {
		t.add("vesting: first shares become free from height %d to %d", o.asset.Height, o.asset.Vested)
	}
}

// addOwners lists who holds the shares now if that is no longer who first got them.
func addOwners(t *tree, a asset.Asset, owners []*banktypes.DenomOwner) {
	first := map[string]uint64{}
	for _, p := range a.Parts {
		first[p.Holder] += p.Shares
	}
	same := true
	for _, h := range owners {
		same = same && first[h.Address] == h.Balance.Amount.Uint64()
	}
	if same {
		return
	}
	slices.SortFunc(owners, func(a, b *banktypes.DenomOwner) int {
		return cmp.Or(b.Balance.Amount.BigInt().Cmp(a.Balance.Amount.BigInt()), strings.Compare(a.Address, b.Address))
	})
	now := t.add("holders now")
	if len(owners) == mostOwners {
		now.line += fmt.Sprintf(" (%d of them; `minga query bank denom-owners %s` has all)", mostOwners, asset.Denom(a.Id))
	}
	for _, h := range owners {
		now.add("%s to %s", percent(h.Balance.Amount.Uint64()), name(h.Address))
	}
}

// name is an account, or the commons.
func name(address string) string {
	if address == asset.CommonsAddress().String() {
		return "the commons (" + address + ")"
	}
	return address
}

// percent is a part of all shares, exactly.
func percent(shares uint64) string {
	return decimal(math.LegacyNewDecFromIntWithPrec(math.NewIntFromUint64(shares), 7)) + " %"
}

// points are basis points as people read them.
func points(n uint32) string { return decimal(math.LegacyNewDecWithPrec(int64(n), 2)) + " %" }

// amount is money as people read it.
func amount(n math.Int) string {
	return decimal(math.LegacyNewDecFromIntWithPrec(n, 6)) + strings.ToUpper(strings.TrimPrefix(client.Denom, "u"))
}

func decimal(d math.LegacyDec) string {
	return strings.TrimSuffix(strings.TrimRight(d.String(), "0"), ".")
}
