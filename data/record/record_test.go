package record_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/minga-network/minga/data/record"
)

const (
	bible    = "king-james-bible.txt"
	moby     = "moby-dick.txt"
	speeches = "state-of-the-union.txt"
	noise    = "noise.txt"
)

func commons(t testing.TB, name string) []byte {
	text, err := os.ReadFile("../../examples/commons/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A copier turns an original into the texts of one or more accounts.
type copier func(rng *rand.Rand, original, own string) []string

func oneText(change func(rng *rand.Rand, original string) string) copier {
	return func(rng *rand.Rand, original, _ string) []string { return []string{change(rng, original)} }
}

func plain(change func(original string) string) copier {
	return oneText(func(_ *rand.Rand, original string) string { return change(original) })
}

var copiers = []struct {
	name string
	copy copier
}{
	// The last ones mix capitals of the original with small letters of their own.
	{"word for word", plain(func(s string) string { return s })},
	{"with a line added", plain(func(s string) string { return "brought to you by nobody\n" + s })},
	{"records in another order", oneText(func(rng *rand.Rand, s string) string {
		return shuffle(rng, strings.SplitAfter(s, "\n"))
	})},
	{"sentences in another order", oneText(func(rng *rand.Rand, s string) string { return shuffle(rng, sentences(s)) })},
	{"in capitals", plain(strings.ToUpper)},
	{"small, without punctuation", plain(func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(".,;:!?'\"“”’—-()", r) {
				return -1
			}
			return r
		}, strings.ToLower(s))
	})},
	{"white space doubled, tabs, CRLF and a byte order mark", plain(func(s string) string {
		return "\ufeff" + strings.NewReplacer(" ", " \t ", "\n", "\r\n").Replace(s)
	})},
	{"one word a line", plain(func(s string) string { return strings.ReplaceAll(s, " ", "\n") })},
	{"without any white space", plain(func(s string) string { return strings.Join(strings.Fields(s), "") })},
	{"wrapped at sixty columns", plain(func(s string) string { return wrap(s, 60) })},
	{"as UTF-16 with a byte order mark", plain(func(s string) string { return encode16("\ufeff"+s, 0) })},
	{"as UTF-16, big end first, without a mark", plain(func(s string) string { return encode16(s, 1) })},
	{"in wide letters", plain(wide)},
	{"with letters that look alike", plain(func(s string) string {
		return strings.NewReplacer("a", "а", "e", "е", "o", "о", "p", "р", "c", "с", "x", "х").Replace(s)
	})},
	{"with accents", plain(func(s string) string {
		return strings.NewReplacer("e", "é", "a", "a\u0300", "fi", "ﬁ").Replace(s)
	})},
	{"with invisible characters in its words", plain(func(s string) string {
		return strings.NewReplacer("e", "e\u200b", "t", "t\u00ad").Replace(s)
	})},
	{"as a web page", plain(func(s string) string {
		return "<p>" + strings.NewReplacer("\n", "</p>\n<p>", "—", "&mdash;", "e", "&#101;", " the ",
			" <b>the</b> ").Replace(html.EscapeString(s))
	})},
	{"as a JSON string", plain(func(s string) string {
		quoted, _ := json.Marshal(strings.ToUpper(s))
		return string(quoted)
	})},
	{"with a number before each line", plain(func(s string) string { return numbered(s) })},
	{"with hyphens in its words", plain(func(s string) string {
		return strings.NewReplacer("in", "in-", "er", "er-\n").Replace(s)
	})},
	{"with one letter in fifty wrong", oneText(misspell)},
	{"with 10 % of words replaced", oneText(func(rng *rand.Rand, s string) string { return spoil(rng, s, 10, 0, 0) })},
	{"with 10 % of words put in", oneText(func(rng *rand.Rand, s string) string { return spoil(rng, s, 0, 10, 0) })},
	{"with 10 % of words left out", oneText(func(rng *rand.Rand, s string) string { return spoil(rng, s, 0, 0, 10) })},
	{"with 16 % noise", oneText(func(rng *rand.Rand, s string) string { return spoil(rng, s, 6, 5, 5) })},
	{"sentences shuffled with 10 % noise", oneText(func(rng *rand.Rand, s string) string {
		return spoil(rng, strings.ToUpper(shuffle(rng, sentences(s))), 4, 3, 3)
	})},
	{"dealt to twenty accounts, sentence by sentence, with 10 % noise", func(rng *rand.Rand, s, _ string) []string {
		return deal(20, sentences(spoil(rng, s, 4, 3, 3)))
	}},
	{"sentence by sentence in own text", func(_ *rand.Rand, s, own string) []string {
		return []string{interleave(sentences(strings.ToUpper(s)), sentences(strings.ToLower(own)))}
	}},
	{"in own text, with 10 % noise", func(rng *rand.Rand, s, own string) []string {
		return []string{interleave(sentences(spoil(rng, strings.ToUpper(s), 4, 3, 3)), sentences(strings.ToLower(own)))}
	}},
	{"in own text, shuffled, with 5 % noise, without punctuation, dealt to three accounts",
		func(rng *rand.Rand, s, own string) []string {
			mixed := interleave(sentences(spoil(rng, shuffle(rng, sentences(strings.ToUpper(s))), 2, 2, 1)),
				sentences(strings.ToLower(own)))
			return deal(3, strings.SplitAfter(strings.ReplaceAll(mixed, ".", ""), "\n"))
		}},
}

// TestCopiesKeepNothing lets each copier register after the original.
func TestCopiesKeepNothing(t *testing.T) {
	originals := []string{bible, moby, speeches}
	owned := map[string]string{bible: moby, moby: speeches, speeches: bible}
	for _, c := range copiers {
		t.Run(c.name, func(t *testing.T) {
			var parts []string
			for n, name := range originals {
				original := commons(t, name)[:100_000]
				own := string(commons(t, owned[name])[150_000:250_000])
				texts, since := [][]byte{}, []int64{}
				for _, copied := range c.copy(rand.New(rand.NewSource(int64(n))), string(original), own) {
					texts, since = append(texts, []byte(copied)), append(since, 7)
				}
				kept := record.Keep(append(texts, original), append(since, 3))
				if first, want := kept[len(texts)], alone(original); len(first) < len(want)-50 {
					t.Errorf("%s: the original keeps %d of %d bytes", name, len(first), len(want))
				}
				mixed := strings.Contains(c.name, "own text")
				part := carried(kept[:len(texts)], mixed) / carried(texts, mixed)
				if bar := map[bool]float64{false: 0.01, true: 0.05}[mixed]; part > bar {
					t.Errorf("%s: the copy keeps %.4f, more than %.2f", name, part, bar)
				}
				if rest := small(kept[:len(texts)]) / small(texts); mixed && rest < 0.5 {
					t.Errorf("%s: of the copier's own text %.4f is left", name, rest)
				}
				parts = append(parts, fmt.Sprintf("%.4f", part))
			}
			t.Log(strings.Join(parts, " "))
		})
	}
}

// carried counts what is the original's: capitals, or all bytes of texts that are
// not mixed.
func carried(texts [][]byte, mixed bool) float64 {
	if !mixed {
		return float64(len(bytes.Join(texts, nil)))
	}
	return between(texts, 'A', 'Z')
}

func small(texts [][]byte) float64 { return between(texts, 'a', 'z') }

func between(texts [][]byte, low, high byte) float64 {
	n := 0
	for _, c := range bytes.Join(texts, nil) {
		if low <= c && c <= high {
			n++
		}
	}
	return float64(n)
}

func sentences(s string) []string {
	var found []string
	for _, line := range strings.SplitAfter(s, "\n") {
		found = append(found, strings.SplitAfter(line, ". ")...)
	}
	return found
}

func shuffle(rng *rand.Rand, records []string) string {
	records = slices.Clone(records)
	rng.Shuffle(len(records), func(a, b int) { records[a], records[b] = records[b], records[a] })
	return strings.Join(records, " ")
}

func interleave(a, b []string) string {
	var out strings.Builder
	for i := range min(len(a), len(b)) {
		out.WriteString(a[i] + " " + b[i] + "\n")
	}
	return out.String()
}

func deal(accounts int, records []string) []string {
	texts := make([]string, accounts)
	for i, r := range records {
		texts[i%accounts] += r
	}
	return texts
}

func wrap(s string, columns int) string {
	var out strings.Builder
	width := 0
	for _, word := range strings.Fields(s) {
		if width += len(word) + 1; width > columns {
			out.WriteByte('\n')
			width = len(word) + 1
		}
		out.WriteString(word + " ")
	}
	return out.String()
}

func encode16(s string, high int) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		unit := [2]byte{byte(u), byte(u >> 8)}
		out = append(out, unit[high], unit[1-high])
	}
	return string(out)
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if '!' <= r && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

func numbered(s string) string {
	var out strings.Builder
	for i, line := range strings.SplitAfter(s, "\n") {
		fmt.Fprintf(&out, "%d. %s", 1000+7*i, line)
	}
	return out.String()
}

func misspell(rng *rand.Rand, s string) string {
	letters := []byte(s)
	for i, c := range letters {
		if 'a' <= c && c <= 'z' && rng.Intn(50) == 0 {
			letters[i] = 'a' + byte(rng.Intn(26))
		}
	}
	return string(letters)
}

// spoil replaces, puts in and leaves out so many words in a hundred. What it puts
// in is small.
func spoil(rng *rand.Rand, s string, replaced, put, left int) string {
	vocabulary := strings.Fields(strings.ToLower(s))
	another := func() string { return vocabulary[rng.Intn(len(vocabulary))] }
	var out strings.Builder
	for _, word := range strings.SplitAfter(s, " ") {
		switch draw := rng.Intn(100); {
		case draw < replaced:
			out.WriteString(another() + " ")
		case draw < replaced+put:
			out.WriteString(another() + " " + word)
		case draw < replaced+put+left:
		default:
			out.WriteString(word)
		}
	}
	return out.String()
}
