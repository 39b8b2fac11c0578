package job

import (
	"fmt"
	"math/rand"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/asset"
)

// randomJob has a claim that stands, a budget that covers it, and dataset prices; a session
// may quote.
func randomJob(rng *rand.Rand) (Job, []asset.Asset, attribution) {
	j := Job{Id: 1, Creator: "creator", Worker: "worker", Price: math.NewInt(rng.Int63n(9)), Claim: &Claim{}}
	j.Terms = Terms{Kind: KindTrain, CheckPay: math.NewInt(rng.Int63n(900)), Checkers: uint32(rng.Intn(4)),
		Train: &TrainTerms{}}
	if rng.Intn(3) == 0 {
		j.Terms.Kind, j.Terms.Infer, j.Claim.Infer = KindInfer, &InferTerms{Model: 7}, &InferClaim{}
		j.Terms.Infer.Serving = uint32(rng.Intn(10_001))
		j.Claim.Units = uint64(rng.Intn(1 << 40))
		cost := j.fee().Add(j.Terms.CheckPay.MulRaw(int64(j.Terms.Checkers)))
		j.Escrow = cost.AddRaw(rng.Int63n(300))
		owed := attribution{points: uint32(rng.Intn(10_001 - int(j.Terms.Infer.Serving)))}
		for left := j.Claim.Units; len(owed.datasets) < rng.Intn(5); {
			n := uint64(rng.Int63n(int64(left + 1)))
			left -= n
			j.Claim.Infer.Quoted = append(j.Claim.Infer.Quoted, n)
			owed.datasets = append(owed.datasets, uint64(len(owed.datasets)+1))
		}
		return j, nil, owed
	}
	d, c := rng.Intn(10_001), 0
	c = rng.Intn(10_001 - d)
	r := rng.Intn(10_001 - d - c)
	j.Terms.Train.Split = Split{Data: uint32(d), Compute: uint32(c), Creator: uint32(r),
		Commons: uint32(10_000 - d - c - r)}
	cost := math.ZeroInt()
	var data []asset.Asset
	for i := range 1 + rng.Intn(5) {
		n := uint64(rng.Int63n(1 << uint(1+rng.Intn(58))))
		j.Terms.Train.Datasets = append(j.Terms.Train.Datasets, uint64(i+1))
		j.Terms.Train.Used = append(j.Terms.Train.Used, n)
		j.Claim.Units += n
		data = append(data, asset.Asset{Id: uint64(i + 1), Creator: fmt.Sprint("owner", i%3),
			Price: math.NewInt(rng.Int63n(50))})
		cost = cost.Add(data[i].Price)
	}
	j.Claim.Units = max(j.Claim.Units, 1)
	j.Terms.Units = j.Claim.Units
	cost = cost.Add(j.fee()).Add(j.Terms.CheckPay.MulRaw(int64(j.Terms.Checkers)))
	j.Escrow = cost.AddRaw(rng.Int63n(300))
	return j, data, attribution{}
}

// feesOf are those of a random job's kind.
func feesOf(j Job, data []asset.Asset, owed attribution) []Payment {
	if j.Terms.Kind == KindInfer {
		return served(&j, owed)
	}
	return withPrices(workerFee(&j), data)
}

// TestSplitsSumExactlyInAnyInputOrder: every coin and every share is given out, and the
// same ones in the same order however the checkers happen to stand.
func TestSplitsSumExactlyInAnyInputOrder(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	for range 20_000 {
		j, data, owed := randomJob(rng)
		var right []string
		for i := range rng.Intn(8) {
			right = append(right, fmt.Sprint("checker", i))
		}
		lines := bill(j, feesOf(j, data, owed), right)
		require.True(t, total(lines).Equal(j.Escrow))
		quoted := math.ZeroInt()
		for _, p := range lines {
			require.True(t, p.Amount.IsPositive(), "%v", p)
			if p.Role == "quoted" {
				quoted = quoted.Add(p.Amount)
			}
		}
		require.True(t, quoted.LTE(j.fee().MulRaw(int64(owed.points)).QuoRaw(whole)))
		refund := withRest(j, checkPay(j, j.Escrow, right))
		require.True(t, total(refund).Equal(j.Escrow))
		reward := rewards(math.NewInt(1001), right)
		rng.Shuffle(len(right), func(a, b int) { right[a], right[b] = right[b], right[a] })
		require.Equal(t, lines, bill(j, feesOf(j, data, owed), right))
		require.Equal(t, refund, withRest(j, checkPay(j, j.Escrow, right)))
		require.Equal(t, reward, rewards(math.NewInt(1001), right))
		if j.Terms.Kind == KindTrain {
			checkParts(t, j, data)
		}
	}
}

// checkParts wants all shares given out, and none of a policy of nothing to anybody.
func checkParts(t *testing.T, j Job, data []asset.Asset) {
	sum, commons, dataSum := uint64(0), uint64(0), uint64(0)
	for _, p := range parts(j, data, "commons", byTokens(&j)) {
		sum += p.Shares
		switch p.Role {
		case "commons":
			commons = p.Shares
		case "data":
			dataSum += p.Shares
		}
		require.Positive(t, p.Shares)
	}
	require.Equal(t, uint64(asset.Shares), sum)
	require.LessOrEqual(t, dataSum, asset.Shares/10_000*uint64(j.Terms.Train.Split.Data))
	// Rounding leaves the commons less than one share a dataset more than the policy says,
	// or all of the data part where no tokens were used.
	own := asset.Shares / 10_000 * uint64(j.Terms.Train.Split.Commons)
	require.GreaterOrEqual(t, commons, own)
	if dataSum > 0 {
		require.Less(t, commons-own, uint64(len(data)+1))
	}
}

func TestTheBillOfAnInferJob(t *testing.T) {
	j := Job{Creator: "c", Worker: "w", Price: math.NewInt(3), Escrow: math.NewInt(1000),
		Claim: &Claim{Units: 111, Infer: &InferClaim{}}}
	j.Terms = Terms{Kind: KindInfer, Infer: &InferTerms{Model: 7, Serving: 2500}, CheckPay: math.NewInt(10)}
	require.Equal(t, []Payment{
		{To: "w", Role: "serving", Amount: math.NewInt(83)},
		{To: "asset/7", Role: "holders", Amount: math.NewInt(250), Asset: 7},
		{To: "a", Role: "checker", Amount: math.NewInt(10)},
		{To: "b", Role: "checker", Amount: math.NewInt(10)},
		{To: "c", Role: "creator", Amount: math.NewInt(647)},
	}, bill(j, served(&j, attribution{}), []string{"b", "a"}))
}

func TestMoreCheckersThanTheBudgetWasMadeForShareWhatIsLeft(t *testing.T) {
	j := Job{Creator: "c", Worker: "w", Price: math.NewInt(10), Escrow: math.NewInt(1100), Claim: &Claim{Units: 100}}
	j.Terms = Terms{Kind: KindTrain, CheckPay: math.NewInt(100)}
	require.Equal(t, []Payment{
		{To: "w", Role: "worker", Amount: math.NewInt(1000)},
		{To: "a", Role: "checker", Amount: math.NewInt(33)},
		{To: "b", Role: "checker", Amount: math.NewInt(33)},
		{To: "d", Role: "checker", Amount: math.NewInt(33)},
		{To: "c", Role: "creator", Amount: math.NewInt(1)},
	}, bill(j, workerFee(&j), []string{"d", "b", "a"}))
}
