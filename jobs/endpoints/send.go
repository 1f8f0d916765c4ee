package endpoints

import (
	"context"
	"encoding/json"
	"net/url"
	"sync"
	"time"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
)

// sending is a batch under way.
type sending struct {
	*Sender
	h     *store.Hold
	to    *url.URL  // nil: an address that the rule refuses
	until time.Time // on the rows' clock: nothing is begun from then on, so that the lease outlives what is under way

	mu       sync.Mutex
	objects  [][]store.Entry // of each object its entries, in order: each waits for the one before
	begun    int             // deliveries
	row      int             // that failed, at the end
	outcomes []store.Outcome
	failed   error // why an entry could not be told
}

// send sends the entries of a batch, those of some objects at once, and returns how each went, in the order in which
// they ended. Once some have failed in a row it begins no more, and of what ctx cut off it returns nothing.
func (s *Sender) send(ctx context.Context, h *store.Hold, b store.Batch) ([]store.Outcome, error) {
	w := &sending{Sender: s, h: h, until: s.Now().Add(batchTime), row: h.Failures, objects: byObject(b.Entries)}
	w.to, _ = s.Client.Rule.Check(h.URL) // else each delivery is told why
	var group sync.WaitGroup
	for range min(atOnceEach, len(w.objects)) {
		group.Go(func() {
			for list := w.object(); list != nil; list = w.object() {
				w.inOrder(ctx, list)
			}
		})
	}
	group.Wait()
	return w.outcomes, w.failed
}

// byObject returns the entries of each object, objects in the order of their first entries.
func byObject(entries []store.Entry) (lists [][]store.Entry) {
	type object struct {
		clinic domain.ClinicID
		id     domain.UUID
	}
	at := map[object]int{}
	for _, e := range entries {
		key := object{e.Clinic, e.ID}
		i, known := at[key]
		if !known {
			i = len(lists)
			at[key], lists = i, append(lists, nil)
		}
		lists[i] = append(lists[i], e)
	}
	return lists
}

// object returns the entries of the next object; nil when there is none.
func (w *sending) object() (list []store.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.objects) > 0 {
		list, w.objects = w.objects[0], w.objects[1:]
	}
	return list
}

// inOrder sends one object's entries until one does not arrive.
func (w *sending) inOrder(ctx context.Context, list []store.Entry) {
	for _, e := range list {
		if !w.begin(ctx) {
			return
		}
		o, err := w.one(ctx, e)
		if !w.end(ctx, o, err) {
			return
		}
	}
}

// begin tells whether one more delivery may begin.
func (w *sending) begin(ctx context.Context) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	over := w.begun > 0 && (w.row >= endpoint.BreakAfter || !w.Now().Before(w.until))
	if over || w.failed != nil || ctx.Err() != nil {
		return false
	}
	w.begun++
	return true
}

// end notes how a delivery went, and tells whether it arrived.
func (w *sending) end(ctx context.Context, o store.Outcome, err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil:
		w.failed = err
		return false
	case o.Reason == "":
		w.row = 0
	default:
		w.row++
	}
	if o.Reason == "" || ctx.Err() == nil {
		w.outcomes = append(w.outcomes, o)
	}
	return o.Reason == ""
}

// one sends one entry. One that is no longer kept went to nobody: its endpoint can only begin anew. It fails when what
// the entry says cannot be read.
func (w *sending) one(ctx context.Context, e store.Entry) (o store.Outcome, err error) {
	o = store.Outcome{Message: e.Message(), Reason: endpoint.CursorExpired}
	if !e.Dropped {
		body, err := w.Bodies.Body(ctx, e.Entry, w.h.Payload == endpoint.Whole, w.h.Personal)
		if err != nil {
			return o, err
		}
		o = w.Client.post(ctx, message{
			url: w.h.URL, checked: w.to, id: o.Message, at: w.Wall(), secrets: w.h.Secrets, body: body,
		})
	}
	o.Entry, o.Type, o.At = e, endpoint.TypeOf(e.Kind), w.Now().UTC()
	return o, nil
}

// testEntry is what a test carries: the members of an entry of the feed that need no object.
type testEntry struct {
	Type       string    `json:"type"`
	EndpointID string    `json:"endpointId"`
	OccurredAt time.Time `json:"occurredAt"`
}

// test sends one delivery that carries nothing, whatever the endpoint's state is, once, and returns how it went;
// nothing when ctx cut it off.
func (s *Sender) test(ctx context.Context, h *store.Hold) ([]store.Outcome, error) {
	now := s.Now().UTC()
	body, err := json.Marshal(testEntry{Type: endpoint.TestType, EndpointID: store.Name(h.ID), OccurredAt: now})
	if err != nil {
		return nil, err
	}
	id := tenants.NewID(now).Public("msg")
	o := s.Client.post(ctx, message{url: h.URL, id: id, at: s.Wall(), secrets: h.Secrets, body: body})
	if ctx.Err() != nil && o.Reason != "" {
		return nil, nil
	}
	o.Type, o.At = endpoint.TestType, now
	return []store.Outcome{o}, nil
}
