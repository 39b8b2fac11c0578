package job

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/worker"
)

// books are where everything stands: what is said of each job, dispute and asset, and what each account has of each
// coin and in its record.
type books struct {
	facts map[string]string
	sums  map[string]map[string]math.Int
}

// count reads the books from the chain.
func (c *trace) count() books {
	b := books{map[string]string{}, map[string]map[string]math.Int{}}
	c.countMoney(b)
	require.NoError(c, c.workers.Workers.Walk(c.Ctx, nil, func(_ sdk.AccAddress, w worker.Worker) (bool, error) {
		who := c.named(w.Address)
		b.put(who, "stake", w.Stake)
		b.put(who, "locked", w.Locked)
		b.put(who, "done", math.NewIntFromUint64(w.Done))
		b.put(who, "failed", math.NewIntFromUint64(w.Failed))
		return false, nil
	}))
	require.NoError(c, c.k.Jobs.Walk(c.Ctx, nil, func(id uint64, j Job) (bool, error) {
		b.facts[fmt.Sprint("job ", id)] = c.jobFact(j)
		return false, nil
	}))
	require.NoError(c, c.k.Disputes.Walk(c.Ctx, nil, func(id uint64, _ Dispute) (bool, error) {
		b.facts[fmt.Sprint("dispute ", id)] = c.disputeFact(id)
		return false, nil
	}))
	require.NoError(c, c.k.Measured.Walk(c.Ctx, nil, func(id uint64, m Measured) (bool, error) {
		b.facts[fmt.Sprint("measuring of job ", id)] = c.measuringFact(m)
		return false, nil
	}))
	for id := uint64(1); ; id++ {
		a, err := c.assets.Get(c.Ctx, id)
		if err != nil {
			return b
		}
		b.put(asset.Denom(id), "income", a.Income)
		b.facts[asset.Denom(id)] = c.assetFact(a)
	}
}

// countMoney puts down every coin of every account, and how many there are.
func (c *trace) countMoney(b books) {
	c.Bank.IterateAllBalances(c.Ctx, func(a sdk.AccAddress, coin sdk.Coin) bool {
		b.put(c.named(a.String()), coin.Denom, coin.Amount)
		return false
	})
	c.Bank.IterateTotalSupply(c.Ctx, func(coin sdk.Coin) bool {
		b.put("supply", coin.Denom, coin.Amount)
		return false
	})
}

func (b books) put(who, what string, n math.Int) {
	if b.sums[who] == nil {
		b.sums[who] = map[string]math.Int{}
	}
	b.sums[who][what] = n
}

// news are the events since the last news, and what changed in the books.
func (c *trace) news() (said []string) {
	events := c.Ctx.EventManager().Events()
	for _, e := range events[c.told:] {
		if text, ok := c.event(e); ok {
			said = append(said, text)
		}
	}
	now := c.count()
	for _, thing := range slices.Sorted(maps.Keys(now.facts)) {
		if now.facts[thing] != c.books.facts[thing] {
			said = append(said, thing+": "+now.facts[thing])
		}
	}
	said = append(said, changes(c.books, now)...)
	c.told, c.books = len(events), now
	return said
}

// changes are what each account has more or less.
func changes(before, now books) (said []string) {
	for _, who := range either(before.sums, now.sums) {
		var parts []string
		for _, what := range either(before.sums[who], now.sums[who]) {
			more := orZero(now.sums[who][what]).Sub(orZero(before.sums[who][what]))
			if !more.IsZero() {
				parts = append(parts, fmt.Sprintf("%s %+d", what, more.Int64()))
			}
		}
		if len(parts) > 0 {
			said = append(said, who+": "+strings.Join(parts, ", "))
		}
	}
	return said
}

// either has the keys of both maps, sorted.
func either[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

func orZero(n math.Int) math.Int {
	if n.IsNil() {
		return math.ZeroInt()
	}
	return n
}

// event is one of our modules' events on a line; of a move only what is left to look at.
func (c *trace) event(e sdk.Event) (string, bool) {
	module, name, ours := strings.Cut(strings.TrimPrefix(e.Type, "minga."), ".v1.")
	if !ours {
		return "", false
	}
	said := module + "." + name
	for _, a := range e.Attributes {
		value := strings.ReplaceAll(a.Value, `"`, "")
		switch {
		case a.Key == "view":
			continue
		case a.Key == "move":
			var m Move
			require.NoError(c, c.Codec.UnmarshalJSON([]byte(a.Value), &m))
			value = left(m.Stage, m.Lo, m.Hi)
		case a.Key == "result":
			value = value[:8] + "…"
		}
		said += " " + a.Key + "=" + value
	}
	return c.named(said), true
}

// jobFact is a job on a line.
func (c *trace) jobFact(j Job) string {
	said := []string{j.State.Word()}
	switch j.State {
	case StateTaken, StateClaimed, StateDisputed:
		said[0] += " by " + j.Worker
	}
	if j.Due != 0 {
		said[0] += fmt.Sprint(" until ", j.Due)
	}
	if j.State == StateClaimed || j.State == StateDisputed {
		said = append(said, c.seatsFact(j))
	}
	if j.Claim != nil && j.Claim.Infer != nil && j.Claim.Infer.Quoted != nil {
		said = append(said, fmt.Sprint("quoted ", j.Claim.Infer.Quoted))
	}
	if len(j.Barred) > 0 {
		said = append(said, "without "+strings.Join(j.Barred, ", "))
	}
	if j.Reason != "" {
		said = append(said, j.Reason)
	}
	if len(j.Paid) > 0 {
		said = append(said, "paid "+j.payments())
	}
	return c.named(strings.Join(said, "; "))
}

// seatsFact is what the checkers of a job do.
func (c *trace) seatsFact(j Job) string {
	said := fmt.Sprintf("%d of %d seats", len(j.Checks), j.Seats)
	for _, x := range j.Checks {
		switch {
		case x.Dispute != 0:
			said += fmt.Sprintf(", %s objects by dispute %d", x.Worker, x.Dispute)
		case x.Report == nil:
			said += fmt.Sprintf(", %s works", x.Worker)
		default:
			same, err := equal(j.Claim, x.Report)
			require.NoError(c, err)
			said += fmt.Sprintf(", %s %s", x.Worker, map[bool]string{true: "agrees", false: "differs"}[same])
		}
	}
	return said
}

// disputeFact is how far a dispute is, and what decided it.
func (c *trace) disputeFact(id uint64) string {
	d, v := c.dispute(id), c.seen(id).View
	require.LessOrEqual(c, v.LargestMessage, uint32(verify.MaxMessage))
	said := fmt.Sprintf("about the %s of job %d: ", d.Target, d.Job)
	switch {
	case d.Ended != 0:
		said += d.Reason
		if d.Winner != "" {
			said += ", " + d.Winner + " won"
		}
	case v.Winner != "":
		said += fmt.Sprintf("%s wins after %d exchanges at %v%s: claimed %s, correct %s", v.Winner, v.Exchanges, v.Places,
			operator(v), v.Claimed, v.Correct)
	default:
		said += left(v.Stage, v.Lo, v.Hi) + fmt.Sprintf(", the %s moves until %d", v.Turn, d.Due)
	}
	return c.named(said)
}

// operator is what the step of a machine executes; the file has none.
func operator(v View) string {
	if v.Operator == "" {
		return ""
	}
	return fmt.Sprintf(", %s to %s%v", v.Operator, v.Type, v.Shape)
}

// left is what a dispute has not yet narrowed down of a stage.
func left(stage Stage, lo, hi uint64) string {
	switch hi {
	case 0:
		return string(stage)
	case lo + 1:
		return fmt.Sprintf("%s %d", stage, lo)
	}
	return fmt.Sprintf("%s %d to %d", stage, lo, hi-1)
}

// measuringFact is how far the runs are that measure a job, and what they gave. It must be what package contribution
// gives.
func (c *trace) measuringFact(m Measured) string {
	all, _, err := c.k.children(c.Ctx, m.Job)
	require.NoError(c, err)
	said := fmt.Sprintf("%d runs from job %d, %d paid", m.Runs, m.First, all.Paid)
	if all.Reason != "" {
		said += "; given up: " + all.Reason
	}
	if m.Reason != "" {
		said += "; by tokens: " + m.Reason
	}
	if len(m.Portions) == 0 {
		return said
	}
	portions, datasets := expected(c)
	require.Equal(c, portions, m.Portions)
	said += fmt.Sprintf("; portions are worth %v", m.Portions)
	for i, v := range m.Values {
		require.Equal(c, datasets[i], v.Value)
		said += fmt.Sprintf("; asset/%d is worth %s and gets %d", v.Dataset, v.Value, v.Shares)
	}
	return said
}

// assetFact is a dataset or a model on a line. A model that a job made is what the job's claim says.
func (c *trace) assetFact(a asset.Asset) string {
	if a.Kind != asset.KindModel {
		return c.named(fmt.Sprintf("a dataset of %s at %suminga", a.Creator, a.Price))
	}
	said := fmt.Sprintf("a model of %s", a.Creator)
	if a.Job != 0 {
		claim := c.job(a.Job).Claim
		require.Equal(c, [][]byte{claim.Result, claim.State}, [][]byte{a.Root, a.State}, "another model than was claimed")
		said += fmt.Sprintf(" by job %d from datasets %v and base %d; royalty %d, attribution %d, vested at %d",
			a.Job, a.Parents, a.Base, a.Royalty, a.Attribution, a.Vested)
	}
	for _, p := range a.Parts {
		said += fmt.Sprintf("; %d to %s (%s", p.Shares, p.Holder, p.Role)
		if p.Asset != 0 {
			said += fmt.Sprintf(" of asset/%d", p.Asset)
		}
		if p.Value != "" {
			said += ", " + p.Value
		}
		said += ")"
	}
	return c.named(said)
}

// named is a text with people's names for their addresses.
func (c *trace) named(text string) string {
	pairs := []string{
		authtypes.NewModuleAddress(Name).String(), "escrow", authtypes.NewModuleAddress(worker.Name).String(), "stakes",
		authtypes.NewModuleAddress(asset.Name).String(), "incomes", asset.CommonsAddress().String(), "commons",
	}
	for name, addr := range c.people {
		pairs = append(pairs, addr, name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
