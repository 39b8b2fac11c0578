package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"cosmossdk.io/math"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// Billed holds if the tokens that the session is paid for are those that the gateway's
// answers told the customer of, and they are not none.
var Billed = Check{
	Name: "the bill is what the customer was told",
	Holds: func(ctx context.Context, w World, s Subject) error {
		j, err := w.claimed(ctx, s.Session)
		if err != nil {
			return err
		}
		told, err := tokens(w.Answers)
		if err != nil {
			return err
		}
		if told == 0 || j.Claim.Units != told {
			return fmt.Errorf("the customer was told of %d tokens, %d are claimed", told, j.Claim.Units)
		}
		return nil
	},
	Break: func(w *World) { w.Answers = w.Answers[1:] },
}

// usage finds what an answer, streamed or not, says that it costs.
var usage = regexp.MustCompile(`"usage":(\{[^}]*\})`)

// tokens sums what answers say that they cost.
func tokens(answers []string) (sum uint64, err error) {
	for _, body := range answers {
		for _, found := range usage.FindAllStringSubmatch(body, -1) {
			var u struct {
				Prompt     uint64 `json:"prompt_tokens"`
				Completion uint64 `json:"completion_tokens"`
			}
			if err := json.Unmarshal([]byte(found[1]), &u); err != nil {
				return 0, err
			}
			sum += u.Prompt + u.Completion
		}
	}
	return sum, nil
}

// PartsSum holds if who served, whose data was repeated and who holds shares get together
// what the tokens cost, and with the checkers and what goes back the whole budget.
var PartsSum = Check{
	Name: "the parts sum to the fee",
	Holds: func(ctx context.Context, w World, s Subject) error {
		j, err := w.claimed(ctx, s.Session)
		if err != nil {
			return err
		}
		fee, all := math.ZeroInt(), math.ZeroInt()
		for _, p := range j.Paid {
			all = all.Add(p.Amount)
			if slices.Contains([]job.Role{job.RoleServing, job.RoleQuoted, job.RoleHolders}, p.Role) {
				fee = fee.Add(p.Amount)
			}
		}
		if want := j.Price.MulRaw(int64(j.Claim.Units)); !fee.IsPositive() || !fee.Equal(want) {
			return fmt.Errorf("the parts sum to %s, the tokens cost %s", fee, want)
		}
		if !all.Equal(j.Terms.Budget) || !j.Escrow.IsZero() {
			return fmt.Errorf("%s of %s is paid out, %s is still held", all, j.Terms.Budget, j.Escrow)
		}
		return nil
	},
	Break: bent(func(r *job.QueryJobResponse) {
		for i := range r.Job.Paid {
			r.Job.Paid[i].Amount = r.Job.Paid[i].Amount.AddRaw(1)
		}
	}),
}

// Withdrawn holds if nobody is owed a whole uminga any more, and what the model has not paid
// out is exactly what the holders' fractions add up to.
var Withdrawn = Check{
	Name: "nothing is owed but fractions of a coin",
	Holds: func(ctx context.Context, w World, s Subject) error {
		a, err := w.model(ctx, s.Training)
		if err != nil {
			return err
		}
		fractions := math.ZeroInt()
		chain := asset.NewQueryClient(w.Chain)
		for _, p := range a.Parts {
			r, err := chain.Income(ctx, &asset.QueryIncomeRequest{Asset: a.Id, Holder: p.Holder})
			if err != nil {
				return err
			}
			if !r.Amount.IsZero() {
				return fmt.Errorf("%s is owed %s", p.Holder, r.Amount)
			}
			fractions = fractions.Add(r.Fractions)
		}
		left := a.Income.Sub(a.Paid)
		if !a.Income.IsPositive() || !fractions.Equal(left.MulRaw(asset.Shares)) {
			return fmt.Errorf("%s of %s is not paid out, the fractions are %s", left, a.Income, fractions)
		}
		return nil
	},
	Break: bent(func(r *asset.QueryIncomeResponse) { r.Fractions = r.Fractions.AddRaw(1) }),
}

// BooksHold holds if the assets' account has the coins that its books say, to the last one.
var BooksHold = Check{
	Name: "no coin is made or lost",
	Holds: func(ctx context.Context, w World, _ Subject) error {
		all, err := asset.NewQueryClient(w.Chain).Assets(ctx, &asset.QueryAssetsRequest{})
		if err != nil {
			return err
		}
		if all.Pagination != nil && len(all.Pagination.NextKey) > 0 {
			return errors.New("there are more assets than one page has")
		}
		owed := math.ZeroInt()
		for _, a := range all.Assets {
			owed = owed.Add(a.Income).Sub(a.Paid)
		}
		account := authtypes.NewModuleAddress(asset.Name).String()
		request := &banktypes.QueryBalanceRequest{Address: account, Denom: client.Denom}
		held, err := banktypes.NewQueryClient(w.Chain).Balance(ctx, request)
		if err != nil {
			return err
		}
		if !held.Balance.Amount.Equal(owed) {
			return fmt.Errorf("assets owe %s, and have %s", owed, held.Balance.Amount)
		}
		return nil
	},
	Break: bent(func(r *banktypes.QueryBalanceResponse) { r.Balance.Amount = r.Balance.Amount.AddRaw(1) }),
}
