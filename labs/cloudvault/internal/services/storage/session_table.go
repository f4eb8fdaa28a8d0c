package storage

import "sync"

// retiredSessions is how many uploads that have ended can still be asked for.
const retiredSessions = 64

// sessionTable finds sessions by id. It never holds more than the running ones and a fixed number of ended ones.
type sessionTable struct {
	mu      sync.Mutex
	byID    map[string]*Session
	retired []string
}

func newSessionTable() *sessionTable {
	return &sessionTable{byID: make(map[string]*Session)}
}

func (t *sessionTable) open(id string, totalBytes int64) *Session {
	session := &Session{id: id, totalBytes: totalBytes}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byID[id] = session
	return session
}

func (t *sessionTable) find(id string) (*Session, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	session, found := t.byID[id]
	return session, found
}

func (t *sessionTable) retire(session *Session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.retired = append(t.retired, session.id)
	if len(t.retired) > retiredSessions {
		delete(t.byID, t.retired[0])
		t.retired = append(t.retired[:0], t.retired[1:]...)
	}
}
