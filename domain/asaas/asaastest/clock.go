package asaastest

import (
	"sync"
	"time"
)

// Clock is the simulator's time: the retry ladder, the pause and the 14 days of storage
// run on it, network time-outs do not. Now is in UTC.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// RealClock is the wall clock.
type RealClock struct{}

// Now returns the present instant in UTC.
func (RealClock) Now() time.Time { return time.Now().UTC() }

// After sends once, after d.
func (RealClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// NewScaledClock returns a clock that starts at start and runs factor times as fast as
// the wall clock: with 600, the gateway's 12 h 50 min to the pause take 77 s.
func NewScaledClock(start time.Time, factor float64) Clock {
	return scaledClock{start: start.UTC(), origin: time.Now(), factor: factor}
}

type scaledClock struct {
	start, origin time.Time
	factor        float64
}

func (c scaledClock) Now() time.Time {
	return c.start.Add(time.Duration(float64(time.Since(c.origin)) * c.factor))
}

func (c scaledClock) After(d time.Duration) <-chan time.Time {
	return time.After(time.Duration(float64(d) / c.factor))
}

// ManualClock stands still until it is advanced.
type ManualClock struct {
	mu      sync.Mutex
	now     time.Time
	waiting []waiter
}

type waiter struct {
	at time.Time
	ch chan time.Time
}

// NewManualClock returns a clock that stands at now.
func NewManualClock(now time.Time) *ManualClock { return &ManualClock{now: now.UTC()} }

// Now returns the instant at which the clock stands, in UTC.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After sends once the clock has been advanced by d.
func (c *ManualClock) After(d time.Duration) <-chan time.Time { return c.Until(c.Now().Add(d)) }

// Until sends once the clock has come to t. Unlike After it cannot be late when the clock
// is advanced between the reading of Now and the call.
func (c *ManualClock) Until(t time.Time) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := waiter{at: t, ch: make(chan time.Time, 1)}
	if !t.After(c.now) {
		w.ch <- c.now
		return w.ch
	}
	c.waiting = append(c.waiting, w)
	return w.ch
}

// until returns a channel that sends when clock comes to t, in the most exact way that
// clock has.
func until(clock Clock, t time.Time) <-chan time.Time {
	if exact, ok := clock.(interface {
		Until(time.Time) <-chan time.Time
	}); ok {
		return exact.Until(t)
	}
	return clock.After(t.Sub(clock.Now()))
}

// Advance moves the clock by d and wakes everyone whose time has come.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	still := c.waiting[:0]
	for _, w := range c.waiting {
		if w.at.After(c.now) {
			still = append(still, w)
			continue
		}
		w.ch <- c.now
	}
	c.waiting = still
}
