package minga

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/minga-network/minga"

// arrows says which folders a folder may import: "group: folders < what they may
// import", where each word after "<" is a group or a folder of a line above. A
// group's own name there means: each may import those before it in its line. What
// is not listed is forbidden, and what nobody uses must go. A broken arrow is a
// question about the design, not a word to add.
const arrows = `
	.
	ground: kernel blob rule/contribution
	files: blob/store blob/transfer < ground files
	data: data/record data/quote
	nn: nn nn/token nn/file < ground nn
	engines: train infer < ground data nn
	verify < ground nn
	player: verify/player < ground nn verify

	x/ledgertest
	x: x/page x/gas x/beacon x/worker x/asset x/job < ground data verify x
	chain: chain chain/node chain/solo < x chain
	client < x
	kind: kind kind/fit kind/dispute < ground files data nn engines verify player x client kind
	daemon < ground files nn train verify player x client kind
	gateway < ground files nn infer x client kind
	receipt < ground x client

	p2p: p2p/mem
	examples: examples/commons examples/mnist
	lab: lab/planted < ground data nn engines examples
	index < x
	demo: demo/check demo/stage demo < ground files data nn engines x chain client kind daemon gateway examples index demo
	sim < ground files nn train x chain client kind daemon
	cmd/minga < ground files data nn engines x chain client kind daemon gateway receipt lab index demo
	cmd/minga-verify
`

// testArrows says the same of test files, beside what their folder may import
// anyway. Here a group's own name means all of it.
const testArrows = `
	verify < player
	verify/player < train
	x < x/ledgertest
	x/job < nn player
	chain < ground data nn verify kind chain client
	client < chain verify
	daemon < infer sim
	gateway < verify
	sim < gateway
	cmd/minga-verify < ground nn verify x chain client receipt
`

// bans are imports that would let the outside change a result, or that would
// bind a part to what it must not know. Test files may import what they like.
var bans = []struct {
	folders []string
	except  string
	imports []string
	reason  string
}{
	{
		folders: []string{"kernel", "nn", "rule", "verify", "x"}, except: "verify/player",
		imports: []string{"os", "net", "math/rand", "math/rand/v2", "os/exec"},
		reason:  "a result may depend on its inputs only",
	}, {
		folders: []string{"kernel", "nn", "rule", "verify"}, except: "verify/player",
		imports: []string{"time"},
		reason:  "what strangers compute again has no clock",
	}, {
		folders: []string{"verify"}, except: "verify/player",
		imports: []string{"sync", "context"},
		reason:  "a game is decided by one goroutine, which waits for nothing",
	}, {
		folders: []string{"kernel", "nn", "data", "rule", "train", "infer", "verify", "blob"},
		imports: []string{"github.com/cosmos", "cosmossdk.io", "github.com/cometbft"},
		reason:  "engines never see the chain",
	}, {
		folders: []string{"x"},
		imports: []string{module + "/nn", module + "/train", module + "/infer"},
		reason:  "a module knows no engine: what is inside a run, package verify knows",
	}, {
		folders: []string{"cmd/minga-verify"},
		imports: []string{"github.com/cosmos/cosmos-sdk", "cosmossdk.io", "net"},
		reason:  "who checks the chain shares no code with it, and works off line",
	}, {
		folders: []string{"client"},
		imports: []string{"net/http", "os"},
		reason:  "a client reaches the chain through CometBFT's client only",
	},
}

func TestImportsGoOneWay(t *testing.T) {
	code, tests := sources(t), testFiles(t)
	plan := planOf(arrows)
	faults := plan.covers(slices.Collect(maps.Keys(code)))
	faults = append(faults, plan.check(importsOf(code), nil)...)
	faults = append(faults, testPlanOf(testArrows, plan).check(importsOf(tests), plan)...)
	for _, fault := range faults {
		t.Error(fault)
	}
}

func TestOutsideIsKeptOut(t *testing.T) {
	for folder, files := range sources(t) {
		for _, file := range files {
			for _, path := range file.imports() {
				checkBans(t, folder, file.path, path)
			}
		}
	}
}

func checkBans(t *testing.T, folder, file, path string) {
	if folder == "kernel" && strings.Contains(path, ".") {
		t.Errorf("%s imports %s: kernel uses the standard library only", file, path)
	}
	for _, ban := range bans {
		if within(folder, ban.folders) && folder != ban.except && within(path, ban.imports) {
			t.Errorf("%s imports %s: %s", file, path, ban.reason)
		}
	}
}

// TestNoClockInConsensus finds time.Now where blocks must give the time.
func TestNoClockInConsensus(t *testing.T) {
	for folder, files := range sources(t) {
		if !within(folder, []string{"x", "chain"}) || folder == "chain/node" {
			continue
		}
		for _, file := range files {
			ast.Inspect(file.tree, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok || sel.Sel.Name != "Now" {
					return true
				}
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
					t.Errorf("%s calls time.Now: use the block's time", file.path)
				}
				return true
			})
		}
	}
}

// TestNoGoroutineDecides finds goroutines where the order of things is a result.
func TestNoGoroutineDecides(t *testing.T) {
	for folder, files := range sources(t) {
		if !within(folder, []string{"rule", "verify", "x"}) || folder == "verify/player" {
			continue
		}
		for _, file := range files {
			ast.Inspect(file.tree, func(n ast.Node) bool {
				if _, ok := n.(*ast.GoStmt); ok {
					t.Errorf("%s starts a goroutine: what is decided here must happen in one order", file.path)
				}
				return true
			})
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for folder, files := range sources(t) {
		documented := slices.ContainsFunc(files, func(f source) bool {
			return f.tree.Doc != nil && len(f.tree.Doc.Text()) > 40
		})
		if !documented {
			t.Errorf("%s: no package comment: say what it is for in its user's words", folder)
		}
	}
}

// within reports whether path is one of roots or lies below one.
func within(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return path == root || strings.HasPrefix(path, root+"/")
	})
}

// importsOf says by folder what its files import of this module.
func importsOf(code map[string][]source) imports {
	found := imports{}
	for folder, files := range code {
		found[folder] = map[string]string{}
		for _, file := range files {
			for _, path := range file.imports() {
				if inner, ours := strings.CutPrefix(path, module+"/"); ours {
					found[folder][inner] = file.path
				}
			}
		}
	}
	return found
}

type source struct {
	path string
	tree *ast.File
}

func (s source) imports() []string {
	var paths []string
	for _, spec := range s.tree.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, path)
	}
	return paths
}

// sources parses every Go file of this module that is not a test, by folder.
func sources(t *testing.T) map[string][]source {
	return parseFiles(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") })
}

// testFiles parses every test file of this module, by folder.
func testFiles(t *testing.T) map[string][]source {
	return parseFiles(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

func parseFiles(t *testing.T, wanted func(name string) bool) map[string][]source {
	found := map[string][]source{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skip(path, entry.Name())
		}
		if !strings.HasSuffix(path, ".go") || !wanted(path) {
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		found[folder] = append(found[folder], source{path, tree})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// skip leaves out what is no part of this module: a folder with a go.mod is a
// module of its own.
func skip(path, name string) error {
	if path == "." {
		return nil
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	if err == nil || strings.HasPrefix(name, ".") || name == "testdata" || name == "third_party" {
		return fs.SkipDir
	}
	return nil
}
