package api

import (
	"net/http"
	"slices"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/webhooks"
)

// webhookCalls answer /webhooks.
type webhookCalls struct{ *call }

func (c webhookCalls) list() answer {
	var items []any
	for _, h := range c.hooks.Hooks[c.books] {
		items = append(items, h.Object())
	}
	return c.page(items)
}

// create shows the token only when the gateway made it up itself.
func (c webhookCalls) create() answer {
	given := c.body.Text("authToken") != ""
	h, refusal := c.hooks.CreateHook(c.books, c.body)
	if refusal != "" {
		return invalid(refusal)
	}
	o := h.Object()
	if !given {
		o.Set("authToken", h.Token)
	}
	return good(o)
}

func (c webhookCalls) find() *webhooks.Hook {
	for _, h := range c.hooks.Hooks[c.books] {
		if h.ID == c.r.PathValue("id") {
			return h
		}
	}
	return nil
}

func (c webhookCalls) get() answer {
	if h := c.find(); h != nil {
		return good(h.Object())
	}
	return absent()
}

func (c webhookCalls) update() answer {
	h := c.find()
	if h == nil {
		return absent()
	}
	if refusal := h.Change(c.body); refusal != "" {
		return invalid(refusal)
	}
	return good(h.Object())
}

func (c webhookCalls) remove() answer {
	h := c.find()
	if h == nil {
		return absent()
	}
	close(h.Gone)
	c.hooks.Hooks[c.books] = slices.DeleteFunc(c.hooks.Hooks[c.books], func(x *webhooks.Hook) bool { return x == h })
	return good(jsonobject.Of("deleted", true, "id", h.ID))
}

func (c webhookCalls) removeBackoff() answer {
	h := c.find()
	if h == nil {
		return absent()
	}
	h.Penalized = 0
	h.Forgive()
	return answer{status: http.StatusNoContent}
}
