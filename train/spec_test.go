package train

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestSpecRefusals(t *testing.T) {
	file, err := os.ReadFile("testdata/train.toml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseSpec(file); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "tied = true", "tied = true\nflavour = 3", "line 12: model.flavour is not a key"},
		{"unknown table", "[split]", "[flavour]\na = 1\n[split]", "line 47: flavour is not a key"},
		{"missing key", "heads = 4\n", "", "line 5: model.heads is missing"},
		{"missing table", "[tokenizer]\nvocab = 512\n", "", "line 1: tokenizer.vocab is missing"},
		{"missing name", "name = \"commons\"\n", "", "line 1: name is missing"},
		{"wrong type", "dim = 128", "dim = \"wide\"", "line 7: "},
		{"key twice", "dim = 128", "dim = 128\ndim = 128", "line 8: "},
		{"not TOML", "dim = 128", "dim 128", "line 7: "},
		{"odd head", "heads = 4", "heads = 128", "line 8: model.heads is 128, want"},
		{"heads do not divide", "heads = 4", "heads = 3", "line 8: model.heads is 3, want"},
		{"no layers", "layers = 2", "layers = 0", "line 6: model.layers is 0, want"},
		{"huge", "hidden = 384", "hidden = 1000000000", "line 9: model.hidden is 1000000000, want"},
		{"theta", "theta = 10000.0", "theta = nan", "line 12: model.theta is NaN, want"},
		{"small vocabulary", "vocab = 512", "vocab = 256", "line 15: tokenizer.vocab is 256, want"},
		{"rate", "rate = 0.004", "rate = -0.004", "line 18: optimizer.rate is -0.004, want"},
		{"floor above rate", "floor = 0.0004", "floor = 0.04", "line 19: optimizer.floor is 0.04, want"},
		{"batch", "batch = 8", "batch = 60000", "line 29: train.batch is 60000, want"},
		{"no steps", "steps = 1400", "steps = 0", "line 28: train.steps is 0, want"},
		{"validation", "validation = 0.05", "validation = 0.0", "line 30: train.validation is 0, want"},
		{"no datasets", `["asset/1", "asset/2", "asset/3", "asset/4"]`, "[]", "line 34: data.datasets has 0"},
		{"dataset twice", `"asset/2"`, `"asset/1"`, "line 34: data.datasets has \"asset/1\" twice"},
		{"dataset name", `"asset/2"`, `"asset/02"`, "line 34: data.datasets has \"asset/02\", want"},
		{"path for a name", `"asset/2"`, `"../2"`, "line 34: data.datasets has \"../2\", want"},
		{"window", "window = 20", "window = 0", "line 43: job.window is 0, want"},
		{"split sum", "data = 6000", "data = 6001", "line 47: split sums to 10001"},
		{"split part", "creator = 1000", "creator = -1", "line 50: split.creator is -1, want"},
		{"method", `method = "tokens"`, `method = "shapley"`, "line 52: split.method is \"shapley\", want"},
		{"negative seed", "seed = 1", "seed = -1", "line 3: "},
		{"long", "# A", "#" + strings.Repeat("A", maxSpec), "bytes"},
	} {
		if strings.Count(string(file), c.old) != 1 {
			t.Fatalf("%s: %q is not once in the sample", c.name, c.old)
		}
		_, err := ParseSpec([]byte(strings.Replace(string(file), c.old, c.new, 1)))
		if !errors.Is(err, ErrSpec) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want an ErrSpec with %q", c.name, err, c.want)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	file, err := os.ReadFile("testdata/train.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte("[model]\nlayers = 1"))
	f.Add([]byte(measured(f)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseSpec(b); err == nil {
			if err := s.Validate(); err != nil {
				t.Errorf("parsed and then invalid: %v", err)
			}
		} else if !errors.Is(err, ErrSpec) {
			t.Errorf("error %v is not an ErrSpec", err)
		}
	})
}

// measured is the sample with the tables that measuring wants, appended so that
// its lines keep their numbers.
func measured(t testing.TB) string {
	t.Helper()
	file, err := os.ReadFile("testdata/train.toml")
	if err != nil {
		t.Fatal(err)
	}
	s := strings.NewReplacer("validation = 0.05", "validation = 0", `method = "tokens"`, `method = "measure"`).Replace(string(file))
	return s + `floor = 100
cap = 5000
vesting = 1000
royalty = 500

[validation]
text = "blob/` + strings.Repeat("0a", 32) + `"
hidden = "blob/` + strings.Repeat("1b", 32) + `"

[measure]
portion = 100000
steps = 175
rows = 1
layers = 1
dim = 64
heads = 2
hidden = 192
context = 64
checked = 2500
stake = "1MINGA"
check_pay = "0.1MINGA"
work = 500
`
}

func TestSpecOfAMeasuredJob(t *testing.T) {
	file := measured(t)
	s, err := ParseSpec([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Measured() || s.Hidden() != "blob/"+strings.Repeat("1b", 32) || s.Split.Cap != 5000 || s.Measure.Work != 500 {
		t.Errorf("read %+v", s)
	}
	if o := s.short(); o.Steps != 175 || o.Warmup != 12 || o.Rate != s.Optimizer.Rate {
		t.Errorf("runs are optimised by %+v", o)
	}
	without, err := ParseSpec([]byte(strings.Replace(file, "hidden = \"blob/"+strings.Repeat("1b", 32)+"\"\n", "", 1)))
	if err != nil || without.Hidden() != s.Validation.Text {
		t.Errorf("without a hidden text: %v", err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"no validation", file[strings.Index(file, "[validation]"):strings.Index(file, "[measure]")], "", `line 52: split.method is "measure", which wants a table [validation]`},
		{"no measure", file[strings.Index(file, "[measure]"):], "", `line 52: split.method is "measure", which wants a table [measure]`},
		{"measure for tokens", `method = "measure"`, `method = "tokens"`, "line 62: measure is given"},
		{"two validations", "validation = 0\n", "validation = 0.05\n", "line 30: train.validation is 0.05, want 0"},
		{"no text", `text = "blob/` + strings.Repeat("0a", 32) + "\"\n", "", "line 58: validation.text is missing"},
		{"a path", strings.Repeat("0a", 32), "../a", "line 59: validation.text is"},
		{"upper case", strings.Repeat("1b", 32), strings.Repeat("1B", 32), "line 60: validation.hidden is"},
		{"no rows", "rows = 1\n", "", "line 62: measure.rows is missing"},
		{"no portion", "portion = 100000", "portion = 0", "line 63: measure.portion is 0, want 1"},
		{"odd width", "dim = 64", "dim = 63", "line 68: measure.heads is 2, want"},
		{"many rows", "rows = 1\n", "rows = 1025\n", "line 65: measure.rows is 1025, want"},
		{"checked", "checked = 2500", "checked = 10001", "line 71: measure.checked is 10001, want"},
		{"cap below floor", "cap = 5000", "cap = 50", "line 53: split.floor is 100, want 0 to 50"},
		{"royalty", "royalty = 500", "royalty = -1", "line 56: split.royalty is -1, want"},
		{"attribution", "royalty = 500", "attribution = 10001", "line 56: split.attribution is 10001, want 0 to 10000"},
		{"a rate that is none", "checked = 2500", "checked = 2500\nrate = -1", "line 72: measure.rate is -1, want"},
		{"unknown", "checked = 2500", "checked = 2500\nvocab = 300", "line 72: measure.vocab is not a key"},
	} {
		if strings.Count(file, c.old) != 1 {
			t.Fatalf("%s: %q is not once in the sample", c.name, c.old)
		}
		_, err := ParseSpec([]byte(strings.Replace(file, c.old, c.new, 1)))
		if !errors.Is(err, ErrSpec) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want an ErrSpec with %q", c.name, err, c.want)
		}
	}
}

func TestRunsHaveARateOfTheirOwn(t *testing.T) {
	s, err := ParseSpec([]byte(measured(t)))
	if err != nil {
		t.Fatal(err)
	}
	if short := s.short(); short.Rate != s.Optimizer.Rate || short.Floor != s.Optimizer.Floor {
		t.Errorf("without a rate of their own runs have %v down to %v", short.Rate, short.Floor)
	}
	s.Measure.Rate = 4 * s.Optimizer.Rate
	if short := s.short(); short.Rate != s.Measure.Rate || short.Floor != 4*s.Optimizer.Floor {
		t.Errorf("with four times the rate runs have %v down to %v", short.Rate, short.Floor)
	}
}
