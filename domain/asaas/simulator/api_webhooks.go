package simulator

import (
	"net/http"
	"slices"

	"patapay/domain/asaas/jsonobject"
)

// webhookCalls answer /webhooks.
type webhookCalls struct{ *call }

func (c webhookCalls) list() answer {
	var items []any
	for _, h := range c.hooks.hooks[c.books] {
		items = append(items, h.object())
	}
	return c.page(items)
}

// create shows the token only when the gateway made it up itself.
func (c webhookCalls) create() answer {
	given := c.body.Text("authToken") != ""
	h, refusal := c.hooks.createHook(c.books, c.body)
	if refusal != "" {
		return invalid(refusal)
	}
	o := h.object()
	if !given {
		o.Set("authToken", h.token)
	}
	return good(o)
}

func (c webhookCalls) find() *hook {
	for _, h := range c.hooks.hooks[c.books] {
		if h.id == c.r.PathValue("id") {
			return h
		}
	}
	return nil
}

func (c webhookCalls) get() answer {
	if h := c.find(); h != nil {
		return good(h.object())
	}
	return absent()
}

func (c webhookCalls) update() answer {
	h := c.find()
	if h == nil {
		return absent()
	}
	if refusal := h.change(c.body); refusal != "" {
		return invalid(refusal)
	}
	return good(h.object())
}

func (c webhookCalls) remove() answer {
	h := c.find()
	if h == nil {
		return absent()
	}
	close(h.gone)
	c.hooks.hooks[c.books] = slices.DeleteFunc(c.hooks.hooks[c.books], func(x *hook) bool { return x == h })
	return good(jsonobject.Of("deleted", true, "id", h.id))
}

func (c webhookCalls) removeBackoff() answer {
	h := c.find()
	if h == nil {
		return absent()
	}
	h.penalized = 0
	h.forgive()
	return answer{status: http.StatusNoContent}
}
