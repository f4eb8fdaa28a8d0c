package middleware

import "time"

// bucket is what a client may still send.
type bucket struct {
	left     float64
	filledAt time.Time
}

func (b *bucket) fill(now time.Time, perSecond, most float64) {
	b.left += now.Sub(b.filledAt).Seconds() * perSecond
	if b.left > most {
		b.left = most
	}
	b.filledAt = now
}

// RequestsLastMinute counts requests, as far as the limiter remembers them.
func (l *RateLimiter) RequestsLastMinute() int {
	limit := time.Now().Add(-time.Minute).UnixNano()
	l.mu.Lock()
	defer l.mu.Unlock()
	count := 0
	for i, atNanos := range l.recent {
		if i < l.next && atNanos >= limit {
			count++
		}
	}
	return count
}
