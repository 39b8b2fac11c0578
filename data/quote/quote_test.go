package quote

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const (
	verse  = "And God said, Let there be light: and there was light."
	whale  = "Call me Ishmael. Some years ago—never mind how long precisely—having little or no money in my purse"
	speech = "we meet as friends of the village and of the whole river valley"
)

func texts(all ...string) [][]byte {
	var out [][]byte
	for _, s := range all {
		out = append(out, []byte(s))
	}
	return out
}

func TestAttribute(t *testing.T) {
	for _, c := range []struct {
		name   string
		texts  [][]byte
		answer string
		want   []uint64
	}{
		{"a whole text", texts(verse, whale), verse, []uint64{uint64(len(verse) - 1), 0}}, // its last stop is no word
		{"two texts in one answer", texts(verse, whale),
			"He wrote: Let there be light: and there was light. Then: never mind how long precisely, my friend",
			[]uint64{uint64(len("Let there be light: and there was light")), 0}},
		{"a longer quotation of the second", texts(verse, whale), "so it begins: " + whale + "; and so on",
			[]uint64{0, uint64(len(whale))}},
		{"five words are the language's", texts(speech), "friends of the village and nobody else", []uint64{0}},
		{"six words are a text's", texts(speech), "friends of the village and of nobody else",
			[]uint64{uint64(len("friends of the village and of"))}},
		{"six short words are not", texts("it is as it is so be it"), "it is as it is so or not", []uint64{0}},
		{"two texts share", texts(speech, verse, speech), speech, []uint64{32, 0, 31}},
		{"other case, other words", texts(verse), strings.ToUpper(verse), []uint64{0}},
		{"half a word is none", texts("xfriends of the village and ofx"), "friends of the village and of", []uint64{29}},
		{"ideographs", texts("天地玄黃宇宙洪荒日月盈昃辰宿列張"), "他說宇宙洪荒日月盈昃了", []uint64{24}},
		{"no answer", texts(verse), "", []uint64{0}},
		{"no text", texts("", verse), verse, []uint64{0, uint64(len(verse) - 1)}},
		{"no texts", nil, verse, []uint64{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := NewIndex(c.texts).Attribute([]byte(c.answer)); !slices.Equal(got, c.want) {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

// TestRarestFirst has a span in many places and a rarer one over its end.
func TestRarestFirst(t *testing.T) {
	common := "by the waters of the great brown river"
	rare := "of the great brown river they built boats"
	x := NewIndex(texts(strings.Repeat(common+". ", 9), rare))
	answer := []byte("by the waters of the great brown river they built boats")
	want := []Span{{14, 55, []int{1}, 1}, {0, 38, []int{0}, 9}}
	if got := x.Spans(answer); !reflect.DeepEqual(got, want) {
		t.Errorf("spans %v, want %v", got, want)
	}
	if got := x.Attribute(answer); !slices.Equal(got, []uint64{14, 41}) {
		t.Errorf("bytes %d", got)
	}
}

// TestAgainstEverySubstring compares with a search that tries all runs of words.
func TestAgainstEverySubstring(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	vocabulary := strings.Fields("alpha beta gamma delta epsilon zeta")
	draw := func(n int) []byte {
		words := make([]string, n)
		for i := range words {
			words[i] = vocabulary[rng.Intn(2+rng.Intn(5))]
		}
		return []byte(strings.Join(words, " "))
	}
	for range 50 {
		var all [][]byte
		for range 1 + rng.Intn(4) {
			all = append(all, draw(rng.Intn(200)))
		}
		answer := draw(40)
		got := NewIndex(all).Spans(answer)
		slices.SortFunc(got, func(a, b Span) int { return a.Start - b.Start })
		if want := slowSpans(all, answer); !slices.EqualFunc(got, want,
			func(a, b Span) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
			t.Fatalf("spans\n%v, want\n%v", got, want)
		}
	}
}

func slowSpans(all [][]byte, answer []byte) (spans []Span) {
	words := cut(answer)
	past := 0
	for first := range words {
		for end := len(words); end > max(past, first+minWords-1); end-- {
			span := Span{Start: words[first].start, End: words[end-1].end}
			for i, text := range all {
				if places := overlapping(text, answer[span.Start:span.End]); places > 0 {
					span.Texts = append(span.Texts, i)
					span.Places += min(places, commonAt)
				}
			}
			if span.Places > 0 {
				if past = end; span.End-span.Start >= minBytes {
					spans = append(spans, span)
				}
				break
			}
		}
	}
	return spans
}

func overlapping(text, part []byte) (n int) {
	for i := range text {
		if bytes.HasPrefix(text[i:], part) {
			n++
		}
	}
	return n
}

// TestOwnWordsAreNobodys asks for parts of one text that another does not have.
func TestOwnWordsAreNobodys(t *testing.T) {
	bible, err := os.ReadFile("../../examples/commons/king-james-bible.txt")
	if err != nil {
		t.Fatal(err)
	}
	moby, err := os.ReadFile("../../examples/commons/moby-dick.txt")
	if err != nil {
		t.Fatal(err)
	}
	x := NewIndex([][]byte{bible, moby[:200_000]})
	answer := append(slices.Clone(moby[200_000:]), bible[:20_000]...)
	got := x.Attribute(answer)
	if got[0] < 19_000 || got[0] > 20_100 || got[1] > 500 {
		t.Errorf("of 20000 and 0 bytes %d were found", got)
	}
}

func FuzzAttribute(f *testing.F) {
	f.Add([]byte(verse), []byte(whale), []byte("Then "+verse+" "+whale))
	f.Add([]byte("a b c d e f g"), []byte{0xff, 0xe4}, []byte("a b c d e f g\xe4"))
	f.Fuzz(func(t *testing.T, a, b, answer []byte) {
		all := [][]byte{a, b, a}
		x := NewIndex(all)
		for _, span := range x.Spans(answer) {
			for _, i := range span.Texts {
				if !bytes.Contains(all[i], answer[span.Start:span.End]) {
					t.Fatalf("text %d has no %q", i, answer[span.Start:span.End])
				}
			}
		}
		got := x.Attribute(answer)
		if got[0]+got[1]+got[2] > uint64(len(answer)) || got[0] < got[2] {
			t.Fatalf("%d bytes of %d", got, len(answer))
		}
	})
}

func BenchmarkIndex(b *testing.B) {
	text := benchText(b, 1<<20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		NewIndex([][]byte{text})
	}
}

func BenchmarkAttribute(b *testing.B) {
	text := benchText(b, 1<<20)
	x := NewIndex([][]byte{text[:len(text)/2], text[len(text)/2:]})
	answer := slices.Concat(text[1000:2000], []byte(whale), text[700_000:701_000])
	b.SetBytes(int64(len(answer)))
	for b.Loop() {
		x.Attribute(answer)
	}
}

func benchText(b *testing.B, size int) (text []byte) {
	for _, name := range []string{"king-james-bible", "moby-dick", "state-of-the-union", "noise"} {
		part, err := os.ReadFile("../../examples/commons/" + name + ".txt")
		if err != nil {
			b.Fatal(err)
		}
		text = append(text, part...)
	}
	return bytes.Repeat(text, size/len(text)+1)[:size]
}
