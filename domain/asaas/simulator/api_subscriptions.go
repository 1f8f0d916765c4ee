package simulator

import (
	"net/http"
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// subscriptionCalls answer /subscriptions.
type subscriptionCalls struct{ *call }

// create makes the subscription and its first charge.
func (c subscriptionCalls) create() answer {
	if !c.hasCustomer(c.body.Text("customer")) {
		return refused(http.StatusBadRequest, "invalid_customer", "Customer inválido ou não informado.")
	}
	value, ok := centsOf(c.body.Get("value"))
	next, err := time.ParseInLocation(time.DateOnly, c.body.Text("nextDueDate"), asaas.SaoPaulo)
	_, known := cycles[c.body.Text("cycle")]
	if !ok || err != nil || !known || !slices.Contains(methods, c.body.Text("billingType")) {
		return invalid("Os dados da assinatura são inválidos.")
	}
	end, _ := time.ParseInLocation(time.DateOnly, c.body.Text("endDate"), asaas.SaoPaulo) // zero: no end
	u, _ := c.scene().subscribe(subscription{customer: c.body.Text("customer"), description: c.body.Text("description"), reference: c.body.Text("externalReference"),
		method: c.body.Text("billingType"), cycle: c.body.Text("cycle"), value: value, next: next, end: end}, false)
	return good(u.answer())
}

func (c subscriptionCalls) list() answer {
	var items []any
	for _, u := range slices.Backward(c.books.subscriptions) {
		if !u.deleted && c.is("customer", u.customer) && c.is("status", u.status) {
			items = append(items, u.answer())
		}
	}
	return c.page(items)
}

// find runs handle on the subscription that the path names, 404 for any other.
func (c subscriptionCalls) find(handle func(*subscription) answer) answer {
	for _, u := range c.books.subscriptions {
		if u.id == c.r.PathValue("id") {
			return handle(u)
		}
	}
	return absent()
}

func (c subscriptionCalls) get() answer {
	return c.find(func(u *subscription) answer { return good(u.answer()) })
}

func (c subscriptionCalls) payments() answer {
	return c.find(func(u *subscription) answer {
		var items []any
		for _, p := range slices.Backward(c.books.payments) {
			if p.subscription == u.id && !p.deleted {
				items = append(items, p.object())
			}
		}
		return c.page(items)
	})
}

func (c subscriptionCalls) remove() answer {
	return c.find(func(u *subscription) answer {
		if !u.deleted {
			u.remove(c.scene())
		}
		return good(jsonobject.Of("deleted", true, "id", u.id))
	})
}
