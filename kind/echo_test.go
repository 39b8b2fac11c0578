package kind

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
)

// echo is a kind whose work gives back the bytes of its job file. It shows what a kind takes: a file, and a line in On,
// for which the test stands here.
type echo struct{ Host }

type echoFile struct {
	head
	Job  market `toml:"job"`
	Echo struct {
		Times int `toml:"times"`
	} `toml:"echo"`
}

// Terms implements Kind.
func (e echo) Terms(_ context.Context, raw []byte) (t job.Terms, err error) {
	var f echoFile
	at, err := read(raw, &f)
	if err != nil {
		return t, err
	}
	root := blob.Sum(raw)
	t.Kind, t.Spec, t.Units = f.Kind, root[:], uint64(f.Echo.Times)
	return t, f.Job.fill(at, &t)
}

// Prepare implements Kind.
func (e echo) Prepare(ctx context.Context, j job.Job) (Work, error) {
	raw, err := e.file(ctx, j)
	return echoes{e.Host, raw}, err
}

type echoes struct {
	Host
	file []byte
}

// Memory implements Work.
func (e echoes) Memory() int64 { return int64(len(e.file)) }

// MoveMemory implements Work.
func (echoes) MoveMemory() int64 { return 0 }

// Takes implements Work.
func (echoes) Takes(context.Context) (time.Duration, error) { return 0, nil }

// Run implements Work.
func (e echoes) Run(context.Context) (Outcome, error) {
	root, err := e.keep(e.file)
	return Outcome{Claim: job.Claim{Result: root[:], Bytes: uint64(len(e.file)), Units: 1}}, err
}

// Again implements Work. There is no task, so there are no disputes.
func (echoes) Again(context.Context) (player.Run, error) { return nil, ErrJob }

// nowhere is a chain that knows nothing.
type nowhere struct{ grpc.ClientConnInterface }

func (nowhere) Sources(context.Context, string, ...string) ([]string, error) { return nil, nil }

// alone is a host without a network.
func alone(t testing.TB) Host {
	t.Helper()
	s, err := store.Open(t.TempDir(), 1<<30)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return Host{Chain: nowhere{}, Store: s, Dir: t.TempDir(), Threads: 1}
}

const echoText = `format = 1
kind = "echo"
[job]
budget = "1MINGA"
max_price = "1uminga"
checkers = 3
check_pay = "0.1MINGA"
stake = "1MINGA"
window = 2
deadline = 10
work = 10
[echo]
times = 7
`

func TestEcho(t *testing.T) {
	h := alone(t)
	kinds := On(h)
	kinds["echo"] = echo{h}
	terms, err := kinds.Terms(t.Context(), []byte(echoText))
	require.NoError(t, err)
	require.EqualValues(t, "echo", terms.Kind)
	require.EqualValues(t, 7, terms.Units)
	require.EqualValues(t, 1_000_000, terms.Budget.Int64())

	j := job.Job{Id: 1, Terms: terms}
	_, err = kinds.Prepare(t.Context(), j)
	require.Error(t, err, "nobody has the file yet")
	_, err = h.keep([]byte(echoText))
	require.NoError(t, err)
	work, err := NewWorks(kinds, 0).Prepare(t.Context(), j)
	require.NoError(t, err)
	require.EqualValues(t, len(echoText), work.Memory())
	outcome, err := work.Run(t.Context())
	require.NoError(t, err)
	result, err := h.Store.Bytes(blob.Hash(outcome.Claim.Result))
	require.NoError(t, err)
	require.Equal(t, echoText, string(result))

	_, err = On(h).Terms(t.Context(), []byte(echoText))
	require.ErrorIs(t, err, ErrFile)
	require.ErrorContains(t, err, `kind is "echo", want one of`)
	_, err = On(h).Prepare(t.Context(), j)
	require.ErrorIs(t, err, ErrJob)
}
