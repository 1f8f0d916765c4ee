// Package clock is the time that everything in the simulator runs on.
package clock

import (
	"slices"
	"sync"
	"time"
)

// Clock is the simulator's time: everything that waits in it (retries, pauses, the 14 days
// of storage, credit and due dates) runs on it, network time-outs do not. Now is in UTC.
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

// SteeredClock runs at a pace of its own, from 0, at rest, up, and can be moved. All
// methods may be called at once.
type SteeredClock struct {
	mu      sync.Mutex
	base    time.Time // what it showed
	origin  time.Time // … at this instant of the wall clock
	pace    float64   // seconds of its own per second; 0: it stands
	waiting []*waiter
}

// waiter is somebody who waits for an instant; timer runs while the clock does.
type waiter struct {
	at    time.Time
	ch    chan time.Time
	timer *time.Timer
}

// NewManualClock returns a clock that stands at now until it is moved.
func NewManualClock(now time.Time) *SteeredClock { return NewScaledClock(now, 0) }

// NewScaledClock returns a clock that starts at start and runs pace times as fast as the
// wall clock: with 600, the gateway's 12 h 50 min to the pause take 77 s.
func NewScaledClock(start time.Time, pace float64) *SteeredClock {
	return &SteeredClock{base: start.UTC(), origin: time.Now(), pace: pace}
}

// Now returns what the clock shows, in UTC.
func (c *SteeredClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *SteeredClock) now() time.Time {
	return c.base.Add(time.Duration(float64(time.Since(c.origin)) * c.pace))
}

// Pace returns how many seconds pass on this clock in one of the wall clock's.
func (c *SteeredClock) Pace() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pace
}

// Run changes the pace; 0 freezes the clock where it stands. A pace below 0 is taken as 0.
func (c *SteeredClock) Run(pace float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.origin, c.pace = c.now(), time.Now(), max(0, pace)
	c.arm()
}

// Advance moves the clock by d and tells everyone whose time has come.
func (c *SteeredClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base = c.base.Add(d)
	c.arm()
}

// After sends once the clock has gone on by d.
func (c *SteeredClock) After(d time.Duration) <-chan time.Time { return c.Until(c.Now().Add(d)) }

// Until sends once the clock has come to t. Unlike After it cannot be late when the clock
// is moved between the reading of Now and the call.
func (c *SteeredClock) Until(t time.Time) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &waiter{at: t, ch: make(chan time.Time, 1)}
	c.waiting = append(c.waiting, w)
	c.arm()
	return w.ch
}

// arm tells those whose time has come and sets the timers of the others anew.
func (c *SteeredClock) arm() {
	now := c.now()
	c.waiting = slices.DeleteFunc(c.waiting, func(w *waiter) bool {
		if w.timer != nil {
			w.timer.Stop()
		}
		if w.at.After(now) {
			return false
		}
		w.ch <- now // has room for the one
		return true
	})
	if c.pace == 0 {
		return
	}
	for _, w := range c.waiting {
		w.timer = time.AfterFunc(time.Duration(float64(w.at.Sub(now))/c.pace)+1, c.fire)
	}
}

// fire is arm for a timer.
func (c *SteeredClock) fire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.arm()
}

// forget ends a wait that nobody waits for any more, so that a clock far ahead of which many
// were about to be told does not keep them all.
func (c *SteeredClock) forget(ch <-chan time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = slices.DeleteFunc(c.waiting, func(w *waiter) bool {
		if w.ch == ch && w.timer != nil {
			w.timer.Stop()
		}
		return w.ch == ch
	})
}

// Waiting returns how many wait for an instant to come.
func (c *SteeredClock) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiting)
}

// Until returns a channel that sends when clock comes to t, in the most exact way that
// clock has, and what ends the wait.
func Until(clock Clock, t time.Time) (<-chan time.Time, func()) {
	if steered, ok := clock.(*SteeredClock); ok {
		ch := steered.Until(t)
		return ch, func() { steered.forget(ch) }
	}
	return clock.After(t.Sub(clock.Now())), func() {}
}
