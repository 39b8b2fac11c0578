package main_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	minga "github.com/minga-network/minga/cmd/minga-verify"
	"github.com/minga-network/minga/receipt"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// A forger has the keys of all validators: it signs whatever state it likes. What the
// mutations cannot reach, since no proof fits them, is tested so: a state whose numbers do
// not follow from one another is refused however well it is proven and signed.
type forger struct {
	*testing.T
	receipt.Bundle
	before  map[string]map[string][]byte // of the parent block's state, by store and key
	records map[string]map[string][]byte
}

// newForger begins with the kept receipt's records.
func newForger(t *testing.T) *forger {
	f := &forger{T: t}
	content, err := os.ReadFile(kept + "/receipt.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &f.Bundle))
	f.records = map[string]map[string][]byte{"job": {}, "asset": {}, "bank": {}}
	for _, e := range f.Entries {
		f.records[e.Store][string(e.Key)] = e.Value
	}
	f.before = map[string]map[string][]byte{"job": {string(f.Before.Entry.Key): f.Before.Entry.Value}}
	return f
}

func idKey(prefix byte, id uint64) string {
	return string(binary.BigEndian.AppendUint64([]byte{prefix}, id))
}

// change edits a record.
func change[T proto.Message](f *forger, store map[string][]byte, key string, record T, edit func(T)) {
	f.Helper()
	require.Contains(f, store, key)
	require.NoError(f, proto.Unmarshal(store[key], record))
	edit(record)
	content, err := proto.Marshal(record)
	require.NoError(f, err)
	store[key] = content
}

func (f *forger) job(id uint64, edit func(*job.Job)) {
	f.Helper()
	change(f, f.records["job"], idKey(2, id), &job.Job{}, edit)
}

func (f *forger) asset(id uint64, edit func(*asset.Asset)) {
	f.Helper()
	change(f, f.records["asset"], idKey(1, id), &asset.Asset{}, edit)
}

func (f *forger) measured(id uint64, edit func(*job.Measured)) {
	f.Helper()
	change(f, f.records["job"], idKey(11, id), &job.Measured{}, edit)
}

// signed commits the records to a real multistore, twice, proves them and signs the blocks.
func (f *forger) signed() fstest.MapFS {
	f.Helper()
	rs := rootmulti.NewStore(dbm.NewMemDB(), log.NewNopLogger())
	keys := storetypes.NewKVStoreKeys("job", "asset", "bank", "other")
	for _, k := range keys {
		rs.MountStoreWithDB(k, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(f, rs.LoadLatestVersion())
	commit := func(state map[string]map[string][]byte) []byte {
		for name, records := range state {
			for key, value := range records {
				rs.GetKVStore(keys[name]).Set([]byte(key), value)
			}
		}
		return rs.Commit().Hash
	}
	hashes := [][]byte{commit(f.before), commit(f.records)}
	f.Stores, f.Entries = nil, nil
	var last string
	for _, e := range f.sorted() {
		entry, store := f.prove(rs, e[0], e[1], 2)
		if f.Entries = append(f.Entries, entry); e[0] != last {
			f.Stores, last = append(f.Stores, store), e[0]
		}
	}
	if f.Before != nil {
		f.Before.Entry, f.Before.Store = f.prove(rs, "job", string(f.Before.Entry.Key), 1)
	}
	f.sign(hashes)
	content, err := f.Encode()
	require.NoError(f, err)
	return fstest.MapFS{"receipt.json": {Data: content}}
}

func (f *forger) sorted() (all [][2]string) {
	for _, store := range []string{"asset", "bank", "job"} {
		for key := range f.records[store] {
			all = append(all, [2]string{store, key})
		}
	}
	sortPairs(all)
	return all
}

func (f *forger) prove(rs *rootmulti.Store, store, key string, height int64) (receipt.Entry, receipt.Store) {
	r, err := rs.Query(&storetypes.RequestQuery{Path: "/" + store + "/key", Data: []byte(key), Height: height,
		Prove: true})
	require.NoError(f, err)
	var p ics23.CommitmentProof
	require.NoError(f, p.Unmarshal(r.ProofOps.Ops[0].Data))
	root, err := p.Calculate()
	require.NoError(f, err)
	return receipt.Entry{Store: store, Key: []byte(key), Value: r.Value, Proof: r.ProofOps.Ops[0].Data},
		receipt.Store{Name: store, Root: root, Proof: r.ProofOps.Ops[1].Data}
}

// sign makes the parent's header and the signed one.
func (f *forger) sign(hashes [][]byte) {
	var keys []ed25519.PrivKey
	set := &cmttypes.ValidatorSet{}
	f.Block.Validators = nil
	for i := range 7 {
		k := ed25519.GenPrivKeyFromSecret([]byte{byte(i)})
		keys = append(keys, k)
		set.Validators = append(set.Validators, cmttypes.NewValidator(k.PubKey(), 10))
		f.Block.Validators = append(f.Block.Validators, receipt.Validator{Key: k.PubKey().Bytes(), Power: 10})
	}
	parent := header(9, hashes[0], set.Hash(),
		cmttypes.BlockID{Hash: hash("id"), PartSetHeader: cmttypes.PartSetHeader{Total: 1, Hash: hash("parts")}})
	id := cmttypes.BlockID{Hash: parent.Hash(), PartSetHeader: cmttypes.PartSetHeader{Total: 1, Hash: hash("parts")}}
	h := header(10, hashes[1], set.Hash(), id)
	c := &cmttypes.Commit{Height: 10, BlockID: cmttypes.BlockID{Hash: h.Hash(), PartSetHeader: id.PartSetHeader}}
	for i, k := range keys {
		c.Signatures = append(c.Signatures, cmttypes.CommitSig{
			BlockIDFlag: cmttypes.BlockIDFlagCommit, ValidatorAddress: set.Validators[i].Address, Timestamp: h.Time,
		})
		sig, err := k.Sign(c.VoteSignBytes(h.ChainID, int32(i)))
		require.NoError(f, err)
		c.Signatures[i].Signature = sig
	}
	c.Signatures[3] = cmttypes.NewCommitSigAbsent()
	var err error
	f.Block.Header, err = h.ToProto().Marshal()
	require.NoError(f, err)
	f.Block.Commit, err = c.ToProto().Marshal()
	require.NoError(f, err)
	if f.Before != nil {
		f.Block.Parent, err = parent.ToProto().Marshal()
		require.NoError(f, err)
	}
}

func header(height int64, app, validators []byte, last cmttypes.BlockID) *cmttypes.Header {
	return &cmttypes.Header{
		Version: cmtversion.Consensus{Block: version.BlockProtocol}, ChainID: "forged-1", Height: height,
		Time: time.Unix(1_800_000_000, 5).UTC(), LastBlockID: last, LastCommitHash: hash("a"), DataHash: hash("b"),
		ValidatorsHash: validators, NextValidatorsHash: validators, ConsensusHash: hash("c"), AppHash: app,
		LastResultsHash: hash("d"), EvidenceHash: hash("e"), ProposerAddress: hash("f")[:20],
	}
}

func hash(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }

// lies are states that no chain of true rules would come to. The kept receipt: job 1 trained
// asset/3 on asset/1 and asset/2, jobs 2 to 8 measured it, job 9 is the session.
var lies = []struct {
	name, place, reason string
	tell                func(f *forger)
}{
	{"the session is not paid", "session (job 9)", "not a paid session",
		func(f *forger) { f.job(9, func(j *job.Job) { j.State = job.StateClaimed }) }},
	{"the server gets one more", "session (job 9)", "payment 1", func(f *forger) {
		f.job(9, func(j *job.Job) {
			j.Paid[0].Amount, j.Paid[1].Amount = j.Paid[0].Amount.AddRaw(1), j.Paid[1].Amount.SubRaw(1)
		})
	}},
	{"somebody else gets the rest", "session (job 9)", "payment 3",
		func(f *forger) { f.job(9, func(j *job.Job) { j.Paid[2].To = j.Worker }) }},
	{"a payment too many", "session (job 9)", "payment 4",
		func(f *forger) { f.job(9, func(j *job.Job) { j.Paid = append(j.Paid, j.Paid[0]) }) }},
	{"another price", "session (job 9)", "payment 1",
		func(f *forger) { f.job(9, func(j *job.Job) { j.Price = j.Price.AddRaw(1) }) }},
	{"units that the calls did not leave", "session (job 9)", "units do not lead", func(f *forger) {
		f.job(9, func(j *job.Job) {
			more := j.Price.ToLegacyDec().TruncateInt()
			j.Claim.Units++
			serving := j.Price.MulRaw(int64(j.Claim.Units)).MulRaw(int64(j.Terms.Infer.Serving)).QuoRaw(10000)
			j.Paid[1].Amount = j.Price.MulRaw(int64(j.Claim.Units)).Sub(serving)
			j.Paid[0].Amount, j.Paid[2].Amount = serving, j.Paid[2].Amount.Sub(more)
		})
	}},
	{"the session's trace is another", "session (job 9)", "does not lead to its trace",
		func(f *forger) { f.job(9, func(j *job.Job) { j.Claim.Trace = hash("x") }) }},
	{"the session was paid earlier", "session (job 9) one block earlier", "paid already", func(f *forger) {
		change(f, f.before["job"], idKey(2, 9), &job.Job{}, func(j *job.Job) { j.State = job.StatePaid })
	}},
	{"the model is another file than the session's", "model asset/3", "begins with another file", func(f *forger) {
		f.asset(3, func(a *asset.Asset) { a.Root = hash("x") })
		f.job(1, func(j *job.Job) { j.Claim.Result = hash("x") })
	}},
	{"the model is a dataset", "model asset/3", "is not a model",
		func(f *forger) { f.asset(3, func(a *asset.Asset) { a.Kind = asset.KindDataset }) }},
	{"the training made another asset", "training (job 1)", "is not the paid training",
		func(f *forger) { f.job(1, func(j *job.Job) { j.Asset = 4 }) }},
	{"the training made another file", "training (job 1)", "is another file",
		func(f *forger) { f.job(1, func(j *job.Job) { j.Claim.Result = hash("x") }) }},
	{"the training's trace is another", "training (job 1)", "does not lead to its trace",
		func(f *forger) { f.job(1, func(j *job.Job) { j.Claim.End[0] = hash("x") }) }},
	{"a method that nobody knows", "training (job 1)", "unknown",
		func(f *forger) { f.job(1, func(j *job.Job) { j.Terms.Train.Split.Method = "friends" }) }},
	{"a share moved", "model asset/3", "part 1", func(f *forger) {
		f.asset(3, func(a *asset.Asset) { a.Parts[0].Shares--; a.Parts[1].Shares++ })
	}},
	{"a value embellished", "model asset/3", "part 1",
		func(f *forger) { f.asset(3, func(a *asset.Asset) { a.Parts[0].Value = "9.000000000" }) }},
	{"the data's owner is another", "model asset/3", "part 2",
		func(f *forger) { f.asset(2, func(a *asset.Asset) { a.Creator = f.who(9) }) }},
	{"the compute part went elsewhere", "model asset/3", "part 3",
		func(f *forger) { f.job(1, func(j *job.Job) { j.Worker = f.who(9) }) }},
	{"another floor", "model asset/3", "part 1",
		func(f *forger) { f.job(1, func(j *job.Job) { j.Terms.Train.Split.Cap = 3500 }) }},
	{"a portion's value embellished", "measuring of job 1", "the value of portion 1 is",
		func(f *forger) { f.measured(1, func(m *job.Measured) { m.Portions[1] = "2.000000000" }) }},
	{"a dataset's value embellished", "measuring of job 1", "the value of asset/2 is",
		func(f *forger) { f.measured(1, func(m *job.Measured) { m.Values[1].Value = "2.000000000" }) }},
	{"fewer runs than the design has", "measuring of job 1", "not the design of 3 portions",
		func(f *forger) { f.measured(1, func(m *job.Measured) { m.Runs-- }) }},
	{"a segment left out", "measuring of job 1", "the value of asset/1 is", func(f *forger) {
		f.measured(1, func(m *job.Measured) { m.Segments = append(m.Segments[:1], m.Segments[2:]...) })
	}},
	{"more bytes than there are", "measuring of job 1", "more bytes than asset/1",
		func(f *forger) { f.measured(1, func(m *job.Measured) { m.Segments[0].Bytes = 1 << 40 }) }},
	{"portions out of order", "measuring of job 1", "out of order",
		func(f *forger) { f.measured(1, func(m *job.Measured) { m.Segments[0].Portion = 2 }) }},
	{"measuring given up, and proxies shown", "entry job/", "nothing leads to it", func(f *forger) { f.giveUp() }},
	{"measuring given up, and paid by it", "model asset/3", "part 1", func(f *forger) {
		f.measured(1, func(m *job.Measured) { m.Reason = "a run found no worker" })
	}},
	{"a word of a loss", "proxy 3 (job 5)", "measured words do not lead to the claim's state",
		func(f *forger) { f.job(5, func(j *job.Job) { j.Claim.Measure.Words[4] ^= 1 }) }},
	{"a word of a credit", "proxy 0 (job 2)", "measured words do not lead to the claim's state",
		func(f *forger) { f.job(2, func(j *job.Job) { j.Claim.Measure.Words[9] ^= 1 }) }},
	{"a word more", "proxy 3 (job 5)", "measured 12 bytes", func(f *forger) {
		f.job(5, func(j *job.Job) { j.Claim.Measure.Words = append(j.Claim.Measure.Words, 0, 0, 0, 0) })
	}},
	{"a proxy's state is another", "proxy 6 (job 8)", "measured words do not lead",
		func(f *forger) { f.job(8, func(j *job.Job) { j.Claim.State = hash("x") }) }},
	{"a proxy's trace is another", "proxy 6 (job 8)", "does not lead to its trace",
		func(f *forger) { f.job(8, func(j *job.Job) { j.Claim.Trace = hash("x") }) }},
	{"a proxy of another spec", "proxy 1 (job 3)", "another spec",
		func(f *forger) { f.job(3, func(j *job.Job) { j.Terms.Spec = hash("x") }) }},
	{"proxies changed places", "proxy 1 (job 3)", "not the paid run 1",
		func(f *forger) { f.job(3, func(j *job.Job) { j.Terms.Number = 2 }) }},
	{"a proxy of another job", "proxy 1 (job 3)", "not the paid run 1",
		func(f *forger) { f.job(3, func(j *job.Job) { j.Terms.Parent = 7 }) }},
	{"a proxy is not paid", "proxy 4 (job 6)", "not the paid run 4",
		func(f *forger) { f.job(6, func(j *job.Job) { j.State = job.StateClaimed }) }},
	{"a record under another's key", "proxy 4 (job 6)", "is not the record of job 6",
		func(f *forger) { f.records["job"][idKey(2, 6)] = f.records["job"][idKey(2, 5)] }},
	{"a dataset is a model", "dataset asset/1", "is not a dataset",
		func(f *forger) { f.asset(1, func(a *asset.Asset) { a.Kind = asset.KindModel }) }},
	{"a holder has one share less", "holders of asset/3", "sum to 999999999", func(f *forger) {
		for key, value := range f.records["bank"] {
			n, _ := math.NewIntFromString(string(value))
			f.records["bank"][key] = []byte(n.SubRaw(1).String())
			return
		}
	}},
	{"a holder is left out", "holders of asset/3", "balances shown", func(f *forger) {
		for key := range f.records["bank"] {
			delete(f.records["bank"], key)
			return
		}
	}},
	{"a model of a later model", "base asset/4", "could be trained from", func(f *forger) {
		f.base(4, 2500)
		f.trainFrom(3, 4)
	}},
	{"a base that the training does not begin with", "base asset/20", "begins with another file", func(f *forger) {
		f.move(3, 30)
		f.base(20, 2500)
		f.trainFrom(30, 20)
		f.asset(20, func(a *asset.Asset) { a.Root = hash("x") })
	}},
	{"a royalty that the terms do not ask for", "training (job 1)", "its base, royalty or attribution",
		func(f *forger) { f.asset(3, func(a *asset.Asset) { a.Royalty++ }) }},
	{"a record too many", "entry asset/", "nothing leads to it", func(f *forger) { f.base(4, 0) }},
}

// who is the customer of a session.
func (f *forger) who(id uint64) (name string) {
	f.job(id, func(j *job.Job) { name = j.Creator })
	return name
}

// trainFrom makes one model the base of another.
func (f *forger) trainFrom(id, base uint64) {
	f.asset(id, func(a *asset.Asset) { a.Base = base })
	f.asset(base, func(a *asset.Asset) { a.Root, a.Bytes = hash("grandmother"), 5 })
	f.job(1, func(j *job.Job) {
		t, err := verify.DecodeTask(j.Terms.Task)
		require.NoError(f, err)
		p, err := verify.ProgramsOf(t)
		require.NoError(f, err)
		p.Start = verify.File{Root: verify.Hash(hash("grandmother")), Size: 5}
		j.Terms.Train.Base, j.Terms.Task = base, t.Encode()
	})
}

// base adds a model.
func (f *forger) base(id uint64, royalty uint32) {
	a := &asset.Asset{Id: id, Kind: asset.KindModel, Name: "grandmother", Shares: asset.Shares, Royalty: royalty}
	content, err := proto.Marshal(a)
	require.NoError(f, err)
	f.records["asset"][idKey(1, id)] = content
}

func TestSignedLiesAreRefused(t *testing.T) {
	_, err := minga.Verify(newForger(t).signed())
	require.NoError(t, err, "the true records, signed anew")
	for _, lie := range lies {
		t.Run(lie.name, func(t *testing.T) {
			f := newForger(t)
			lie.tell(f)
			words, err := minga.Verify(f.signed())
			require.Error(t, err, words)
			require.True(t, strings.HasPrefix(minga.Place(err), lie.place), "refused at %s", err)
			require.ErrorContains(t, err, lie.reason)
		})
	}
}

// Where the chain gave the measuring up, tokens divide and the creator gets nothing.
func TestMeasuringGivenUp(t *testing.T) {
	f := newForger(t)
	f.giveUp()
	for id := uint64(2); id <= 8; id++ {
		delete(f.records["job"], idKey(2, id))
	}
	words, err := minga.Verify(f.signed())
	require.NoError(t, err)
	require.Contains(t, words, "MEASURED  nothing: a run found no worker")
	require.NotContains(t, words, "(creator) for")
}

// giveUp changes the records to those of a measuring that was given up.
func (f *forger) giveUp() {
	f.measured(1, func(m *job.Measured) { m.Reason = "a run found no worker" })
	f.job(1, func(j *job.Job) { j.Terms.Train.Split.Floor, j.Terms.Train.Split.Cap = 0, 0 })
	var t job.Terms
	f.job(1, func(j *job.Job) { t = j.Terms })
	f.asset(3, func(a *asset.Asset) {
		a.Parts = append(a.Parts[:3], a.Parts[4]) // without the creator's
		rest := uint64(asset.Shares)
		for i := range 3 {
			if i < 2 {
				data := uint64(asset.Shares) * uint64(min(t.Train.Split.Data, t.Train.Split.Creator)) / 10000
				a.Parts[i].Shares, a.Parts[i].Value = data*t.Train.Used[i]/t.Units, ""
			}
			rest -= a.Parts[i].Shares
		}
		a.Parts[3].Shares = rest
	})
}

// A model owes the one it was trained from, and that one its own. The records are shifted:
// the model has the number 30, so that its bases come before it.
func TestRoyaltiesGoUpTheLine(t *testing.T) {
	f := newForger(t)
	f.move(3, 30)
	f.base(20, 3333)
	f.trainFrom(30, 20)
	f.asset(20, func(a *asset.Asset) { a.Base = 10 })
	f.base(10, 1)
	f.hold(20, map[string]int64{"ana": 400_000_000, "beto": 600_000_000})
	f.hold(10, map[string]int64{"carla": 1_000_000_000})
	words, err := minga.Verify(f.signed())
	require.NoError(t, err)
	// Of 4124128: 1374571 go up, 2749556 stay, 1 goes to the commons. Of 1374571: 137, 1374433 and 1.
	for _, line := range []string{
		"HOLDERS   2749556 uminga of the fee, to all who hold asset/30:",
		"ROYALTY   1374571 uminga, 33.33 % of it, to asset/20",
		"HOLDERS   1374433 uminga of the fee, to all who hold asset/20:",
		" 549773.200000000 uminga to ", " 824659.800000000 uminga to ",
		"ROYALTY   137 uminga, 0.01 % of it, to asset/10",
		"COMMONS   2 uminga that royalties could not divide",
		"HOLDERS   137 uminga of the fee, to all who hold asset/10:",
	} {
		require.Contains(t, words, line)
	}
}

// move gives the model another number.
func (f *forger) move(from, to uint64) {
	f.asset(from, func(a *asset.Asset) { a.Id = to })
	f.records["asset"][idKey(1, to)] = f.records["asset"][idKey(1, from)]
	delete(f.records["asset"], idKey(1, from))
	for key, value := range f.records["bank"] {
		delete(f.records["bank"], key)
		f.records["bank"][strings.TrimSuffix(key, asset.Denom(from))+asset.Denom(to)] = value
	}
	f.job(1, func(j *job.Job) { j.Asset = to })
	f.job(9, func(j *job.Job) {
		j.Terms.Infer.Model = to
		for i := range j.Paid {
			if j.Paid[i].Asset == from {
				j.Paid[i].Asset, j.Paid[i].To = to, asset.Denom(to)
			}
		}
	})
}

// hold gives out the shares of a base.
func (f *forger) hold(id uint64, shares map[string]int64) {
	for name, n := range shares {
		holder := append([]byte{2, 20}, hash(name)[:20]...)
		f.records["bank"][string(holder)+asset.Denom(id)] = []byte(math.NewInt(n).String())
	}
}

func sortPairs(all [][2]string) {
	slices.SortFunc(all, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
}
