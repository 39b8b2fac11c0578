package asset

import (
	"context"
	stderrors "errors"
	"strings"
	"unicode/utf8"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
)

const (
	// MaxName is the longest name of an asset, in bytes.
	MaxName = 128
	// MaxParents is how many assets one asset can be made from.
	MaxParents = 256

	rootSize  = 32  // bytes of a blob's hash
	maxSource = 256 // bytes of a URL
	maxBits   = 128 // of an amount of uminga: see income.go
)

// msgs answers the module's transactions.
type msgs struct{ Keeper }

var _ MsgServer = msgs{}

// Register publishes a dataset that the sender committed to in an earlier block, and
// gives all its shares to the sender.
func (m msgs) Register(ctx context.Context, msg *MsgRegister) (*MsgRegisterResponse, error) {
	a := Asset{
		Kind: KindDataset, Name: msg.Name, Creator: msg.Creator,
		Root: msg.Root, Bytes: msg.Bytes, Records: msg.Records,
		Licence: msg.Licence, Price: msg.Price, Source: msg.Source, Parents: msg.Parents,
		Parts: []Part{{Holder: msg.Creator, Role: "creator", Shares: Shares}}, Sketch: msg.Sketch,
	}
	if err := m.checkDataset(ctx, a); err != nil {
		return nil, err
	}
	var err error
	if a.Since, err = m.reveal(ctx, msg); err != nil {
		return nil, err
	}
	late, err := m.outranked(ctx, a)
	if err != nil {
		return nil, err
	}
	if a.Id, err = m.add(ctx, a); err != nil {
		return nil, err
	}
	if late != 0 {
		if err := m.outrank(ctx, late, a.Root, a.Id); err != nil {
			return nil, err
		}
	}
	return &MsgRegisterResponse{Asset: a.Id}, m.compare(ctx, a)
}

// checkDataset says why a dataset cannot be registered by anybody.
func (k Keeper) checkDataset(ctx context.Context, a Asset) error {
	if err := k.check(ctx, a); err != nil {
		return err
	}
	switch {
	case a.Records == 0:
		return ErrInvalid.Wrap("a dataset has records: give the number of its lines")
	case !isAmount(a.Price):
		return ErrInvalid.Wrapf("price: give what one training job pays, in %s, 0 for a free dataset", money)
	}
	if err := checkSource(a.Source); err != nil {
		return err
	}
	return checkSketch(a.Sketch)
}

// outranked returns the dataset that has the root of a new one though it was committed to
// later, 0 if none has the root. It refuses what was not there first. Two commitments of
// one block were made without sight of each other: the one shown first has it.
func (k Keeper) outranked(ctx context.Context, a Asset) (uint64, error) {
	id, err := k.roots.Get(ctx, a.Root)
	if stderrors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	standing, err := k.assets.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	if standing.Since <= a.Since {
		return 0, ErrExists.Wrapf("%s has this root already: use that asset, or publish other bytes", Denom(id))
	}
	return id, nil
}

// outrank lets an asset have a root that another had. The other remains, with what it has
// earned, and with a mark: training leaves out what an earlier dataset has too.
func (k Keeper) outrank(ctx context.Context, late uint64, root []byte, id uint64) error {
	if err := k.roots.Set(ctx, root, id); err != nil {
		return err
	}
	return k.repeats(ctx, late, id)
}

// check holds for assets of every kind.
func (k Keeper) check(ctx context.Context, a Asset) error {
	if _, err := k.account(a.Creator); err != nil {
		return err
	}
	if err := CheckName(a.Name); err != nil {
		return err
	}
	if err := CheckLicence(a.Licence); err != nil {
		return err
	}
	switch {
	case len(a.Root) != rootSize:
		return ErrInvalid.Wrapf("root has %d bytes: give the %d bytes of the blob's hash", len(a.Root), rootSize)
	case a.Bytes == 0:
		return ErrInvalid.Wrap("bytes is 0: give the size of the blob")
	}
	return k.checkParents(ctx, a.Parents)
}

// checkParents wants existing assets by increasing id. Since a parent exists before
// its child, lineage never runs in a circle.
func (k Keeper) checkParents(ctx context.Context, parents []uint64) error {
	if len(parents) > MaxParents {
		return ErrInvalid.Wrapf("%d parents: name at most %d", len(parents), MaxParents)
	}
	for i, id := range parents {
		if i > 0 && id <= parents[i-1] {
			return ErrInvalid.Wrapf("parent %d stands after %d: name each once, by increasing id", id, parents[i-1])
		}
		if _, err := k.earned(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// CheckName says why a text cannot name an asset. Names are shown by wallets and
// terminals: any script, but nothing invisible that reorders or breaks a line.
// The ranges are written out because Unicode tables differ between Go versions, and
// nodes built by different ones must agree.
func CheckName(name string) error {
	switch {
	case name == "" || len(name) > MaxName:
		return ErrInvalid.Wrapf("name has %d bytes: give 1 to %d", len(name), MaxName)
	case !utf8.ValidString(name):
		return ErrInvalid.Wrap("name is not UTF-8 text")
	case strings.HasPrefix(name, " ") || strings.HasSuffix(name, " "):
		return ErrInvalid.Wrap("name begins or ends with a space: remove it")
	}
	for _, r := range name {
		control := r < 0x20 || r >= 0x7f && r <= 0xa0
		invisible := r >= 0x2000 && r <= 0x200b || r >= 0x200e && r <= 0x200f || r >= 0x2028 && r <= 0x202e ||
			r >= 0x2060 && r <= 0x206f || r == 0xfeff || r >= 0xe0000
		if control || invisible {
			return ErrInvalid.Wrapf("name holds the invisible character %U: remove it", r)
		}
	}
	return nil
}

// checkSource wants http or https, a host, and no more than a path after it. It is a
// grammar of our own because net/url changes what it accepts between Go versions.
// No source is fine: workers serve blobs too.
func checkSource(source string) error {
	if source == "" {
		return nil
	}
	rest, ok := strings.CutPrefix(source, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(source, "http://")
	}
	host, path, _ := strings.Cut(rest, "/")
	if !ok || len(source) > maxSource || !isHost(host) || !only(path, "/-._~%!$&'()*+,;=:@") {
		return ErrInvalid.Wrapf("source: give a base URL such as https://data.example.org/blobs, at most %d bytes, with no "+
			"query", maxSource)
	}
	return nil
}

// isHost accepts a name or an address, with or without a port.
func isHost(host string) bool {
	if v6, ok := strings.CutPrefix(host, "["); ok {
		addr, rest, closed := strings.Cut(v6, "]")
		port, hasPort := strings.CutPrefix(rest, ":")
		return closed && strings.Contains(addr, ":") && only(addr, ":.") && (rest == "" || hasPort && isPort(port))
	}
	name, port, hasPort := strings.Cut(host, ":")
	return name != "" && only(name, "-.") && (!hasPort || isPort(port))
}

// isPort accepts one to five digits.
func isPort(s string) bool {
	return s != "" && len(s) <= 5 && strings.Trim(s, "0123456789") == ""
}

// only reports whether s consists of ASCII letters, digits and the given marks.
func only(s, marks string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && !strings.ContainsRune(marks, rune(c)) {
			return false
		}
	}
	return true
}

// isAmount reports whether a message's number is an amount of coins, 0 included.
func isAmount(n math.Int) bool {
	return !n.IsNil() && !n.IsNegative() && n.BigInt().BitLen() <= maxBits
}
