package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"
)

// Limiter counts attempts.
type Limiter interface {
	// Allow takes one attempt of key; when there is none left it returns how long to
	// wait for the next. It always answers: a limiter that fails would lock people out,
	// or let everybody in.
	Allow(ctx context.Context, key string) (wait time.Duration, ok bool)
}

// NewLimiter allows each key burst attempts at once and then one each interval, counted in
// Redis over all processes, or in this process while Redis is away or rdb is nil. Keys
// are hashed before they leave: they are e-mails and addresses. rdb needs short time-outs
// of its own and ContextTimeoutEnabled: go-redis heeds a context's deadline only then.
func NewLimiter(rdb redis.UniversalClient, burst int, interval time.Duration) Limiter {
	local := &localLimiter{burst: burst, interval: interval, keys: map[string]*rate.Limiter{}}
	if rdb == nil {
		return local
	}
	limit := redis_rate.Limit{Rate: 1, Burst: burst, Period: interval}
	return &redisLimiter{redis_rate.NewLimiter(rdb), limit, local}
}

type redisLimiter struct {
	redis    *redis_rate.Limiter
	limit    redis_rate.Limit
	fallback Limiter
}

func (l *redisLimiter) Allow(ctx context.Context, key string) (time.Duration, bool) {
	sum := sha256.Sum256([]byte(key))
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	result, err := l.redis.Allow(short, hex.EncodeToString(sum[:16]), l.limit)
	if err != nil {
		return l.fallback.Allow(ctx, key)
	}
	return max(result.RetryAfter, 0), result.Allowed > 0
}

// maxLocalKeys bounds the memory of a localLimiter to a few MB.
const maxLocalKeys = 10_000

type localLimiter struct {
	burst    int
	interval time.Duration
	mu       sync.Mutex
	keys     map[string]*rate.Limiter
}

func (l *localLimiter) Allow(_ context.Context, key string) (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.keys[key]
	if limiter == nil {
		if len(l.keys) >= maxLocalKeys && !l.forgetRested() {
			return l.interval, false // better a wait than a way to reset the counts
		}
		limiter = rate.NewLimiter(rate.Every(l.interval), l.burst)
		l.keys[key] = limiter
	}
	r := limiter.Reserve()
	wait := r.Delay()
	if wait > 0 {
		r.Cancel()
		return wait, false
	}
	return 0, true
}

// forgetRested drops the keys that have all their attempts back and tells whether there
// is room now.
func (l *localLimiter) forgetRested() bool {
	for key, limiter := range l.keys {
		if limiter.Tokens() >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
	return len(l.keys) < maxLocalKeys
}
