package daemon

import (
	"context"
	"sync"
)

// memory is what all works take together, of what this machine may use.
type memory struct {
	bound int64 // in bytes; 0: none

	mu    sync.Mutex
	used  int64
	freed chan struct{} // closed when some is given back
}

func newMemory(bound int64) *memory { return &memory{bound: bound, freed: make(chan struct{})} }

// fits tells whether there is room now. What needs more than all there is fits when nothing else is there.
func (m *memory) fits(bytes int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hasRoom(bytes)
}

func (m *memory) hasRoom(bytes int64) bool {
	return m.bound == 0 || m.used == 0 || m.used+bytes <= m.bound
}

// wait takes memory as soon as there is room, and returns what gives it back.
func (m *memory) wait(ctx context.Context, bytes int64) (release func(), err error) {
	for {
		m.mu.Lock()
		freed := m.freed
		if m.hasRoom(bytes) {
			m.used += bytes
			m.mu.Unlock()
			return func() { m.give(bytes) }, nil
		}
		m.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// take takes memory at once, for what cannot wait: then others wait longer.
func (m *memory) take(bytes int64) (release func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used += bytes
	return func() { m.give(bytes) }
}

func (m *memory) give(bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used -= bytes
	close(m.freed)
	m.freed = make(chan struct{})
}
