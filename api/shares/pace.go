package shares

import (
	"context"
	"sync"
	"time"

	"patapay/domain"
)

// Pace gives each key so much time of something at once, and after that a share of each second: whoever goes on using
// it waits before the next use. A Budget bounds how much a key has at one instant; a thousand short uses, one after
// another, fit into that, and take a processor for as long as they last.
type Pace struct {
	atOnce  time.Duration // of use, before anybody waits
	share   float64       // of each second, after that
	longest time.Duration // that one use waits

	now   func() time.Time
	after func(time.Duration) <-chan time.Time

	mu    sync.Mutex
	debts map[int64]debt
}

// debt is the use of a key that its share has not made up for at an instant.
type debt struct {
	used time.Duration
	at   time.Time
}

// mostDebts is how many keys are remembered before those who owe nothing are forgotten.
const mostDebts = 4096

// NewPace returns a pace of atOnce and, beyond it, share of each second; one use waits for longest at most.
func NewPace(atOnce time.Duration, share float64, longest time.Duration) *Pace {
	return &Pace{atOnce: atOnce, share: share, longest: longest, now: time.Now, after: time.After, debts: map[int64]debt{}}
}

// Wait returns when key may use it again. It fails with Unavailable when ctx ends first.
func (p *Pace) Wait(ctx context.Context, key int64) error {
	pause := p.pause(key)
	if pause <= 0 {
		return nil
	}
	select {
	case <-p.after(pause):
		return nil
	case <-ctx.Done():
		return &domain.Error{Code: domain.Unavailable, Detail: "no share became free in time", Err: ctx.Err()}
	}
}

// Begin notes that key begins to use it, and returns what is to be called when it ends.
func (p *Pace) Begin(key int64) (end func()) {
	began := p.now()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		now := p.now()
		if len(p.debts) >= mostDebts {
			p.forget(now)
		}
		p.debts[key] = debt{p.owed(key, now) + now.Sub(began), now}
	}
}

func (p *Pace) pause(key int64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	beyond := p.owed(key, p.now()) - p.atOnce
	return min(time.Duration(float64(beyond)/p.share), p.longest)
}

func (p *Pace) owed(key int64, now time.Time) time.Duration {
	d := p.debts[key]
	return max(d.used-time.Duration(float64(now.Sub(d.at))*p.share), 0)
}

// forget drops the keys that owe nothing.
func (p *Pace) forget(now time.Time) {
	for key := range p.debts {
		if p.owed(key, now) == 0 {
			delete(p.debts, key)
		}
	}
}
