package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// createPlan divides a total, or makes installmentCount charges of value each.
func (c *call) createPlan() answer {
	if !c.hasCustomer(c.body.Text("customer")) {
		return refused(http.StatusBadRequest, "invalid_customer", "Customer inválido ou não informado.")
	}
	number, _ := c.body.Get("installmentCount").(json.Number)
	n, err := number.Int64()
	due, noDay := time.ParseInLocation(time.DateOnly, c.body.Text("dueDate"), asaas.SaoPaulo)
	if err != nil || n < 2 || n > 21 || noDay != nil || !slices.Contains(methods, c.body.Text("billingType")) {
		return invalid("Os dados do parcelamento são inválidos.")
	}
	total, ok := centsOf(c.body.Get("totalValue"))
	if each, given := centsOf(c.body.Get("value")); !ok && given {
		total, ok = each*cents(n), true
	}
	if !ok {
		return refused(http.StatusBadRequest, "invalid_value", "O valor deve ser informado.")
	}
	plan := c.scene().divide(instalments{customer: c.body.Text("customer"), method: c.body.Text("billingType"), description: c.body.Text("description"),
		reference: c.body.Text("paymentExternalReference"), total: total, first: due}, int(n), false)
	return good(plan.answer())
}

func (c *call) listPlans() answer {
	var items []any
	for _, plan := range slices.Backward(c.a.plans) {
		if !plan.deleted {
			items = append(items, plan.answer())
		}
	}
	return c.page(items)
}

// onPlan runs handle on the plan that the path names, 404 for any other.
func (c *call) onPlan(handle func(*instalments) answer) answer {
	for _, plan := range c.a.plans {
		if plan.id == c.r.PathValue("id") {
			return handle(plan)
		}
	}
	return absent()
}

func (c *call) getPlan() answer {
	return c.onPlan(func(plan *instalments) answer { return good(plan.answer()) })
}

func (c *call) planPayments() answer {
	return c.onPlan(func(plan *instalments) answer { return c.page(objects(plan.parts)) })
}

// objects renders payments.
func objects(list []*payment) (items []any) {
	for _, p := range list {
		items = append(items, p.object())
	}
	return items
}

func (c *call) deletePlan() answer {
	return c.onPlan(func(plan *instalments) answer {
		plan.deleted = true
		c.scene().removePlan(plan)
		return good(jsonobject.Of("deleted", true, "id", plan.id))
	})
}

func (c *call) refundPlan() answer {
	return c.onPlan(func(plan *instalments) answer {
		c.scene().refundPlan(plan)
		return good(plan.answer())
	})
}

// createSubscription makes the subscription and its first charge.
func (c *call) createSubscription() answer {
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

func (c *call) listSubscriptions() answer {
	var items []any
	for _, u := range slices.Backward(c.a.subscriptions) {
		if !u.deleted && c.is("customer", u.customer) && c.is("status", u.status) {
			items = append(items, u.answer())
		}
	}
	return c.page(items)
}

// onSubscription runs handle on the subscription that the path names, 404 for any other.
func (c *call) onSubscription(handle func(*subscription) answer) answer {
	for _, u := range c.a.subscriptions {
		if u.id == c.r.PathValue("id") {
			return handle(u)
		}
	}
	return absent()
}

func (c *call) getSubscription() answer {
	return c.onSubscription(func(u *subscription) answer { return good(u.answer()) })
}

func (c *call) subscriptionPayments() answer {
	return c.onSubscription(func(u *subscription) answer {
		var items []any
		for _, p := range slices.Backward(c.a.payments) {
			if p.subscription == u.id && !p.deleted {
				items = append(items, p.object())
			}
		}
		return c.page(items)
	})
}

func (c *call) deleteSubscription() answer {
	return c.onSubscription(func(u *subscription) answer {
		if !u.deleted {
			c.scene().unsubscribe(u)
		}
		return good(jsonobject.Of("deleted", true, "id", u.id))
	})
}
