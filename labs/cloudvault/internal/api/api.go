// Package api is the HTTP surface of CloudVault.
package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"cloudvault/internal/metrics"
	"cloudvault/internal/middleware"
	"cloudvault/internal/services/storage"
	"cloudvault/internal/services/sync"
)

// API holds what the handlers work with.
type API struct {
	Storage  *storage.Service
	Sync     *sync.Service
	Tenants  *middleware.Tenants
	Counters *metrics.Counters
	// Scan hands a stored file to the worker pool and does not wait.
	Scan func(storage.Receipt)
}

// Handler routes the requests of clients.
func (a *API) Handler() http.Handler {
	limited := http.NewServeMux()
	limited.HandleFunc("/v1/files", a.upload)
	limited.HandleFunc("/v1/files/progress", a.uploadProgress)
	limited.HandleFunc("/v1/uploads", a.initChunked)
	limited.HandleFunc("/v1/uploads/chunk", a.putChunk)
	limited.HandleFunc("/v1/uploads/complete", a.completeChunked)
	limited.HandleFunc("/v1/sync/push", a.push)
	limited.HandleFunc("/v1/sync/pull", a.pull)
	limited.HandleFunc("/v1/sync/watch", a.watch)

	mux := http.NewServeMux()
	mux.Handle("/v1/", a.Tenants.Wrap(limited))
	mux.HandleFunc("/admin/plan", a.plan)
	return mux
}

var statusOf = map[error]int{
	storage.ErrUnknown:  http.StatusNotFound,
	storage.ErrTooLarge: http.StatusRequestEntityTooLarge,
	sync.ErrConflict:    http.StatusConflict,
	sync.ErrTooOld:      http.StatusGone,
	sync.ErrBadChange:   http.StatusBadRequest,
	sync.ErrTooMany:     http.StatusServiceUnavailable,
}

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		status := http.StatusInternalServerError
		for known, code := range statusOf {
			if errors.Is(err, known) {
				status = code
			}
		}
		http.Error(w, err.Error(), status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// isMethod refuses the request if its method is another one.
func isMethod(w http.ResponseWriter, r *http.Request, method string) bool {
	if r.Method != method {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
	return r.Method == method
}
