package api

import (
	"net/http"
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

// subscriptionCalls answer /subscriptions.
type subscriptionCalls struct{ *call }

// create makes the subscription and its first charge.
func (c subscriptionCalls) create() answer {
	if !c.hasCustomer(c.body.Text("customer")) {
		return refused(http.StatusBadRequest, "invalid_customer", "Customer inválido ou não informado.")
	}
	value, ok := accounts.CentsOf(c.body.Get("value"))
	next, err := time.ParseInLocation(time.DateOnly, c.body.Text("nextDueDate"), asaas.SaoPaulo)
	_, known := accounts.Cycles[c.body.Text("cycle")]
	if !ok || err != nil || !known || !slices.Contains(methods, c.body.Text("billingType")) {
		return invalid("Os dados da assinatura são inválidos.")
	}
	end, _ := time.ParseInLocation(time.DateOnly, c.body.Text("endDate"), asaas.SaoPaulo) // zero: no end
	u, _ := c.scene().Subscribe(accounts.Subscription{
		Customer:    c.body.Text("customer"),
		Description: c.body.Text("description"), Reference: c.body.Text("externalReference"),
		Method: c.body.Text("billingType"), Cycle: c.body.Text("cycle"), Value: value, Next: next, End: end,
	}, false)
	return good(u.Answer())
}

func (c subscriptionCalls) list() answer {
	var items []any
	for _, u := range slices.Backward(c.books.Subscriptions) {
		if !u.Deleted && c.is("customer", u.Customer) && c.is("status", u.Status) {
			items = append(items, u.Answer())
		}
	}
	return c.page(items)
}

// find runs handle on the subscription that the path names, 404 for any other.
func (c subscriptionCalls) find(handle func(*accounts.Subscription) answer) answer {
	for _, u := range c.books.Subscriptions {
		if u.ID == c.r.PathValue("id") {
			return handle(u)
		}
	}
	return absent()
}

func (c subscriptionCalls) get() answer {
	return c.find(func(u *accounts.Subscription) answer { return good(u.Answer()) })
}

func (c subscriptionCalls) payments() answer {
	return c.find(func(u *accounts.Subscription) answer {
		var items []any
		for _, p := range slices.Backward(c.books.Payments) {
			if p.Subscription == u.ID && !p.Deleted {
				items = append(items, p.Object())
			}
		}
		return c.page(items)
	})
}

func (c subscriptionCalls) remove() answer {
	return c.find(func(u *accounts.Subscription) answer {
		if !u.Deleted {
			u.Remove(c.scene())
		}
		return good(jsonobject.Of("deleted", true, "id", u.ID))
	})
}
