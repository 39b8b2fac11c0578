package gateway

import (
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/fit"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/x/asset"
)

// maxModel bounds the file of a model, in bytes.
const maxModel = 2 << 30

// A model's memory follows from its size and its shape, which whoever mints it chooses. So it is counted before
// anything is allocated. A model that does not fit into what may be used is refused. One that does not fit beside
// others waits until a session has ended. Models that nobody uses leave at once.

// errRoom means that other models have the memory.
var errRoom = fmt.Errorf("other models have the memory")

// fetchable refuses a model by the size of its file.
func (g *Gateway) fetchable(a asset.Asset) error {
	if len(a.Root) != len(blob.Hash{}) || a.Bytes > maxModel {
		return fmt.Errorf("model %d has %d bytes; at most %d are loaded", a.Id, a.Bytes, maxModel)
	}
	return fit.Memory(fileBytes(a), 0, g.Memory)
}

// fileBytes is what the file of a model takes while it is read, as bytes and as weights.
func fileBytes(a asset.Asset) int64 { return 2 * int64(a.Bytes) }

// servable refuses a model that would take too much memory: to serve it, with the keys and values of a request for its
// whole context, or to defend a session with it. It returns what serving takes.
func (g *Gateway) servable(a asset.Asset, m *file.Model) (int64, error) {
	plan, err := infer.NewPlan(m.Config)
	if err != nil {
		return 0, fmt.Errorf("model %d: %w", a.Id, err)
	}
	serves := int64(a.Bytes) + infer.CacheBytes(m.Config, m.Config.Context)
	return serves, fit.Memory(serves, fileBytes(a)+kind.SessionMove(plan.Program), g.Memory)
}

// reserve counts memory for a model that is being loaded, in place of what it had before. If there is too little,
// models that nobody uses leave.
func (g *Gateway) reserve(l *load, bytes int64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	fits := func() bool { return g.Memory == 0 || g.used()-l.bytes+bytes <= g.Memory }
	for id, other := range g.loads {
		if fits() {
			break
		}
		if other != l && other.unused() {
			delete(g.loads, id)
		}
	}
	if !fits() {
		return errRoom
	}
	l.bytes = bytes
	return nil
}

// used is what all models take, and the disputes. The caller has g.mu.
func (g *Gateway) used() int64 {
	n := g.disputed
	for _, l := range g.loads {
		n += l.bytes
	}
	return n
}

// dispute counts the memory of an execution for disputes, which cannot wait.
func (g *Gateway) dispute(bytes int64) (release func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.disputed += bytes
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.disputed -= bytes
	}
}
