// Command api serves CloudVault: files, their synchronisation, and on a port of its own what operators look at.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"cloudvault/internal/api"
	"cloudvault/internal/logging"
	"cloudvault/internal/metrics"
	"cloudvault/internal/middleware"
	"cloudvault/internal/services/storage"
	"cloudvault/internal/services/sync"
)

func main() {
	host := flag.String("host", "127.0.0.1", "where to listen")
	port := flag.String("port", "0", "for clients; 0 is a free one")
	debugPort := flag.String("debug-port", "0", "for /debug/pprof, /metrics and /healthz; 0 is a free one")
	silent := flag.Bool("silent", false, "no log")
	progressEvery := flag.Duration("progress-every", 5*time.Second, "between two progress lines of an upload")
	pollEvery := flag.Duration("poll-every", 5*time.Second, "between two looks of a watcher")
	cleanupEvery := flag.Duration("cleanup-every", 10*time.Second, "between two cleanups of a rate limiter")
	chunkedExpiry := flag.Duration("chunked-expiry", 3*time.Second, "after which a chunked upload is abandoned")
	flag.Parse()

	log := logging.New(os.Stderr)
	if *silent {
		log = nil
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	counters := &metrics.Counters{}
	service := &api.API{
		Storage:  storage.New(log, *progressEvery),
		Sync:     sync.New(log, *pollEvery),
		Tenants:  middleware.NewTenants(*cleanupEvery, time.Minute),
		Counters: counters,
		Scan:     pool(func() { counters.FilesScanned.Add(1) }),
	}
	go service.Storage.ExpireChunked(ctx, *chunkedExpiry, func() { counters.ChunkedAbandoned.Add(1) })

	public := &http.Server{Handler: service.Handler(), ConnState: counters.CountConnections}
	operators := &http.Server{Handler: operatorHandler(metrics.Handler(counters, metrics.Sources{
		WatchersActive: service.Sync.ActiveWatchers,
		ChunkedOpen:    service.Storage.OpenChunked,
		Tenants:        service.Tenants.Count,
	}))}
	publicPort := serve(public, net.JoinHostPort(*host, *port))
	operatorPort := serve(operators, net.JoinHostPort(*host, *debugPort))
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"listening": map[string]int{"port": publicPort, "debugPort": operatorPort},
		"pid":       os.Getpid(),
	})

	<-ctx.Done()
	_ = public.Close()
	_ = operators.Close()
}

// serve listens and returns the port; the requests are handled in the background.
func serve(server *http.Server, address string) int {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().(*net.TCPAddr).Port
}
