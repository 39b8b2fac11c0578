package job

import (
	"slices"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/worker"
)

// Who gets what. Money is split by bill, the shares of a new model by parts. Both are lists that sum exactly, and their
// order depends on their content only.

// Role says why somebody gets a payment.
type Role string

// The roles of payments.
const (
	RoleWorker  Role = "worker"  // did the work
	RoleServing Role = "serving" // served the model
	RoleHolders Role = "holders" // own the model that was served
	RoleQuoted  Role = "quoted"  // own the data that answers repeat
	RoleData    Role = "data"    // own the data that was trained on
	RoleChecker Role = "checker" // did the work again
	RoleCreator Role = "creator" // gets the rest back
	RoleCommons Role = "commons" // gets what is nobody's
)

// bill pays out the escrow of a job whose claim stands: the fees of its kind, each right checker, and the rest back.
func bill(j Job, fees []Payment, right []string) []Payment {
	return withRest(j, append(fees, checkPay(j, j.Escrow.Sub(total(fees)), right)...))
}

// workerFee gives the worker all of the fee.
func workerFee(j *Job) []Payment { return []Payment{{To: j.Worker, Role: RoleWorker, Amount: j.fee()}} }

// checkPay gives each right checker its pay. A dispute seats more checkers than the budget was made for. If what is
// left is not enough for all, each gets the same smaller pay.
func checkPay(j Job, left math.Int, right []string) []Payment {
	var lines []Payment
	for _, who := range sorted(right) {
		pay := math.MinInt(j.Terms.CheckPay, left.QuoRaw(int64(len(right))))
		lines = append(lines, Payment{To: who, Role: RoleChecker, Amount: pay})
	}
	return lines
}

// refundAll gives the whole escrow back.
func refundAll(j Job) []Payment { return withRest(j, nil) }

// withRest adds what is left of the escrow, for the creator, and drops empty lines.
func withRest(j Job, lines []Payment) []Payment {
	lines = append(lines, Payment{To: j.Creator, Role: RoleCreator, Amount: j.Escrow.Sub(total(lines))})
	return slices.DeleteFunc(lines, func(p Payment) bool { return p.Amount.IsZero() })
}

func total(lines []Payment) math.Int {
	t := math.ZeroInt()
	for _, p := range lines {
		t = t.Add(p.Amount)
	}
	return t
}

// parts gives out the shares of the model that a training made. The data part goes to the creators of the datasets as
// it was divided. The compute part goes to the worker that trained. Checkers get none of it: they are paid a flat fee,
// so that they have no interest in the claim standing. Divisions round down, and the rest is in the commons' part.
// Measured data has its line even if it earns nothing.
func parts(j Job, datasets []asset.Asset, commons string, d division) []asset.Part {
	split := j.Terms.Train.Split
	var out []asset.Part
	for i, set := range datasets {
		p := asset.Part{Holder: set.Creator, Role: "data", Asset: set.Id, Shares: d.shares[i]}
		if d.values != nil {
			p.Value = d.values[i]
		}
		out = append(out, p)
	}
	out = append(out, asset.Part{Holder: j.Worker, Role: "compute", Shares: asset.Shares * uint64(split.Compute) / whole})
	if !d.forfeit {
		out = append(out, asset.Part{Holder: j.Creator, Role: "creator",
			Shares: asset.Shares * uint64(split.Creator) / whole})
	}
	rest := uint64(asset.Shares)
	for _, p := range out {
		rest -= p.Shares
	}
	out = append(out, asset.Part{Holder: commons, Role: "commons", Shares: rest})
	return slices.DeleteFunc(out, func(p asset.Part) bool { return p.Shares == 0 && p.Value == "" })
}

// rewards splits half of a slashed stake equally over those who were right.
func rewards(stake math.Int, right []string) []worker.Reward {
	var out []worker.Reward
	for _, who := range sorted(right) {
		out = append(out, worker.Reward{To: who, Amount: stake.QuoRaw(2).QuoRaw(int64(len(right)))})
	}
	return out
}

func sorted(who []string) []string { return slices.Sorted(slices.Values(who)) }
