package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

// installmentCalls answer /installments.
type installmentCalls struct{ *call }

// create divides a total, or makes installmentCount charges of value each.
func (c installmentCalls) create() answer {
	if !c.hasCustomer(c.body.Text("customer")) {
		return refused(http.StatusBadRequest, "invalid_customer", "Customer inválido ou não informado.")
	}
	number, _ := c.body.Get("installmentCount").(json.Number)
	n, err := number.Int64()
	due, noDay := time.ParseInLocation(time.DateOnly, c.body.Text("dueDate"), asaas.SaoPaulo)
	if err != nil || n < 2 || n > 21 || noDay != nil || !slices.Contains(methods, c.body.Text("billingType")) {
		return invalid("Os dados do parcelamento são inválidos.")
	}
	total, ok := accounts.CentsOf(c.body.Get("totalValue"))
	if each, given := accounts.CentsOf(c.body.Get("value")); !ok && given {
		total, ok = each*accounts.Cents(n), true
	}
	if !ok {
		return refused(http.StatusBadRequest, "invalid_value", "O valor deve ser informado.")
	}
	plan := c.scene().Divide(accounts.Instalments{
		Customer: c.body.Text("customer"),
		Method:   c.body.Text("billingType"), Description: c.body.Text("description"),
		Reference: c.body.Text("paymentExternalReference"), Total: total, First: due,
	}, int(n), false)
	return good(plan.Answer())
}

func (c installmentCalls) list() answer {
	var items []any
	for _, plan := range slices.Backward(c.books.Plans) {
		if !plan.Deleted {
			items = append(items, plan.Answer())
		}
	}
	return c.page(items)
}

// find runs handle on the plan that the path names, 404 for any other.
func (c installmentCalls) find(handle func(*accounts.Instalments) answer) answer {
	for _, plan := range c.books.Plans {
		if plan.ID == c.r.PathValue("id") {
			return handle(plan)
		}
	}
	return absent()
}

func (c installmentCalls) get() answer {
	return c.find(func(plan *accounts.Instalments) answer { return good(plan.Answer()) })
}

func (c installmentCalls) payments() answer {
	return c.find(func(plan *accounts.Instalments) answer { return c.page(objects(plan.Parts)) })
}

// objects renders payments.
func objects(list []*accounts.Payment) (items []any) {
	for _, p := range list {
		items = append(items, p.Object())
	}
	return items
}

func (c installmentCalls) remove() answer {
	return c.find(func(plan *accounts.Instalments) answer {
		plan.Deleted = true
		plan.Remove(c.scene())
		return good(jsonobject.Of("deleted", true, "id", plan.ID))
	})
}

func (c installmentCalls) refund() answer {
	return c.find(func(plan *accounts.Instalments) answer {
		plan.Refund(c.scene())
		return good(plan.Answer())
	})
}

// cancelPending deletes the charges of a plan that are not paid.
func (c installmentCalls) cancelPending() answer {
	return c.find(func(plan *accounts.Instalments) answer {
		for _, p := range plan.Parts {
			if !p.Deleted && slices.Contains(accounts.Unpaid, p.Status) {
				c.scene().Remove(p)
			}
		}
		return good(plan.Answer())
	})
}
