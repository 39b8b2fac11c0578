package token

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// sample is text with most of what pre-tokenisation looks at.
const sample = `In the beginning God created the heaven and the earth. And the earth was
without form, and void;  and darkness was upon the face of the deep.   And the Spirit of God
moved upon the face of the waters.

"I'm sure we'll see 1234 of 'em," he'd said; they've 5½ ships, don't they're?
	tabbed  twice   spaced    
Ñandú, mbopi, ka'a; el corazón — ½ Ⅷ ٣; пример текста, 日本語のテキスト。 🙂🙂 e\u0301 ` + "\u00a0\u3000 wide\r\n\r\nend\u200b \n "

// noise is bytes that are mostly not UTF-8.
func noise(n int, seed int64) []byte {
	b := make([]byte, n)
	rand.New(rand.NewSource(seed)).Read(b)
	return b
}

func trained(t testing.TB, vocab int, texts ...[]byte) *Encoder {
	t.Helper()
	tok, err := Train(texts, vocab)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestEncodeAndDecodeGiveBackEveryByte(t *testing.T) {
	tok := trained(t, 400, []byte(strings.Repeat(sample, 3)), noise(5000, 1))
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for name, text := range map[string][]byte{
		"nothing": nil, "text": []byte(sample), "noise": noise(20000, 2), "every byte": all,
		"one long word": bytes.Repeat([]byte("ab"), 50000), "spaces": bytes.Repeat([]byte(" "), 50000),
		"the name of the end": []byte(endOfText),
	} {
		ids := tok.Encode(text)
		if got := tok.Decode(ids); !bytes.Equal(got, text) {
			t.Errorf("%s: %d bytes came back as %d others", name, len(text), len(got))
		}
		if slices.Contains(ids, tok.EOS()) {
			t.Errorf("%s: the end of a text was encoded", name)
		}
	}
	if len(tok.Encode([]byte(sample))) > len(sample)*2/3 {
		t.Error("training did not shorten the text it saw")
	}
	if tok.Bytes(-1) != nil || tok.Bytes(int32(tok.Vocab())) != nil || len(tok.Bytes(tok.EOS())) != 0 {
		t.Error("ids without text have text")
	}
}

// gpt2 is the published expression less its look-ahead, which package regexp
// lacks: slowSplit does that by hand.
var gpt2 = regexp.MustCompile(`^(?:'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^` + spaceSet() + `\p{L}\p{N}]+|[` +
	spaceSet() + `]+)`)

// spaceSet spells white space: \s of package regexp is ASCII only.
func spaceSet() string {
	return `\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`
}

func slowSplit(text string) (pieces []string) {
	for text != "" {
		m := gpt2.FindString(text)
		if rest := text[len(m):]; rest != "" && strings.TrimFunc(m, unicode.IsSpace) == "" {
			if r := []rune(m); len(r) > 1 {
				m = string(r[:len(r)-1])
			}
		}
		pieces = append(pieces, m)
		text = text[len(m):]
	}
	return pieces
}

func TestSplitIsThePublishedExpression(t *testing.T) {
	texts := []string{sample, "'s 's x's'll'x 'LL'", "a  b", " ", "  ", "\n\nx", "x \n", "¼½ 12a"}
	parts := strings.Split("a|é|1|½|'|'s|'re|'v| |  |\n|\t|\u00a0|\u3000|.|--|🙂|\u0301|日|ß", "|")
	r := rand.New(rand.NewSource(3))
	for range 3000 {
		var b strings.Builder
		for range 1 + r.Intn(12) {
			b.WriteString(parts[r.Intn(len(parts))])
		}
		texts = append(texts, b.String())
	}
	for _, text := range texts {
		var got []string
		split([]byte(text), func(p []byte) { got = append(got, string(p)) })
		if want := slowSplit(text); !slices.Equal(got, want) {
			t.Fatalf("%q is cut as %q, want %q", text, got, want)
		}
	}
}

// TestUnicodeTablesArePinned fails when a Go release brings newer tables: they
// would cut some texts differently, and two workers on different releases
// would no longer train to the same bits. Moving on is an upgrade of the
// network, not of one machine.
func TestUnicodeTablesArePinned(t *testing.T) {
	h := sha256.New()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		h.Write([]byte{byte(classify(r))})
	}
	const want = "bc08da29d9c4c575735293193a2ea9091dca086484a70ad7a45865ebcce7fc82"
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("the classes of all characters hash to %s (Unicode %s), want %s", got, unicode.Version, want)
	}
}

// slowTrain is the rule of Train in its plainest form.
func slowTrain(texts [][]byte, vocab int) *Encoder {
	t := newEncoder()
	var words [][]int32
	for _, text := range texts {
		split(text, func(p []byte) {
			w := make([]int32, len(p))
			for i, b := range p {
				w[i] = int32(b)
			}
			words = append(words, w)
		})
	}
	for t.Vocab() < vocab {
		counts := map[pair]int{}
		for _, w := range words {
			for i := range len(w) - 1 {
				counts[pair{w[i], w[i+1]}]++
			}
		}
		best, most := pair{}, 1
		for p, n := range counts {
			if _, merged := t.byPair[p]; merged || !t.fits(p) {
				continue
			}
			if n > most || n == most && n > 1 && p.compare(best) < 0 {
				best, most = p, n
			}
		}
		if most < 2 {
			break
		}
		id := t.add(best)
		for i, w := range words {
			words[i] = replace(w, best, id)
		}
	}
	return t
}

func replace(w []int32, p pair, id int32) (out []int32) {
	for i := 0; i < len(w); i++ {
		if i+1 < len(w) && w[i] == p.left && w[i+1] == p.right {
			out = append(out, id)
			i++
		} else {
			out = append(out, w[i])
		}
	}
	return out
}

// slowEncode makes every merge of the tokenizer in order of rank, each over
// the whole pre-token.
func slowEncode(t *Encoder, text []byte) (ids []int32) {
	split(text, func(p []byte) {
		w := make([]int32, len(p))
		for i, b := range p {
			w[i] = int32(b)
		}
		for {
			best, found := merge{rank: 1 << 30}, pair{}
			for i := range len(w) - 1 {
				if m, ok := t.byPair[pair{w[i], w[i+1]}]; ok && m.rank < best.rank {
					best, found = m, pair{w[i], w[i+1]}
				}
			}
			if best.rank == 1<<30 {
				break
			}
			for i := range len(w) - 1 { // the leftmost only, then look again
				if (pair{w[i], w[i+1]}) == found {
					w = append(append(slices.Clone(w[:i]), best.id), w[i+2:]...)
					break
				}
			}
		}
		ids = append(ids, w...)
	})
	return ids
}

// fewLetters is text that repeats itself in every way: overlapping pairs, and
// pairs that spell the same token twice.
func fewLetters(n int, seed int64) []byte {
	r := rand.New(rand.NewSource(seed))
	b := make([]byte, n)
	for i := range b {
		b[i] = "aaaaabbbcd \n'"[r.Intn(13)]
	}
	return b
}

func TestTrainAndEncodeEqualTheSlowOnes(t *testing.T) {
	for seed := range int64(12) {
		texts := [][]byte{fewLetters(400, seed), noise(300, seed), []byte(sample), bytes.Repeat([]byte("a"), 200+int(seed))}
		got, want := trained(t, 420, texts...), slowTrain(texts, 420)
		if got.Text() != want.Text() {
			t.Fatalf("seed %d: trained\n%s\nwant\n%s", seed, got.Text(), want.Text())
		}
		for _, text := range append(texts, fewLetters(500, seed+100)) {
			if !slices.Equal(got.Encode(text), slowEncode(got, text)) {
				t.Fatalf("seed %d: encoding differs from the slow one", seed)
			}
		}
	}
}

func TestTwoMergesCanSpellOneToken(t *testing.T) {
	tok := newEncoder()
	ab := tok.add(pair{'a', 'b'})
	bc := tok.add(pair{'b', 'c'})
	if first, second := tok.add(pair{ab, 'c'}), tok.add(pair{'a', bc}); first != second || tok.Vocab() != 260 {
		t.Errorf("abc is %d and %d of %d tokens", first, second, tok.Vocab())
	}
	again, err := Parse(tok.Text())
	if err != nil || again.Text() != tok.Text() || again.Vocab() != tok.Vocab() {
		t.Errorf("it does not come back from its text: %v", err)
	}
}

func TestTrainingIgnoresTheOrderOfTexts(t *testing.T) {
	a, b := []byte(sample), fewLetters(1000, 5)
	if trained(t, 350, a, b).Text() != trained(t, 350, b, a).Text() {
		t.Error("the order of texts changes the tokenizer")
	}
}

func TestSmallDataGivesFewerTokens(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{{"", 257}, {"abcd", 257}, {"abab", 258}, {strings.Repeat("\x00", 1<<16), 263}} {
		if got := trained(t, 1000, []byte(c.text)).Vocab(); got != c.want {
			t.Errorf("%.10q: %d tokens, want %d", c.text, got, c.want)
		}
	}
	for _, vocab := range []int{-1, 0, 256, maxVocab + 1} {
		if _, err := Train(nil, vocab); !errors.Is(err, ErrTokenizer) {
			t.Errorf("vocab %d: %v, want ErrTokenizer", vocab, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	double := textHeader
	for n := 1; n <= maxTokenBytes; n *= 2 {
		double += strings.Repeat("a", n) + " " + strings.Repeat("a", n) + "\n"
	}
	for name, text := range map[string]string{
		"nothing": "", "another header": "#version: 0.3\n", "no end of line": textHeader + "a b",
		"one token": textHeader + "ab\n", "three tokens": textHeader + "a b c\n", "a token to come": textHeader + "ab c\n",
		"twice": textHeader + "a b\na b\n", "not the alphabet": textHeader + "a \u00ad\n", "a raw byte": textHeader +
			"a \xff\n",
		"no left": textHeader + " a\n", "the end of a text": textHeader + "a " + endOfText + "\n", "too long a token": double,
		"\\r": textHeader + "a b\r\n",
	} {
		if _, err := Parse(text); !errors.Is(err, ErrTokenizer) {
			t.Errorf("%s: %v, want ErrTokenizer", name, err)
		}
	}
}

func TestTextComesBack(t *testing.T) {
	tok := trained(t, 600, []byte(sample), noise(30000, 7))
	again, err := Parse(tok.Text())
	if err != nil {
		t.Fatal(err)
	}
	text := append(noise(5000, 8), sample...)
	if again.Text() != tok.Text() || !slices.Equal(again.Encode(text), tok.Encode(text)) {
		t.Error("a tokenizer and its copy differ")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(trained(f, 300, []byte(sample)).Text(), []byte(sample))
	f.Add(textHeader+"a a\naa aa\na b\n", []byte("aaaab"))
	f.Add(textHeader, []byte{0xff, 0xc0})
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		tok, err := Parse(text)
		if err != nil {
			return
		}
		if tok.Text() != text {
			t.Fatalf("%q comes back as %q", text, tok.Text())
		}
		if got := tok.Decode(tok.Encode(data)); !bytes.Equal(got, data) {
			t.Fatalf("%q comes back as %q", data, got)
		}
	})
}

// bible reads the data that the benchmarks use, where it is laid out.
func bible(b *testing.B) []byte {
	dir := os.Getenv("MINGA_TEXTS")
	if dir == "" {
		b.Skip("MINGA_TEXTS names no folder with king-james-bible.txt")
	}
	text, err := os.ReadFile(filepath.Join(dir, "king-james-bible.txt"))
	if err != nil {
		b.Fatal(err)
	}
	return text
}

func BenchmarkTrain(b *testing.B) {
	text := bible(b)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		trained(b, 1024, text)
	}
}

func BenchmarkEncode(b *testing.B) {
	text := bible(b)
	tok := trained(b, 1024, text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tok.Encode(text)
	}
}
