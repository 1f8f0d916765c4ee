package rest

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"patapay/api/auth"
	"patapay/api/problem"
)

// RateLimit bounds how often one principal, or one address that is nobody yet, may ask this
// process. It protects the database from one caller's loop; it is not a quota that is
// billed, so each process counts for itself.
type RateLimit struct {
	burst int
	every time.Duration
	mu    sync.Mutex
	of    map[string]*callerRate
}

// callerRate is what one caller may still ask, and when the last of their refused requests was told to come back.
type callerRate struct {
	*rate.Limiter
	told time.Time
}

// NewRateLimit allows burst requests at once and then one each interval.
func NewRateLimit(burst int, every time.Duration) *RateLimit {
	return &RateLimit{burst: burst, every: every, of: map[string]*callerRate{}}
}

// allow counts the request and sets the RateLimit headers; it fails with rate_limited.
func (l *RateLimit) allow(c *gin.Context) error {
	left, wait := l.count(callerName(c))
	full := time.Duration((float64(l.burst) - max(left, 0)) * float64(l.every))
	c.Header("RateLimit-Limit", strconv.Itoa(l.burst))
	c.Header("RateLimit-Remaining", strconv.Itoa(int(max(left, 0))))
	c.Header("RateLimit-Reset", strconv.Itoa(int(math.Ceil(full.Seconds()))))
	c.Header(
		"RateLimit-Policy",
		fmt.Sprintf("%d;w=%d", l.burst, int(math.Ceil((time.Duration(l.burst)*l.every).Seconds()))),
	)
	if wait > 0 {
		return &problem.Error{Code: "rate_limited", RetryAfter: wait}
	}
	return nil
}

func callerName(c *gin.Context) string {
	if p, err := auth.From(c.Request.Context()); err == nil {
		return p.Issuer + " " + p.Tenant + " " + p.Subject
	}
	return "address " + c.ClientIP()
}

const maxCallers = 10_000 // about 2 MB

// longestWait is the longest that a refused request is told to wait for those that were refused before it.
const longestWait = time.Minute

// count takes one request of a caller and returns how many are left, or how long to wait: each that is refused gets an
// instant of its own, so that a thousand do not all come back in the next second, to be refused again.
func (l *RateLimit) count(name string) (left float64, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.of[name]
	if of == nil {
		if len(l.of) >= maxCallers {
			l.forget()
		}
		of = &callerRate{Limiter: rate.NewLimiter(rate.Every(l.every), l.burst)}
		l.of[name] = of
	}
	now := time.Now()
	r := of.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		wait = max(wait, min(of.told.Add(l.every).Sub(now), longestWait))
		of.told = now.Add(wait)
	}
	return of.TokensAt(now), wait
}

// forget drops the callers that have all their requests back, or all of them when none has.
func (l *RateLimit) forget() {
	for name, of := range l.of {
		if of.Tokens() >= float64(l.burst) {
			delete(l.of, name)
		}
	}
	if len(l.of) >= maxCallers {
		clear(l.of)
	}
}
