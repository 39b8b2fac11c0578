package minga

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/minga-network/minga"

// arrows says which folders a folder may import; what is not listed may not be
// imported. A broken arrow is a question about the design, not a line to add.
const arrows = `
	kernel:
	nn: kernel
	rule/contribution:
	lab/planted: rule/contribution kernel nn train blob data/record examples/mnist examples/commons
	train: kernel nn blob rule/contribution data/record
	infer: blob kernel nn
	blob:
	data/record:
	data/quote:
	blob/store: blob
	blob/transfer: blob blob/store
	verify: kernel nn blob

	x/worker:
	x/asset: data/record
	x/job: x/worker x/asset verify nn rule/contribution

	chain: x/worker x/asset x/job
	chain/node: chain
	client: x/worker x/asset x/job
	daemon: client x/worker x/asset x/job verify blob blob/store blob/transfer kernel nn train infer data/quote
	gateway: client daemon x/worker x/asset x/job blob blob/store blob/transfer kernel nn infer

	receipt: client rule/contribution x/asset x/job x/worker blob
	cmd/minga-verify:

	examples/commons:
	examples/mnist:
	demo: examples/commons rule/contribution chain chain/node client daemon gateway x/worker x/asset x/job blob blob/store blob/transfer kernel nn train infer data/record
	cmd/minga: rule/contribution lab/planted chain chain/node client receipt daemon gateway demo x/worker x/asset x/job blob blob/store blob/transfer kernel nn train infer data/record
	sim: chain chain/node client daemon gateway demo x/worker x/asset x/job blob blob/store blob/transfer kernel nn train infer
`

// bans are imports from outside that would let the outside change a result, or
// that would bind a part to what it must not know.
var bans = []struct {
	folders []string
	imports []string
	reason  string
}{
	{[]string{"kernel", "nn", "rule", "verify", "x"}, []string{"os", "net", "math/rand", "os/exec"}, "a result may depend on its inputs only"},
	{[]string{"kernel", "nn", "rule", "verify"}, []string{"time"}, "cores have no clock"},
	{[]string{"kernel", "nn", "rule", "train", "infer", "verify", "blob"}, []string{"github.com/cosmos", "cosmossdk.io", "github.com/cometbft"}, "engines never see the chain"},
	{[]string{"cmd/minga-verify"}, []string{"github.com/cosmos/cosmos-sdk", "cosmossdk.io", "net"}, "who checks the chain shares no code with it, and works off line"},
	{[]string{"client"}, []string{"net/http", "os"}, "a client reaches the chain through CometBFT's client only"},
}

func TestImportsGoOneWay(t *testing.T) {
	allowed := parseArrows(t)
	for folder, files := range sources(t) {
		want, listed := allowed[folder]
		if !listed && folder != "." {
			t.Errorf("folder %s has no line in arrows: say what it may import", folder)
			continue
		}
		for _, file := range files {
			checkImports(t, folder, want, file)
		}
	}
}

func checkImports(t *testing.T, folder string, allowed []string, file source) {
	for _, path := range file.imports() {
		if inner, ours := strings.CutPrefix(path, module+"/"); ours && !slices.Contains(allowed, inner) {
			t.Errorf("%s imports %s: not an arrow of %s", file.path, inner, folder)
		}
		if folder == "kernel" && strings.Contains(path, ".") {
			t.Errorf("%s imports %s: kernel uses the standard library only", file.path, path)
		}
		for _, ban := range bans {
			if within(folder, ban.folders) && within(path, ban.imports) {
				t.Errorf("%s imports %s: %s", file.path, path, ban.reason)
			}
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

func parseArrows(t *testing.T) map[string][]string {
	allowed := map[string][]string{}
	for line := range strings.Lines(arrows) {
		folder, imports, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok {
			allowed[folder] = strings.Fields(imports)
		} else if folder != "" {
			t.Fatalf("arrows: cannot read %q", line)
		}
	}
	return allowed
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
	found := map[string][]source{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skip(path, entry.Name())
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
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

// skip leaves out what is no part of this module: tools and bench are modules
// of their own.
func skip(path, name string) error {
	if path != "." && (strings.HasPrefix(name, ".") || slices.Contains([]string{"tools", "bench", "third_party", "testdata", "node_modules"}, name)) {
		return fs.SkipDir
	}
	return nil
}
