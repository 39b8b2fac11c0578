package record_test

import (
	"bytes"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/minga-network/minga/data/record"
)

// TestHonestTextsLoseNothingToOthers tells what they say twice themselves from what
// another says: the first goes in whichever order they come, the second would not.
func TestHonestTextsLoseNothingToOthers(t *testing.T) {
	names := []string{bible, moby, speeches, noise}
	own := []int{1073, 60, 0, 0} // bytes: verses and a heading that come twice
	var texts [][]byte
	for _, name := range names {
		texts = append(texts, commons(t, name))
	}
	for n := range 24 {
		since := ranks(n)
		for i, kept := range record.Keep(texts, since) {
			if len(kept) != len(texts[i])-own[i] {
				t.Errorf("order %v: %s keeps %d of %d bytes", since, names[i], len(kept), len(texts[i]))
			}
		}
	}
}

// ranks returns the n-th order of four.
func ranks(n int) []int64 {
	var order []int64
	for i := range 4 {
		order = slices.Insert(order, n%(i+1), int64(i))
		n /= i + 1
	}
	return order
}

// cutUp cuts a text at so many places, at ends of lines or anywhere.
func cutUp(rng *rand.Rand, text []byte, cuts int, lines bool) (parts [][]byte) {
	var at []int
	for range cuts {
		i := rng.Intn(len(text))
		if lines {
			i += 1 + bytes.IndexByte(text[i:], '\n')
		}
		at = append(at, i)
	}
	slices.Sort(at)
	from := 0
	for _, i := range append(at, len(text)) {
		parts, from = append(parts, text[from:i]), i
	}
	return parts
}

// TestCutsMakeNoDifference splits texts as owners with several accounts might, in a
// job with a thief. What is kept is the same to the byte if they are cut between
// lines, and else but for the lines that are cut.
func TestCutsMakeNoDifference(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	stolen := spoil(rng, shuffle(rng, sentences(string(commons(t, bible)[:40_000]))), 4, 3, 3)
	whole := [][]byte{
		commons(t, moby)[:70_000], commons(t, bible), []byte(stolen + "\n"), commons(t, speeches)[:90_000],
		[]byte(interleave(sentences(string(commons(t, moby)[:30_000])), sentences(string(commons(t, speeches)[200_000:])))),
		commons(t, noise)[:20_000],
	}
	for trial := range 20 {
		since := make([]int64, len(whole))
		var parts [][]byte
		var ages []int64
		for i, text := range whole {
			since[i] = int64(rng.Intn(4))
			for _, part := range cutUp(rng, text, rng.Intn(20), trial%2 == 0) {
				parts, ages = append(parts, part), append(ages, since[i])
			}
		}
		want, got := bytes.Join(record.Keep(whole, since), nil), bytes.Join(record.Keep(parts, ages), nil)
		if trial%2 == 0 {
			if !bytes.Equal(want, got) {
				t.Fatalf("%d parts, cut between lines: %d bytes are kept, of whole texts %d", len(parts), len(got), len(want))
			}
			continue
		}
		t.Logf("%d parts, cut anywhere: %d bytes more than of whole texts", len(parts), len(got)-len(want))
		if off := max(len(want), len(got)) - min(len(want), len(got)); off > 40*len(parts) {
			t.Errorf("%d parts, cut anywhere: %d bytes are kept, of whole texts %d", len(parts), len(got), len(want))
		}
	}
}

// TestSplittingACopyDoesNotHelp cuts a noisy copy into small pieces.
func TestSplittingACopyDoesNotHelp(t *testing.T) {
	original := commons(t, speeches)[:100_000]
	rng := rand.New(rand.NewSource(1))
	for accounts := 2; accounts <= 20; accounts += 3 {
		texts := [][]byte{original}
		for _, piece := range deal(accounts, sentences(spoil(rng, string(original), 4, 3, 3))) {
			texts = append(texts, []byte(piece))
		}
		kept := bytes.Join(record.Keep(texts, make([]int64, len(texts)))[1:], nil)
		if part := float64(len(kept)) / float64(len(original)); part > 0.01 {
			t.Errorf("%d accounts keep %.4f of a text", accounts, part)
		}
	}
}

func TestQuotationsTakeOnlyThemselves(t *testing.T) {
	const edges = 8 // bytes: words are cut by content, so a quotation may take the end of a neighbour, or leave it
	verse := "And God said, Let the waters under the heaven be gathered together unto one place, and let the dry land " +
		"appear: and it was so.\n"
	licence := "Redistribution and use in source and binary forms, with or without modification, are permitted provided " +
		"that the following conditions are met:\n"
	first := append(commons(t, bible), licence...)
	for _, c := range []struct{ name, text, want string }{
		{"a verse between lines of a speech",
			"My fellow citizens, we meet in a year of drought.\n" + verse + "So speaks the book; so let us dig our wells.\n",
			"My fellow citizens, we meet in a year of drought.\nSo speaks the book; so let us dig our wells.\n"},
		{"a licence above a program",
			licence + "package main\n\nfunc main() { println(\"hello, gathered waters\") }\n",
			"package main\n\nfunc main() { println(\"hello, gathered waters\") }\n"},
		{"a phrase in a sentence",
			"Whoever quotes the beginning says that in the beginning God created the heaven, and goes on to other matters of " +
				"the day.\n", ""},
		{"a name that both use", "The children of Israel are named on many pages of the atlas which I drew.\n", ""},
		{"a passage in a longer sentence of one's own",
			"We who live by the shore have always been told by those who were here before us " +
				strings.TrimSpace(strings.Replace(verse, ".", "", 1)) +
				" which nobody in our village or in any of the villages around has ever taken for more than a tale that one " +
				"tells to children at night\n",
			"We who live by the shore have always been told by those who were here before us " +
				"which nobody in our village or in any of the villages around has ever taken for more than a tale that one tells " +
				"to children at night\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			filler := "\n \n" + string(commons(t, moby)[:50_000]) + "\n"
			if c.want == "" {
				c.want = c.text
			}
			kept := record.Keep([][]byte{first, []byte(filler + c.text)}, []int64{1, 2})
			got := strings.TrimPrefix(string(kept[1]), filler)
			if same := alike(got, c.want); same < max(len(got), len(c.want))-edges {
				t.Errorf("kept\n%.500s\nwant\n%s", got, c.want)
			}
		})
	}
}

// alike counts the letters that two texts have in common at their beginning and end.
func alike(a, b string) (same int) {
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	a, b = a[same:], b[same:]
	for n := 0; n < min(len(a), len(b)) && a[len(a)-1-n] == b[len(b)-1-n]; n++ {
		same++
	}
	return same
}

// alone is what a text keeps by itself.
func alone(text []byte) []byte { return record.Keep([][]byte{text}, []int64{0})[0] }

func TestOwnRepetitionsGo(t *testing.T) {
	once := commons(t, speeches)[:20_000]
	want := alone(once)
	for _, kept := range [][]byte{
		alone(bytes.Repeat(once, 5)),
		record.Keep([][]byte{bytes.Repeat(once, 5), commons(t, moby)}, []int64{2, 1})[0],
		alone(append(slices.Clone(once), spoil(rand.New(rand.NewSource(1)), string(once), 4, 3, 3)...)),
	} {
		if len(kept) > len(want)+50 || len(kept) < len(want)-400 {
			t.Errorf("a text that repeats itself keeps %d bytes, what it repeats %d", len(kept), len(want))
		}
	}
}

func TestTheFirstKeepsWhatTwoHave(t *testing.T) {
	text := commons(t, speeches)[:20_000]
	for _, c := range []struct {
		since []int64
		first int
	}{{[]int64{5, 4, 6}, 1}, {[]int64{5, 5, 5}, 0}, {[]int64{9, 9, -9}, 2}} {
		for i, kept := range record.Keep([][]byte{text, text, text}, c.since) {
			if i == c.first && len(kept) < len(alone(text))-50 || i != c.first && len(kept) != 0 {
				t.Errorf("since %v: text %d keeps %d of %d bytes", c.since, i, len(kept), len(text))
			}
		}
	}
}

func TestTextsWithoutWords(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	random := func(n, values int) []byte {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(rng.Intn(values))
		}
		return data
	}
	images := random(784*100, 16)
	for i := range images {
		if i%784 < 200 || rng.Intn(3) == 0 {
			images[i] = 0
		}
	}
	for _, c := range []struct {
		name     string
		original []byte
	}{{"random bytes", random(50_000, 256)}, {"small numbers", random(50_000, 10)}, {"images", images},
		{"zeros", make([]byte, 10_000)}} {
		t.Run(c.name, func(t *testing.T) {
			moved := slices.Concat(c.original[len(c.original)/2:], c.original[:len(c.original)/2])
			own := []byte("an own text before another's data. ")
			kept := record.Keep([][]byte{c.original, moved, append(own, c.original...), random(50_000, 256)},
				[]int64{1, 2, 3, 4})
			if c.name == "zeros" {
				if len(kept[0]) != 1024 || len(kept[1]) != 0 { // one record of them
					t.Errorf("%d and %d zeros are kept", len(kept[0]), len(kept[1]))
				}
				return
			}
			if part := float64(len(kept[1])+len(kept[2])) / float64(2*len(c.original)); part > 0.02 {
				t.Errorf("copies keep %.4f", part)
			}
			if len(kept[0]) != len(c.original) || len(kept[3]) != 50_000 {
				t.Errorf("honest data keeps %d and %d bytes", len(kept[0]), len(kept[3]))
			}
		})
	}
}

// TestTextsThatTellNothing are long and of few records or words, or of very many.
func TestTextsThatTellNothing(t *testing.T) {
	const size = 1 << 20
	for name, unit := range map[string]string{
		"empty lines": "\n", "one endless word": "a", "a letter a line": "a\n", "zeros": "\x00",
		"one endless line": "the cat sat on the mat, ",
		"open tags":        "<", "entities without end": "&", "backslashes": "\\u", "half letters": "\xe2\x80",
		"sentence ends": ". ",
	} {
		text := bytes.Repeat([]byte(unit), size/len(unit))
		kept := record.Keep([][]byte{text, text[len(unit):]}, []int64{1, 2})
		if n := len(bytes.Join(kept, nil)); n < len(unit) || n > 1024 {
			t.Errorf("%s: %d of %d bytes are kept, want one record", name, n, 2*len(text))
		}
	}
}

func TestKeepDependsOnOrderOnly(t *testing.T) {
	a, b := commons(t, bible)[:50_000],
		[]byte(spoil(rand.New(rand.NewSource(1)), string(commons(t, bible)[20_000:80_000]), 3, 3, 3))
	c := slices.Clone(b[:20_000])
	kept := record.Keep([][]byte{a, b, c}, []int64{1, 2, 3})
	again := record.Keep([][]byte{c, a, b}, []int64{3, 1, 2})
	for i, j := range []int{1, 2, 0} {
		if !bytes.Equal(kept[i], again[j]) {
			t.Errorf("text %d keeps %d bytes at one place and %d at another", i, len(kept[i]), len(again[j]))
		}
	}
}

func FuzzKeep(f *testing.F) {
	f.Add([]byte("In the beginning God created the heaven and the earth."),
		[]byte("IN THE BEGINNING god created the heaven and the earth!"), int64(1))
	f.Add([]byte("\xff\xfea\x00b\x00\n\x00"), []byte("a&amp;b<br>\\u0041\\n"), int64(-1))
	f.Add([]byte{}, []byte("。、！一二三四五六七八九十"), int64(0))
	f.Add(bytes.Repeat([]byte{0}, 300), bytes.Repeat([]byte{0, 1}, 200), int64(2))
	f.Fuzz(func(t *testing.T, a, b []byte, since int64) {
		texts := [][]byte{a, b, append(slices.Clone(a), b...), a}
		kept := record.Keep(texts, []int64{0, since, 1, 1 << 40})
		for i := range texts {
			if !subsequence(kept[i], texts[i]) {
				t.Fatalf("text %d: %q is not left of %q", i, kept[i], texts[i])
			}
		}
	})
}

func subsequence(part, whole []byte) bool {
	for _, c := range part {
		i := bytes.IndexByte(whole, c)
		if i < 0 {
			return false
		}
		whole = whole[i+1:]
	}
	return true
}

func BenchmarkKeep(b *testing.B) {
	var texts [][]byte
	size := 0
	for _, name := range []string{bible, moby, speeches, noise} {
		texts = append(texts, commons(b, name))
		size += len(texts[len(texts)-1])
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		record.Keep(texts, []int64{1, 2, 3, 4})
	}
}

// TestFirstRecordAfterBlankLines takes a passage out of the right place there.
func TestFirstRecordAfterBlankLines(t *testing.T) {
	quoted := string(commons(t, speeches)[5_000:5_300])
	quoted = strings.NewReplacer(".", "", "\n", " ").Replace(quoted)
	lines := strings.NewReplacer("\n", " ", ".", "", "!", "", "?", "")
	own := lines.Replace(string(commons(t, moby)[30_000:30_400]))
	last := lines.Replace(string(commons(t, moby)[40_000:40_400]))
	blank := strings.Repeat("\n", 100)
	text := []byte(blank + own + quoted + last)
	kept := string(record.Keep([][]byte{commons(t, speeches), text}, []int64{1, 2})[1])
	if !strings.HasPrefix(kept, blank+own[:len(own)-10]) || !strings.HasSuffix(kept, last[10:]) ||
		len(kept) > len(blank)+len(own)+len(last)+20 {
		t.Errorf("kept %q", kept)
	}
}
