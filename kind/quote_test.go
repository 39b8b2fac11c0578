package kind

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/token"
)

const (
	verse = "we meet as friends of the village and of the whole river valley"
	whale = "a whale ship was my Yale College and my Harvard until the very end"
)

func quotesOf(t *testing.T, texts ...string) (*Quotes, func(prompt, made string) nn.Call) {
	tok, err := token.Train([][]byte{[]byte(strings.Repeat(verse+". "+whale+". ", 9))}, 300)
	require.NoError(t, err)
	var all [][]byte
	for _, text := range texts {
		all = append(all, []byte(text))
	}
	return NewQuotes(all, tok), func(prompt, made string) nn.Call {
		return nn.Call{Prompt: tok.Encode([]byte(prompt)), Made: tok.Encode([]byte(made))}
	}
}

func TestASessionQuotesInProportion(t *testing.T) {
	q, call := quotesOf(t, "So "+verse+"!", whale)
	whole, half := call("say it", verse), call("more", "Yes: "+verse+" and so on, and so forth, as you will")
	bytes := uint64(len("Yes: " + verse + " and so on, and so forth, as you will"))
	for _, c := range []struct {
		name  string
		calls []nn.Call
		want  []uint64
	}{
		{"nothing", nil, []uint64{0, 0}},
		{"its own words", []nn.Call{call(verse, "I had rather say something else about all that, if I may")}, []uint64{0, 0}},
		{"no answer", []nn.Call{call(verse, "")}, []uint64{0, 0}},
		{"a whole text: the prompt's tokens too", []nn.Call{whole}, []uint64{whole.Units(), 0}},
		{"a part of an answer, rounded down", []nn.Call{half}, []uint64{half.Units() * uint64(len(verse)) / bytes, 0}},
		{"calls are added up", []nn.Call{whole, call("and", whale), half, whole},
			[]uint64{2*whole.Units() + half.Units()*uint64(len(verse))/bytes, call("and", whale).Units()}},
	} {
		require.Equal(t, c.want, q.Session(c.calls), c.name)
	}
	require.Nil(t, (*Quotes)(nil).Session([]nn.Call{whole}))
}

// TestAnyCallQuotesNoMoreThanItCosts: also one of tokens that there are not.
func TestAnyCallQuotesNoMoreThanItCosts(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	q, call := quotesOf(t, verse, verse+" and "+whale, whale, "")
	made := call("", verse+", and "+whale).Made
	for range 300 {
		c := nn.Call{Prompt: make([]int32, rng.Intn(9))}
		for range rng.Intn(4) {
			from := rng.Intn(len(made))
			c.Made = append(c.Made, made[from:from+rng.Intn(len(made)-from)]...)
			c.Made = append(c.Made, int32(rng.Uint32())>>uint(rng.Intn(32)))
		}
		sum := uint64(0)
		for _, n := range q.Session([]nn.Call{c}) {
			sum += n
		}
		require.LessOrEqual(t, sum, c.Units())
	}
}
