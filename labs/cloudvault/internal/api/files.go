package api

import (
	"io"
	"net/http"
	"strconv"

	"cloudvault/internal/services/storage"
)

const maxChunkBytes = 8 << 20

func (a *API) upload(w http.ResponseWriter, r *http.Request) {
	if !isMethod(w, r, http.MethodPost) {
		return
	}
	reportsProgress := r.URL.Query().Get("progress") == "true"
	a.Counters.FileUploads.Add(1)
	if reportsProgress {
		a.Counters.FileUploadsProgress.Add(1)
	}
	a.Counters.FileUploadsActive.Add(1)
	defer a.Counters.FileUploadsActive.Add(-1)

	receipt, err := a.Storage.Upload(r.Context(), storage.UploadRequest{
		SessionID:       r.URL.Query().Get("session"),
		SizeBytes:       r.ContentLength,
		ReportsProgress: reportsProgress,
		Body:            r.Body,
	})
	if err == nil {
		a.Scan(receipt)
	}
	answer(w, receipt, err)
}

func (a *API) uploadProgress(w http.ResponseWriter, r *http.Request) {
	progress, err := a.Storage.Progress(r.URL.Query().Get("session"))
	answer(w, progress, err)
}

func (a *API) initChunked(w http.ResponseWriter, r *http.Request) {
	if !isMethod(w, r, http.MethodPost) {
		return
	}
	session := r.URL.Query().Get("session")
	sizeBytes, _ := strconv.ParseInt(r.URL.Query().Get("size"), 10, 64)
	err := a.Storage.InitChunked(session, sizeBytes, a.Scan)
	if err == nil {
		a.Counters.ChunkedInitiated.Add(1)
	}
	answer(w, map[string]string{"session": session}, err)
}

func (a *API) putChunk(w http.ResponseWriter, r *http.Request) {
	if !isMethod(w, r, http.MethodPut) {
		return
	}
	chunk, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxChunkBytes))
	if err == nil {
		err = a.Storage.PutChunk(r.URL.Query().Get("session"), chunk)
	}
	answer(w, map[string]int{"sizeBytes": len(chunk)}, err)
}

func (a *API) completeChunked(w http.ResponseWriter, r *http.Request) {
	if !isMethod(w, r, http.MethodPost) {
		return
	}
	receipt, err := a.Storage.CompleteChunked(r.URL.Query().Get("session"))
	if err == nil {
		a.Counters.ChunkedCompleted.Add(1)
	}
	answer(w, receipt, err)
}
