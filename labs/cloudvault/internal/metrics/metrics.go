// Package metrics counts the operations of the service and shows them to Prometheus with those of the runtime.
package metrics

import (
	"net"
	"net/http"
	"sync/atomic"
)

// Counters of the operations since the start, as the incident's dashboard has them.
type Counters struct {
	FileUploads         atomic.Int64
	FileUploadsProgress atomic.Int64
	FileUploadsActive   atomic.Int64
	ChunkedInitiated    atomic.Int64
	ChunkedCompleted    atomic.Int64
	ChunkedAbandoned    atomic.Int64
	SyncOperations      atomic.Int64
	SyncWatchersStarted atomic.Int64
	PlanChanges         atomic.Int64
	FilesScanned        atomic.Int64
	connections         atomic.Int64
}

// Sources are read when somebody asks.
type Sources struct {
	WatchersActive func() int
	ChunkedOpen    func() int
	Tenants        func() int
}

// Handler answers /metrics.
func Handler(c *Counters, sources Sources) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		t := text{out: w}
		writeRuntime(t)
		writeProcess(t)
		count := func(name, help string, value *atomic.Int64) { t.counter(name, help, float64(value.Load())) }
		count("cloudvault_file_uploads_total", "File uploads", &c.FileUploads)
		count("cloudvault_file_uploads_with_progress_total",
			"File uploads whose client shows a progress bar", &c.FileUploadsProgress)
		count("cloudvault_chunked_uploads_initiated_total", "Chunked uploads initiated", &c.ChunkedInitiated)
		count("cloudvault_chunked_uploads_completed_total", "Chunked uploads completed", &c.ChunkedCompleted)
		count("cloudvault_chunked_uploads_abandoned_total", "Chunked uploads that expired", &c.ChunkedAbandoned)
		count("cloudvault_sync_operations_started_total", "Sync operations started, watches included", &c.SyncOperations)
		count("cloudvault_sync_watchers_started_total", "Sync watchers started", &c.SyncWatchersStarted)
		count("cloudvault_plan_changes_total", "Rate limiters replaced after a change of plan", &c.PlanChanges)
		count("cloudvault_files_scanned_total", "Files that the worker pool has scanned", &c.FilesScanned)
		t.gauge("cloudvault_file_uploads_active", "File uploads in progress", float64(c.FileUploadsActive.Load()))
		t.gauge("cloudvault_chunked_uploads_open", "Chunked uploads neither completed nor expired",
			float64(sources.ChunkedOpen()))
		t.gauge("cloudvault_sync_watchers_active", "Sync watchers active", float64(sources.WatchersActive()))
		t.gauge("cloudvault_tenants", "Tenants with a plan", float64(sources.Tenants()))
		t.gauge("cloudvault_http_connections_open", "Client connections open", float64(c.connections.Load()))
	})
}

// CountConnections is the ConnState hook of the public server.
func (c *Counters) CountConnections(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.connections.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.connections.Add(-1)
	}
}
