package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"cloudvault/internal/services/sync"
)

func (a *API) push(w http.ResponseWriter, r *http.Request) {
	if !isMethod(w, r, http.MethodPost) {
		return
	}
	a.Counters.SyncOperations.Add(1)
	var body struct {
		sync.Change
		BasedOn int64 `json:"basedOn"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	change, err := a.Sync.Push(body.Change, body.BasedOn)
	answer(w, change, err)
}

func (a *API) pull(w http.ResponseWriter, r *http.Request) {
	a.Counters.SyncOperations.Add(1)
	cursor, err := strconv.ParseInt(r.URL.Query().Get("cursor"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	page, err := a.Sync.Pull(cursor)
	answer(w, page, err)
}

// watch sends one JSON line for each change until the client goes.
func (a *API) watch(w http.ResponseWriter, r *http.Request) {
	flusher, can := w.(http.Flusher)
	if !can {
		http.Error(w, "cannot stream", http.StatusInternalServerError)
		return
	}
	changes, unwatch, err := a.Sync.WatchChanges(r.Context(), r.URL.Query().Get("device"))
	if err != nil {
		answer(w, nil, err)
		return
	}
	defer unwatch()
	a.Counters.SyncOperations.Add(1)
	a.Counters.SyncWatchersStarted.Add(1)

	w.Header().Set("Content-Type", "application/x-ndjson")
	fmt.Fprintln(w, `{"watching":true}`)
	flusher.Flush()
	lines := json.NewEncoder(w)
	for {
		select {
		case change := <-changes:
			if lines.Encode(change) != nil {
				return
			}
			flusher.Flush()
		case <-r.Context().Done():
			return
		}
	}
}
