package train

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// maxSpec bounds the file, in bytes.
const maxSpec = 64 << 10

// ParseSpec reads a spec. Keys that are unknown or missing, values of the wrong
// type and what Validate refuses are an ErrSpec with the line.
func ParseSpec(file []byte) (*Spec, error) {
	if len(file) > maxSpec {
		return nil, fmt.Errorf("%w: %d bytes, want at most %d", ErrSpec, len(file), maxSpec)
	}
	s := &Spec{}
	if err := decode(file, s); err != nil {
		return nil, withLine(file, err)
	}
	s.lines = lines(file)
	if err := s.missing("", reflect.TypeFor[Spec]()); err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}

func decode(file []byte, s *Spec) error {
	return toml.NewDecoder(bytes.NewReader(file)).DisallowUnknownFields().Decode(s)
}

// withLine says where the TOML decoder stopped.
func withLine(file []byte, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return fmt.Errorf("%w: line %d: %s is not a key of a spec", ErrSpec, line, strings.Join(first.Key(), "."))
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		return fmt.Errorf("%w: line %d: %s", ErrSpec, line, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	// Numbers out of range and keys given twice come without a place. The
	// decoder stops at the first mistake, so every beginning of the file that
	// holds the line gives the same error, and no shorter one does.
	ends := bytes.SplitAfter(file, []byte("\n"))
	line := sort.Search(len(ends)-1, func(i int) bool {
		e := decode(bytes.Join(ends[:i+1], nil), &Spec{})
		return e != nil && e.Error() == err.Error()
	}) + 1
	return fmt.Errorf("%w: line %d: %s", ErrSpec, line, strings.TrimPrefix(err.Error(), "toml: "))
}

// lines finds the line of every table and key of a file that has been decoded.
func lines(file []byte) map[string]int {
	found := map[string]int{}
	var p unstable.Parser
	p.Reset(file)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		key, line := dotted(&p, e)
		switch e.Kind {
		case unstable.Table:
			table = key + "."
			found[key] = line
		case unstable.KeyValue:
			found[table+key] = line
		}
	}
	return found
}

func dotted(p *unstable.Parser, e *unstable.Node) (key string, line int) {
	var parts []string
	for it := e.Key(); it.Next(); {
		part := it.Node()
		parts = append(parts, string(part.Data))
		line = p.Shape(part.Raw).Start.Line
	}
	return strings.Join(parts, "."), line
}

// missing refuses a file without one of the keys of t that are not optional. A
// table that is absent is reported by its first key; an optional one may be, as
// a whole.
func (s *Spec) missing(prefix string, t reflect.Type) error {
	for i := range t.NumField() {
		f := t.Field(i)
		name, ok := f.Tag.Lookup("toml")
		if !ok {
			continue
		}
		key := prefix + name
		if f.Tag.Get("spec") == "optional" && !s.mentions(key) {
			continue
		}
		if f.Type.Kind() == reflect.Struct {
			if err := s.missing(key+".", f.Type); err != nil {
				return err
			}
			continue
		}
		if _, ok := s.lines[key]; !ok {
			table := strings.TrimSuffix(prefix, ".")
			return fmt.Errorf("%w: line %d: %s is missing", ErrSpec, max(1, s.lines[table]), key)
		}
	}
	return nil
}

// mentions tells whether the file has a key, or one in a table of that name.
func (s *Spec) mentions(key string) bool {
	for found := range s.lines {
		if found == key || strings.HasPrefix(found, key+".") {
			return true
		}
	}
	return false
}
