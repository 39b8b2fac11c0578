package chain_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/data/record"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/nn/token"
	"github.com/minga-network/minga/verify"
)

// golden has, for each version of the chain, what its nodes and workers have to agree on
// to the bit: what a release of Go, a library or a change of ours could alter.
var golden = map[int]map[string]string{
	1: {
		"arithmetic": "20065d1346ebd8ba8c6b2038c3fcb530b40fcfeff1fbf84ad3574f148d9fa686",
		"disputes":   "9ef6d43d303df398fcb0bcfda66e768b81baf0ef07f5aa79a6d2c1a87c5ad9e6",
		"job files":  "4f03637a345568073d90ba12acea7a9afb8653c1f4bc7e640915c8d06adc9d10",
		"licences":   "17ce03b3c26d0c73da47d646117d4c07adf82ec9c2566f6adbeb9ef263fc8c15",
		"operators":  "dcea9868b87150cdbe340766e3ae5375687090733e0c7f2c0efa5a9f1c8c6bbd",
		"records":    "1f8e558542851ddf1a7024a65e035f40d4eabead832b6c17f2e4127f05e83b99",
		"tokens":     "dda2a0bfd9ccebb382f15745e85b92a41147921eb2ebbf8ca53841c6c8a82dcc",
		"unicode":    "d04d1b481eb46fc4dd5f2b10d7b98237a05454281b5ba00507f48b9884f5f2a0",
	},
}

// rules write down what has a hash in golden.
var rules = map[string]func(t *testing.T, h hash.Hash){
	"operators":  operators,
	"arithmetic": arithmetic,
	"disputes":   disputes,
	"licences":   licences,
	"unicode":    unicodeTables,
	"records":    records,
	"tokens":     tokens,
	"job files":  jobFiles,
}

// TestVersionFixesTheRules fails when one of the rules has changed, and nobody has said
// from which block on.
func TestVersionFixesTheRules(t *testing.T) {
	want := golden[chain.Version]
	require.NotNil(t, want, "chain.Version is %d: add its hashes to golden", chain.Version)
	require.Len(t, chain.Releases(), chain.Version-1, "each version after the first has an upgrade in chain/upgrade.go")
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		h := sha256.New()
		rules[name](t, h)
		if got := hex.EncodeToString(h.Sum(nil)); got != want[name] {
			t.Errorf(`%s: the hash is %s
and version %d of the chain has %q.
Nodes with this change and nodes without it would disagree: a running network would stop, or
punish honest workers. If the change is not wanted, undo it, or pin the dependency or the Go
release that brought it. If it is wanted, raise chain.Version, add a release to upgrades in
chain/upgrade.go, and add all hashes of the new version to golden. Leave the old ones.`,
				name, got, chain.Version, want[name])
		}
	}
}

// disputes are what the two sides of a game and the chain send and keep.
func disputes(t *testing.T, h hash.Hash) {
	name := func(text string) blob.Hash { return blob.Sum([]byte(text)) }
	run := &verify.Programs{
		Phases: []verify.Phase{
			{Program: name("begin"), Nodes: 3, Steps: 1}, {Program: name("train"), Nodes: 300, Steps: 1000, Outputs: 1},
		},
		States: 5, Inputs: []verify.Input{{Root: name("corpus"), Words: 1 << 20},
			{Root: name("calls"), Words: 7, Each: true}},
		Start:  verify.File{Root: name("base"), Size: 4096, From: 128},
		Header: verify.File{Root: name("header"), Size: 256}, Words: 12345,
	}
	answer := verify.Answer{
		Part: []byte("part"), Children: []blob.Hash{name("left"), name("right")}, Chunk: []byte("1234"),
		Registers: [][]uint32{{1, 2}, {3, 1 << 31}},
	}
	denial := verify.Denial{Pick: 9, Part: []byte("part"), Evidence: []verify.Evidence{{
		Of: 2, Part: []byte("maker"), Path: []blob.Hash{name("path")}, Among: []blob.Hash{name("among")}, Chunk: 300,
		Words: []uint32{0, 1, 1 << 31}, Up: []blob.Hash{name("up")},
	}}}
	h.Write(run.Encode())
	h.Write(answer.Encode())
	h.Write(denial.Encode())
	for _, target := range []verify.Target{verify.Trace, verify.Result} {
		game, err := verify.Open(run.Task(), verify.Claimed{Trace: name("trace"), Result: name("result")}, target)
		require.NoError(t, err)
		h.Write(game.Encode())
	}
	fmt.Fprintln(h, verify.MaxMessage, verify.MaxSteps)
}

// licences are what x/asset takes a dataset's licence from.
func licences(_ *testing.T, h hash.Hash) {
	for _, list := range [][]string{spdxlicenses.GetLicenses(), spdxlicenses.GetExceptions()} {
		fmt.Fprintln(h, slices.Sorted(slices.Values(list)))
	}
}

// unicodeTables are those by which data/record and data/quote find words, and nn/token the
// pieces that it cuts.
func unicodeTables(_ *testing.T, h hash.Hash) {
	fmt.Fprintln(h, unicode.Version, norm.Version)
	for r := range unicode.MaxRune + 1 {
		classes := byte(0)
		for i, is := range []func(rune) bool{unicode.IsLetter, unicode.IsNumber, unicode.IsMark, unicode.IsSpace} {
			if is(r) {
				classes |= 1 << i
			}
		}
		h.Write(fmt.Appendf(nil, "%d%c%s", classes, unicode.ToLower(unicode.ToUpper(r)), norm.NFKD.String(string(r))))
	}
}

// text has several scripts, markup, and a line that comes again in another spelling.
var text = strings.Repeat("The wind carries the sand along the shore, where grass holds it, and nobody asks for "+
	"more.\n", 3) +
	"Ñandú, ka'a; пример текста, 日本語 ½ Ⅷ ٣ don't they're  e\u0301 Straße &amp; <b>bold</b>\r\n" +
	"THE WIND CARRIES THE SAND ALONG THE SHORE, WHERE GRASS HOLDS IT, AND NOBODY ASKS FOR MORE!\n"

// records are what of a text counts as a copy, and the sketch that a dataset is registered with.
func records(_ *testing.T, h hash.Hash) {
	sketch := record.NewSketch([]byte(text))
	h.Write(sketch.Encode())
	for _, kept := range record.Keep([][]byte{[]byte(text), []byte("Another. " + text)}, []int64{1, 2}) {
		h.Write(kept)
	}
}

// tokens are how texts are cut.
func tokens(t *testing.T, h hash.Hash) {
	e, err := token.Train([][]byte{[]byte(text)}, 300)
	require.NoError(t, err)
	fmt.Fprintln(h, e.Text(), e.Encode([]byte(text+"\xff unseen text 1234")))
}

// jobFile has every table of a job that trains.
const jobFile = `format = 1
kind = "train"
[job]
licence = "CC0-1.0"
budget = "25MINGA"
max_price = "10uminga"
checkers = 1
check_pay = "10MINGA"
stake = "100MINGA"
window = 20
deadline = 200
work = 2000
[split]
data = 6000
compute = 2500
creator = 1000
commons = 500
[model]
name = "commons"
layers = 2
dim = 128
heads = 4
hidden = 384
context = 128
tied = true
theta = 10000.0
[tokenizer]
vocab = 512
[optimizer]
rate = 0.004
floor = 0.0004
warmup = 100
beta1 = 0.9
beta2 = 0.95
eps = 1e-8
decay = 0.1
clip = 1.0
[train]
seed = 1
steps = 1400
batch = 8
validation = 0.05
checkpoint = 100
[data]
datasets = ["asset/1", "asset/2"]
`

// jobFiles are what the plan of a job is read from.
func jobFiles(t *testing.T, h hash.Hash) {
	spec, err := kind.Training([]byte(jobFile))
	require.NoError(t, err)
	fmt.Fprintf(h, "%d %+v\n", kind.Format, *spec)
}
