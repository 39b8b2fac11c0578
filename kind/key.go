package kind

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// key is a key or a table that a job file may have.
type key struct {
	name     string // with the tables that it is in: "model.heads"
	value    reflect.Value
	optional bool
}

// keysOf lists the keys and tables of a struct, whose field tags name them. The fields of embedded structs are its own.
func keysOf(v reflect.Value, prefix string) (all []key) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, named := f.Tag.Lookup("toml")
		switch {
		case f.Anonymous:
			all = append(all, keysOf(v.Field(i), prefix)...)
			continue
		case !named:
			continue
		}
		k := key{prefix + name, v.Field(i), f.Tag.Get("file") == "optional"}
		all = append(all, k)
		if k.isTable() {
			all = append(all, keysOf(k.value, k.name+".")...)
		}
	}
	return all
}

func (k key) isTable() bool { return k.value.Kind() == reflect.Struct }

// find finds a key or a table by its name.
func (f *document) find(name string) (key, bool) {
	for _, k := range f.keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}

// list names the keys of a table, or the tables in it.
func (f *document) list(table string, tables bool) string {
	var names []string
	for _, k := range f.keys {
		if parent(k.name) == table && k.isTable() == tables {
			names = append(names, k.name)
		}
	}
	return strings.Join(names, ", ")
}

// what says what a value of a key is, and example shows one.
func (k key) what() string {
	switch k.value.Kind() {
	case reflect.String:
		return "a text in quotes"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Uint64:
		return "a whole number of 0 or more"
	case reflect.Int:
		return "a whole number"
	}
	return "a list of texts in quotes"
}

func (k key) example() string {
	short := k.name[strings.LastIndexByte(k.name, '.')+1:]
	value := map[reflect.Kind]string{
		reflect.String: `"..."`, reflect.Bool: "true", reflect.Float32: "0.1", reflect.Float64: "0.1",
		reflect.Slice: `["...", "..."]`,
	}[k.value.Kind()]
	if value == "" {
		value = "1"
	}
	return fmt.Sprintf("%s = %s", short, value)
}

// take sets the value that a file gives a key, if it is one of its type.
func (k key) take(v *unstable.Node) bool {
	switch kind := k.value.Kind(); {
	case kind == reflect.String && v.Kind == unstable.String:
		k.value.SetString(string(v.Data))
	case kind == reflect.Bool && v.Kind == unstable.Bool:
		k.value.SetBool(v.Data[0] == 't')
	case kind == reflect.Slice && v.Kind == unstable.Array:
		return k.takeList(v)
	case v.Kind == unstable.Integer || v.Kind == unstable.Float:
		return k.takeNumber(strings.ReplaceAll(string(v.Data), "_", ""), v.Kind == unstable.Integer)
	default:
		return false
	}
	return true
}

// takeNumber sets a number. A float32 is rounded from the nearest float64: this rounding is a part of what a file
// means.
func (k key) takeNumber(text string, whole bool) bool {
	switch kind := k.value.Kind(); {
	case kind == reflect.Float32 || kind == reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		k.value.SetFloat(x)
		fits := kind == reflect.Float64 || math.IsInf(x, 0) || !(math.Abs(x) > math.MaxFloat32)
		return err == nil && fits
	case kind == reflect.Int && whole:
		n, err := strconv.ParseInt(text, 10, 0)
		k.value.SetInt(n)
		return err == nil
	case kind == reflect.Uint64 && whole:
		n, err := strconv.ParseUint(text, 10, 63)
		k.value.SetUint(n)
		return err == nil
	}
	return false
}

// takeList sets a list of texts.
func (k key) takeList(v *unstable.Node) bool {
	list := []string{}
	for it := v.Children(); it.Next(); {
		if it.Node().Kind != unstable.String {
			return false
		}
		list = append(list, string(it.Node().Data))
	}
	k.value.Set(reflect.ValueOf(list))
	return true
}
