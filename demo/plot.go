package demo

import (
	"fmt"
	"math"
	"strings"

	"github.com/minga-network/minga/train"
)

const (
	plotWidth  = 60
	plotHeight = 9
)

// plot draws losses over the steps of a run as text: the highest and lowest
// value stand at the axis, each column is the mean of its steps.
func plot(points []train.Point) string {
	losses := make([]float32, len(points))
	for i, p := range points {
		losses[i] = p.Loss
	}
	columns := resample(losses, plotWidth)
	low, high := math.Inf(1), math.Inf(-1)
	for _, loss := range columns {
		low, high = min(low, loss), max(high, loss)
	}
	if len(columns) == 0 || !(high > low) {
		return ""
	}
	var out strings.Builder
	for row := range plotHeight {
		label := ""
		switch row {
		case 0:
			label = fmt.Sprintf("%.2f", high)
		case plotHeight - 1:
			label = fmt.Sprintf("%.2f", low)
		}
		fmt.Fprintf(&out, "%8s ┤%s\n", label, strings.TrimRight(plotRow(columns, low, high, row), " "))
	}
	fmt.Fprintf(&out, "%8s └%s step %d\n", "", strings.Repeat("─", len(columns)), points[len(points)-1].Step)
	return out.String()
}

func plotRow(columns []float64, low, high float64, row int) string {
	line := make([]rune, len(columns))
	for i, loss := range columns {
		line[i] = ' '
		if height := (high - loss) / (high - low) * (plotHeight - 1); int(math.Round(height)) == row {
			line[i] = '•'
		}
	}
	return string(line)
}

// resample gives at most width means of neighbouring losses.
func resample(losses []float32, width int) []float64 {
	width = min(width, len(losses))
	means := make([]float64, width)
	for i := range means {
		part := losses[i*len(losses)/width : (i+1)*len(losses)/width]
		for _, loss := range part {
			means[i] += float64(loss) / float64(len(part))
		}
	}
	return means
}
