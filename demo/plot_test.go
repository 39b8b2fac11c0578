package demo

import (
	"testing"

	"github.com/minga-network/minga/train"
)

func TestPlot(t *testing.T) {
	want := `    4.00 ┤•
         ┤
         ┤
         ┤ •
         ┤
         ┤  •
         ┤
         ┤
    1.00 ┤   •
         └──── step 40
`
	got := plot([]train.Point{{Step: 10, Loss: 4}, {Step: 20, Loss: 3}, {Step: 30, Loss: 2}, {Step: 40, Loss: 1}})
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := plot(nil); got != "" {
		t.Errorf("nothing to plot gives %q", got)
	}
}
