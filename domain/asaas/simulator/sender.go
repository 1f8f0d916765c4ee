package simulator

import (
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

// Sender delivers what the accounts' webhooks listen to, with queues, retries and pauses.
type Sender struct {
	world   *World
	client  *http.Client
	hooks   map[*books][]*hook
	journal []Delivery
	mails   []Mail
}

// NewSender returns the sender of a world's events; a receiver may take timeout.
func NewSender(world *World, timeout time.Duration) *Sender {
	s := &Sender{world: world, client: deliveryClient(timeout), hooks: map[*books][]*hook{}}
	world.listen(s.enqueue)
	return s
}

// enqueue puts an event into the queues of the account's webhooks that listen to it. The caller holds the lock.
func (s *Sender) enqueue(a *books, e event) {
	q := queued{event: e.id, kind: e.kind, body: e.body}
	for _, h := range s.hooks[a] {
		if q.generated = e.told; !h.interrupted {
			q.generated = s.world.clock.Now() // a clock that went far at once is no reason to lose what was deliverable
		}
		if a.switches.DelaySeconds > 0 {
			q.notBefore = s.world.clock.Now().Add(time.Duration(a.switches.DelaySeconds) * time.Second)
		}
		h.enqueue(q, a.switches.Shuffle, s.world.rand)
	}
}

// send is the goroutine of one queue: it delivers what is due and sleeps otherwise.
func (s *Sender) send(h *hook) {
	for {
		q, due := s.next(h)
		if q != nil {
			s.world.run(func() { s.attempt(h, q) })
			continue
		}
		timer, end := (<-chan time.Time)(nil), func() {}
		if !due.IsZero() {
			timer, end = until(s.world.clock, due)
		}
		select {
		case <-s.world.ctx.Done():
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
func (s *Sender) next(h *hook) (*queued, time.Time) {
	s.world.Lock()
	defer s.world.Unlock()
	now := s.world.clock.Now()
	h.expire(now)
	var due time.Time
	if !h.enabled || h.interrupted || s.world.ctx.Err() != nil {
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

// attempt makes one delivery, with the extra copies that the account's switches ask for,
// and notes what came of the first.
func (s *Sender) attempt(h *hook, q *queued) {
	s.world.Lock()
	switches, token, url, n := h.owner.switches, h.token, h.url, q.attempts+1
	s.world.Unlock()
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
			at := s.world.clock.Now()
			d := deliver(s.world.ctx, s.client, url, token, bodyOf(q.body, switches.Trickle))
			d.At, d.Account, d.Webhook, d.Event, d.Type, d.Attempt = at, h.owner.ID, h.id, q.event, q.kind, n
			results[i] = d
		})
	}
	all.Wait()
	s.settle(h, q, results)
}

// settle writes the journal and moves the queue on: only a 200 is success.
func (s *Sender) settle(h *hook, q *queued, results []Delivery) {
	s.world.Lock()
	defer s.world.Unlock()
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
		s.mails = append(s.mails, Mail{At: s.world.clock.Now(), To: h.email, Webhook: h.id, Failures: h.failures})
	}
	if h.failures >= len(ladder) {
		h.interrupted = true
		return
	}
	q.notBefore = s.world.clock.Now().Add(ladder[min(q.attempts, len(ladder)-1)])
}
