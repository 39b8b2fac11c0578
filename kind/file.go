package kind

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/worker"
)

// ErrFile marks a job file that cannot be used. The text names the line and says what to write instead.
var ErrFile = errors.New("bad job file")

const (
	// Format is the version of the job files that this program reads.
	Format = 1
	// maxFile bounds a job file, in bytes.
	maxFile = 64 << 10
)

// head begins every job file.
type head struct {
	Format int         `toml:"format"`
	Kind   worker.Kind `toml:"kind"`
}

// document is a job file that was read: where each of its keys and tables stands.
type document struct {
	keys  []key
	lines map[string]int
}

// read reads a job file into a struct whose fields are its keys and tables. TOML is read strictly: each key is known,
// of its type and given once, and none is missing that is not optional.
//
// The values are set here and not by a TOML decoder: job files come from strangers, decoders panic on some of them, and
// they do not tell the line of every mistake.
func read(raw []byte, into any) (*document, error) {
	f := &document{keys: keysOf(reflect.ValueOf(into).Elem(), ""), lines: map[string]int{}}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("%w: it has %d bytes, want at most %d", ErrFile, len(raw), maxFile)
	}
	if err := f.parse(raw); err != nil {
		return nil, err
	}
	return f, f.complete()
}

// kindOf is the kind of a job file.
func kindOf(raw []byte) (worker.Kind, error) {
	var h head
	f := &document{keys: keysOf(reflect.ValueOf(&h).Elem(), ""), lines: map[string]int{}}
	var p unstable.Parser
	p.Reset(raw)
	for p.NextExpression() && p.Expression().Kind == unstable.KeyValue { // up to the first table
		name, line := nameOf(&p, p.Expression())
		if _, ok := f.find(name); !ok {
			continue
		}
		if err := f.set(name, line, p.Expression().Value()); err != nil {
			return "", err
		}
	}
	switch {
	case f.lines["format"] == 0:
		return "", f.at(1, "format is missing: begin with format = %d; docs/jobs.md says how files look now", Format)
	case h.Format != Format:
		return "", f.wrong("format", "is %d: this program reads format %d", h.Format, Format)
	case f.lines["kind"] == 0:
		return "", f.at(1, `kind is missing: say what is to be done, as kind = "train"`)
	}
	return h.Kind, nil
}

func (f *document) at(line int, format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrFile, line, fmt.Sprintf(format, args...))
}

// wrong is an ErrFile about the value of a key.
func (f *document) wrong(key, format string, args ...any) error {
	return f.at(f.line(key), "%s %s", key, fmt.Sprintf(format, args...))
}

// line is where a key stands, or else its table, or else the beginning.
func (f *document) line(key string) int {
	for ; key != ""; key = key[:max(0, strings.LastIndexByte(key, '.'))] {
		if line, ok := f.lines[key]; ok {
			return line
		}
	}
	return 1
}

// place adds the line to an error about a value of a training.
func (f *document) place(err error) error {
	if key, ok := errors.AsType[*train.KeyError](err); ok {
		return fmt.Errorf("%w: line %d: %w", ErrFile, f.line(key.Key), err)
	}
	return err
}

// parse sets the values of a file.
func (f *document) parse(raw []byte) error {
	var p unstable.Parser
	p.Reset(raw)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		name, line := nameOf(&p, e)
		var err error
		switch e.Kind {
		case unstable.KeyValue:
			err = f.set(table+name, line, e.Value())
		case unstable.Table:
			table = name + "."
			err = f.open(name, line)
		default:
			err = f.at(line, "[[%s]] is a list of tables: write [%s]", name, name)
		}
		if err != nil {
			return err
		}
	}
	var bad *unstable.ParserError
	if errors.As(p.Error(), &bad) {
		before := min(len(raw), cap(raw)-cap(bad.Highlight)) // which is a part of raw, or nothing
		return f.at(1+strings.Count(string(raw[:before]), "\n"), "%s", bad.Message)
	}
	return p.Error()
}

// nameOf is the dotted name of a key or a table, and its line.
func nameOf(p *unstable.Parser, e *unstable.Node) (name string, line int) {
	var parts []string
	for it := e.Key(); it.Next(); {
		part := it.Node()
		parts = append(parts, string(part.Data))
		line = p.Shape(part.Raw).Start.Line
	}
	return strings.Join(parts, "."), line
}

// open begins a table.
func (f *document) open(table string, line int) error {
	k, ok := f.find(table)
	switch {
	case !ok:
		return f.at(line, "[%s] is not a table here; tables are %s", table, f.list(parent(table), true))
	case !k.isTable():
		return f.at(line, "[%s] is no table: write it as %s in [%s]", table, k.example(), parent(table))
	case f.lines[table] > 0:
		return f.at(line, "[%s] stands in line %d already: put its keys there", table, f.lines[table])
	}
	f.lines[table] = line
	return nil
}

// set sets the value of a key.
func (f *document) set(name string, line int, v *unstable.Node) error {
	k, ok := f.find(name)
	switch {
	case !ok:
		return f.at(line, "%s is not a key here; keys are %s", name, f.list(parent(name), false))
	case k.isTable():
		return f.at(line, "%s is a table: write [%s], and its keys below", name, name)
	case f.lines[name] > 0:
		return f.at(line, "%s stands in line %d already: leave one of them out", name, f.lines[name])
	}
	f.lines[name] = line
	if !k.take(v) {
		return f.at(line, "%s is not %s: write it as %s", name, k.what(), k.example())
	}
	return nil
}

// complete refuses a file without one of the keys that are not optional. A table that is absent is reported by its
// first key; an optional one may be absent as a whole.
func (f *document) complete() error {
	for _, k := range f.keys {
		if k.isTable() || k.optional || f.lines[k.name] > 0 || f.spared(parent(k.name)) {
			continue
		}
		return f.at(f.line(k.name), "%s is missing: write it as %s", k.name, k.example())
	}
	return nil
}

// spared tells whether a table, or one that it is in, is optional and absent.
func (f *document) spared(table string) bool {
	for ; table != ""; table = parent(table) {
		if k, _ := f.find(table); k.optional && !f.mentions(table) {
			return true
		}
	}
	return false
}

// mentions tells whether the file has a table or one of its keys.
func (f *document) mentions(table string) bool {
	for name := range f.lines {
		if name == table || strings.HasPrefix(name, table+".") {
			return true
		}
	}
	return false
}

func parent(name string) string { return name[:max(0, strings.LastIndexByte(name, '.'))] }
