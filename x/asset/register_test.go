package asset

import (
	"bytes"
	"strings"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/data/record"
)

func TestRegisterGivesAllSharesToTheSender(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	first := l.register(ana)
	msg := l.dataset(ana)
	msg.Parents = []uint64{first}
	id, err := l.publish(msg)
	require.NoError(t, err)
	require.Equal(t, uint64(1), first)
	require.Equal(t, uint64(2), id)

	a, err := l.k.Get(l.Ctx, id)
	require.NoError(t, err)
	require.Equal(t, Asset{
		Id: 2, Kind: KindDataset, Name: msg.Name, Creator: msg.Creator, Root: msg.Root, Bytes: msg.Bytes,
		Records: msg.Records, Licence: msg.Licence, Price: msg.Price, Source: msg.Source, Parents: msg.Parents,
		Parts:  []Part{{Holder: ana.String(), Role: "creator", Shares: Shares}},
		Shares: Shares, Income: math.ZeroInt(), Paid: math.ZeroInt(), Height: 42, Since: 41,
	}, a)
	require.Equal(t, int64(Shares), l.Balance(ana, "asset/2").Int64())
}

func TestRegisterRefuses(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	first := l.dataset(ana)
	_, err := l.publish(first)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		change func(m *MsgRegister)
		want   error
		says   string
	}{
		"a creator that is no address": {func(m *MsgRegister) { m.Creator = "cosmos1x" }, ErrInvalid,
			"account of this chain"},
		"no name": {func(m *MsgRegister) { m.Name = "" }, ErrInvalid, "1 to 128"},
		"a long name": {func(m *MsgRegister) { m.Name = strings.Repeat("a", 129) }, ErrInvalid,
			"1 to 128"},
		"a root of the wrong size": {func(m *MsgRegister) { m.Root = m.Root[:31] }, ErrInvalid, "31 bytes"},
		"no bytes":                 {func(m *MsgRegister) { m.Bytes = 0 }, ErrInvalid, "size of the blob"},
		"no records":               {func(m *MsgRegister) { m.Records = 0 }, ErrInvalid, "lines"},
		"a licence that is none":   {func(m *MsgRegister) { m.Licence = "mine" }, ErrInvalid, "CC-BY-4.0"},
		"a price below 0":          {func(m *MsgRegister) { m.Price = math.NewInt(-1) }, ErrInvalid, "price"},
		"no price":                 {func(m *MsgRegister) { m.Price = math.Int{} }, ErrInvalid, "price"},
		"a price that could overflow": {func(m *MsgRegister) { m.Price = math.NewIntWithDecimal(1, 40) }, ErrInvalid,
			"price"},
		"a source that is no URL":      {func(m *MsgRegister) { m.Source = "data.example.org" }, ErrInvalid, "base URL"},
		"a parent that does not exist": {func(m *MsgRegister) { m.Parents = []uint64{1, 9} }, ErrUnknown, "asset 9"},
		"itself as parent":             {func(m *MsgRegister) { m.Parents = []uint64{2} }, ErrUnknown, "asset 2"},
		"a parent named twice":         {func(m *MsgRegister) { m.Parents = []uint64{1, 1} }, ErrInvalid, "each once"},
		"parents out of order":         {func(m *MsgRegister) { m.Parents = []uint64{2, 1} }, ErrUnknown, "asset 2"},
		"too many parents": {func(m *MsgRegister) { m.Parents = make([]uint64, MaxParents+1) }, ErrInvalid,
			"at most 256"},
		"a sketch of the wrong size": {func(m *MsgRegister) { m.Sketch = make([]byte, 1023) }, ErrInvalid, "sketch"},
		"a root registered by the same": {func(m *MsgRegister) { m.Root = first.Root }, ErrExists,
			"asset/1 has this root"},
		"a root registered by another one": {func(m *MsgRegister) { m.Root, m.Creator = first.Root, ben.String() }, ErrExists,
			"asset/1 has this root"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := l.dataset(ana)
			c.change(msg)
			_ = l.commit(msg, 1) // the commitment of a message that is refused may be refused too
			_, err := l.msg.Register(l.Ctx, msg)
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
		})
	}
	last, err := l.k.last.Peek(l.Ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(1), last, "a refusal left an asset behind")
}

// TestAModelTakesNoRootOfADataset: what a claim calls its result keeps nobody from registering a text.
func TestAModelTakesNoRootOfADataset(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	m := l.model(Part{Holder: ana.String(), Role: "compute", Shares: Shares})
	_, err := l.k.MintModel(l.Ctx, m)
	require.NoError(t, err)
	msg := l.dataset(ana)
	msg.Root = m.Root
	_, err = l.publish(msg)
	require.NoError(t, err)
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{
		"a", "Cuentos de la abuela, vol. 2", "ワカの物語", "हिन्दी\u200d",
		strings.Repeat("é", 64), "👵🏽",
	} {
		require.NoError(t, CheckName(good), good)
	}
	for _, bad := range []string{"", " a", "a ", "a\nb", "a\x00", "a\x7f", "a\u0085", "\u202eexe", "a\u2066", "a\u200bb",
		"\ufeffa", "\u3000a"[:2], "\xff"} {
		require.ErrorIs(t, CheckName(bad), ErrInvalid, "%q", bad)
	}
}

func TestCheckSource(t *testing.T) {
	for _, good := range []string{
		"", "http://a", "https://data.example.org", "https://data.example.org/", "http://127.0.0.1:8080/blobs/x",
		"http://[::1]:8080", "http://[fe80::1]", "https://a/b%20c/~d",
	} {
		require.NoError(t, checkSource(good), good)
	}
	for _, bad := range []string{
		"https://", "https:///path", "ftp://a", "HTTPS://a", "//a", "a", "https://user@host", "https://user:pass@host/",
		"https://a:",
		"https://a:x", "https://a:123456", "https://a b", "https://a/b c", "https://a?x=1", "https://a/?x", "https://a/#x",
		"http://[::1", "http://[]",
		"http://[::1]x", "https://ñ.org", "https://a\n", "https://a/\x00", `https://a/\b`, "https://" +
			strings.Repeat("a", 250),
	} {
		require.ErrorIs(t, checkSource(bad), ErrInvalid, "%q", bad)
	}
}

func TestParseDenom(t *testing.T) {
	for _, id := range []uint64{1, 7, 10, 1<<64 - 1} {
		got, ok := ParseDenom(Denom(id))
		require.True(t, ok)
		require.Equal(t, id, got)
	}
	for _, other := range []string{
		"uminga", "asset", "asset/", "asset/0", "asset/07", "asset/+7", "asset/-7", "asset/7 ", "asset/7/8", "Asset/7",
		"asset/18446744073709551616", "asset/1_0", "factory/asset/7",
	} {
		_, ok := ParseDenom(other)
		require.False(t, ok, other)
	}
}

func FuzzRegisterNeverPanics(f *testing.F) {
	f.Add("cuentos", "CC0-1.0", "https://data.example.org", []byte("12345678901234567890123456789012"), []byte("1"),
		record.NewSketch([]byte("there was once")).Encode())
	f.Add("a\u202e", "MIT WITH", "http://[", []byte{}, []byte{}, []byte{})
	f.Add("", "(", "https://a:", bytes.Repeat([]byte{1}, 33), []byte("-1"), make([]byte, 1024))
	l := newLedger(f)
	creator := types.NewModuleAddress("job").String()
	f.Fuzz(func(t *testing.T, name, licence, source string, root, price, sketch []byte) {
		ctx, _ := l.Ctx.CacheContext()
		var p math.Int
		if p.Unmarshal(price) != nil {
			return
		}
		msg := &MsgRegister{Creator: creator, Name: name, Licence: licence, Source: source, Root: root, Bytes: 1, Records: 1,
			Price: p, Salt: make([]byte, SaltSize), Sketch: sketch}
		commitment := Commitment(types.NewModuleAddress("job"), root, msg.Salt)
		_, err := l.msg.Commit(ctx.WithBlockHeight(1), &MsgCommit{Creator: creator, Commitment: commitment})
		require.NoError(t, err)
		res, err := l.msg.Register(ctx.WithBlockHeight(2), msg)
		if err != nil {
			return
		}
		a, err := l.k.Get(ctx, res.Asset)
		require.NoError(t, err)
		require.NoError(t, metadata(a).Validate())
	})
}
