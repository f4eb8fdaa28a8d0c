package storage

import (
	"context"
	"hash/crc32"
	"sync"
	"time"
)

// chunkedUpload is a file that arrives in pieces, each in a request of its own.
type chunkedUpload struct {
	id         string
	totalBytes int64
	done       chan Receipt
	lastUsed   time.Time
	bytes      int64
	checksum   uint32
}

// chunkedTable holds the chunked uploads that are neither completed nor expired.
type chunkedTable struct {
	mu   sync.Mutex
	byID map[string]*chunkedUpload
}

func newChunkedTable() *chunkedTable {
	return &chunkedTable{byID: make(map[string]*chunkedUpload)}
}

func (t *chunkedTable) put(upload *chunkedUpload) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byID[upload.id] = upload
}

// take removes the upload, so that completion and expiry never both have it.
func (t *chunkedTable) take(id string) (*chunkedUpload, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	upload, found := t.byID[id]
	delete(t.byID, id)
	return upload, found
}

func (t *chunkedTable) takeUnusedSince(limit time.Time) []*chunkedUpload {
	t.mu.Lock()
	defer t.mu.Unlock()
	var unused []*chunkedUpload
	for id, upload := range t.byID {
		if upload.lastUsed.Before(limit) {
			unused = append(unused, upload)
			delete(t.byID, id)
		}
	}
	return unused
}

// PutChunk adds a piece to a chunked upload.
func (s *Service) PutChunk(id string, chunk []byte) error {
	s.chunked.mu.Lock()
	defer s.chunked.mu.Unlock()
	upload, found := s.chunked.byID[id]
	if !found {
		return ErrUnknown
	}
	upload.lastUsed = time.Now()
	upload.bytes += int64(len(chunk))
	upload.checksum = crc32.Update(upload.checksum, crc32.IEEETable, chunk)
	return nil
}

// CompleteChunked ends a chunked upload and hands its receipt to the goroutine that waits for it.
func (s *Service) CompleteChunked(id string) (Receipt, error) {
	upload, found := s.chunked.take(id)
	if !found {
		return Receipt{}, ErrUnknown
	}
	receipt := Receipt{Session: id, SizeBytes: upload.bytes, Checksum: upload.checksum}
	upload.done <- receipt
	return receipt, nil
}

// OpenChunked is how many chunked uploads are neither completed nor expired.
func (s *Service) OpenChunked() int {
	s.chunked.mu.Lock()
	defer s.chunked.mu.Unlock()
	return len(s.chunked.byID)
}

// ExpireChunked drops chunked uploads that nobody has gone on with, until ctx ends.
func (s *Service) ExpireChunked(ctx context.Context, after time.Duration, onExpired func()) {
	ticker := time.NewTicker(after / 4)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			for _, upload := range s.chunked.takeUnusedSince(now.Add(-after)) {
				s.abandon(upload)
				onExpired()
			}
		case <-ctx.Done():
			return
		}
	}
}
