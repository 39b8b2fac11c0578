package verify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheGameKnowsNoMachine reads the game's files. Only the file with the table names a machine, so a new
// machine changes no other one.
func TestTheGameKnowsNoMachine(t *testing.T) {
	for _, name := range []string{
		"answer", "codec", "denial", "evidence", "game", "level", "machine", "message", "move", "task", "tree", "view",
		"player/player",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(name+".go"), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			if strings.HasSuffix(spec.Path.Value, `/nn"`) {
				t.Errorf("%s.go imports nn, which belongs to one machine", name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && strings.Contains(id.Name, "rograms") && name != "machine" {
				t.Errorf("%s.go says %s, which belongs to one machine", name, id.Name)
			}
			return true
		})
	}
}
