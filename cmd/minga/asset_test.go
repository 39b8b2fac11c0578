package main

import (
	"strings"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/data/record"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// measuredModel is one of three datasets, of which one is noise and one a copy.
func measuredModel() *origin {
	text := record.NewSketch([]byte(strings.Repeat("there was once a whale who told the truth ", 50))).Encode()
	set := func(id uint64, name, creator string, since int64) asset.Asset {
		return asset.Asset{Id: id, Kind: asset.KindDataset, Name: name, Creator: creator, Bytes: 1000 * id, Records: 10 * id,
			Licence: "CC0-1.0", Price: math.ZeroInt(), Since: since, Root: []byte{byte(id)}}
	}
	whales, noise, copied := set(1, "whales", "ana", 7), set(2, "noise", "ben", 8), set(3, "my whales", "cid", 9)
	whales.Sketch, copied.Sketch, copied.Similar = text, text, 1
	base := asset.Asset{Id: 4, Kind: asset.KindModel, Name: "seed", Royalty: 1_000}
	model := asset.Asset{
		Id: 5, Kind: asset.KindModel, Name: "truth", Bytes: 4_000, Licence: "MIT", Job: 2, Height: 60, Vested: 160, Base: 4,
		Royalty: 250, Attribution: 2_000,
		Shares: asset.Shares, Income: math.NewInt(12_500_000), Paid: math.NewInt(300_000),
		Parts: []asset.Part{
			{Holder: "ana", Role: "data", Shares: 600_000_000, Asset: 1, Value: "0.412000000"},
			{Holder: "ben", Role: "data", Asset: 2, Value: "-0.020000000"},
			{Holder: "cid", Role: "data", Asset: 3, Value: "0.000000000"},
			{Holder: "eva", Role: "compute", Shares: 250_000_000},
			{Holder: "ana", Role: "creator", Shares: 100_000_000},
			{Holder: asset.CommonsAddress().String(), Role: "commons", Shares: 50_000_000},
		},
	}
	return &origin{
		asset: model, others: map[uint64]asset.Asset{1: whales, 2: noise, 3: copied, 4: base},
		job: &job.Job{Id: 2, Terms: job.Terms{Units: 100,
			Train: &job.TrainTerms{Datasets: []uint64{1, 2, 3}, Used: []uint64{60, 30, 10}}}},
		measured: &job.Measured{
			Job: 2, First: 10, Runs: 7, Portions: []string{"0.300000000", "0.092000000"},
			Segments: []job.Segment{{Portion: 0, Dataset: 0, Bytes: 800}, {Portion: 1, Dataset: 0, Bytes: 200},
				{Portion: 1, Dataset: 1, Bytes: 600}},
		},
	}
}

func drawn(t *testing.T, tree *tree) string {
	var out strings.Builder
	require.NoError(t, tree.write(&out, "", ""))
	return strings.ReplaceAll("\n"+out.String(), asset.CommonsAddress().String(), "minga1commons")
}

func owner(address string, shares int64) *banktypes.DenomOwner {
	return &banktypes.DenomOwner{Address: address, Balance: sdk.NewInt64Coin("asset/5", shares)}
}

func TestWhoOwnsAModelAndWhy(t *testing.T) {
	o := measuredModel()
	sold := []*banktypes.DenomOwner{
		owner("ana", 600_000_001), owner("eva", 250_000_000), owner("fay", 99_999_999),
		owner(asset.CommonsAddress().String(), 50_000_000),
	}
	require.Equal(t, `
asset/5 truth: a model of 4000 bytes under MIT, made by job 2 at height 60
├─ data: 60 %, measured by 7 runs, jobs 10 to 16
│  ├─ asset/1 whales: 60 % to ana
│  │  ├─ 1000 bytes, 10 lines, committed at height 7
│  │  └─ value 0.412000000 nats of validation loss: contribution 100.00 %
│  ├─ asset/2 noise: 0 % to ben
│  │  ├─ 2000 bytes, 20 lines, committed at height 8
│  │  └─ value -0.020000000 nats of validation loss: contribution 0.00 %
│  └─ asset/3 my whales: 0 % to cid
│     ├─ 3000 bytes, 30 lines, committed at height 9
│     ├─ nearly repeats asset/1 (100 % of the one stands in the other, by their sketches) of ana, committed at height 7
│     └─ value 0.000000000 nats of validation loss: contribution 0.00 %
├─ compute: 25 % to eva
├─ creator: 10 % to ana
├─ commons: 5 % to the commons (minga1commons)
├─ trained from asset/4 seed, whose holders get 10 % of what asset/5 earns
├─ royalty: models trained from it owe it 2.5 % of what they earn
├─ attribution: 20 % of what an answer costs goes, as far as it repeats their text, to the datasets
├─ vesting: first shares become free from height 60 to 160
├─ holders now
│  ├─ 60.0000001 % to ana
│  ├─ 25 % to eva
│  ├─ 9.9999999 % to fay
│  └─ 5 % to the commons (minga1commons)
└─ income: 12.5MINGA so far, of which 0.3MINGA is withdrawn
`, drawn(t, ownersTree(o, sold)))
}

func TestWhyOneHoldsShares(t *testing.T) {
	h := holder{
		address: "ana", shares: 600_000_000, income: &asset.QueryIncomeResponse{Amount: math.NewInt(7_200_000)},
		locked: &asset.QueryLockedResponse{Shares: 350_000_000, Until: 160},
	}
	require.Equal(t, `
ana has 600000000 of 1000000000 shares of asset/5 truth: 60 %
├─ 700000000 first, at height 60
│  ├─ 600000000 for asset/1 whales
│  │  ├─ 1000 bytes, 10 lines, committed at height 7
│  │  ├─ measured by 7 runs, jobs 10 to 16
│  │  │  ├─ portion 0: 0.300000000 nats; 800 of its 800 bytes are this dataset's
│  │  │  └─ portion 1: 0.092000000 nats; 200 of its 800 bytes are this dataset's
│  │  ├─ value 0.412000000 nats of validation loss: contribution 100.00 %
│  │  └─ 600000000 of the 600000000 shares that all the data got
│  └─ 100000000 as creator: posted and paid job 2
├─ since then 100000000 more went than came
├─ 350000000 are not vested yet; all are free from height 160 on
└─ income: 7.2MINGA can be withdrawn now
   └─ asset/5 earned 12.5MINGA so far for all its shares; 600000000 of them, held all the time, got 7.5MINGA of it
`, drawn(t, whyTree(measuredModel(), h)))
}

func TestWhyAStrangerHoldsShares(t *testing.T) {
	h := holder{address: "fay", shares: 5, income: &asset.QueryIncomeResponse{Amount: math.ZeroInt()},
		locked: &asset.QueryLockedResponse{}}
	out := drawn(t, whyTree(measuredModel(), h))
	require.Contains(t, out, "none of them from the start\n├─ since then 5 more came than went\n└─ income: 0MINGA")
}

func TestDataByTokensUsed(t *testing.T) {
	o := measuredModel()
	o.measured.Reason = "a run was not taken in time"
	for i := range o.asset.Parts {
		o.asset.Parts[i].Value = ""
	}
	require.Contains(t, drawn(t, ownersTree(o, nil)), "data: 60 %, not measured: a run was not taken in time\n")
	require.Contains(t, drawn(t, ownersTree(o, nil)), "60 of 100 training tokens: contribution 100.00 %")
	h := holder{address: "ana", income: &asset.QueryIncomeResponse{Amount: math.ZeroInt()},
		locked: &asset.QueryLockedResponse{}}
	require.Contains(t, drawn(t, whyTree(o, h)), "not measured: a run was not taken in time")
}
