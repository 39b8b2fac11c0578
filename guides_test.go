package minga

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// guides are pages whose every path and command must exist. In them NAME in
// capitals stands for any name. Of README.md and the other pages only the paths of
// Go files are looked at: they name assets and options too.
var guides = []string{"AGENTS.md", "docs/where.md"}

func TestGuidesNameWhatExists(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "README.md", "AGENTS.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codeIn(string(text)) {
			file := strings.Contains(code, "/") && strings.HasSuffix(code, ".go")
			if !file && !slices.Contains(guides, page) {
				continue
			}
			if fault := missing(code); fault != "" {
				t.Errorf("%s names `%s`: %s", page, code, fault)
			}
		}
	}
}

// TestEconomicsNamesTestsThatExist, and has a line for each law and each finding.
func TestEconomicsNamesTestsThatExist(t *testing.T) {
	const page = "docs/economics.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, files := range testFiles(t) {
		for _, file := range files {
			for _, decl := range file.tree.Decls {
				if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
					known[f.Name.Name] = true
				}
			}
		}
	}
	for _, code := range codeIn(string(text)) {
		if strings.HasPrefix(code, "Test") && !known[code] {
			t.Errorf("%s names %s: there is no such test", page, code)
		}
	}
	for _, line := range []struct {
		form string
		most int
	}{{"\n%d. **", 10}, {"\n| %d |", 23}} {
		for n := 1; n <= line.most; n++ {
			if start := fmt.Sprintf(line.form, n); strings.Count(string(text), start) != 1 {
				t.Errorf("%s must have one line that begins with %q", page, start[1:])
			}
		}
	}
}

func TestMissingThingsAreFound(t *testing.T) {
	for code, want := range map[string]string{
		"kernel/doc.go":                  "",
		"x/NAME/module.go":               "",
		"make test lint":                 "",
		"go test -run X ./nn/...":        "",
		"go run ./cmd/minga demo --exit": "",
		"minga job post":                 "",
		"OpMatMul":                       "",
		"kernel/nothing.go":              "there is no such file",
		"x/NAME/nothing.go":              "there is no such file",
		"nothing.go":                     "there is no such file",
		"make nothing":                   "make has no target nothing",
		"go test ./nothing/...":          "there is no such file",
		"minga nothing":                  "minga has no command nothing",
		"go run ./cmd/minga nothing":     "minga has no command nothing",
		"MINGA_KERNEL=avx2 make nothing": "make has no target nothing",
	} {
		if got := missing(code); got != want {
			t.Errorf("missing(%q) = %q, want %q", code, got, want)
		}
	}
}

var (
	span   = regexp.MustCompile("`([^`\n]+)`")
	block  = regexp.MustCompile("(?ms)^```.*?^```$")
	target = regexp.MustCompile(`(?m)^([a-z0-9]+):`)
	use    = regexp.MustCompile(`Use: +"([a-z-]+)`)
	name   = regexp.MustCompile(`\b[A-Z]{4,}\b`)
	setup  = regexp.MustCompile(`^([A-Z_]+=\S+ )+`)
)

// codeIn gives what stands between backticks in a page, and each line of its blocks.
func codeIn(text string) []string {
	var code []string
	for _, b := range block.FindAllString(text, -1) {
		for line := range strings.Lines(b) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
			if line != "" && !strings.HasPrefix(line, "```") {
				code = append(code, strings.TrimSpace(line))
			}
		}
	}
	for _, match := range span.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
		code = append(code, match[1])
	}
	return code
}

// missing says what a command or path names that does not exist, or "".
func missing(code string) string {
	words := strings.Fields(setup.ReplaceAllString(code, ""))
	switch words[0] {
	case "make":
		return anyMissing(words[1:], "make has no target", target, "Makefile")
	case "minga":
		return anyMissing(words[1:2], "minga has no command", use, "cmd/minga/*.go")
	}
	for i, word := range words {
		if !exists(word) {
			return "there is no such file"
		}
		if word == "./cmd/minga" && words[0] == "go" && words[1] == "run" && i+1 < len(words) {
			return missing(strings.Join(words[i:], " ")[len("./cmd/"):])
		}
	}
	return ""
}

// anyMissing reports the first of some names that a pattern does not find in files.
func anyMissing(names []string, what string, find *regexp.Regexp, files string) string {
	var found []string
	paths, _ := filepath.Glob(files)
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		for _, match := range find.FindAllStringSubmatch(string(text), -1) {
			found = append(found, match[1])
		}
	}
	for _, name := range names {
		if !slices.Contains(found, name) {
			return fmt.Sprintf("%s %s", what, name)
		}
	}
	return ""
}

var extensions = []string{".go", ".md", ".sh", ".toml", ".proto", ".mod", ".yml"}

// exists reports whether a word is no path, or one that exists.
func exists(word string) bool {
	isPath := strings.Contains(word, "/") || slices.Contains(extensions, filepath.Ext(word))
	if strings.HasPrefix(word, "-") || !isPath {
		return true
	}
	found, err := filepath.Glob(name.ReplaceAllString(strings.TrimSuffix(word, "/..."), "*"))
	return err == nil && len(found) > 0
}
