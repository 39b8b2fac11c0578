// Package gateway answers OpenAI's protocol with models that the network owns. A developer changes the address and the
// key of an OpenAI client, nothing else.
//
//	g, err := gateway.New(gateway.Config{Client: c, Signer: s, Store: blobs, Dir: dir})
//	go g.Run(ctx)                                 // watch the chain
//	url, wait, err := transfer.Serve(ctx, addr, g.Handler())
//
// How the pieces meet. A gateway is a Worker of kind infer. An API key is a secret (NewKey), and the chain knows its
// hash: the key's owner posts an infer job whose escrow pays for the key. Run sees the job (watch.go), asks whether it
// protects this gateway (fit.go), loads the model if there is memory for it (load.go, memory.go), takes the job and
// opens a session (session.go). A request (http.go, request.go) is checked, reserves what it can cost, and waits for
// its turn at the model; its tokens go out as they come (answer.go). Before the answer ends, the call is a line of the
// session's journal on disk (journal.go). A session ends when its end is asked for, when it is used up or idle, or
// when its job is due. Then the claim names the journal (claim.go): one transaction for all calls. Checkers fetch the
// journal and the model, and make every call again. A session is a run of a Program, so one scalar step decides a
// dispute about it; the loop of package kind/dispute plays for the gateway.
//
// The journal of a session is public, because it must be checked: whoever knows its hash from the chain can read the
// prompts and answers. Ask nothing secret.
//
// What can go wrong: the process is killed at any moment. It finds its sessions again by the chain and their journals.
// A last line that was not written whole is dropped; its answer had not ended. If the disk does not take a line, the
// answer ends with an error and the call is free. A key never uses more units than its job pays for. A job that is not
// taken is counted and logged with the reason. An error, or a panic, over one job or session stops no other.
package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/dispute"
	"github.com/minga-network/minga/kind/fit"
	"github.com/minga-network/minga/x/job"
)

// keyPrefix begins every API key, so that people and scanners know one.
const keyPrefix = "sk-minga-"

// Config is what a gateway works with.
type Config struct {
	Client *client.Client
	Signer *client.Signer // of a worker that offers infer; it may register later
	// Store has the models, and the logs until their jobs have ended. Whoever serves
	// it at the worker's endpoint lets the checkers have them.
	Store *store.Store
	// Transport carries requests for blobs; nil is the network without private addresses.
	Transport http.RoundTripper
	Dir       string // of the sessions' journals
	Kernel    string // instruction set; empty is the best of this machine
	Threads   int    // each model computes with, at least 1
	// Memory is how many bytes models may take together, with all that serving and defending sessions takes. A model
	// that needs more is refused. 0 is no bound.
	Memory int64
	// Policy is which jobs are taken.
	Policy fit.Policy
	// Idle is after how long without a request a session is claimed. 0 waits until it
	// is asked for, used up or due.
	Idle time.Duration
	// Origins are the web pages ("https://chat.example") whose scripts may call the
	// API; "*" is all, none is the default.
	Origins []string
	Log     *slog.Logger // nothing is written when nil
}

// Gateway serves the sessions of one worker. It is safe for concurrent use.
type Gateway struct {
	Config
	ledger ledger
	me     string
	news   chan struct{} // something has happened that is not in a block
	tasks  sync.WaitGroup
	list   fit.List              // the jobs that are left alone, for the owner
	defend func(context.Context) // plays the disputes about our claims; nil without a chain

	mu       sync.Mutex
	height   int64
	pace     time.Duration         // from one block to the next
	looked   bool                  // the chain has been asked for our sessions
	sessions map[[32]byte]*session // by the hash of their key
	ended    endings
	loads    map[uint64]*load        // by the model's asset
	loading  int                     // how many of them are being loaded
	disputed int64                   // bytes that executions for disputes take
	refused  map[uint64]refused      // jobs that were left alone, and why
	failed   map[errand]kind.Backoff // what failed about our jobs
	kept     map[uint64]bool         // jobs whose journal is on disk and that are not served
}

// New makes a gateway. It serves nothing before Run.
func New(c Config) (*Gateway, error) {
	live := c.Client.Live(job.KindInfer)
	if c.Log != nil {
		live.Log = c.Log
	}
	ledger := chainLedger{c.Client, c.Signer, c.Transport, live}
	g, err := newGateway(c, ledger, c.Signer.String())
	if err != nil {
		return nil, err
	}
	disputes := dispute.Loop{Client: c.Client, Signer: c.Signer, Log: g.Log, Hold: g.dispute, Prepare: kind.On(kind.Host{
		Chain: c.Client, Store: c.Store, Transport: c.Transport, Dir: c.Dir, Kernel: c.Kernel, Threads: c.Threads,
		Memory: c.Memory, Log: g.Log,
	}).Prepare}
	g.defend = disputes.Follow
	return g, nil
}

func newGateway(c Config, l ledger, me string) (*Gateway, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if _, err := kernel.New(c.Kernel, c.Threads); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("gateway: folder of the journals: %w", err)
	}
	kept, err := journals(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("gateway: folder of the journals: %w", err)
	}
	return &Gateway{
		Config: c, ledger: l, me: me, news: make(chan struct{}, 1), list: fit.List{Dir: c.Dir},
		sessions: map[[32]byte]*session{}, loads: map[uint64]*load{}, refused: map[uint64]refused{},
		failed: map[errand]kind.Backoff{}, kept: kept,
	}, nil
}

// NewKey makes an API key. The secret is for its user; the hash, 32 bytes, goes into
// the terms of the job that pays for it.
func NewKey() (secret string, hash []byte) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	secret = keyPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	return secret, KeyHash(secret)
}

// KeyHash is how the chain knows an API key.
func KeyHash(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// session finds the session of a job, or nil.
func (g *Gateway) session(id uint64) *session {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.sessions {
		if s.id == id {
			return s
		}
	}
	return nil
}

// active lists the sessions.
func (g *Gateway) active() []*session {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*session, 0, len(g.sessions))
	for _, s := range g.sessions {
		all = append(all, s)
	}
	return all
}

// forget takes a session off the books. Its key is told that it has ended.
func (g *Gateway) forget(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sessions[s.key] != s {
		return
	}
	delete(g.sessions, s.key)
	g.ended.add(s.key, s.id)
	g.kept[s.id] = true
	g.release(s.terms.Infer.Model)
}

// wake makes Run look at the chain without waiting for the next block.
func (g *Gateway) wake() {
	select {
	case g.news <- struct{}{}:
	default:
	}
}

// start runs a task beside the watch; Run waits for it. A panic in it stops nothing else.
func (g *Gateway) start(ctx context.Context, task func(context.Context)) {
	g.tasks.Go(func() {
		err := kind.Contain(func() error {
			task(ctx)
			return nil
		})
		if err != nil {
			g.Log.Error("a task broke", "err", err)
		}
	})
}

// endings remembers the last keys whose sessions have ended.
type endings struct {
	jobs  map[[32]byte]uint64
	order [][32]byte
}

const endingsKept = 1024

func (e *endings) add(key [32]byte, id uint64) {
	if e.jobs == nil {
		e.jobs = map[[32]byte]uint64{}
	}
	if _, known := e.jobs[key]; !known {
		e.order = append(e.order, key)
	}
	e.jobs[key] = id
	if len(e.order) > endingsKept {
		delete(e.jobs, e.order[0])
		e.order = e.order[1:]
	}
}
