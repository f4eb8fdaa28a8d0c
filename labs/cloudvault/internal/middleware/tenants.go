package middleware

import (
	"net/http"
	"sync"
	"time"
)

// Tenants gives each tenant the limiter of its plan.
type Tenants struct {
	cleanupEvery time.Duration
	idleAfter    time.Duration

	mu       sync.RWMutex
	limiters map[string]*RateLimiter
}

// NewTenants returns a set without tenants.
func NewTenants(cleanupEvery, idleAfter time.Duration) *Tenants {
	return &Tenants{cleanupEvery: cleanupEvery, idleAfter: idleAfter, limiters: make(map[string]*RateLimiter)}
}

// SetPlan gives the tenant a new limiter in place of the one that it had.
func (t *Tenants) SetPlan(tenant string, plan Plan) {
	limiter := NewRateLimiter(plan, t.idleAfter)
	limiter.StartCleanup(t.cleanupEvery)
	t.mu.Lock()
	replaced := t.limiters[tenant]
	t.limiters[tenant] = limiter
	t.mu.Unlock()
	if replaced != nil {
		replaced.Stop()
	}
}

// Find returns the limiter of a tenant.
func (t *Tenants) Find(tenant string) (*RateLimiter, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	limiter, found := t.limiters[tenant]
	return limiter, found
}

// Count is how many tenants there are.
func (t *Tenants) Count() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.limiters)
}

// Wrap limits the requests that name a tenant in X-Tenant; others are refused.
func (t *Tenants) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limiter, found := t.Find(r.Header.Get("X-Tenant"))
		if !found {
			http.Error(w, "unknown tenant", http.StatusUnauthorized)
			return
		}
		limiter.Wrap(next).ServeHTTP(w, r)
	})
}
