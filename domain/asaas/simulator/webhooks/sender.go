// Package webhooks delivers the events of a simulated world as the gateway does: queues, retries and pauses.
package webhooks

import (
	"net/http"
	"sync"
	"time"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
)

// ladder is the wait before attempt n+1 of one event (docs/gateway.md, retries);
// after the last failure the queue is paused.
var ladder = []time.Duration{
	0, 30 * time.Second, time.Minute, 210 * time.Second, 5 * time.Minute,
	15 * time.Minute, 25 * time.Minute, time.Hour, time.Hour, time.Hour, time.Hour, time.Hour,
	2 * time.Hour, 2 * time.Hour, 3 * time.Hour,
}

const (
	storage  = 14 * 24 * time.Hour // an undelivered event is deleted after this
	parallel = 8                   // deliveries at once of a NON_SEQUENTIALLY queue

	deliveredSize = 1_000 // delivered events that a webhook remembers
)

// Sender delivers what the accounts' webhooks listen to, with queues, retries and pauses.
type Sender struct {
	world   *accounts.World
	client  *http.Client
	Hooks   map[*accounts.Books][]*Hook
	journal []Delivery
	mails   []Mail
}

// NewSender returns the sender of a world's events; a receiver may take timeout.
func NewSender(world *accounts.World, timeout time.Duration) *Sender {
	s := &Sender{world: world, client: deliveryClient(timeout), Hooks: map[*accounts.Books][]*Hook{}}
	world.Listen(s.enqueue)
	return s
}

// enqueue puts an event into the queues of the account's webhooks that listen to it. The caller holds the lock.
func (s *Sender) enqueue(a *accounts.Books, e accounts.Event) {
	q := queued{event: e.ID, kind: e.Kind, body: e.Body}
	for _, h := range s.Hooks[a] {
		if q.generated = e.Told; !h.Interrupted {
			q.generated = s.world.Clock.Now() // a clock that went far at once is no reason to lose what was deliverable
		}
		if a.Switches.DelaySeconds > 0 {
			q.NotBefore = s.world.Clock.Now().Add(time.Duration(a.Switches.DelaySeconds) * time.Second)
		}
		h.enqueue(q, a.Switches.Shuffle, s.world.Rand)
	}
}

// send is the goroutine of one queue: it delivers what is due and sleeps otherwise.
func (s *Sender) send(h *Hook) {
	for {
		q, due := s.next(h)
		if q != nil {
			s.world.Run(func() { s.attempt(h, q) })
			continue
		}
		timer, end := (<-chan time.Time)(nil), func() {}
		if !due.IsZero() {
			timer, end = clock.Until(s.world.Clock, due)
		}
		select {
		case <-s.world.Context.Done():
			return
		case <-h.Gone:
			return
		case <-h.signal:
		case <-timer:
		}
		end()
	}
}

// next takes the event to deliver now, or returns when to look again; the zero time
// stands for not before something happens.
func (s *Sender) next(h *Hook) (*queued, time.Time) {
	s.world.Lock()
	defer s.world.Unlock()
	now := s.world.Clock.Now()
	h.Expire(now)
	var due time.Time
	if !h.Enabled || h.Interrupted || s.world.Context.Err() != nil {
		return nil, due
	}
	busy := 0
	for _, q := range h.Queue {
		waits := q.NotBefore.After(now)
		switch {
		case q.busy:
			busy++
		case !waits && busy < parallel:
			q.busy = true
			return q, due
		case waits && (due.IsZero() || q.NotBefore.Before(due)):
			due = q.NotBefore
		}
		if h.sendType == sequentially {
			return nil, due // the head holds the others up
		}
	}
	return nil, due
}

// attempt makes one delivery, with the extra copies that the account's switches ask for,
// and notes what came of the first.
func (s *Sender) attempt(h *Hook, q *queued) {
	s.world.Lock()
	switches, token, url, n := h.owner.Switches, h.Token, h.URL, q.attempts+1
	s.world.Unlock()
	switch {
	case switches.NoToken, h.form:
		token = ""
	case switches.WrongToken:
		token = "wrong-" + token
	}
	results := make([]Delivery, 1+switches.Duplicates)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			at := s.world.Clock.Now()
			d := post{url, token, h.form, q.body, switches.Trickle}.deliver(s.world.Context, s.client)
			d.At, d.Account, d.Webhook, d.Event, d.Type, d.Attempt = at, h.owner.ID, h.ID, q.event, q.kind, n
			results[i] = d
		})
	}
	all.Wait()
	s.settle(h, q, results)
}

// settle writes the journal and moves the queue on: only a 200 is success.
func (s *Sender) settle(h *Hook, q *queued, results []Delivery) {
	s.world.Lock()
	defer s.world.Unlock()
	defer h.notify()
	for _, d := range results {
		s.note(d)
	}
	q.busy = false
	if results[0].Status == http.StatusOK {
		h.Failures, h.Penalized = 0, 0
		h.remove(q)
		h.delivered = append(h.delivered[max(0, len(h.delivered)-deliveredSize):], *q)
		return
	}
	q.attempts++
	h.Failures++
	h.Penalized++
	if h.Failures%5 == 0 {
		s.mails = append(s.mails, Mail{At: s.world.Clock.Now(), To: h.email, Webhook: h.ID, Failures: h.Failures})
	}
	if h.Failures >= len(ladder) {
		h.Interrupted = true
		return
	}
	q.NotBefore = s.world.Clock.Now().Add(ladder[min(q.attempts, len(ladder)-1)])
}
