package simulator

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// ladder is the wait before attempt n+1 of one event (docs/gateway.md, retries);
// after the last failure the queue is paused.
var ladder = []time.Duration{0, 30 * time.Second, time.Minute, 210 * time.Second, 5 * time.Minute,
	15 * time.Minute, 25 * time.Minute, time.Hour, time.Hour, time.Hour, time.Hour, time.Hour,
	2 * time.Hour, 2 * time.Hour, 3 * time.Hour}

const (
	storage  = 14 * 24 * time.Hour // an undelivered event is deleted after this
	parallel = 8                   // deliveries at once of a NON_SEQUENTIALLY queue

	deliveredSize = 1_000 // delivered events that a webhook remembers
)

// hook is one webhook configuration with its queue. Simulator.mu guards it, but for the
// first four fields, which never change.
type hook struct {
	id    string
	owner *account
	wake  chan struct{}
	gone  chan struct{} // closed when the configuration is deleted

	settings
	queue     []*queued
	delivered []queued // the last ones, for Resend
	failures  int      // in a row, since the last success, resume or removed penalty
	penalized int      // what penalizedRequestsCount shows
	told      int      // events that came into the queue
	lost      int      // events deleted undelivered, after 14 days
}

// settings is what the API can change of a webhook.
type settings struct {
	name, url, email, token string
	enabled, interrupted    bool
	sendType                string
	events                  []string
}

// queued is an event that waits in one queue.
type queued struct {
	event, kind string
	body        []byte
	generated   time.Time // by the simulator's clock
	attempts    int
	notBefore   time.Time
	busy        bool
}

// enqueue stores the event if the configuration listens to it. Disabled ones lose it.
func (h *hook) enqueue(q queued, shuffle bool, source *rand.Rand) {
	if !h.enabled || !h.listens(q.kind) {
		return
	}
	h.queue = append(h.queue, &q)
	h.told++
	if shuffle {
		i := source.IntN(len(h.queue))
		last := len(h.queue) - 1
		h.queue[i], h.queue[last] = h.queue[last], h.queue[i]
	}
	h.ring()
}

func (h *hook) listens(event string) bool {
	for _, e := range h.events {
		if e == event {
			return true
		}
	}
	return false
}

// ring makes the queue look again; it never waits.
func (h *hook) ring() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// send is the goroutine of one queue: it delivers what is due and sleeps otherwise.
func (s *Simulator) send(h *hook) {
	defer s.running.Done()
	for {
		q, due := s.next(h)
		if q != nil {
			s.running.Add(1)
			go s.attempt(h, q)
			continue
		}
		timer, end := (<-chan time.Time)(nil), func() {}
		if !due.IsZero() {
			timer, end = until(s.clock, due)
		}
		select {
		case <-s.ctx.Done():
			return
		case <-h.gone:
			return
		case <-h.wake:
		case <-timer:
		}
		end()
	}
}

// next takes the event to deliver now, or returns when to look again; the zero time
// stands for not before something happens.
func (s *Simulator) next(h *hook) (*queued, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	h.expire(now)
	var due time.Time
	if !h.enabled || h.interrupted || s.ctx.Err() != nil {
		return nil, due
	}
	busy := 0
	for _, q := range h.queue {
		waits := q.notBefore.After(now)
		switch {
		case q.busy:
			busy++
		case !waits && busy < parallel:
			q.busy = true
			return q, due
		case waits && (due.IsZero() || q.notBefore.Before(due)):
			due = q.notBefore
		}
		if h.sendType == sequentially {
			return nil, due // the head holds the others up
		}
	}
	return nil, due
}

// expire deletes what has been stored for longer than the gateway keeps it.
func (h *hook) expire(now time.Time) {
	kept := h.queue[:0]
	for _, q := range h.queue {
		if q.busy || now.Sub(q.generated) < storage {
			kept = append(kept, q)
		}
	}
	h.lost += len(h.queue) - len(kept)
	clear(h.queue[len(kept):])
	h.queue = kept
}

// attempt makes one delivery, with the extra copies that the account's switches ask for,
// and notes what came of the first.
func (s *Simulator) attempt(h *hook, q *queued) {
	defer s.running.Done()
	s.mu.Lock()
	switches, token, url, n := h.owner.switches, h.token, h.url, q.attempts+1
	s.mu.Unlock()
	switch {
	case switches.NoToken:
		token = ""
	case switches.WrongToken:
		token = "wrong-" + token
	}
	results := make([]Delivery, 1+switches.Duplicates)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			at := s.clock.Now()
			d := deliver(s.ctx, s.client, url, token, bodyOf(q.body, switches.Trickle))
			d.At, d.Account, d.Webhook, d.Event, d.Type, d.Attempt = at, h.owner.ID, h.id, q.event, q.kind, n
			results[i] = d
		})
	}
	all.Wait()
	s.settle(h, q, results)
}

// settle writes the journal and moves the queue on: only a 200 is success.
func (s *Simulator) settle(h *hook, q *queued, results []Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer h.ring()
	for _, d := range results {
		s.note(d)
	}
	q.busy = false
	if results[0].Status == http.StatusOK {
		h.failures, h.penalized = 0, 0
		h.remove(q)
		h.delivered = append(h.delivered[max(0, len(h.delivered)-deliveredSize):], *q)
		return
	}
	q.attempts++
	h.failures++
	h.penalized++
	if h.failures%5 == 0 {
		s.mails = append(s.mails, Mail{At: s.clock.Now(), To: h.email, Webhook: h.id, Failures: h.failures})
	}
	if h.failures >= len(ladder) {
		h.interrupted = true
		return
	}
	q.notBefore = s.clock.Now().Add(ladder[min(q.attempts, len(ladder)-1)])
}

func (h *hook) remove(q *queued) {
	for i := range h.queue {
		if h.queue[i] == q {
			h.queue = append(h.queue[:i:i], h.queue[i+1:]...)
			return
		}
	}
}

// forgive makes everything due at once and starts the ladder anew.
func (h *hook) forgive() {
	h.failures = 0
	for _, q := range h.queue {
		q.attempts, q.notBefore = 0, time.Time{}
	}
	h.ring()
}
