package transfer

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
)

// atOnce bounds the answers under way, each of which holds one piece in memory.
// Further requests wait for their turn.
const atOnce = 64

// Handler serves the blobs of s, read only:
//
//	GET, HEAD /blob/{hash}         the bytes; ranges as in RFC 9110, section 14
//	GET, HEAD /blob/{hash}/pieces  the piece list
//
// 400 for what is no hash, 404 for what is not here, 500 for what was found
// damaged. A blob that turns out damaged in the middle of an answer cuts the
// answer short; it is gone at the next request.
func Handler(s *store.Store) http.Handler {
	h := &handler{store: s, turns: make(chan struct{}, atOnce)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /blob/{hash}", h.bounded(h.bytes))
	mux.HandleFunc("GET /blob/{hash}/pieces", h.bounded(h.pieces))
	return mux
}

type handler struct {
	store *store.Store
	turns chan struct{}
}

// bounded parses the name and waits for a turn.
func (h *handler) bounded(serve func(http.ResponseWriter, *http.Request, blob.Hash)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, err := blob.ParseHash(r.PathValue("hash"))
		if err != nil {
			http.Error(w, "not a blob's name: 64 hexadecimal digits in lower case are", http.StatusBadRequest)
			return
		}
		select {
		case h.turns <- struct{}{}:
			defer func() { <-h.turns }()
			serve(w, r, name)
		case <-r.Context().Done():
		}
	}
}

func (h *handler) bytes(w http.ResponseWriter, r *http.Request, name blob.Hash) {
	content, _, err := h.store.Get(name)
	if err != nil {
		refuse(w, err)
		return
	}
	defer content.Close()
	describe(w, name.String())
	http.ServeContent(newPatientWriter(w), r, "", time.Time{}, content)
}

func (h *handler) pieces(w http.ResponseWriter, r *http.Request, name blob.Hash) {
	pieces, err := h.store.Pieces(name)
	if err != nil {
		refuse(w, err)
		return
	}
	list := pieces.Encode()
	describe(w, name.String()+"-pieces")
	w.Header().Set("Content-Length", strconv.Itoa(len(list)))
	if r.Method != http.MethodHead {
		_, _ = newPatientWriter(w).Write(list) // a client that is gone cannot be told
	}
}

// describe sets the headers of what a name stands for, which never changes.
func describe(w http.ResponseWriter, tag string) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", strconv.Quote(tag))
}

// refuse tells the client what it can do; what else is in err is not its
// business.
func refuse(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.Error(w, "this blob is not here: try another source", http.StatusNotFound)
	case errors.Is(err, store.ErrCorrupt):
		http.Error(w, "the copy here was damaged and is gone: try another source", http.StatusInternalServerError)
	default:
		http.Error(w, "the blob cannot be read here now: try another source", http.StatusInternalServerError)
	}
}

// patientWriter renews the deadline with every write: a large blob may take
// long, but not a single write.
type patientWriter struct {
	http.ResponseWriter
	deadline *http.ResponseController
}

func newPatientWriter(w http.ResponseWriter) *patientWriter {
	return &patientWriter{w, http.NewResponseController(w)}
}

func (w *patientWriter) Write(p []byte) (int, error) {
	err := w.deadline.SetWriteDeadline(time.Now().Add(answerTime))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return w.ResponseWriter.Write(p)
}
