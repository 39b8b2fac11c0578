package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

const self = "minga1gateway"

// memory is a chain in memory that has one gateway. Its jobs go through the states that x/job gives them.
type memory struct {
	mu     sync.Mutex
	height int64
	jobs   map[uint64]job.Job
	models map[uint64]asset.Asset
	texts  [][]byte // all models are trained on these
	worker worker.Worker
	others []worker.Worker // who may check
	heard  map[chan int64]bool
	claims int
	refuse error // what the next claim is refused with; if heed is set, the claim counts all the same
	heed   bool
}

func newMemory() *memory {
	return &memory{
		height: 1, jobs: map[uint64]job.Job{}, models: map[uint64]asset.Asset{}, heard: map[chan int64]bool{},
		worker: worker.Worker{
			Address: self, Stake: math.NewInt(1000), Locked: math.ZeroInt(),
			Offers: []worker.Offer{{Kind: job.KindTrain, Price: math.NewInt(1)}, {Kind: job.KindInfer, Price: math.NewInt(5)}},
		},
	}
}

func (m *memory) Self(context.Context) (worker.Worker, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.worker.Address == "" {
		return worker.Worker{}, status.Error(codes.NotFound, "unknown worker")
	}
	return m.worker, nil
}

func (m *memory) Jobs(_ context.Context, s job.State) (some []job.Job, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id := uint64(1); id <= uint64(len(m.jobs)); id++ {
		if j := m.jobs[id]; j.State == s {
			some = append(some, j)
		}
	}
	return some, nil
}

func (m *memory) Job(_ context.Context, id uint64) (job.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	j, ok := m.jobs[id]
	if !ok {
		return j, status.Error(codes.NotFound, "unknown job")
	}
	return j, nil
}

func (m *memory) state(id uint64) job.State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.jobs[id].State
}

func (m *memory) Asset(_ context.Context, id uint64) (asset.Asset, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.models[id], nil
}

func (m *memory) Sources(_ context.Context, url string, _ ...string) ([]string, error) {
	return []string{url}, nil
}

func (m *memory) Workers(context.Context) ([]worker.Worker, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.others), nil
}

func (m *memory) Pace(context.Context) (time.Duration, error) { return time.Second, nil }

func (m *memory) Texts(context.Context, *store.Store, asset.Asset, int64) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.texts == nil {
		return nil, errors.New("nobody has the data")
	}
	return m.texts, nil
}

func (m *memory) Send(_ context.Context, msg sdk.Msg) error {
	defer m.block()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch msg := msg.(type) {
	case *job.MsgTake:
		return m.take(msg)
	case *job.MsgClaim:
		return m.claim(msg)
	}
	return fmt.Errorf("no such message: %T", msg)
}

func (m *memory) take(msg *job.MsgTake) error {
	j := m.jobs[msg.Job]
	if j.State != job.StateOpen {
		return job.ErrState
	}
	j.State, j.Worker, j.Taken, j.Due = job.StateTaken, msg.Worker, m.height, m.height+j.Terms.Work
	m.jobs[j.Id] = j
	return nil
}

func (m *memory) claim(msg *job.MsgClaim) error {
	j := m.jobs[msg.Job]
	if err := m.refuse; err != nil {
		m.refuse = nil
		if !m.heed {
			return err
		}
		defer func() { m.heed = false }()
	}
	c := msg.Claim
	switch {
	case j.State != job.StateTaken || j.Worker != msg.Worker:
		return job.ErrState
	case m.height > j.Due:
		return job.ErrLate
	case c.Units > j.Terms.Units || c.Bytes == 0 || len(c.Result) != 32 || len(c.State) != 32 || len(c.Trace) != 32:
		return job.ErrClaim
	}
	j.State, j.Claim = job.StateClaimed, &c
	m.jobs[j.Id] = j
	m.claims++
	if m.heed {
		return errors.New("the connection broke")
	}
	return nil
}

func (m *memory) Blocks(ctx context.Context) <-chan int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	heights := make(chan int64, 100_000)
	m.heard[heights] = true
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.heard, heights)
		close(heights)
	})
	return heights
}

// block makes a block.
func (m *memory) block() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.height++
	for c := range m.heard {
		c <- m.height
	}
}

// post posts a job for a key.
func (m *memory) post(terms job.Terms) uint64 {
	m.mu.Lock()
	id := uint64(len(m.jobs) + 1)
	m.jobs[id] = job.Job{Id: id, State: job.StateOpen, Creator: "minga1creator", Terms: terms, Posted: m.height}
	m.mu.Unlock()
	m.block()
	return id
}

func (m *memory) set(id uint64, s job.State) {
	m.mu.Lock()
	j := m.jobs[id]
	j.State = s
	m.jobs[id] = j
	m.mu.Unlock()
	m.block()
}

// world is a gateway on a chain in memory, over real HTTP.
type world struct {
	t     *testing.T
	chain *memory
	store *store.Store
	dir   string
	model *file.Model
	root  blob.Hash

	g    *Gateway
	url  string
	stop func()
}

const text = `In the beginning God created the heaven and the earth. And the earth was without form,
and void; and darkness was upon the face of the deep. And the Spirit of God moved upon the face of the
waters. And God said, Let there be light: and there was light. ` + "Ehre sei Gott in der Höhe — 光 🌍\n"

// tiny is a small model with random weights.
func tiny(t testing.TB) *file.Model {
	t.Helper()
	tok, err := token.Train([][]byte{[]byte(text + text)}, 300)
	if err != nil {
		t.Fatal(err)
	}
	b, err := kernel.New("", 1)
	if err != nil {
		t.Fatal(err)
	}
	cfg := nn.Config{
		Vocab: tok.Vocab(), Layers: 2, Dim: 16, Heads: 2, Hidden: 24, Context: 128, Tied: true, Theta: 10000, Eps: 1e-5,
	}
	m := &file.Model{Config: cfg, Tensors: nn.Initial(cfg, 1, b), Tokenizer: tok}
	for _, w := range m.Tensors {
		if len(w.Shape) == 2 {
			for i := range w.Data {
				w.Data[i] *= 8
			}
		}
	}
	return m
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := store.Open(t.TempDir(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w := &world{t: t, chain: newMemory(), store: s, dir: t.TempDir(), model: tiny(t)}
	file := w.model.Encode()
	if w.root, err = s.PutBytes(file); err != nil {
		t.Fatal(err)
	}
	w.chain.models[5] = asset.Asset{Id: 5, Kind: asset.KindModel, Name: "commons-1", Creator: "minga1creator",
		Root: w.root[:], Bytes: uint64(len(file)), Height: 7}
	w.start(Config{})
	return w
}

// start starts the gateway, or stops it and starts it again.
func (w *world) start(c Config) {
	w.t.Helper()
	if w.stop != nil {
		w.stop()
	}
	c.Store, c.Dir, c.Threads = w.store, w.dir, 1
	c.Log = slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if w.g, err = newGateway(c, w.chain, self); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewServer(w.g.Handler())
	ran := make(chan error, 1)
	go func() { ran <- w.g.Run(ctx) }()
	w.url = server.URL
	w.stop = sync.OnceFunc(func() {
		server.Close()
		cancel()
		if err := <-ran; err != nil {
			w.t.Errorf("Run: %v", err)
		}
	})
	w.t.Cleanup(w.stop)
}

// key posts a job for a number of units, and waits until the gateway serves it.
func (w *world) key(units uint64) (secret string, id uint64) {
	w.t.Helper()
	secret, hash := NewKey()
	terms := w.terms(units)
	terms.Infer.Key = hash
	id = w.chain.post(terms)
	w.eventually("the job is taken", func() bool {
		s := w.g.session(id)
		return s != nil && s.isOpen()
	})
	return secret, id
}

// terms are those of a job for a key.
func (w *world) terms(units uint64) job.Terms {
	return job.Terms{
		Kind: job.KindInfer, Proof: job.ProofReferee, Infer: &job.InferTerms{Model: 5, Serving: 3000}, Units: units,
		MaxPrice: math.NewInt(5), Stake: math.NewInt(1), Work: 100_000,
		Task: w.task().Encode(),
	}
}

// task is the task of a session with the model.
func (w *world) task() *verify.Task {
	w.t.Helper()
	task, err := kind.SessionTask(w.model, w.root, int64(w.chain.models[5].Bytes))
	if err != nil {
		w.t.Fatal(err)
	}
	return task
}

func (w *world) eventually(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("never: %s", what)
		}
	}
}

// do sends a request and returns the status and the answer.
func (w *world) do(method, path, key, body string) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res, string(data)
}

// complete asks for a completion and returns what it cost.
func (w *world) complete(key, body string) (text string, u usage) {
	w.t.Helper()
	res, data := w.do("POST", "/v1/completions", key, body)
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s", res.Status, data)
	}
	var answer struct {
		Choices []struct{ Text string }
		Usage   usage
	}
	if err := json.Unmarshal([]byte(data), &answer); err != nil {
		w.t.Fatal(err)
	}
	return answer.Choices[0].Text, answer.Usage
}

// claimed returns the claim of a job and its calls, after executing them again.
func (w *world) claimed(id uint64) (job.Claim, []nn.Call) {
	w.t.Helper()
	j, _ := w.chain.Job(context.Background(), id)
	if j.Claim == nil {
		w.t.Fatalf("job %d is %s", id, j.State.Word())
	}
	data, err := w.store.Bytes(blob.Hash(j.Claim.Result))
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := kernel.New("portable", 1)
	if err != nil {
		w.t.Fatal(err)
	}
	again, err := infer.NewReplay(context.Background(), w.model.Encode(), data, b)
	if err != nil {
		w.t.Fatal(err)
	}
	leaves, err := again.Leaves()
	if err != nil {
		w.t.Fatal(err)
	}
	wrong, _ := again.Contradiction()
	if trace := blob.Root(leaves); string(trace[:]) != string(j.Claim.Trace) || again.Units() != j.Claim.Units ||
		wrong >= 0 {
		w.t.Errorf("the replay of %d units differs, call %d is wrong", again.Units(), wrong)
	}
	units, _ := again.ProveUnits()
	last := len(leaves) - 1
	var end []byte
	for _, h := range append(units, blob.Path(leaves, last)...) {
		end = append(end, h[:]...)
	}
	if string(j.Claim.State) != string(leaves[last][:]) || string(bytes.Join(j.Claim.End, nil)) != string(end) {
		w.t.Error("the claim does not show where it ends")
	}
	return *j.Claim, again.Calls()
}
