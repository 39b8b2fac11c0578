package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand"
	"slices"
	"testing"
	"unicode"
)

func folded(text string) string {
	var out []rune
	l := newLetters([]byte(text), folds{})
	for x, ok := l.next(); ok; x, ok = l.next() {
		out = append(out, x.value)
	}
	return string(out)
}

func TestSpellingsFoldToOne(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"case and punctuation", "The \"Quick\" brown-fox!", "thequickbrownfox"},
		{"accents, composed and not", "Café cafe\u0301 CAFÉ", "cafecafecafe"},
		{"Latin-1", "caf\xe9 na\xefve", "cafenaive"},
		{"UTF-16, little end first", "\xff\xfec\x00a\x00f\x00\xe9\x00", "cafe"},
		{"UTF-16, big end first", "\xfe\xff\x04\x1c\x04\x38\x04\x40", "mиp"},
		{"UTF-16 with a pair", "\xfe\xff\xd8\x01\xdc\x00", "\U00010428"},
		{"half a UTF-16 character", "\xfe\xff\x00a\x00", "a"},
		{"entities", "caf&eacute; &#65;&#x42; &unknown; R&D", "cafeabunknownrd"},
		{"tags", "<p class=x>one</p> 1 <2 and 3> 2", "one12and32"},
		{"backslashes", `a\nb\u00e9\tc\\`, "abec"},
		{"ligatures and width", "ﬁne Ｗｉｄｅ ½", "finewide12"},
		{"invisible", "so\u00adft ze\u200bro \ufeff", "softzero"},
		{"letters that look alike", "аррӏе", "apple"},
		{"sharp s and its capital", "Straße STRAẞE STRASSE", "strassestrassestrasse"},
		{"capitals of other scripts", "ЖУК жук", "жykжyk"},
		{"nothing", " \t\n—…", ""},
	} {
		if got := folded(c.text); got != c.want {
			t.Errorf("%s: %q folds to %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

// TestFoldOfEveryCharacter notices a Unicode version with another opinion: two
// machines must fold alike. A toolchain with newer tables has new letters; then
// this hash changes, and machines with either toolchain must not train together.
func TestFoldOfEveryCharacter(t *testing.T) {
	h := sha256.New()
	for r := range unicode.MaxRune + 1 {
		h.Write([]byte(string(foldRune(r)) + "\n"))
	}
	if got := hex.EncodeToString(h.Sum(nil)); unicode.Version != "15.0.0" ||
		got != "991f03737f55c64aa70efa0bb1a46e6c91852c989d193f5486d6ba05b9690e6d" {
		t.Errorf("Unicode %s folds to %s", unicode.Version, got)
	}
}

// TestWordsDependOnTheirLettersOnly cuts the same passage after other text.
func TestWordsDependOnTheirLettersOnly(t *testing.T) {
	k := &key{1, 2, 3}
	passage := "It is a way I have of driving off the spleen and regulating the circulation whenever I find myself " +
		"growing grim"
	alone, after := newWords(k, 0), newWords(k, 0)
	alone.read(newLetters([]byte(passage), folds{}))
	after.read(newLetters([]byte("Own words. And more of them\n"+passage), folds{}))
	n := len(alone.hashes) - 3
	for i := range n {
		if alone.hashes[len(alone.hashes)-1-i] != after.hashes[len(after.hashes)-1-i] {
			t.Fatalf("word %d from the end differs", i)
		}
	}
}

func TestTableAgainstAMap(t *testing.T) {
	const n = 5000
	rng := rand.New(rand.NewSource(1))
	hashes := make([]uint64, n)
	set, count := newTable(n), newTable(n)
	places, counts := map[uint64]uint32{}, map[uint64]uint32{}
	for i := range hashes {
		if hashes[i] = rng.Uint64(); i%3 == 0 {
			hashes[i] = hashes[i/2]
		}
		if places[hashes[i]] == 0 {
			places[hashes[i]] = uint32(i + 1)
		}
		counts[hashes[i]]++
		set.set(hashes[i], uint32(i+1))
		count.count(hashes[i])
	}
	for _, hash := range hashes {
		if set.get(hash) != places[hash] || count.get(hash) != counts[hash] {
			t.Fatalf("%x: place %d, want %d; count %d, want %d", hash, set.get(hash), places[hash], count.get(hash),
				counts[hash])
		}
		if count.get(hash^1<<60) != 0 {
			t.Fatalf("%x is counted", hash^1<<60)
		}
	}
}

func TestInformationTellsRareFromCommon(t *testing.T) {
	hashes := make([]uint64, 1000)
	for i := range hashes {
		hashes[i] = uint64(i) << 32
		if i%2 == 0 {
			hashes[i] = 7 << 40
		}
	}
	counts := newTable(len(hashes))
	info, mean := information(hashes, counts)
	all := log2(1000 + prior)
	if int(info[1]) != all-bit || int(info[0]) != all-log2(501) || mean != (all-bit+all-log2(501))/2 {
		t.Errorf("a rare word tells %d, a common one %d, on average %d", info[1], info[0], mean)
	}
	for _, slot := range counts {
		if slot != 0 {
			t.Fatal("counts are left")
		}
	}
}

// FuzzCuts cuts a text at the ends of its lines: what is kept is the same.
func FuzzCuts(f *testing.F) {
	f.Add([]byte("In the beginning God created the heaven and the earth.\n"),
		[]byte("\n\nIn the\n beginning God <b\n>created the hea-\nven and the earth.\nx &am\np; y\n"), uint8(9))
	f.Add([]byte("one line and another one without much in common\n\n"), []byte("no end"), uint8(30))
	f.Fuzz(func(t *testing.T, a, b []byte, times uint8) {
		text := bytes.Repeat(append(append(a, b...), a...), 1+int(times)%32)
		whole, parts := [][]byte{text, b}, append(bytes.SplitAfter(text, []byte("\n")), b)
		for _, texts := range [][][]byte{whole, parts} {
			if len(wordlessAmong(texts)) > 0 ||
				slices.ContainsFunc(texts, func(text []byte) bool { return utf16Order(text) != 0 }) {
				t.Skip("skipped, in UTF-16 or hardly a word: Keep tells that for each text, so cuts may matter")
			}
		}
		want, got := bytes.Join(Keep(whole, make([]int64, 2)), nil), bytes.Join(Keep(parts, make([]int64, len(parts))), nil)
		if !bytes.Equal(want, got) {
			t.Fatalf("of %q\n%q is kept,\nin parts %q", text, want, got)
		}
	})
}

func wordlessAmong(texts [][]byte) map[int]bool {
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	return readAll(texts, order, newKey(texts, order),
		func(text []byte) source { return newLetters(text, folds{}) }).wordless(texts)
}
