package kind

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/job"
)

// sample is a job file of kind train.
func sample(t testing.TB) string {
	t.Helper()
	file, err := os.ReadFile("testdata/train.toml")
	require.NoError(t, err)
	return string(file)
}

// measured is the sample with its data measured; what it adds stands at the end, so that lines keep their numbers.
func measured(t testing.TB) string {
	return strings.Replace(sample(t), "validation = 0.05", "", 1) + `
[validation]
text = "blob/` + strings.Repeat("0a", 32) + `"
hidden = "blob/` + strings.Repeat("1b", 32) + `"

[measure]
method = "measure"
portion = 100000
steps = 175
rows = 1
layers = 1
dim = 64
heads = 2
hidden = 192
context = 64

[job.measure]
stake = "1MINGA"
check_pay = "0.1MINGA"
work = 500
`
}

// refusal changes a text of a file and says how the file is refused.
type refusal struct{ name, old, new, want string }

func refuses(t *testing.T, file string, all []refusal) {
	t.Helper()
	_, err := readTraining([]byte(file))
	require.NoError(t, err)
	for _, c := range all {
		require.Equal(t, 1, strings.Count(file, c.old), "%s: %q is not once in the sample", c.name, c.old)
		_, err := readTraining([]byte(strings.Replace(file, c.old, c.new, 1)))
		require.ErrorIs(t, err, ErrFile, c.name)
		require.Contains(t, err.Error(), c.want, c.name)
	}
}

func TestFileRefusals(t *testing.T) {
	refuses(t, sample(t), []refusal{
		{"no format", "format = 1\n", "", "line 1: format is missing: begin with format = 1"},
		{"another format", "format = 1", "format = 2", "line 2: format is 2: this program reads format 1"},
		{"no kind", "kind = \"train\"\n", "", "line 1: kind is missing: say what is to be done, as kind = \"train\""},
		{"another kind", `kind = "train"`, `kind = "bake"`, `kind is "bake", want`},
		{"unknown key", "tied = true", "tied = true\nflavour = 3",
			"line 30: model.flavour is not a key here; keys are model.name, model.layers"},
		{"unknown table", "[split]", "[flavour]\na = 1\n[split]",
			"line 16: [flavour] is not a table here; tables are job, split, model"},
		{"a table in a key", "dim = 128", "dim.wide = 128", "line 25: model.dim.wide is not a key here"},
		{"a key as a table", "[data]", "[train.steps]",
			"line 52: [train.steps] is no table: write it as steps = 1 in [train]"},
		{"a table as a key", "seed = 1", "seed = 1\n[model.name]",
			"line 47: [model.name] is no table: write it as name = \"...\" in [model]"},
		{"a table in braces", "[data]\ndatasets", "[job.measure]\n[other]\ndatasets", "line 53: [other] is not a table here"},
		{"a list of tables", "[data]", "[[data]]", "line 52: [[data]] is a list of tables: write [data]"},
		{"missing key", "heads = 4\n", "", "line 22: model.heads is missing: write it as heads = 1"},
		{"missing table", "[tokenizer]\nvocab = 512\n", "", "line 1: tokenizer.vocab is missing: write it as vocab = 1"},
		{"not a number", "dim = 128", `dim = "wide"`, "line 25: model.dim is not a whole number: write it as dim = 1"},
		{"not whole", "dim = 128", "dim = 12.8", "line 25: model.dim is not a whole number"},
		{"a date", "seed = 1", "seed = 1979-05-27", "line 46: train.seed is not a whole number of 0 or more"},
		{"too large", "dim = 128", "dim = 99999999999999999999", "line 25: model.dim is not a whole number"},
		{"too large for a float", "clip = 1.0", "clip = 1e39", "line 43: optimizer.clip is not a number"},
		{"not true or false", "tied = true", "tied = 1", "line 29: model.tied is not true or false"},
		{"not a text", `budget = "25MINGA"`, "budget = 25",
			`line 7: job.budget is not a text in quotes: write it as budget = "..."`},
		{"a list of numbers", `["asset/1", "asset/2", "asset/3", "asset/4"]`, "[1, 2]",
			"line 53: data.datasets is not a list of texts in quotes"},
		{"key twice", "dim = 128", "dim = 128\ndim = 128", "line 26: model.dim stands in line 25 already"},
		{"table twice", "[data]", "[model]\n[data]", "line 52: [model] stands in line 22 already"},
		{"not TOML", "dim = 128", "dim 128", "line 25: expected character ="},
		{"negative seed", "seed = 1", "seed = -1", "line 46: train.seed is not a whole number of 0 or more"},
		{"odd head", "heads = 4", "heads = 128", "line 26: model.heads is 128, want"},
		{"theta", "theta = 10000.0", "theta = nan", "line 30: model.theta is NaN, want"},
		{"no coins", `budget = "25MINGA"`, `budget = "25"`, `line 7: job.budget "25" is no amount: write it as 10MINGA`},
		{"a proof of another kind", "[job]", "[job]\nproof = \"quorum\"",
			`line 6: job.proof is "quorum", want one of ["referee"] for a job of kind train: write one of them, or leave`},
		{"a proof without a name", "[job]", "[job]\nproof = \"\"", `line 6: job.proof is "", want one of ["referee"]`},
		{"window", "window = 20", "window = 0", "line 12: job.window is 0, want 1 to"},
		{"split sum", "data = 6000", "data = 6001", "line 16: split sums to 10001"},
		{"split part", "creator = 1000", "creator = -1", "line 19: split.creator is -1, want"},
		{"cap below floor", "commons = 500", "commons = 500\ncap = 50\nfloor = 100",
			"line 22: split.floor is 100, want 0 to 50"},
		{"royalty", "commons = 500", "commons = 500\nroyalty = -1", "line 21: split.royalty is -1, want"},
		{"attribution", "commons = 500", "commons = 500\nattribution = 10001",
			"line 21: split.attribution is 10001, want 0 to 10000"},
		{"long", "# A", "#" + strings.Repeat("A", maxFile), "bytes"},
	})
}

func TestMeasuredFileRefusals(t *testing.T) {
	file := measured(t)
	table := func(name, until string) string { return file[strings.Index(file, name):strings.Index(file, until)] }
	refuses(t, file, []refusal{
		{"no validation", table("[validation]", "[measure]"), "",
			"line 45: train.validation is 0, want more than 0 and at most 0.5, or a table [validation]"},
		{"no measure", table("[measure]", "[job.measure]"), "", "line 59: job.measure is given without a table [measure]"},
		{"no pay", file[strings.Index(file, "[job.measure]"):], "", "line 59: measure wants a table [job.measure]"},
		{"no text", `text = "blob/` + strings.Repeat("0a", 32) + "\"\n", "", "line 55: validation.text is missing"},
		{"no method", "method = \"measure\"\n", "", "line 59: measure.method is missing"},
		{"method", `method = "measure"`, `method = "shapley"`, `line 60: measure.method is "shapley", want`},
		{"no stake", "stake = \"1MINGA\"\n", "", "line 70: job.measure.stake is missing"},
		{"pay", `check_pay = "0.1MINGA"`, `check_pay = "some"`, "line 72: job.measure.check_pay"},
		{"work", "work = 500", "work = 0", "line 73: job.measure.work is 0, want 1"},
	})
}

func TestFileIsReadWhole(t *testing.T) {
	f, err := readTraining([]byte(measured(t)))
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 2, 3, 4}, f.datasets())
	require.True(t, f.Model.Tied)
	require.Equal(t, float32(1e-8), f.Optimizer.Eps)
	require.Equal(t, "1MINGA", f.Job.Measure.Stake)
	terms, err := f.terms([32]byte{7})
	require.NoError(t, err)
	require.EqualValues(t, 25_000_000, terms.Budget.Int64())
	require.EqualValues(t, 10, terms.MaxPrice.Int64())
	require.EqualValues(t, 1400*8*128, terms.Units)
	require.Equal(t, "measure", terms.Train.Split.Method)
	plain, err := readTraining([]byte(sample(t)))
	require.NoError(t, err)
	terms, err = plain.terms([32]byte{})
	require.NoError(t, err)
	require.Equal(t, "tokens", terms.Train.Split.Method)
	require.Equal(t, job.ProofReferee, terms.Proof)
	said, err := readTraining([]byte(strings.Replace(sample(t), "[job]", "[job]\nproof = \"referee\"", 1)))
	require.NoError(t, err)
	same, err := said.terms([32]byte{})
	require.NoError(t, err)
	require.Equal(t, terms, same, "the proof that a kind has anyway may be named")
}

// TestTOML reads other spellings of the same file.
func TestTOML(t *testing.T) {
	want, err := Training([]byte(sample(t)))
	require.NoError(t, err)
	for _, r := range [][2]string{
		{"steps = 1400", "steps = 1_400"},
		{"rate = 0.004", "rate = 4e-3"},
		{"theta = 10000.0", "theta = 10000"},
		{`name = "commons"`, `name = 'commons'`},
		{"[tokenizer]\nvocab", "tokenizer.vocab"}, // which stands in [model] then
	} {
		file := strings.Replace(sample(t), r[0], r[1], 1)
		got, err := Training([]byte(file))
		if strings.HasPrefix(r[1], "tokenizer.") {
			require.ErrorIs(t, err, ErrFile)
			continue
		}
		require.NoError(t, err, r[1])
		require.Equal(t, want, got, r[1])
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(sample(f)))
	f.Add([]byte(measured(f)))
	f.Add([]byte("format = 1\nkind = \"train\"\n[model]\nlayers = 1979-05-27T07:32:00Z\n"))
	f.Add([]byte("format = 1\nkind = {a = [1, 'b'], \"c\" = true}\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := readTraining(raw)
		if err == nil {
			err = got.Validate()
		} else if errors.Is(err, ErrFile) {
			return
		}
		if err != nil {
			t.Error(err)
		}
	})
}
