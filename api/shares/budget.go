// Package shares divides what a process has little of among those who ask for it: bytes in
// flight, connections, open streams. Its one rule: whoever takes all of their share waits for
// themselves, and nobody waits behind them.
package shares

import (
	"context"
	"slices"
	"sync"
	"time"

	"patapay/domain"
)

// Budget is an amount of one thing with a share for each key (a clinic, a token). Who finds none
// free waits; what becomes free goes to the keys in turn, not to whoever came first: a thousand
// requests of one key hold up another key's by one.
type Budget struct {
	total, each int64
	queue       int // requests of one key that may wait

	// Patience is how long a request waits at most; 0: until its context ends.
	Patience time.Duration

	mu    sync.Mutex
	used  int64
	lines map[int64]*line
	turns []*line // with somebody waiting, the next one first
	short bool    // the next one in turn waits for the total: nobody may pass it
}

// line is one key: what it holds, and its requests that wait, the first first.
type line struct {
	key     int64
	used    int64
	waiting []*request
}

type request struct {
	n       int64
	granted chan struct{} // closed under the budget's lock
}

// NewBudget returns a budget of total, of which one key holds each at most; queue requests of a
// key may wait, the next one is refused at once.
func NewBudget(total, each int64, queue int) *Budget {
	return &Budget{total: total, each: min(each, total), queue: queue, lines: map[int64]*line{}}
}

// ErrLineFull is the refusal of a key as many of whose requests wait already as may.
var ErrLineFull = domain.Errorf(domain.Unavailable, "no share is free")

// Take takes n for key, or waits for its turn until ctx ends. It fails with Unavailable when ctx ends first or
// Patience does, with ErrLineFull when too many of key wait already, or n is more than a share. Give n back with
// Give.
func (b *Budget) Take(ctx context.Context, key, n int64) error {
	r, err := b.enter(key, n)
	if r == nil {
		return err
	}
	if b.Patience > 0 {
		var end context.CancelFunc
		ctx, end = context.WithTimeout(ctx, b.Patience)
		defer end()
	}
	select {
	case <-r.granted:
		return nil
	case <-ctx.Done():
	}
	if b.leave(key, r) {
		return &domain.Error{Code: domain.Unavailable, Detail: "no share became free in time", Err: ctx.Err()}
	}
	return nil // it was granted just now
}

// TryTake takes n for key if it is free and nobody waits for it, and tells whether it did.
func (b *Budget) TryTake(key, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.take(key, n)
}

// take takes n for key without waiting, under the lock.
func (b *Budget) take(key, n int64) bool {
	l := b.lines[key]
	if b.short || b.used+n > b.total || n > b.each {
		return false
	}
	if l == nil {
		l = &line{key: key}
		b.lines[key] = l
	}
	if len(l.waiting) > 0 || l.used+n > b.each {
		return false
	}
	l.used, b.used = l.used+n, b.used+n
	return true
}

// enter takes n, and returns nil, or puts a request into the line of key.
func (b *Budget) enter(key, n int64) (*request, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.take(key, n) {
		return nil, nil
	}
	l := b.lines[key]
	if l != nil && len(l.waiting) >= b.queue || b.queue == 0 || n > b.each {
		return nil, ErrLineFull
	}
	if l == nil {
		l = &line{key: key}
		b.lines[key] = l
	}
	r := &request{n: n, granted: make(chan struct{})}
	if l.waiting = append(l.waiting, r); len(l.waiting) == 1 {
		b.turns = append(b.turns, l)
	}
	b.serve()
	return r, nil
}

// leave takes a request out of its line; false: it was granted meanwhile.
func (b *Budget) leave(key int64, r *request) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lines[key]
	at := -1
	if l != nil {
		at = slices.Index(l.waiting, r)
	}
	if at < 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, at, at+1)
	if len(l.waiting) == 0 {
		b.turns = slices.DeleteFunc(b.turns, func(one *line) bool { return one == l })
	}
	b.forget(l)
	b.serve() // what it waited for may do for the next
	return true
}

// Give gives back n that key took.
func (b *Budget) Give(key, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lines[key]
	l.used, b.used = l.used-n, b.used-n
	b.forget(l)
	if len(b.turns) > 0 {
		b.serve()
	}
}

// Used returns how much is taken, for a gauge.
func (b *Budget) Used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// Waiting returns how many requests wait, for a gauge.
func (b *Budget) Waiting() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.turns {
		n += len(l.waiting)
	}
	return n
}

// serve grants what is free, one request of each line in turn. A line whose own share is spent
// keeps its place and is passed; one that waits for the total is not, or small requests would
// keep a large one waiting for ever.
func (b *Budget) serve() {
	b.short = false
	for i := 0; i < len(b.turns); {
		l := b.turns[i]
		r := l.waiting[0]
		if l.used+r.n > b.each {
			i++
			continue
		}
		if b.used+r.n > b.total {
			b.short = true
			return
		}
		l.used, b.used = l.used+r.n, b.used+r.n
		l.waiting = slices.Delete(l.waiting, 0, 1)
		close(r.granted)
		b.turns = slices.Delete(b.turns, i, i+1)
		if len(l.waiting) > 0 {
			b.turns = append(b.turns, l)
		}
	}
}

// forget drops a line that holds nothing and waits for nothing.
func (b *Budget) forget(l *line) {
	if l.used == 0 && len(l.waiting) == 0 {
		delete(b.lines, l.key)
	}
}
