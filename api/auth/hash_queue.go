package auth

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// hashesAtOnce run in this process: a flood of logins waits, it does not eat the memory that intake needs.
const hashesAtOnce = 2

// strangersWait is how many tries of unknown browsers may wait for a hash; the next is refused at once.
const strangersWait = 8

// errBusy refuses a stranger's try while too many wait.
var errBusy = errors.New("too many passwords wait to be checked")

// hashQueue hands out the right to hash. People who are known, by their session or their browser, go before
// strangers: they wait for the hashes that run, two at most, however many strangers come.
type hashQueue struct {
	mu              sync.Mutex
	running         int
	known, stranger []chan struct{}
}

var hashes hashQueue

// take waits for a turn; give it back with give. It fails with ctx's error, and with errBusy for a stranger
// whose line is full.
func (q *hashQueue) take(ctx context.Context, known bool) error {
	q.mu.Lock()
	if q.running < hashesAtOnce {
		q.running++
		q.mu.Unlock()
		return nil
	}
	if !known && len(q.stranger) >= strangersWait {
		q.mu.Unlock()
		return errBusy
	}
	line, turn := &q.stranger, make(chan struct{})
	if known {
		line = &q.known
	}
	*line = append(*line, turn)
	q.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	at := slices.Index(*line, turn)
	if at >= 0 {
		*line = slices.Delete(*line, at, at+1)
	}
	q.mu.Unlock()
	if at < 0 { // the turn came at the same instant
		q.give()
	}
	return ctx.Err()
}

// give ends a turn and begins the next one.
func (q *hashQueue) give() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, line := range []*[]chan struct{}{&q.known, &q.stranger} {
		if len(*line) > 0 {
			close((*line)[0])
			*line = (*line)[1:]
			return
		}
	}
	q.running--
}
