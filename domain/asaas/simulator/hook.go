package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// hook is one webhook configuration with its queue. The world's lock guards it, but for the
// first four fields, which never change.
type hook struct {
	id    string
	owner *books
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

// change applies the members that a PUT may carry, all or none; it returns why not.
func (h *hook) change(body *jsonobject.Object) string {
	next := h.settings
	for name, value := range body.All() {
		if refusal := next.field(name, value); refusal != "" {
			return refusal
		}
	}
	resumed := h.interrupted && !next.interrupted
	h.settings = next
	if resumed {
		h.forgive()
	}
	h.ring()
	return ""
}

func (h *settings) field(name string, value any) string {
	text, _ := value.(string)
	flag, isFlag := value.(bool)
	switch name {
	case "name":
		h.name = text
	case "url":
		h.url = text
		if u, err := url.Parse(text); err != nil || u.Host == "" {
			return "A URL informada é inválida."
		}
	case "enabled":
		h.enabled = flag || !isFlag
	case "interrupted":
		h.interrupted = flag
	case "sendType":
		h.sendType = text
		if text != sequentially && text != "NON_SEQUENTIALLY" {
			return "O tipo de envio informado é inválido."
		}
	case "authToken":
		h.token = text
		return weakness(text)
	case "events":
		return h.choose(value)
	}
	return ""
}

// choose replaces the event list; a name that does not exist is refused.
func (h *settings) choose(value any) string {
	list, _ := value.([]any)
	h.events = nil
	for _, item := range list {
		name, _ := item.(string)
		if !slices.Contains(asaas.Events(), name) {
			return fmt.Sprintf("O evento %v não existe.", item)
		}
		h.events = append(h.events, name)
	}
	slices.Sort(h.events)
	return ""
}

func (h *hook) object() *jsonobject.Object {
	events := []any{}
	for _, e := range h.events {
		events = append(events, e)
	}
	return jsonobject.Of("id", h.id, "name", h.name, "url", h.url, "email", h.email, "enabled", h.enabled,
		"interrupted", h.interrupted, "apiVersion", 3, "hasAuthToken", h.token != "", "sendType", h.sendType,
		"penalizedRequestsCount", h.penalized, "events", events)
}
