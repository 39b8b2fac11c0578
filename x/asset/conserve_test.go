package asset

import (
	"flag"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// reference keeps the same accounts in a slow and simple way. It divides each deposit at once among all
// holders, in fractions of 1/Shares uminga. There is no accumulator, and nothing is done later.
type reference struct {
	shares, owed [][]*big.Int // [asset][holder]
	money        []*big.Int   // [holder]
	base         []int        // [asset], -1: none
	royalty      []int64      // [asset], basis points
	commons      int          // the holder that gets what division leaves
}

func zeros(n int) []*big.Int {
	z := make([]*big.Int, n)
	for i := range z {
		z[i] = new(big.Int)
	}
	return z
}

func (r *reference) mint(parts map[int]uint64) {
	held := zeros(len(r.money))
	for holder, n := range parts {
		held[holder].SetUint64(n)
	}
	r.shares, r.owed = append(r.shares, held), append(r.owed, zeros(len(r.money)))
	r.base, r.royalty = append(r.base, -1), append(r.royalty, 0)
}

func (r *reference) deposit(from, asset int, amount int64) {
	r.money[from].Sub(r.money[from], big.NewInt(amount))
	r.share(asset, amount, 0)
}

// share pays the base first, which pays its own base, and then the holders.
func (r *reference) share(asset int, amount int64, steps int) {
	if base := r.base[asset]; base >= 0 && r.royalty[base] > 0 && steps < 32 {
		part := func(points int64) int64 {
			n := new(big.Int).Mul(big.NewInt(amount), big.NewInt(points))
			return n.Quo(n, big.NewInt(10_000)).Int64()
		}
		up, kept := part(r.royalty[base]), part(10_000-r.royalty[base])
		r.money[r.commons].Add(r.money[r.commons], big.NewInt(amount-up-kept))
		r.share(base, up, steps+1)
		amount = kept
	}
	for holder, held := range r.shares[asset] {
		r.owed[asset][holder].Add(r.owed[asset][holder], new(big.Int).Mul(held, big.NewInt(amount)))
	}
}

func (r *reference) withdraw(holder, asset int) *big.Int {
	owed := r.owed[asset][holder]
	amount, left := new(big.Int).QuoRem(owed, big.NewInt(Shares), new(big.Int))
	r.owed[asset][holder] = left
	r.money[holder].Add(r.money[holder], amount)
	return amount
}

func (r *reference) send(from, to, asset int, n math.Int) {
	held := r.shares[asset]
	held[from] = new(big.Int).Sub(held[from], n.BigInt())
	held[to] = new(big.Int).Add(held[to], n.BigInt())
}

// crowd drives a ledger and the reference with the same random operations.
type crowd struct {
	*ledger
	ref     *reference
	rnd     *rand.Rand
	holders []sdk.AccAddress
	modules map[int]string // holders that are modules
	models  []int          // assets that are models
}

func newCrowd(t *testing.T, seed uint64) *crowd {
	c := &crowd{ledger: newLedger(t), rnd: rand.New(rand.NewPCG(seed, 1)), modules: map[int]string{}}
	for i := range 12 {
		c.holders = append(c.holders, c.User(fmt.Sprint("holder", i)))
	}
	for _, name := range []string{Commons, "job"} {
		c.modules[len(c.holders)] = name
		purse := coins(money, math.NewInt(1_000_000_000_000_000))
		require.NoError(t, c.Bank.SendCoinsFromAccountToModule(c.Ctx, c.User(name+" purse"), name, purse))
		c.holders = append(c.holders, authtypes.NewModuleAddress(name))
	}
	c.ref = &reference{money: zeros(len(c.holders)), commons: len(c.holders) - 2}
	for i, h := range c.holders {
		c.ref.money[i].Set(c.Balance(h, money).BigInt())
	}
	return c
}

func (c *crowd) anyone() int   { return c.rnd.IntN(len(c.holders)) }
func (c *crowd) anyAsset() int { return c.rnd.IntN(len(c.ref.shares)) }

// mint registers a dataset, or a model whose parts go to some holders, several to one and some empty.
func (c *crowd) mint() {
	if c.rnd.IntN(2) == 0 {
		creator := c.rnd.IntN(12)
		c.register(c.holders[creator])
		c.ref.mint(map[int]uint64{creator: Shares})
		return
	}
	var parts []Part
	got := map[int]uint64{}
	for left := uint64(Shares); left > 0; {
		n := min(left, c.rnd.Uint64N(Shares))
		if len(parts) == 5 {
			n = left
		}
		h := c.anyone()
		parts = append(parts, Part{Holder: c.holders[h].String(), Role: roles[c.rnd.IntN(4)], Shares: n})
		got[h] += n
		left -= n
	}
	c.ref.mint(got)
	m, made := c.model(parts...), len(c.ref.base)-1
	c.ref.royalty[made] = []int64{0, 1, 500, 3_333, 10_000}[c.rnd.IntN(5)]
	m.Royalty = uint32(c.ref.royalty[made])
	if len(c.models) > 0 {
		c.ref.base[made] = c.models[c.rnd.IntN(len(c.models))]
		m.Base = uint64(c.ref.base[made] + 1)
	}
	c.models = append(c.models, made)
	_, err := c.k.MintModel(c.Ctx, m)
	require.NoError(c, err)
}

// some is a random amount of what a holder has, at times all of it.
func (c *crowd) some(holder, asset int) math.Int {
	has := c.ref.shares[asset][holder].Int64()
	if has == 0 || c.rnd.IntN(4) == 0 {
		return math.NewInt(has)
	}
	return math.NewInt(1 + c.rnd.Int64N(has))
}

// send moves shares of one or two assets, by one of the ways in which x/bank can do it for the two sides.
func (c *crowd) send() {
	from, to := c.anyone(), c.anyone()
	amt := sdk.NewCoins()
	for range 1 + c.rnd.IntN(2) {
		asset := c.anyAsset()
		n := c.some(from, asset)
		if amt.AmountOf(Denom(uint64(asset+1))).IsPositive() || n.IsZero() {
			continue
		}
		amt = amt.Add(sdk.NewCoin(Denom(uint64(asset+1)), n))
		c.ref.send(from, to, asset, n)
	}
	fromModule, toModule := c.modules[from], c.modules[to]
	var err error
	switch {
	case fromModule != "" && toModule != "":
		err = c.Bank.SendCoinsFromModuleToModule(c.Ctx, fromModule, toModule, amt)
	case fromModule != "":
		err = c.Bank.SendCoinsFromModuleToAccount(c.Ctx, fromModule, c.holders[to], amt)
	case toModule != "":
		err = c.Bank.SendCoinsFromAccountToModule(c.Ctx, c.holders[from], toModule, amt)
	default:
		err = c.Bank.SendCoins(c.Ctx, c.holders[from], c.holders[to], amt)
	}
	require.NoError(c, err)
}

// multiSend pays up to five outputs, of which some are the sender or the same account twice.
func (c *crowd) multiSend() {
	from, asset := c.anyone(), c.anyAsset()
	denom := Denom(uint64(asset + 1))
	total := math.ZeroInt()
	var outs []banktypes.Output
	for range 1 + c.rnd.IntN(5) {
		n := c.some(from, asset)
		if n.IsZero() || total.Add(n).BigInt().Cmp(c.ref.shares[asset][from]) > 0 {
			continue
		}
		total = total.Add(n)
		outs = append(outs, banktypes.Output{Address: c.holders[c.anyone()].String(), Coins: coins(denom, n)})
	}
	if len(outs) == 0 {
		return
	}
	in := banktypes.Input{Address: c.holders[from].String(), Coins: coins(denom, total)}
	require.NoError(c, c.Bank.InputOutputCoins(c.Ctx, in, outs))
	for _, out := range outs {
		c.ref.send(from, c.index(out.Address), asset, out.Coins.AmountOf(denom))
	}
}

func (c *crowd) index(addr string) int {
	for i, h := range c.holders {
		if h.String() == addr {
			return i
		}
	}
	panic("unknown holder " + addr)
}

func (c *crowd) pay() {
	from, asset := c.anyone(), c.anyAsset()
	amount := []int64{1, 2, 7, 999_983, 1_000_000_007}[c.rnd.IntN(5)] * (1 + c.rnd.Int64N(3))
	require.NoError(c, c.k.Deposit(c.Ctx, c.holders[from], uint64(asset+1), math.NewInt(amount), 0))
	c.ref.deposit(from, asset, amount)
}

func (c *crowd) take() {
	holder, asset := c.anyone(), c.anyAsset()
	want := c.ref.withdraw(holder, asset)
	got, err := c.k.withdraw(c.Ctx, uint64(asset+1), c.holders[holder])
	if want.Sign() == 0 {
		require.ErrorIs(c, err, ErrNothing)
		return
	}
	require.NoError(c, err)
	require.Equal(c, want.String(), got.String(), "withdrawal of %s by holder %d", Denom(uint64(asset+1)), holder)
}

// agree compares every number of the chain's accounts with the reference. It changes nothing.
func (c *crowd) agree() {
	c.Helper()
	for h, addr := range c.holders {
		require.Equal(c, c.ref.money[h].String(), c.Balance(addr, money).String(), "money of holder %d", h)
		for asset := range c.ref.shares {
			id := uint64(asset + 1)
			require.Equal(c, c.ref.shares[asset][h].String(), c.Balance(addr, Denom(id)).String(), "shares of %d", h)
			owed, _, err := c.k.accrued(c.Ctx, id, addr)
			require.NoError(c, err)
			require.Equal(c, c.ref.owed[asset][h].String(), owed.Fractions.String(), "owed by %s to %d", Denom(id), h)
		}
	}
}

// operations is how many the random tests of income do.
var operations = flag.Int("operations", 20_000, "how many random operations the tests of income do")

func TestRandomOperationsConserveEveryUnit(t *testing.T) {
	c := newCrowd(t, 1)
	c.mint()
	for i := range *operations {
		c.Ctx = c.Ctx.WithEventManager(sdk.NewEventManager())
		switch p := c.rnd.IntN(1000); {
		case p < 2 && len(c.ref.shares) < 60:
			c.mint()
		case p < 400:
			c.send()
		case p < 600:
			c.multiSend()
		case p < 800:
			c.pay()
		default:
			c.take()
		}
		if i%2_000 == 0 {
			c.agree()
		}
	}
	c.agree()
	c.checkConserved()
}
