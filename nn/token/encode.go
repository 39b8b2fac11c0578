package token

// Encode cuts text into tokens. Within each pre-token the earliest trained
// merge that applies is made first, the leftmost of equals first, until none
// applies. It takes time in n·log n of the length, whatever the bytes are; a
// pre-token (a run of letters, say) may have up to 2 GiB.
func (t *Encoder) Encode(text []byte) []int32 {
	ids := make([]int32, 0, len(text)/3+1)
	known := make(map[string][2]int) // where in ids a pre-token was cut before
	w := word{encoder: t}
	split(text, func(piece []byte) {
		if at, ok := known[string(piece)]; ok {
			ids = append(ids, ids[at[0]:at[1]]...)
			return
		}
		start := len(ids)
		ids = w.encode(ids, piece)
		known[string(piece)] = [2]int{start, len(ids)}
	})
	return ids
}

// word is one pre-token while it is merged: a doubly linked list of tokens in
// arrays, and the merges that could be made, the best first.
type word struct {
	encoder    *Encoder
	id         []int32 // -1 once merged into the token on the left
	prev, next []int32 // -1 at the ends
	queue      heap[candidate]
}

// candidate is a merge that could be made at a place. It is stale when the
// tokens there have changed since.
type candidate struct {
	merge
	at   int32
	pair pair
}

func earlier(a, b candidate) bool {
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	return a.at < b.at
}

// encode appends the tokens of a pre-token.
func (w *word) encode(ids []int32, piece []byte) []int32 {
	w.load(piece)
	for len(w.queue) > 0 {
		if c := w.queue.pop(earlier); w.current(c) {
			w.apply(c)
		}
	}
	for _, id := range w.id {
		if id >= 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// load starts with one token for each byte.
func (w *word) load(piece []byte) {
	w.id, w.prev, w.next = w.id[:0], w.prev[:0], w.next[:0]
	for i, b := range piece {
		w.id = append(w.id, int32(b))
		w.prev = append(w.prev, int32(i)-1)
		w.next = append(w.next, int32(i)+1)
	}
	w.next[len(piece)-1] = -1
	for i := range len(piece) - 1 {
		w.offer(int32(i))
	}
}

// offer queues the merge of the token at a place with the one after it, if
// there is such a merge.
func (w *word) offer(at int32) {
	p := pair{w.id[at], w.id[w.next[at]]}
	if m, ok := w.encoder.byPair[p]; ok {
		w.queue.push(candidate{m, at, p}, earlier)
	}
}

func (w *word) current(c candidate) bool {
	after := w.next[c.at]
	return w.id[c.at] == c.pair.left && after >= 0 && w.id[after] == c.pair.right
}

func (w *word) apply(c candidate) {
	gone := w.next[c.at]
	w.id[c.at], w.id[gone] = c.id, -1
	w.next[c.at] = w.next[gone]
	if after := w.next[c.at]; after >= 0 {
		w.prev[after] = c.at
		w.offer(c.at)
	}
	if before := w.prev[c.at]; before >= 0 {
		w.offer(before)
	}
}
