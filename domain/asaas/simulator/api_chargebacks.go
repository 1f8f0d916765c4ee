package simulator

import (
	"net/http"
	"slices"

	"patapay/domain/asaas/jsonobject"
)

// chargebackCalls answer /chargebacks.
type chargebackCalls struct{ *call }

// list answers newest first.
func (c chargebackCalls) list() answer {
	var items []any
	for _, d := range slices.Backward(c.books.disputes) {
		if c.is("status", d.status()) && c.is("creditCardBrand", "VISA") && c.within("originDisputeDate", d.started) && c.within("originTransactionDate", d.p.confirmed) {
			items = append(items, d.answer())
		}
	}
	return c.page(items)
}

func (c chargebackCalls) ofPayment() answer {
	return c.one(func(p *payment) answer {
		for _, d := range c.books.disputes {
			if d.p == p {
				return good(d.answer())
			}
		}
		return absent()
	})
}

// contest takes the documents of a dispute that nobody has answered yet.
func (c chargebackCalls) contest() answer {
	for _, d := range c.books.disputes {
		if d.id != c.r.PathValue("id") {
			continue
		}
		if d.status() != "REQUESTED" {
			return refused(http.StatusBadRequest, "invalid_action", "A contestação já foi respondida.")
		}
		c.scene().contest(d.p)
		return good(jsonobject.Of("chargebackId", d.id, "status", "REQUESTED", "files", []any{})) // of the answer, not of the claim
	}
	return absent()
}
