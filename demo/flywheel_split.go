package demo

import (
	"context"
	"fmt"
	"strconv"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// split lets every holder withdraw, and adds the parts up.
func (p *play) split(ctx context.Context) error {
	p.Act("Everyone withdraws: the fee reaches who served and who made the model")
	a, err := p.Asset(ctx, p.job.Asset)
	if err != nil {
		return err
	}
	fee := p.session.Price.MulRaw(int64(p.session.Claim.Units))
	left := fee
	for _, pay := range p.session.Paid {
		switch pay.Role {
		case job.RoleServing:
			p.part(pay.To, string(pay.Role), 0, pay.Amount)
		case job.RoleQuoted:
			p.part(p.quoted(a, pay.Asset), string(pay.Role), 0, pay.Amount)
		default:
			continue
		}
		left = left.Sub(pay.Amount)
	}
	for _, part := range a.Parts {
		amount, err := p.withdraw(ctx, a.Id, part)
		if err != nil {
			return err
		}
		p.part(part.Holder, part.Role, part.Shares, amount)
		left = left.Sub(amount)
	}
	p.report.Remainder = left.String()
	p.showSplit(fee, left)
	return nil
}

// quoted tells how much of the answer repeats a dataset, and returns who owns that.
func (p *play) quoted(model asset.Asset, dataset uint64) (holder string) {
	for i, part := range model.Parts {
		if part.Asset == dataset {
			p.Say("%d of %d tokens answer with what %s says: its owner gets %s of what they cost",
				p.session.Claim.Infer.Quoted[i], p.session.Claim.Units, asset.Denom(dataset),
				percent(int(model.Attribution)))
			holder = part.Holder
		}
	}
	return holder
}

func (p *play) part(holder, role string, shares uint64, amount math.Int) {
	part := Part{Holder: holder, Role: role, Shares: fmt.Sprint(shares), Amount: amount.String()}
	p.report.Split = append(p.report.Split, part)
}

// withdraw takes a holder's income. Who has no shares has nothing to take.
func (p *play) withdraw(ctx context.Context, id uint64, part asset.Part) (math.Int, error) {
	if part.Shares == 0 {
		return math.ZeroInt(), nil
	}
	return p.Withdraw(ctx, id, part.Holder, p.customer)
}

func (p *play) showSplit(fee, left math.Int) {
	rows := [][]string{{"who", "for", "shares", "amount"}}
	for _, part := range p.report.Split {
		amount, _ := math.NewIntFromString(part.Amount)
		shares, _ := strconv.ParseUint(part.Shares, 10, 64)
		got := index.Coins(amount.Int64())
		rows = append(rows, []string{p.Named(part.Holder), part.Role, index.Thousands(shares), got})
	}
	rows = append(rows,
		[]string{"fractions below one uminga", "kept for the holders", "", index.Coins(left.Int64())},
		[]string{"together", "", "", index.Coins(fee.Int64())})
	p.Table(rows)
}
