package demo

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// story prints what happens, act by act, for someone who sees it the first time.
type story struct {
	out   io.Writer
	start time.Time
	acts  int
}

func (s *story) act(title string) {
	s.acts++
	fmt.Fprintf(s.out, "\n%d. %s  [%s]\n", s.acts, title, s.elapsed())
}

func (s *story) say(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintf(s.out, "   %s\n", strings.TrimRight(line, "\n"))
	}
}

// table prints rows in columns; the first row is the heading.
func (s *story) table(rows [][]string) {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(w, "   %s\n", strings.Join(row, "\t"))
	}
	w.Flush()
}

// coins writes uminga as MINGA with six decimals.
func coins(uminga int64) string {
	return fmt.Sprintf("%d.%06d MINGA", uminga/1_000_000, uminga%1_000_000)
}

// thousands writes n with separators.
func thousands[N ~int | ~int64 | ~uint32 | ~uint64](n N) string {
	digits := fmt.Sprint(n)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}
