package node

import (
	"sync/atomic"

	cmtdb "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
)

// patient is a database of CometBFT whose reads find nothing once it is closed.
// CometBFT closes its databases while its routines for peers may still be reading,
// and they panic on an error; an absent block they can take.
type patient struct {
	cmtdb.DB
	closed atomic.Bool
}

// database opens one of CometBFT's databases and remembers it.
func (n *Node) database(ctx *cmtcfg.DBContext) (cmtdb.DB, error) {
	db, err := cmtcfg.DefaultDBProvider(ctx)
	if err != nil {
		return nil, err
	}
	p := &patient{DB: db}
	n.dbs = append(n.dbs, p)
	return p, nil
}

func (p *patient) Get(key []byte) ([]byte, error) {
	v, err := p.DB.Get(key)
	if err != nil && p.closed.Load() {
		return nil, nil
	}
	return v, err
}

func (p *patient) Has(key []byte) (bool, error) {
	ok, err := p.DB.Has(key)
	if err != nil && p.closed.Load() {
		return false, nil
	}
	return ok, err
}

// Close closes once; CometBFT closes some of its databases, the node all of them.
func (p *patient) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	return p.DB.Close()
}

// closeDatabases closes what is open, so that the home can be opened again.
func (n *Node) closeDatabases() {
	for _, db := range n.dbs {
		if err := db.Close(); err != nil {
			n.config.Log.Warn("close the blocks", "err", err)
		}
	}
	if err := n.app.Close(); err != nil {
		n.config.Log.Warn("close the state", "err", err)
	}
}
