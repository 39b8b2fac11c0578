package verify_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

func FuzzDecodeTask(f *testing.F) {
	toy := randomToy(rand.New(rand.NewPCG(1, 2)))
	f.Add(toy.run().Task().Encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		task, err := verify.DecodeTask(data)
		if err != nil {
			return
		}
		if !slices.Equal(task.Encode(), data) {
			t.Fatal("another spelling of a task was read")
		}
		for _, target := range []verify.Target{verify.Trace, verify.Result, verify.Sound} {
			game, err := verify.Open(task, verify.Claimed{}, target)
			if err != nil {
				continue
			}
			if _, err := verify.DecodeGame(game.Encode()); err != nil {
				t.Fatalf("a game about target %d can be opened and not be read: %v", target, err)
			}
		}
	})
}

// TestEveryTaskHasGames: a task whose games nobody could read is refused, at the bounds of its numbers.
func TestEveryTaskHasGames(t *testing.T) {
	for _, words := range []int64{1, 1 << 39, 1 << 40} {
		for _, header := range []int64{4, 1 << 39, 1 << 40} {
			toy := randomToy(rand.New(rand.NewPCG(1, 2))).run()
			toy.Words, toy.Header.Size = words, header
			task, err := verify.DecodeTask(toy.Encode())
			if err != nil {
				continue
			}
			game, err := verify.Open(task, verify.Claimed{}, verify.Result)
			require.NoError(t, err)
			_, err = verify.DecodeGame(game.Encode())
			require.NoError(t, err, "a file of %d words and a header of %d bytes", words, header)
		}
	}
}

// position is a game before a move.
type position struct {
	task *verify.Task
	side verify.Side
	game []byte
	move []byte
}

// positions are those of some games.
func positions() (all []position) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 8 {
		toy := randomToy(r)
		honest := toy.execute(toy.programs, toy.inputs, nil)
		liar := flipBit(r, toy, honest)
		task := toy.run().Task()
		g, err := verify.Open(task, liar.claimed(), verify.Trace)
		a, d := player.New(task, liar.side()), player.New(task, honest.side())
		for err == nil && g.Winner == verify.Nobody {
			p := position{task: task, side: g.Turn(), game: g.Encode()}
			if p.move, err = next(g, a, d); err == nil {
				_, err = g.Play(task, p.side, p.move)
			}
			if err == nil {
				all = append(all, p)
			}
		}
	}
	return all
}

// FuzzMove plays any bytes in any game. Nothing panics, a refused move changes nothing, and each value has
// one spelling.
func FuzzMove(f *testing.F) {
	all := positions()
	for i, p := range all {
		f.Add(uint(i), p.move)
	}
	f.Fuzz(func(t *testing.T, i uint, move []byte) {
		p := all[i%uint(len(all))]
		g, err := verify.DecodeGame(p.game)
		if err != nil {
			t.Fatal(err)
		}
		if _, refusal := g.Play(p.task, p.side, move); refusal != nil && !slices.Equal(g.Encode(), p.game) {
			t.Fatal("a refused move changed the game")
		}
	})
}

// FuzzDecodeMove reads any bytes as either side's message.
func FuzzDecodeMove(f *testing.F) {
	for _, p := range positions() {
		f.Add(p.move)
	}
	f.Fuzz(func(t *testing.T, move []byte) {
		if a, err := verify.DecodeAnswer(move); err == nil && !slices.Equal(a.Encode(), move) {
			t.Fatal("another spelling of an answer was read")
		}
		if d, err := verify.DecodeDenial(move); err == nil && !slices.Equal(d.Encode(), move) {
			t.Fatal("another spelling of a denial was read")
		}
	})
}

func FuzzDecodeGame(f *testing.F) {
	for _, p := range positions() {
		f.Add(p.game)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := verify.DecodeGame(data)
		if err == nil && !slices.Equal(g.Encode(), data) {
			t.Fatal("another spelling of a game was read")
		}
	})
}

// What a decoder allocates is bounded by the bytes that it is given, not by the numbers in them.
func TestDecodersAllocateLittle(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	decoders := map[string]func([]byte){
		"task":   func(b []byte) { _, _ = verify.DecodeTask(b) },
		"answer": func(b []byte) { _, _ = verify.DecodeAnswer(b) },
		"denial": func(b []byte) { _, _ = verify.DecodeDenial(b) },
		"game":   func(b []byte) { _, _ = verify.DecodeGame(b) },
	}
	var seeds [][]byte
	for _, p := range positions() {
		seeds = append(seeds, p.move, p.game, p.task.Encode())
	}
	for name, decode := range decoders {
		var before, after runtime.MemStats
		size := uint64(0)
		runtime.ReadMemStats(&before)
		for i := range 3000 {
			b := slices.Clone(seeds[i%len(seeds)])
			for range 1 + r.IntN(3) {
				b[r.IntN(len(b))] = byte(r.Uint32())
			}
			b = append(b, make([]byte, r.IntN(verify.MaxMessage-min(len(b), verify.MaxMessage-1)))...)
			size += uint64(len(b))
			decode(b)
		}
		runtime.ReadMemStats(&after)
		// The copies made here are in it twice.
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 16*size {
			t.Errorf("%s: %d bytes allocated for %d bytes read", name, spent, size)
		} else {
			t.Logf("%s: %.1f bytes allocated for each byte read", name, float64(spent)/float64(size))
		}
	}
}
