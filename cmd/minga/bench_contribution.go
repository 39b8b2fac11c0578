package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/lab/planted"
)

// firstPlanted is the first seed that is reported. Smaller ones were used to choose
// sizes and rates.
const firstPlanted = 21

func benchContribution() *cobra.Command {
	var seeds, workers int
	var game, plot string
	cmd := &cobra.Command{
		Use: "contribution", Short: "Hold the measured split against exact Shapley values",
		Long: `Plant good, bad and repeated data, train on every subset of it, and compare the exact
Shapley values with what the measured split, tokens, leave-one-out and in-run values
would pay. Two games: handwritten digits (10 portions, 1,023 trainings a seed) and texts
(8 portions, 255 trainings a seed). It takes some minutes a seed. The figures depend on the
seeds only, not on the machine.`,
		Example: "  minga bench contribution --seeds 1 --game digits\n" +
			"  minga bench contribution --plot contribution.svg",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			titles, games, err := playAll(cmd.Context(), cmd.OutOrStdout(), game, seeds, workers)
			if err != nil || plot == "" {
				return err
			}
			return os.WriteFile(plot, planted.Plot(titles, games), 0o644)
		},
	}
	cmd.Flags().IntVar(&seeds, "seeds", 5, "how many seeds")
	cmd.Flags().IntVar(&workers, "workers", runtime.NumCPU(), "trainings at a time, of one thread each")
	cmd.Flags().StringVar(&game, "game", "", "digits or texts; both without it")
	cmd.Flags().StringVar(&plot, "plot", "", "file to draw the money in the wrong hands into, as SVG")
	return cmd
}

// playAll plays the games that were asked for and writes a report of each.
func playAll(
	ctx context.Context, out io.Writer, only string, seeds, workers int,
) (titles []string, games [][]*planted.Result, err error) {
	fmt.Fprintln(out, processor())
	for _, kind := range []struct {
		name, title string
		plant       func(seed uint64) (planted.Game, error)
	}{
		{
			"digits", "Digits: 10 portions, a classifier",
			func(seed uint64) (planted.Game, error) { return planted.NewDigits(seed), nil },
		}, {
			"texts", "Texts: 8 portions, a language model",
			func(seed uint64) (planted.Game, error) { return planted.NewTexts(seed) },
		},
	} {
		if only != "" && only != kind.name {
			continue
		}
		began := time.Now()
		var results []*planted.Result
		for seed := range seeds {
			game, err := kind.plant(uint64(firstPlanted + seed))
			if err != nil {
				return nil, nil, err
			}
			r, err := planted.Evaluate(ctx, game, workers)
			if err != nil {
				return nil, nil, fmt.Errorf("%s, seed %d: %w", kind.name, firstPlanted+seed, err)
			}
			results = append(results, r)
		}
		fmt.Fprintf(out, "\n%s; seeds %d to %d, %.0f s\n\n",
			kind.title, firstPlanted, firstPlanted+seeds-1, time.Since(began).Seconds())
		planted.Report(out, results)
		titles, games = append(titles, kind.title), append(games, results)
	}
	if len(games) == 0 {
		return nil, nil, usage(fmt.Errorf("no game is called %q: choose digits or texts", only))
	}
	return titles, games, nil
}
