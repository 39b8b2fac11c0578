package main_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	minga "github.com/minga-network/minga/cmd/minga-verify"
	"github.com/minga-network/minga/receipt"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

var (
	full  = flag.Bool("full", false, "100 true receipts and 10,000 mutated ones")
	renew = flag.Bool("keep", false, "write a new receipt into testdata, and what it says")
)

func TestTrueReceiptsAreAcceptedAndMutatedOnesRefused(t *testing.T) {
	models, sessions, mutants := 2, 4, 1000
	if *full {
		models, sessions, mutants = 10, 10, 10_000
	}
	v := newTown(t)
	var all []fstest.MapFS
	for i := range models {
		var datasets []uint64
		for range 1 + v.rng.IntN(4) {
			datasets = append(datasets, v.dataset([]string{"ana", "beto"}[v.rng.IntN(2)], v.rng.Int64N(50)))
		}
		model := v.model(i, datasets)
		v.sell(model)
		v.base = []uint64{model, 0}[i%2]
		for k, id := range v.sessions(model, sessions) {
			all = append(all, v.receipt(id, k%2 == 0))
			words, err := minga.Verify(all[len(all)-1])
			require.NoError(t, err)
			require.Contains(t, words, "was not paid one block earlier")
			require.Equal(t, i%2 == 1, strings.Contains(words, "ROYALTY"), words)
			require.Equal(t, i%2 == 0, strings.Contains(words, "tokens repeat asset/"), words)
		}
		v.names(model)
	}
	refused, places := map[string]int{}, map[string]int{}
	for i, r := 0, rand.New(rand.NewPCG(5, 5)); i < mutants; {
		kind := mutations[r.IntN(len(mutations))]
		mutant, ok := mutate(t, r, kind, all[r.IntN(len(all))], all[r.IntN(len(all))])
		if !ok {
			continue
		}
		words, err := minga.Verify(mutant)
		require.Error(t, err, "%s\n%s", kind.name, words)
		refused[kind.name]++
		places[minga.Place(err)]++
		i++
	}
	require.Len(t, refused, len(mutations), "every kind of mutation")
	t.Logf("%d true receipts accepted; %d mutated ones refused, in %d places", len(all), mutants, len(places))
	for place, n := range places {
		t.Logf("%6d %s", n, place)
	}
}

// unnamed wants a reason why a transaction names no receipt. A node finds a transaction by its
// hash a moment after the block that has it.
func (v *town) unnamed(tx, reason string) {
	v.Helper()
	require.Eventually(v, func() bool {
		_, err := receipt.Session(v.ctx, v.client, tx)
		return err != nil && strings.Contains(err.Error(), reason)
	}, 10*time.Second, 50*time.Millisecond, reason)
}

// names asks for receipts by names of all kinds.
func (v *town) names(model uint64) {
	session := v.sessions(model, 1)[0]
	for _, name := range []string{strconv.FormatUint(session, 10), v.claims} {
		id, err := receipt.Session(v.ctx, v.client, name)
		require.NoError(v, err)
		require.Equal(v, session, id)
	}
	data := v.dataset("ana", 0)
	v.send("customer", &asset.MsgDeposit{From: key("customer").String(), Asset: data, Amount: math.NewInt(5)})
	v.unnamed(v.tx, "is of no session")
	v.send("ana", &asset.MsgWithdraw{Sender: key("ana").String(), Asset: data})
	v.unnamed(v.tx, "many fees")
	_, err := receipt.Session(v.ctx, v.client, "17a")
	require.ErrorContains(v, err, "name a session")
	for id, reason := range map[uint64]string{1: "is a train job", 1 << 40: "is unknown"} {
		_, err = receipt.Make(v.ctx, v.client, id, receipt.Options{})
		require.ErrorContains(v, err, reason)
	}
	t := v.offer(model)
	open := v.send("customer", &job.MsgPost{Creator: key("customer").String(), Terms: t})[0].(*job.MsgPostResponse).Job
	_, err = receipt.Make(v.ctx, v.client, open, receipt.Options{})
	require.ErrorIs(v, err, receipt.ErrUnpaid)
}

// kept is a receipt of a town's chain that was written down, with all there is: measured
// shares, a session with a task, shares that were sold, texts; but quotes, which tests add.
const kept = "testdata/receipt"

func TestKeptReceiptSaysWhy(t *testing.T) {
	if *renew {
		keep(t)
	}
	words, err := minga.Verify(os.DirFS(kept))
	require.NoError(t, err)
	if *renew {
		require.NoError(t, os.WriteFile(kept+".txt", []byte(words), 0o644))
	}
	want, err := os.ReadFile(kept + ".txt")
	require.NoError(t, err)
	require.Equal(t, string(want), words)
}

func keep(t *testing.T) {
	v := newTown(t)
	v.plain = true
	model := v.byMeasure("measure", 3, v.dataset("ana", 0), v.dataset("beto", 20))
	v.sell(model)
	for _, id := range v.sessions(model, 6) {
		if j := v.job(id); len(j.Terms.Task) > 0 && j.Terms.Infer.Serving > 0 {
			require.NoError(t, os.RemoveAll(kept))
			b, err := receipt.Make(v.ctx, v.client, id, v.options(true))
			require.NoError(t, err)
			require.NoError(t, b.Write(kept))
			return
		}
	}
	require.Fail(t, "no session has a task")
}

// model is trained by each method in turn.
func (v *town) model(i int, datasets []uint64) uint64 {
	switch i % 3 {
	case 0:
		return v.byMeasure("measure", 1+v.rng.IntN(8), datasets...)
	case 1:
		return v.byTokens(datasets...)
	}
	return v.byMeasure("measure-exact", 1+v.rng.IntN(4), datasets...)
}
