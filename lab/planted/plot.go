package planted

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// Measures of the plot, in pixels.
const (
	plotLeft  = 330 // room for names
	plotWidth = 420 // of the part with the points
	plotLine  = 22  // between two ways
)

// Plot draws how much money goes to the wrong portions: a line for each way, a point for
// each seed, a bar for the median. It returns an SVG.
func Plot(titles []string, games [][]*Result) []byte {
	var s strings.Builder
	y, most := 30, 0.05
	for _, results := range games {
		for i := range results[0].Ways {
			most = max(most, slices.Max(each(results, i, func(w Way) float64 { return w.Wrong })))
		}
	}
	x := func(share float64) float64 { return plotLeft + share/most*plotWidth }
	for g, results := range games {
		fmt.Fprintf(&s, `<text x="10" y="%d" font-weight="bold">%s</text>`+"\n", y, html.EscapeString(titles[g]))
		top := y + 8
		for i, way := range results[0].Ways {
			y += plotLine
			lost := each(results, i, func(w Way) float64 { return w.Wrong })
			fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", plotLeft-10, y+4,
				html.EscapeString(way.Name))
			fmt.Fprintf(&s, `<rect x="%d" y="%d" width="%.1f" height="8" fill="%s"/>`+"\n", plotLeft, y-4,
				x(median(lost))-plotLeft, colour(way))
			for _, v := range lost {
				fmt.Fprintf(&s, `<circle cx="%.1f" cy="%d" r="3" fill="none" stroke="#222"/>`+"\n", x(v), y)
			}
		}
		for tick := 0.0; tick <= most; tick += 0.05 {
			fmt.Fprintf(&s, `<path d="M%.1f %dV%d" stroke="#bbb" stroke-dasharray="2 3"/>`+
				`<text x="%.1f" y="%d" text-anchor="middle" fill="#666">%.0f %%</text>`+"\n",
				x(tick), top, y+10, x(tick), y+24, 100*tick)
		}
		y += 60
	}
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" `+
		`font-family="sans-serif" font-size="12">`+"\n"+
		`<title>Money in the wrong hands</title><rect width="100%%" height="100%%" fill="#fff"/>`+"\n",
		plotLeft+plotWidth+40, y-20)
	return []byte(head + s.String() + "</svg>\n")
}

func colour(w Way) string {
	if strings.HasPrefix(w.Name, measured) {
		return "#2a7"
	}
	return "#c85"
}
