package stage

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Workers report while the story goes on: whoever prints, lines stay whole, tables stay
// together and acts are numbered without gaps. Run it with -race.
func TestManyTellAtOnce(t *testing.T) {
	var out bytes.Buffer
	o := NewOutput(&out)
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			o.Act("title")
			o.Say("first of %d\nsecond of %d", n, n)
			o.Table([][]string{{"head", fmt.Sprint(n)}, {"row", fmt.Sprint(n)}})
		})
	}
	all.Wait()
	for n := range 20 {
		for _, whole := range []string{
			fmt.Sprintf("\n%d. title  [", n+1),
			fmt.Sprintf("\n   first of %d\n   second of %d\n", n, n),
			fmt.Sprintf("\n   head  %d\n   row   %d\n", n, n),
		} {
			if strings.Count(out.String(), whole) != 1 {
				t.Errorf("%q is not there once and whole:\n%s", whole, &out)
			}
		}
	}
}
