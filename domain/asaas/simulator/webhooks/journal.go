package webhooks

import (
	"context"
	"time"
)

// Delivery is one HTTP POST of an event and its answer.
type Delivery struct {
	At      time.Time     `json:"at"` // start, by the simulator's clock, UTC
	Account string        `json:"account"`
	Webhook string        `json:"webhook"`
	Event   string        `json:"event"` // the event's id
	Type    string        `json:"type"`
	Attempt int           `json:"attempt"` // 1 is the first of this event on this webhook
	Token   bool          `json:"token"`   // whether a token was sent
	Status  int           `json:"status"`  // 0: no answer
	Failure string        `json:"failure"` // why there was no answer, in the gateway's words
	Answer  string        `json:"answer"`  // the answer's first 4 KiB
	Took    time.Duration `json:"took"`    // nanoseconds of real time
}

// Mail is a warning the gateway would send to a webhook's address: after 5, 10 and 15
// failures in a row.
type Mail struct {
	At       time.Time `json:"at"` // UTC
	To       string    `json:"to"`
	Webhook  string    `json:"webhook"`
	Failures int       `json:"failures"`
}

// journalSize is how many deliveries the journal keeps.
const journalSize = 20_000

// note adds a delivery. The caller holds the lock.
func (s *Sender) note(d Delivery) {
	if len(s.journal) >= journalSize {
		s.journal = append([]Delivery(nil), s.journal[journalSize/2:]...)
	}
	s.journal = append(s.journal, d)
}

// Journal returns the deliveries in the order in which they ended; the oldest are
// forgotten beyond 20,000.
func (s *Sender) Journal() []Delivery {
	s.world.Lock()
	defer s.world.Unlock()
	return append([]Delivery{}, s.journal...)
}

// Mails returns the warnings sent so far.
func (s *Sender) Mails() []Mail {
	s.world.Lock()
	defer s.world.Unlock()
	return append([]Mail{}, s.mails...)
}

// Backlog returns how many events wait in the account's queues, those under way included.
func (s *Sender) Backlog(accountID string) int {
	s.world.Lock()
	defer s.world.Unlock()
	waiting := 0
	if a, err := s.world.Find(accountID); err == nil {
		for _, h := range s.Hooks[a] {
			waiting += len(h.Queue)
		}
	}
	return waiting
}

// Drain waits until every queue that is neither paused nor disabled is empty. It fails
// with ctx's error, for instance while an event waits for its next attempt.
func (s *Sender) Drain(ctx context.Context) error {
	for {
		if s.drained() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (s *Sender) drained() bool {
	s.world.Lock()
	defer s.world.Unlock()
	s.world.CatchUp()
	for _, a := range s.world.Accounts {
		for _, h := range s.Hooks[a] {
			if h.Enabled && !h.Interrupted && len(h.Queue) > 0 {
				return false
			}
		}
	}
	return true
}

// Settle waits until every delivery that is due has been made, and returns when the next
// attempt is due, the zero time for none. It fails with ctx's error.
func (s *Sender) Settle(ctx context.Context) (next time.Time, err error) {
	for {
		next, settled := s.settled()
		if settled {
			return next, nil
		}
		select {
		case <-ctx.Done():
			return next, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

func (s *Sender) settled() (next time.Time, settled bool) {
	s.world.Lock()
	defer s.world.Unlock()
	s.world.CatchUp()
	now := s.world.Clock.Now()
	for _, a := range s.world.Accounts {
		for _, h := range s.Hooks[a] {
			if !h.Enabled || h.Interrupted || len(h.Queue) == 0 {
				continue
			}
			head := h.Queue[0] // of a parallel queue too: Settle is for those in order
			if head.busy || !head.NotBefore.After(now) {
				return next, false
			}
			if next.IsZero() || head.NotBefore.Before(next) {
				next = head.NotBefore
			}
		}
	}
	return next, true
}
