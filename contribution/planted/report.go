package planted

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Report writes what the same game showed with several seeds as tables in
// Markdown: the ways compared, and what each unit is worth and gets.
func Report(out io.Writer, results []*Result) {
	fmt.Fprintf(out, "| way | cost, trainings | wrong hands: median | worst | Spearman: median | worst | best of all | best first | worst first |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for i, way := range results[0].Ways {
		of := func(f func(w Way) float64) []float64 { return each(results, i, f) }
		cost := "none"
		if way.Cost > 0 {
			cost = fmt.Sprintf("%.2f", median(of(func(w Way) float64 { return w.Cost })))
		}
		lost, rank := of(func(w Way) float64 { return w.Wrong }), of(func(w Way) float64 { return w.Spearman })
		fmt.Fprintf(out, "| %s | %s | %s | %s | %.2f | %.2f | %s | %s | %s |\n", way.Name, cost,
			percent(median(lost)), percent(highest(lost)), median(rank), -highest(negative(rank)), wins(results, i),
			percent(median(of(func(w Way) float64 { return mean(w.Best) }))), percent(median(of(func(w Way) float64 { return mean(w.Worst) }))))
	}
	fmt.Fprintf(out, "\n| unit | exact value, nats | exact part |%s\n|---|--:|--:|%s\n", strings.Join(columns(results[0], func(w Way) string { return " " + w.Name + " |" }), ""),
		strings.Join(columns(results[0], func(Way) string { return "--:|" }), ""))
	for u, name := range results[0].Names {
		var nats, part []float64
		for _, r := range results {
			nats, part = append(nats, r.Exact[u]), append(part, parts(r.Exact)[u])
		}
		fmt.Fprintf(out, "| %s | %.3f | %s |", name, median(nats), percent(median(part)))
		for i := range results[0].Ways {
			fmt.Fprintf(out, " %s |", percent(median(each(results, i, func(w Way) float64 { return parts(w.Values)[u] }))))
		}
		fmt.Fprintln(out)
	}
}

func each(results []*Result, way int, f func(Way) float64) []float64 {
	var v []float64
	for _, r := range results {
		v = append(v, f(r.Ways[way]))
	}
	return v
}

func columns(r *Result, f func(Way) string) []string {
	var c []string
	for _, w := range r.Ways {
		c = append(c, f(w))
	}
	return c
}

// wins counts the seeds in which a measured split was nearer than in-run values,
// leave-one-out and tokens, the last three ways.
func wins(results []*Result, way int) string {
	n := 0
	for _, r := range results {
		others := r.Ways[len(r.Ways)-3:]
		if way >= len(r.Ways)-3 {
			return ""
		}
		if w := r.Ways[way].Wrong; w < min(others[0].Wrong, others[1].Wrong, others[2].Wrong) {
			n++
		}
	}
	return fmt.Sprintf("%d of %d", n, len(results))
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func highest(v []float64) float64 {
	m := math.Inf(-1)
	for _, x := range v {
		m = max(m, x)
	}
	return m
}

func negative(v []float64) []float64 {
	var n []float64
	for _, x := range v {
		n = append(n, -x)
	}
	return n
}
