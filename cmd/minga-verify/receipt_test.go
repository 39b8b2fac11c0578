package main_test

import (
	"flag"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	minga "github.com/minga-network/minga/cmd/minga-verify"
)

var full = flag.Bool("full", false, "100 true receipts and 10,000 mutated ones")

func TestTrueReceiptsAreAcceptedAndMutatedOnesRefused(t *testing.T) {
	models, sessions, mutants := 2, 4, 1000
	if *full {
		models, sessions, mutants = 10, 10, 10_000
	}
	v := newTown(t)
	var all []fstest.MapFS
	for range models {
		var datasets []uint64
		for range 1 + v.rng.IntN(4) {
			datasets = append(datasets, v.dataset([]string{"ana", "beto"}[v.rng.IntN(2)], v.rng.Int64N(50)))
		}
		model := v.byTokens(datasets...)
		v.sell(model)
		for i, id := range v.sessions(model, sessions) {
			all = append(all, v.receipt(id, i%2 == 0))
			words, err := minga.Verify(all[len(all)-1])
			require.NoError(t, err)
			require.Contains(t, words, "was not paid one block earlier")
		}
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
