package storage

import (
	"sync"
	"time"
)

// historyLength samples of 16 bytes are 48 KiB.
const historyLength = 3072

// sample is how much had arrived at a moment.
type sample struct {
	atNanos int64
	bytes   int64
}

// Session is one upload, from its start until its progress is of no interest any more.
type Session struct {
	id         string
	totalBytes int64

	mu            sync.Mutex
	receivedBytes int64
	complete      bool
	history       []sample
	next          int
}

// Progress is what the upload page shows.
type Progress struct {
	Session string `json:"session"`
	Percent int64  `json:"percent"`
	Bytes   int64  `json:"bytes"`
	State   string `json:"state"`
}

// follow keeps the last samples. All begin alike, so that the speed needs no special case at the start.
func (s *Session) follow(history []sample) {
	now := time.Now().UnixNano()
	for i := range history {
		history[i].atNanos = now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history = history
}

func (s *Session) add(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receivedBytes += int64(bytes)
	if len(s.history) > 0 {
		s.history[s.next%len(s.history)] = sample{atNanos: time.Now().UnixNano(), bytes: s.receivedBytes}
		s.next++
	}
}

func (s *Session) received() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.receivedBytes
}

// finish is what the upload page waits for.
func (s *Session) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.complete = true
}

func (s *Session) progress() Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	percent := int64(100)
	if s.totalBytes > 0 {
		percent = 100 * s.receivedBytes / s.totalBytes
	}
	state := "uploading"
	if s.complete {
		state = "complete"
	}
	return Progress{Session: s.id, Percent: percent, Bytes: s.receivedBytes, State: state}
}
