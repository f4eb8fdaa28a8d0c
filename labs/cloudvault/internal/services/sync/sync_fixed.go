//go:build fixed

// Package sync keeps the folders of a tenant's devices alike.
package sync

import (
	"context"
	"errors"
	"sync"
	"time"

	"cloudvault/internal/logging"
)

const (
	// logLength changes are kept; a device that is further behind has to list the whole folder.
	logLength = 4096
	// pageLength is how many changes one pull answers at most.
	pageLength = 200
	// batchLength changes of 32 bytes are 44 KiB: what a watcher collects between two looks.
	batchLength = 1408
	// queueLength is how many changes may wait for a device that reads slowly.
	queueLength = 16
	// watcherLimit is how many devices may watch at the same time.
	watcherLimit = 10_000
)

var (
	// ErrConflict is the answer to a change of a file that another device has changed since.
	ErrConflict = errors.New("the file has changed on another device")
	// ErrTooOld is the answer to a cursor that the log does not reach.
	ErrTooOld = errors.New("the cursor is older than the log")
	// ErrBadChange is the answer to a change without a file.
	ErrBadChange = errors.New("a change needs a file")
	// ErrTooMany is the answer to a device that would be one watcher too many.
	ErrTooMany = errors.New("too many watchers")
)

// Change is one version of one file.
type Change struct {
	Sequence  int64  `json:"sequence"`
	File      string `json:"file"`
	SizeBytes int64  `json:"sizeBytes"`
}

// Page is the answer to a pull.
type Page struct {
	Changes []Change `json:"changes"`
	Cursor  int64    `json:"cursor"`
	More    bool     `json:"more"`
}

// Service keeps the log of changes and tells it to watchers.
type Service struct {
	log       *logging.Logger
	pollEvery time.Duration
	batchRoom int
	mu        sync.Mutex
	changes   []Change
	versions  map[string]int64
	sequence  int64
	watchers  map[*watcher]struct{}
	active    int
}

// watcher is a device that wants to hear of changes at once.
type watcher struct {
	device string
	wake   chan struct{}
}

// New returns a service with the files that a new tenant finds in the folder.
func New(log *logging.Logger, pollEvery time.Duration) *Service {
	s := &Service{
		log:       log,
		pollEvery: pollEvery,
		batchRoom: batchLength,
		versions:  make(map[string]int64),
		watchers:  make(map[*watcher]struct{}),
	}
	for _, change := range welcomeFiles(batchLength) {
		s.append(change)
	}
	return s
}

// append gives the change its number. The caller holds the lock, or is alone.
func (s *Service) append(change Change) Change {
	s.sequence++
	change.Sequence = s.sequence
	s.versions[change.File] = change.Sequence
	s.changes = append(s.changes, change)
	if len(s.changes) > logLength {
		s.forget(s.changes[0])
		s.changes = append(s.changes[:0], s.changes[1:]...)
	}
	return change
}

// forget drops the version of a file whose last change leaves the log.
func (s *Service) forget(oldest Change) {
	if s.versions[oldest.File] == oldest.Sequence {
		delete(s.versions, oldest.File)
	}
}

// Push adds a device's change. The device says on which version of the file its change is based; 0 is a new file.
func (s *Service) Push(change Change, basedOn int64) (Change, error) {
	if change.File == "" {
		return Change{}, ErrBadChange
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if basedOn != 0 && s.versions[change.File] > basedOn {
		return Change{}, ErrConflict
	}
	change = s.append(change)
	for w := range s.watchers {
		select {
		case w.wake <- struct{}{}:
		default:
			// It has been woken already and will see this change too.
		}
	}
	return change, nil
}

// Pull answers what has happened since a cursor.
func (s *Service) Pull(cursor int64) (Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.changes) > 0 && cursor+1 < s.changes[0].Sequence {
		return Page{}, ErrTooOld
	}
	page := Page{Changes: make([]Change, 0, pageLength), Cursor: cursor}
	for _, change := range s.changes[s.indexAfter(cursor):] {
		if len(page.Changes) == pageLength {
			page.More = true
			break
		}
		page.Changes = append(page.Changes, change)
		page.Cursor = change.Sequence
	}
	return page, nil
}

// indexAfter is where in the log the changes after a cursor begin. Sequences have no gaps.
func (s *Service) indexAfter(cursor int64) int {
	if len(s.changes) == 0 || cursor < s.changes[0].Sequence {
		return 0
	}
	if cursor >= s.sequence {
		return len(s.changes)
	}
	return int(cursor - s.changes[0].Sequence + 1)
}

// Head is the cursor of a device that knows everything.
func (s *Service) Head() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sequence
}

// collect puts the changes after a cursor into a batch, at most as many as it has room for.
func (s *Service) collect(cursor int64, batch []Change) []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, change := range s.changes[s.indexAfter(cursor):] {
		if len(batch) == cap(batch) {
			break
		}
		batch = append(batch, change)
	}
	return batch
}

// ActiveWatchers is how many devices are watching.
func (s *Service) ActiveWatchers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

func (s *Service) register(device string) *watcher {
	w := &watcher{device: device, wake: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[w] = struct{}{}
	s.active++
	return w
}

func (s *Service) unregister(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.watchers, w)
	s.active--
}

// WatchChanges sends what other devices change, from now on. Call the function that it returns when the device has
// gone. The channel has room for a few changes; what there is no room for is sent at the next look.
func (s *Service) WatchChanges(ctx context.Context, device string) (<-chan Change, func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if s.ActiveWatchers() >= watcherLimit {
		return nil, nil, ErrTooMany
	}
	w := s.register(device)
	cursor := s.Head()
	out := make(chan Change, queueLength)
	ctx, stop := context.WithCancel(ctx)
	go func() {
		batch := s.collect(0, make([]Change, 0, s.batchRoom))
		ticker := time.NewTicker(s.pollEvery)
		defer ticker.Stop()
		s.log.Info("Watch started device=%s files=%d", device, len(batch))
		for {
			select {
			case <-ticker.C:
				batch, cursor = s.send(out, batch, cursor)
			case <-w.wake:
				batch, cursor = s.send(out, batch, cursor)
			case <-ctx.Done():
				return
			}
		}
	}()

	return out, func() { stop(); s.unregister(w) }, nil
}

// send passes on the changes after a cursor and returns the cursor of the last one that there was room for.
func (s *Service) send(out chan<- Change, batch []Change, cursor int64) ([]Change, int64) {
	batch = s.collect(cursor, batch[:0])
	for _, change := range batch {
		select {
		case out <- change:
			cursor = change.Sequence
		default:
			return batch, cursor
		}
	}
	return batch, cursor
}
