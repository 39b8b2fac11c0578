package planted

import (
	"fmt"
	"io"
	"slices"
)

// Report writes what the same game showed with several seeds as tables in
// Markdown: the ways compared, what each portion is worth and gets, and what portions
// that do harm get with each seed.
func Report(out io.Writer, results []*Result) {
	fmt.Fprintln(out, "| way | cost, trainings | wrong hands: median | worst | Spearman: median | worst | best of all | "+
		"best first | worst first |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|")
	for i, way := range results[0].Ways {
		of := func(f func(w Way) float64) []float64 { return each(results, i, f) }
		cost := "none"
		if way.Cost > 0 {
			cost = fmt.Sprintf("%.2f", median(of(func(w Way) float64 { return w.Cost })))
		}
		lost, rank := of(func(w Way) float64 { return w.Wrong }), of(func(w Way) float64 { return w.Spearman })
		fmt.Fprintf(out, "| %s | %s | %s | %s | %.2f | %.2f | %s | %s | %s |\n", way.Name, cost,
			percent(median(lost)), percent(slices.Max(lost)), median(rank), slices.Min(rank), wins(results, i),
			percent(median(of(func(w Way) float64 { return mean(w.Best) }))),
			percent(median(of(func(w Way) float64 { return mean(w.Worst) }))))
	}
	reportPortions(out, results)
	reportHarm(out, results)
}

// reportPortions shows the medians of what each portion is worth and of what it gets. It
// shows the first way, which is the measured split at the recommended size, and the
// last three.
func reportPortions(out io.Writer, results []*Result) {
	shown := []int{0}
	head, line := "\n| portion | exact value, nats | exact part |", "\n|---|--:|--:|"
	for way := len(results[0].Ways) - others; way < len(results[0].Ways); way++ {
		shown = append(shown, way)
	}
	for _, way := range shown {
		head, line = head+" "+results[0].Ways[way].Name+" |", line+"--:|"
	}
	fmt.Fprintln(out, head+line)
	for u, name := range results[0].Names {
		var nats, part []float64
		for _, r := range results {
			nats, part = append(nats, r.Exact[u]), append(part, parts(r.Exact)[u])
		}
		fmt.Fprintf(out, "| %s | %.3f | %s |", name, median(nats), percent(median(part)))
		for _, way := range shown {
			fmt.Fprintf(out, " %s |", percent(median(partOf(results, way, u))))
		}
		fmt.Fprintln(out)
	}
}

// reportHarm shows, for each seed, what each measured split pays to portions whose exact
// value is below 0 with every seed. It should be nothing.
func reportHarm(out io.Writer, results []*Result) {
	var harmful []int
	head, line := "\n| paid for harm, seed by seed |", "\n|---|"
	for u, name := range results[0].Names {
		if !slices.ContainsFunc(results, func(r *Result) bool { return r.Exact[u] >= 0 }) {
			harmful = append(harmful, u)
			head, line = head+" "+name+" | worst |", line+"--:|--:|"
		}
	}
	fmt.Fprintln(out, head+line)
	for way := range len(results[0].Ways) - others {
		fmt.Fprintf(out, "| %s |", results[0].Ways[way].Name)
		for _, u := range harmful {
			paid := partOf(results, way, u)
			for _, part := range paid {
				fmt.Fprintf(out, " %.1f", 100*part)
			}
			fmt.Fprintf(out, " | %s |", percent(slices.Max(paid)))
		}
		fmt.Fprintln(out)
	}
}

// partOf is what a way pays to a portion, for each seed.
func partOf(results []*Result, way, portion int) []float64 {
	return each(results, way, func(w Way) float64 { return parts(w.Values)[portion] })
}

// others is how many ways the measured split is compared with. They come last.
const others = 3

func each(results []*Result, way int, f func(Way) float64) []float64 {
	var v []float64
	for _, r := range results {
		v = append(v, f(r.Ways[way]))
	}
	return v
}

// wins counts the seeds with which a measured split was nearer to the truth than all of
// the others.
func wins(results []*Result, way int) string {
	first := len(results[0].Ways) - others
	if way >= first {
		return ""
	}
	n := len(results)
	for _, r := range results {
		if slices.ContainsFunc(r.Ways[first:], func(w Way) bool { return w.Wrong <= r.Ways[way].Wrong }) {
			n--
		}
	}
	return fmt.Sprintf("%d of %d", n, len(results))
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
