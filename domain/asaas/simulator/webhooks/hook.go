package webhooks

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

// Hook is one webhook configuration with its queue. The world's lock protects it, but for the
// first five fields, which never change.
type Hook struct {
	ID     string
	owner  *accounts.Books
	form   bool // of version 2: its deliveries are forms without a token
	signal chan struct{}
	Gone   chan struct{} // closed when the configuration is deleted

	settings
	Queue     []*queued
	delivered []queued // the last ones, for Resend
	Failures  int      // in a row, since the last success, resume or removed penalty
	Penalized int      // what penalizedRequestsCount shows
	Told      int      // events that came into the queue
	Lost      int      // events deleted undelivered, after 14 days
}

// settings is what the API can change of a webhook.
type settings struct {
	name, URL, email, Token string
	Enabled, Interrupted    bool
	sendType                string
	events                  []string
}

// queued is an event that waits in one queue.
type queued struct {
	event, kind string
	body        []byte
	generated   time.Time // by the simulator's clock
	attempts    int
	NotBefore   time.Time
	busy        bool
}

// enqueue stores the event if the configuration listens to it. Disabled ones lose it.
func (h *Hook) enqueue(q queued, shuffle bool, source *rand.Rand) {
	if !h.Enabled || !h.listens(q.kind) {
		return
	}
	h.Queue = append(h.Queue, &q)
	h.Told++
	if shuffle {
		i := source.IntN(len(h.Queue))
		last := len(h.Queue) - 1
		h.Queue[i], h.Queue[last] = h.Queue[last], h.Queue[i]
	}
	h.notify()
}

func (h *Hook) listens(event string) bool {
	for _, e := range h.events {
		if e == event {
			return true
		}
	}
	return false
}

// notify makes the queue look again; it never waits.
func (h *Hook) notify() {
	select {
	case h.signal <- struct{}{}:
	default:
	}
}

// Expire deletes what has been stored for longer than the gateway keeps it.
func (h *Hook) Expire(now time.Time) {
	kept := h.Queue[:0]
	for _, q := range h.Queue {
		if q.busy || now.Sub(q.generated) < storage {
			kept = append(kept, q)
		}
	}
	h.Lost += len(h.Queue) - len(kept)
	clear(h.Queue[len(kept):])
	h.Queue = kept
}

func (h *Hook) remove(q *queued) {
	for i := range h.Queue {
		if h.Queue[i] == q {
			h.Queue = append(h.Queue[:i:i], h.Queue[i+1:]...)
			return
		}
	}
}

// Forgive makes everything due at once and starts the ladder anew.
func (h *Hook) Forgive() {
	h.Failures = 0
	for _, q := range h.Queue {
		q.attempts, q.NotBefore = 0, time.Time{}
	}
	h.notify()
}

// Change applies the members that a PUT may carry, all or none; it returns why not.
func (h *Hook) Change(body *jsonobject.Object) string {
	next := h.settings
	for name, value := range body.All() {
		if refusal := next.field(name, value); refusal != "" {
			return refusal
		}
	}
	resumed := h.Interrupted && !next.Interrupted
	h.settings = next
	if resumed {
		h.Forgive()
	}
	h.notify()
	return ""
}

func (h *settings) field(name string, value any) string {
	text, _ := value.(string)
	flag, isFlag := value.(bool)
	switch name {
	case "name":
		h.name = text
	case "url":
		h.URL = text
		if u, err := url.Parse(text); err != nil || u.Host == "" {
			return "A URL informada é inválida."
		}
	case "enabled":
		h.Enabled = flag || !isFlag
	case "interrupted":
		h.Interrupted = flag
	case "sendType":
		h.sendType = text
		if text != sequentially && text != "NON_SEQUENTIALLY" {
			return "O tipo de envio informado é inválido."
		}
	case "authToken":
		h.Token = text
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

// version is the API version that the configuration was made with; no PUT changes it.
func (h *Hook) version() int {
	if h.form {
		return 2
	}
	return 3
}

// Object returns the configuration as the REST API shows it, without its token.
func (h *Hook) Object() *jsonobject.Object {
	events := []any{}
	for _, e := range h.events {
		events = append(events, e)
	}
	return jsonobject.Of("id", h.ID, "name", h.name, "url", h.URL, "email", h.email, "enabled", h.Enabled,
		"interrupted", h.Interrupted, "apiVersion", h.version(), "hasAuthToken", h.Token != "", "sendType", h.sendType,
		"penalizedRequestsCount", h.Penalized, "events", events)
}
