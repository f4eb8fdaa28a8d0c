//go:build fixed

// Package storage receives files, in one request or in chunks.
package storage

import (
	"context"
	"errors"
	"io"
	"time"

	"cloudvault/internal/logging"
)

// maxFileBytes is the largest file that a plan allows.
const maxFileBytes = 1 << 30

var (
	// ErrUnknown is the answer to a session id that the service does not know (any more).
	ErrUnknown = errors.New("unknown upload session")
	// ErrTooLarge is the answer to a file that no plan allows.
	ErrTooLarge = errors.New("file too large")
)

// Receipt tells the client what has been stored.
type Receipt struct {
	Session   string `json:"session"`
	SizeBytes int64  `json:"sizeBytes"`
	Checksum  uint32 `json:"checksum"`
}

// UploadRequest is a file in one request.
type UploadRequest struct {
	SessionID       string
	SizeBytes       int64
	ReportsProgress bool
	Body            io.Reader
}

// Service stores files.
type Service struct {
	log           *logging.Logger
	progressEvery time.Duration
	sessions      *sessionTable
	chunked       *chunkedTable
}

// New returns a service that reports the progress of uploads at a fixed interval.
func New(log *logging.Logger, progressEvery time.Duration) *Service {
	return &Service{log: log, progressEvery: progressEvery, sessions: newSessionTable(), chunked: newChunkedTable()}
}

// Upload reads a file and stores it. If the client shows a progress bar, a goroutine reports how far the upload is.
func (s *Service) Upload(ctx context.Context, request UploadRequest) (Receipt, error) {
	if request.SizeBytes > maxFileBytes {
		return Receipt{}, ErrTooLarge
	}
	session := s.sessions.open(request.SessionID, request.SizeBytes)
	s.log.Info("Upload started session=%s", session.id)
	if !request.ReportsProgress {
		defer session.finish()
		return s.receive(session, request.Body)
	}

	session.follow(make([]sample, historyLength))

	ctx, ended := context.WithCancel(ctx)
	defer ended()
	go func() {
		ticker := time.NewTicker(s.progressEvery)
		defer ticker.Stop()
		defer session.finish()
		for {
			select {
			case <-ticker.C:
				s.reportProgress(session)
			case <-ctx.Done():
				return
			}
		}
	}()

	return s.receive(session, request.Body)
}

// reportProgress writes how far an upload is.
func (s *Service) reportProgress(session *Session) {
	s.log.Info("Upload progress: %d bytes session=%s", session.received(), session.id)
}

// Progress tells the upload page how far an upload is.
func (s *Service) Progress(id string) (Progress, error) {
	session, found := s.sessions.find(id)
	if !found {
		return Progress{}, ErrUnknown
	}
	return session.progress(), nil
}

// InitChunked begins a chunked upload. A goroutine waits for the completion and then announces the file: the
// client gets its answer before the file has been scanned.
func (s *Service) InitChunked(id string, sizeBytes int64, announce func(Receipt)) error {
	if sizeBytes > maxFileBytes {
		return ErrTooLarge
	}
	done := make(chan Receipt)
	s.chunked.put(&chunkedUpload{
		id:         id,
		totalBytes: sizeBytes,
		lastUsed:   time.Now(),
		done:       done,
	})
	go func() {
		receipt, completed := <-done
		if !completed {
			return
		}
		s.log.Info("Upload complete session=%s", receipt.Session)
		announce(receipt)
	}()
	return nil
}

// abandon is called for a chunked upload that has expired and is in no table any more.
func (s *Service) abandon(upload *chunkedUpload) {
	s.log.Warn("Upload abandoned session=%s after %d of %d bytes", upload.id, upload.bytes, upload.totalBytes)
	close(upload.done)
}
