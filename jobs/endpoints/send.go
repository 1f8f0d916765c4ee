package endpoints

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
)

// bodies returns what the entries say, in their order; nil for one that is no longer kept.
func (s *Sender) bodies(ctx context.Context, h *store.Hold, entries []store.Entry) ([][]byte, error) {
	byClinic := map[domain.ClinicID][]int{}
	for i, e := range entries {
		byClinic[e.Clinic] = append(byClinic[e.Clinic], i)
	}
	all := make([][]byte, len(entries))
	for clinic, those := range byClinic {
		var seqs []int64
		var places []string
		for _, i := range those {
			seqs, places = append(seqs, entries[i].Seq), append(places, entries[i].Place())
		}
		found, err := s.Bodies.Bodies(ctx, clinic, seqs, places, h.Payload == endpoint.Whole, h.Personal)
		if err != nil {
			return nil, err
		}
		for _, i := range those {
			all[i] = found[entries[i].Seq]
		}
	}
	return all, nil
}

// send sends entries, a few at once, and returns how each went, in the order in which they ended. Once
// some have failed in a row it begins no more, and of what ctx cut off it returns nothing.
func (s *Sender) send(ctx context.Context, h *store.Hold, entries []store.Entry, bodies [][]byte) (outcomes []store.Outcome) {
	var mu sync.Mutex
	var group sync.WaitGroup
	next, row := 0, h.Failures
	take := func() int {
		mu.Lock()
		defer mu.Unlock()
		if next == len(entries) || next > 0 && row >= endpoint.BreakAfter || ctx.Err() != nil {
			return -1
		}
		next++
		return next - 1
	}
	for range min(atOnceEach, len(entries)) {
		group.Go(func() {
			for i := take(); i >= 0; i = take() {
				o := s.one(ctx, h, entries[i], bodies[i])
				mu.Lock()
				if o.Reason == "" {
					row = 0
				} else {
					row++
				}
				if o.Reason == "" || ctx.Err() == nil {
					outcomes = append(outcomes, o)
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return outcomes
}

// one sends one entry. One that is no longer kept went to nobody: its endpoint can only begin anew.
func (s *Sender) one(ctx context.Context, h *store.Hold, e store.Entry, body []byte) store.Outcome {
	o := store.Outcome{At: s.Now().UTC(), Message: e.Message(), Reason: endpoint.CursorExpired}
	if body != nil {
		o = s.Client.post(ctx, message{url: h.URL, id: e.Message(), at: s.Wall(), secrets: h.Secrets, body: body})
	}
	o.Entry, o.Type, o.At = e, endpoint.TypeOf(e.Kind), s.Now().UTC()
	return o
}

// testEntry is what a test carries: the members of an entry of the feed that need no object.
type testEntry struct {
	Type       string    `json:"type"`
	EndpointID string    `json:"endpointId"`
	OccurredAt time.Time `json:"occurredAt"`
}

// test sends one delivery that carries nothing, whatever the endpoint's state is, once.
func (s *Sender) test(ctx context.Context, h *store.Hold) error {
	now := s.Now().UTC()
	body, err := json.Marshal(testEntry{Type: endpoint.TestType, EndpointID: store.Name(h.ID), OccurredAt: now})
	if err != nil {
		return err
	}
	id := tenants.NewID(now).Public("msg")
	o := s.Client.post(ctx, message{url: h.URL, id: id, at: s.Wall(), secrets: h.Secrets, body: body})
	if ctx.Err() != nil && o.Reason != "" {
		return nil
	}
	o.Type, o.At = endpoint.TestType, now
	return s.settle(ctx, h, []store.Outcome{o})
}
