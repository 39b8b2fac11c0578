package demo

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"cosmossdk.io/math"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
)

// model asks the chain for the model that was made.
func (p *play) model(ctx context.Context) (asset.Asset, error) {
	r, err := asset.NewQueryClient(p.client).Asset(ctx, &asset.QueryAssetRequest{Id: p.training.Asset})
	if err != nil {
		return asset.Asset{}, err
	}
	return r.Asset, nil
}

// showModel tells who owns the new model and how it learned.
func (p *play) showModel(ctx context.Context) error {
	a, err := p.model(ctx)
	if err != nil {
		return err
	}
	m, run, err := p.fetchModel(ctx, a)
	if err != nil {
		return err
	}
	p.report.Model = Model{
		Asset: asset.Denom(a.Id), Parameters: m.Config.Parameters(), Steps: run.Steps,
		LossFirst: run.LossFirst, LossLast: run.LossLast, StateHash: hex.EncodeToString(a.State),
		TrainedBy: p.training.Worker, VerifiedBy: p.report.Model.VerifiedBy,
	}
	p.act(fmt.Sprintf("The model is an asset: %s, owned by those who made it", asset.Denom(a.Id)))
	p.say("%s parameters; validation loss %.3f → %.3f nats a token", thousands(m.Config.Parameters()), run.LossFirst, run.LossLast)
	p.say("%s", plot(run.Losses))
	rows := [][]string{{"owner", "part", "shares of 1,000,000,000"}}
	for _, part := range a.Parts {
		rows = append(rows, []string{p.named(part.Holder), part.Role, thousands(part.Shares)})
	}
	p.table(rows)
	return nil
}

// split lets every holder withdraw, and adds the parts up.
func (p *play) split(ctx context.Context) error {
	p.act("Everyone withdraws: the fee reaches who served and who made the model")
	a, err := p.model(ctx)
	if err != nil {
		return err
	}
	fee := p.session.Price.MulRaw(int64(p.session.Claim.Units))
	left := fee
	for _, pay := range p.session.Paid {
		switch pay.Role {
		case "serving":
			p.part(pay.To, pay.Role, 0, pay.Amount)
		case "quoted":
			p.part(p.quoted(a, pay.Asset), pay.Role, 0, pay.Amount)
		default:
			continue
		}
		left = left.Sub(pay.Amount)
	}
	for _, part := range a.Parts {
		amount, err := p.withdraw(ctx, a.Id, part)
		if err != nil {
			return fmt.Errorf("%s withdraws: %w", p.named(part.Holder), err)
		}
		p.part(part.Holder, part.Role, part.Shares, amount)
		left = left.Sub(amount)
	}
	p.report.Remainder = left.String()
	p.report.Height = p.net.Nodes[0].Height()
	p.report.Conserved, err = p.conserved(ctx, a.Id, left)
	p.showSplit(fee, left)
	return err
}

// quoted tells how much of the answer repeats a dataset, and returns who owns that.
func (p *play) quoted(model asset.Asset, dataset uint64) (holder string) {
	for i, part := range model.Parts {
		if part.Asset == dataset {
			p.say("%d of %d tokens answer with what %s says: its owner gets %s of what they cost", p.session.Claim.Quoted[i], p.session.Claim.Units,
				asset.Denom(dataset), percent(int(model.Attribution)))
			holder = part.Holder
		}
	}
	return holder
}

func (p *play) part(holder, role string, shares uint64, amount math.Int) {
	p.report.Split = append(p.report.Split, Part{Holder: holder, Role: role, Shares: fmt.Sprint(shares), Amount: amount.String()})
}

// withdraw takes a holder's income and returns by how much its balance grew. Who has no
// shares has nothing to take.
func (p *play) withdraw(ctx context.Context, id uint64, part asset.Part) (math.Int, error) {
	if part.Shares == 0 {
		return math.ZeroInt(), nil
	}
	holder := part.Holder
	before, err := p.balance(ctx, holder)
	if err != nil {
		return math.Int{}, err
	}
	sender := p.customer // anyone may withdraw for the commons
	for _, who := range p.people() {
		if who.address() == holder {
			sender = who
		}
	}
	if _, err := p.client.Send(ctx, sender.signer, &asset.MsgWithdraw{Sender: sender.address(), Asset: id, Holder: holder}); err != nil {
		return math.Int{}, err
	}
	after, err := p.balance(ctx, holder)
	return after.Sub(before), err
}

func (p *play) balance(ctx context.Context, address string) (math.Int, error) {
	r, err := banktypes.NewQueryClient(p.client).Balance(ctx, &banktypes.QueryBalanceRequest{Address: address, Denom: client.Denom})
	if err != nil {
		return math.Int{}, err
	}
	return r.Balance.Amount, nil
}

// conserved tells whether what the asset has not paid out is exactly what the
// holders' fractions below one uminga add up to.
func (p *play) conserved(ctx context.Context, id uint64, left math.Int) (bool, error) {
	a, err := p.model(ctx)
	if err != nil {
		return false, err
	}
	fractions := math.ZeroInt()
	for _, part := range a.Parts {
		r, err := asset.NewQueryClient(p.client).Income(ctx, &asset.QueryIncomeRequest{Asset: id, Holder: part.Holder})
		if err != nil {
			return false, err
		}
		fractions = fractions.Add(r.Fractions)
	}
	owed := left.MulRaw(asset.Shares)
	return a.Income.Sub(a.Paid).Equal(left) && fractions.Equal(owed), nil
}

func (p *play) showSplit(fee, left math.Int) {
	rows := [][]string{{"who", "for", "shares", "amount"}}
	for _, part := range p.report.Split {
		amount, _ := math.NewIntFromString(part.Amount)
		shares, _ := strconv.ParseUint(part.Shares, 10, 64)
		rows = append(rows, []string{p.named(part.Holder), part.Role, thousands(shares), coins(amount.Int64())})
	}
	rows = append(rows,
		[]string{"fractions below one uminga", "kept for the holders", "", coins(left.Int64())},
		[]string{"together", "", "", coins(fee.Int64())})
	p.table(rows)
}

// fetchModel gets the model file from whoever has it, and reads how the run that
// made it went. The file's hash was confirmed by the checkers.
func (p *play) fetchModel(ctx context.Context, a asset.Asset) (*file.Model, train.Log, error) {
	sources, err := p.client.Sources(ctx)
	if err != nil {
		return nil, train.Log{}, err
	}
	root := blob.Hash(a.Root)
	if err := transfer.Fetch(ctx, p.library, root, sources, int64(a.Bytes)); err != nil {
		return nil, train.Log{}, err
	}
	content, err := p.library.Bytes(root)
	if err != nil {
		return nil, train.Log{}, err
	}
	m, err := file.Decode(content)
	if err != nil {
		return nil, train.Log{}, err
	}
	run, err := train.ReadLog(m)
	return m, run, err
}
