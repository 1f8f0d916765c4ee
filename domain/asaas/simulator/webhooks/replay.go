package webhooks

import (
	"fmt"
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/samples"
)

// Resend queues a delivered event of the account again, with its old id and body, as the
// gateway's panel can. It fails for an event that none of the webhooks remembers.
func (s *Sender) Resend(accountID, event string) error {
	s.world.Lock()
	defer s.world.Unlock()
	a, err := s.world.Find(accountID)
	if err != nil {
		return err
	}
	found := false
	for _, h := range s.Hooks[a] {
		for _, q := range h.delivered {
			if q.event == event {
				h.enqueue(queued{event: q.event, kind: q.kind, body: q.body, generated: s.world.Clock.Now()}, false,
					s.world.Rand)
				found = true
				break
			}
		}
	}
	if !found {
		return fmt.Errorf("no delivered event %q", event)
	}
	return nil
}

// Age makes everything that waits in the account's queues as
// old as if d had passed: for tests of the 14 days of storage that leave the clock to
// others. It fails for an unknown account.
func (s *Sender) Age(accountID string, d time.Duration) error {
	s.world.Lock()
	defer s.world.Unlock()
	a, err := s.world.Find(accountID)
	if err != nil {
		return err
	}
	for _, h := range s.Hooks[a] {
		for _, q := range h.Queue {
			q.generated = q.generated.Add(-d)
		}
		h.Expire(s.world.Clock.Now())
	}
	return nil
}

// Replay queues a sample of the embedded events as it was published, byte for byte, on the
// account's webhooks that listen to its event; all of them take one that names none. It
// fails for an unknown account or sample.
func (s *Sender) Replay(accountID, sample string) error {
	s.world.Lock()
	defer s.world.Unlock()
	a, err := s.world.Find(accountID)
	if err != nil {
		return err
	}
	if !slices.Contains(samples.Names(), sample) {
		return fmt.Errorf("no sample %q", sample)
	}
	body := samples.Event(sample)
	o, err := jsonobject.Parse(body)
	if err != nil {
		return err
	}
	for _, h := range s.Hooks[a] {
		if kind := o.Text("event"); kind == "" || h.listens(kind) || !slices.Contains(asaas.Events(), kind) {
			h.Queue = append(h.Queue, &queued{
				event: o.Text("id"), kind: kind, body: body,
				generated: s.world.Clock.Now(),
			})
			h.Told++
			h.notify()
		}
	}
	return nil
}
