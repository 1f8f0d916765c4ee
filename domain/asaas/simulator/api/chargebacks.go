package api

import (
	"net/http"
	"slices"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

// chargebackCalls answer /chargebacks.
type chargebackCalls struct{ *call }

// list answers newest first.
func (c chargebackCalls) list() answer {
	var items []any
	for _, d := range slices.Backward(c.books.Disputes) {
		if c.is("status", d.Status()) && c.is("creditCardBrand", "VISA") && c.within("originDisputeDate", d.Started) &&
			c.within("originTransactionDate", d.Payment.Confirmed) {
			items = append(items, d.Answer())
		}
	}
	return c.page(items)
}

func (c chargebackCalls) ofPayment() answer {
	return c.one(func(p *accounts.Payment) answer {
		for _, d := range c.books.Disputes {
			if d.Payment == p {
				return good(d.Answer())
			}
		}
		return absent()
	})
}

// contest takes the documents of a dispute that nobody has answered yet.
func (c chargebackCalls) contest() answer {
	for _, d := range c.books.Disputes {
		if d.ID != c.r.PathValue("id") {
			continue
		}
		if d.Status() != "REQUESTED" {
			return refused(http.StatusBadRequest, "invalid_action", "A contestação já foi respondida.")
		}
		c.scene().Contest(d.Payment)
		return good(jsonobject.Of("chargebackId", d.ID, "status", "REQUESTED",
			"files", []any{})) // of the answer, not of the claim
	}
	return absent()
}
