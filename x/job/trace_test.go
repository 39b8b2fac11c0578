package job

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A trace in testdata is a script of messages and blocks. Behind a tab, below each line, stands what came of it:
// the events, what jobs, disputes and models are from then on, and what changed hands.
//
//	w2 takes 1
//		job.EventTaken job=1 price=2uminga worker=w2
//		job 1: taken by w2 until 30
//		w2: locked +1000000
//
// A line is somebody, a verb of messages and its words, or one of the verbs of steps. Others are comments, which begin
// with #, and empty. The line "town" begins again with the people of newTown; they are presented in paid.txt. A
// word after it chooses whom the lots fall on. A message
// that is refused changes nothing. After each line and each block, check counts every coin, lock and share.
//
//	go test ./x/job -run Traces -update
//
// writes anew what comes of the lines. Whoever does so reads the difference: it is what the change does to a job's
// life.

var update = flag.Bool("update", false, "write anew what comes of the lines of the traces in testdata")

func TestTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			script, err := os.ReadFile(file)
			require.NoError(t, err)
			got := played(t, string(script))
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				return
			}
			require.Equal(t, string(script), got, "what comes of the lines is not what the trace says")
		})
	}
}

// played is a script with what comes of its lines now.
func played(t *testing.T, script string) string {
	var b strings.Builder
	var c *trace
	number := 0
	for line := range strings.Lines(script) {
		number++
		if strings.HasPrefix(line, "\t") {
			continue
		}
		b.WriteString(line)
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0][0] == '#':
		case words[0] == "town":
			c = newTrace(t)
			c.beacon.salt = strings.Join(words[1:], " ")
		default:
			require.NotNil(t, c, "line %d: begin with town", number)
			for _, said := range c.line(number, words) {
				b.WriteString("\t" + said + "\n")
			}
		}
	}
	return b.String()
}

// trace is a town whose people a script names.
type trace struct {
	*town
	people map[string]string // addresses by name
	at     int               // the line of the script
	told   int               // events that stand in the trace already
	books  books
}

func newTrace(t *testing.T) *trace {
	c := &trace{town: newTown(t)}
	c.people = map[string]string{"creator": c.creator, "ana": c.ana, "beto": c.beto}
	for i, addr := range c.w {
		c.people[fmt.Sprint("w", i+2)] = addr
	}
	c.told, c.books = len(c.Ctx.EventManager().Events()), c.count()
	return c
}

// line does what a line says, and tells what came of it.
func (c *trace) line(number int, words []string) []string {
	c.at = number
	if step, ok := steps[words[0]]; ok {
		return step(c, words[1:])
	}
	addr, known := c.people[words[0]]
	require.True(c, known || words[1] == "joins", "line %d: who is %s?", number, words[0])
	verb, ok := messages[words[1]]
	require.True(c, ok, "line %d: nobody %s", number, words[1])
	outer := c.Ctx
	inner, write := outer.CacheContext()
	c.Ctx = inner
	err := verb(c, addr, words)
	c.Ctx = outer
	if err != nil {
		return []string{"refused: " + c.named(err.Error())}
	}
	write()
	c.check()
	return c.news()
}

// steps are what is not one message.
var steps = map[string]func(c *trace, words []string) []string{
	"until": (*trace).until, "ends": (*trace).ends, "explain": (*trace).explains, "duel": (*trace).duels,
	"do": func(c *trace, words []string) []string {
		c.do(uint64(c.number(words[0])))
		return c.news()
	},
}

// until ends blocks until that of a height is under way.
func (c *trace) until(words []string) (said []string) {
	for height := c.number(words[0]); c.Ctx.BlockHeight() < height; {
		said = append(said, c.block()...)
	}
	return said
}

// ends ends blocks until a job has ended.
func (c *trace) ends(words []string) (said []string) {
	for id := uint64(c.number(words[0])); !c.job(id).State.Final(); {
		require.Less(c, c.Ctx.BlockHeight(), int64(1000), "line %d: job %d never ends", c.at, id)
		said = append(said, c.block()...)
	}
	return said
}

// block ends a block, and tells of it if anything happened.
func (c *trace) block() (said []string) {
	height := c.Ctx.BlockHeight()
	c.next()
	for i, news := range c.news() {
		if i == 0 {
			said = append(said, fmt.Sprintf("block %d", height))
		}
		said = append(said, "\t"+news)
	}
	return said
}

// explains is what a job's creator reads when it asks where the job stands.
func (c *trace) explains(words []string) []string {
	res, err := queries{c.k}.Explain(c.Ctx, &QueryExplainRequest{Id: uint64(c.number(words[0]))})
	require.NoError(c, err)
	said := []string{c.named(res.Summary)}
	for _, x := range res.Candidates {
		said = append(said, c.named(fmt.Sprintf("%s fits %t: %s", x.Worker, x.Fits, x.Reason)))
	}
	return said
}

// duels plays a dispute to its end, from the runs of the claimant and of the challenger. What each move gives is left
// out.
func (c *trace) duels(words []string) []string {
	id := uint64(c.number(words[0]))
	j := c.job(c.dispute(id).Job)
	gas := c.duel(id, c.run(j, words[1]), c.run(j, words[2]))
	c.Logf("line %d: the verdict's handler takes %d gas", c.at, gas)
	require.Less(c, gas, uint64(300_000), "with the transaction's own part a verdict must stay below 500,000")
	c.told = len(c.Ctx.EventManager().Events())
	return c.news()
}

// run is an execution of a job's work: truth, or lie1, lie2 and so on, which differ in one bit.
func (c *trace) run(j Job, name string) *execution {
	honest, liars := known(j)
	if name == "truth" {
		return honest
	}
	n := c.number(strings.TrimPrefix(name, "lie"))
	require.True(c, 1 <= n && int(n) <= len(liars), "line %d: which run is %s?", c.at, name)
	return liars[n-1]
}

func (c *trace) number(word string) int64 {
	n, err := strconv.ParseInt(word, 10, 64)
	require.NoError(c, err, "line %d", c.at)
	return n
}
