package stage

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// Output prints a story act by act, for someone who sees it the first time. Workers
// report while the story goes on, so it may be used from many goroutines: what one
// call prints stays together.
type Output struct {
	mu    sync.Mutex
	out   io.Writer
	start time.Time
	acts  int
}

// NewOutput begins a story that is printed to out.
func NewOutput(out io.Writer) *Output { return &Output{out: out, start: time.Now()} }

// Act begins the next act.
func (o *Output) Act(title string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.acts++
	fmt.Fprintf(o.out, "\n%d. %s  [%s]\n", o.acts, title, o.Elapsed().Round(100*time.Millisecond))
}

// Say prints lines within an act.
func (o *Output) Say(format string, args ...any) {
	var text bytes.Buffer
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintf(&text, "   %s\n", strings.TrimRight(line, "\n"))
	}
	o.print(text.Bytes())
}

// Table prints rows in columns; the first row is the heading.
func (o *Output) Table(rows [][]string) {
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(w, "   %s\n", strings.Join(row, "\t"))
	}
	w.Flush()
	o.print(text.Bytes())
}

// Elapsed is the time since the story began.
func (o *Output) Elapsed() time.Duration { return time.Since(o.start) }

func (o *Output) print(text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = o.out.Write(text) // a story on a terminal has nowhere to report to
}
