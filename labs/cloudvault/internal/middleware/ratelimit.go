//go:build !fixed

// Package middleware limits how many requests a client of a tenant may make.
package middleware

import (
	"net/http"
	"sync"
	"time"
)

// recentRequests timestamps of 8 bytes are 88 KiB: what the limiter remembers to tell busy clients from idle ones.
const recentRequests = 11 << 10

// RateLimiter gives each client of one tenant a token bucket.
type RateLimiter struct {
	perSecond float64
	burst     float64
	idleAfter time.Duration

	mu      sync.Mutex
	buckets map[string]*bucket
	recent  []int64
	next    int
}

// Plan is what a tenant has paid for.
type Plan struct {
	RequestsPerSecond float64 `json:"requestsPerSecond"`
	Burst             float64 `json:"burst"`
}

// NewRateLimiter returns a limiter for a tenant with this plan. Call StartCleanup once.
func NewRateLimiter(plan Plan, idleAfter time.Duration) *RateLimiter {
	return &RateLimiter{
		perSecond: plan.RequestsPerSecond,
		burst:     plan.Burst,
		idleAfter: idleAfter,
		buckets:   make(map[string]*bucket),
	}
}

// Allow takes a token from the client's bucket, if there is one.
func (l *RateLimiter) Allow(client string) bool {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.recent) > 0 {
		l.recent[l.next%len(l.recent)] = now.UnixNano()
		l.next++
	}
	tokens, found := l.buckets[client]
	if !found {
		tokens = &bucket{left: l.burst, filledAt: now}
		l.buckets[client] = tokens
	}
	tokens.fill(now, l.perSecond, l.burst)
	if tokens.left < 1 {
		return false
	}
	tokens.left--
	return true
}

// Wrap refuses requests of clients that have used up their tokens.
func (l *RateLimiter) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.Allow(r.Header.Get("X-Client")) {
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// forgetIdle drops the buckets of clients that have sent nothing for a while: a full bucket is as good as none.
func (l *RateLimiter) forgetIdle(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for client, b := range l.buckets {
		if now.Sub(b.filledAt) > l.idleAfter {
			delete(l.buckets, client)
		}
	}
}

// remember keeps the times of the last requests.
func (l *RateLimiter) remember(recent []int64) {
	now := time.Now().UnixNano()
	for i := range recent {
		recent[i] = now
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recent = recent
}

// StartCleanup forgets idle clients from time to time.
func (l *RateLimiter) StartCleanup(every time.Duration) {
	l.remember(make([]int64, recentRequests))

	go func() {
		ticker := time.NewTicker(every)
		for range ticker.C {
			l.forgetIdle(time.Now())
		}
	}()
}

// Stop is called for a limiter that has been replaced by that of another plan.
func (l *RateLimiter) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buckets = make(map[string]*bucket)
}
