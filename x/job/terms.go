package job

import (
	"cosmossdk.io/math"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

// checkTerms says why terms cannot be posted, from the terms and parameters alone.
func checkTerms(t Terms, p Params) error {
	if err := noChild(t); err != nil {
		return err
	}
	for _, check := range []func(Terms, Params) error{checkAmounts, checkWork, checkKind, checkProtection} {
		if err := check(t, p); err != nil {
			return err
		}
	}
	return nil
}

// checkAmounts bounds each amount to 64 bits, so that no product of two overflows.
func checkAmounts(t Terms, _ Params) error {
	for _, a := range []struct {
		name  string
		value math.Int
		least int64
	}{{"budget", t.Budget, 1}, {"max_price", t.MaxPrice, 0}, {"check_pay", t.CheckPay, 0}, {"stake", t.Stake, 1}} {
		if a.value.IsNil() || !a.value.IsUint64() || a.value.LT(math.NewInt(a.least)) {
			return ErrTerms.Wrapf("%s %s: give a whole number of %s from %d to 2^64-1", a.name, a.value, worker.Coin, a.least)
		}
	}
	return nil
}

func checkWork(t Terms, p Params) error {
	for _, b := range []struct {
		name  string
		value int64
	}{{"deadline", t.Deadline}, {"work", t.Work}, {"window", t.Window}} {
		if b.value < 1 || b.value > p.MaxBlocks {
			return ErrTerms.Wrapf("%s of %d blocks: give 1 to %d", b.name, b.value, p.MaxBlocks)
		}
	}
	switch {
	case t.Units == 0:
		return ErrTerms.Wrap("units is 0: say how many tokens of work there are")
	case t.Checkers > p.MaxCheckers:
		return ErrTerms.Wrapf("%d checkers: ask for at most %d", t.Checkers, p.MaxCheckers)
	case t.Source != "" && !worker.IsURL(t.Source):
		return ErrTerms.Wrapf("source %.80q: give an http or https address without spaces", t.Source)
	}
	return nil
}

// Bounds of terms that protect the other side. One side sets them, so the chain does.
const (
	mostStakes = 2000 // budgets that a stake may be
	leastPay   = 50   // a checker gets at least the fee divided by so much
)

// checkProtection wants a stake that is more than a lie can earn in money, but not so large that a job of nearly no
// worth locks up whole machines, and a pay for checkers that stands in some proportion to the work.
func checkProtection(t Terms, _ Params) error {
	fee := t.MaxPrice.Mul(math.NewIntFromUint64(t.Units))
	switch {
	case t.Stake.LT(fee):
		return ErrTerms.Wrapf("stake %s is below what the work may cost, %s: a lie would earn more than it risks, raise the "+
			"stake, or lower max_price or units", money(t.Stake), money(fee))
	case t.Stake.GT(t.Budget.MulRaw(mostStakes)):
		return ErrTerms.Wrapf("stake %s is more than %d times the budget %s: lower it, nobody locks up so much for so "+
			"little", money(t.Stake), mostStakes, money(t.Budget))
	case t.Checkers > 0 && t.CheckPay.MulRaw(leastPay).LT(fee):
		return ErrTerms.Wrapf("check_pay %s is below a %dth of what the work may cost, %s: a checker does all the work "+
			"again, raise it", money(t.CheckPay), leastPay, money(fee))
	}
	return nil
}

// checkBudget wants the budget to cover the most that the job can cost when all goes well: the work, the checkers and
// the price of what the terms name.
func checkBudget(t Terms, price math.Int) error {
	cost := t.MaxPrice.Mul(math.NewIntFromUint64(t.Units)).Add(t.CheckPay.MulRaw(int64(t.Checkers))).Add(price)
	if t.Budget.LT(cost) {
		return ErrTerms.Wrapf("budget %s is below what the job can cost, %s: raise the budget, or lower max_price, units, "+
			"checkers or check_pay", money(t.Budget), money(cost))
	}
	return nil
}

// programs reads a task that is a run of Programs.
func programs(task []byte) (*verify.Programs, error) {
	t, err := verify.DecodeTask(task)
	if err != nil {
		return nil, ErrTerms.Wrapf("task: %s", err)
	}
	p, err := verify.ProgramsOf(t)
	if err != nil {
		return nil, ErrTerms.Wrapf("task: %s", err)
	}
	return p, nil
}
