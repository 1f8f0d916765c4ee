package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
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

func (c installmentCalls) list() answer {
	var items []any
	for _, plan := range slices.Backward(c.books.plans) {
		if !plan.deleted {
			items = append(items, plan.answer())
		}
	}
	return c.page(items)
}

// find runs handle on the plan that the path names, 404 for any other.
func (c installmentCalls) find(handle func(*instalments) answer) answer {
	for _, plan := range c.books.plans {
		if plan.id == c.r.PathValue("id") {
			return handle(plan)
		}
	}
	return absent()
}

func (c installmentCalls) get() answer {
	return c.find(func(plan *instalments) answer { return good(plan.answer()) })
}

func (c installmentCalls) payments() answer {
	return c.find(func(plan *instalments) answer { return c.page(objects(plan.parts)) })
}

// objects renders payments.
func objects(list []*payment) (items []any) {
	for _, p := range list {
		items = append(items, p.object())
	}
	return items
}

func (c installmentCalls) remove() answer {
	return c.find(func(plan *instalments) answer {
		plan.deleted = true
		plan.remove(c.scene())
		return good(jsonobject.Of("deleted", true, "id", plan.id))
	})
}

func (c installmentCalls) refund() answer {
	return c.find(func(plan *instalments) answer {
		plan.refund(c.scene())
		return good(plan.answer())
	})
}

// cancelPending deletes the charges of a plan that are not paid.
func (c installmentCalls) cancelPending() answer {
	return c.find(func(plan *instalments) answer {
		for _, p := range plan.parts {
			if !p.deleted && slices.Contains(unpaid, p.status) {
				c.scene().remove(p)
			}
		}
		return good(plan.answer())
	})
}
