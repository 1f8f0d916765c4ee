package simulator

import (
	"net/http"
	"slices"
	"time"

	"patapay/domain/asaas/jsonobject"
)

// anticipationCalls answer /anticipations.
type anticipationCalls struct{ *call }

func (c anticipationCalls) list() answer {
	var items []any
	for _, n := range slices.Backward(c.books.anticipations) {
		if c.is("status", n.status) && c.is("payment", n.payment) && c.is("installment", n.installment) {
			items = append(items, n.answer())
		}
	}
	return c.page(items)
}

func (c anticipationCalls) find() *anticipation {
	for _, n := range c.books.anticipations {
		if n.id == c.r.PathValue("id") {
			return n
		}
	}
	return nil
}

func (c anticipationCalls) get() answer {
	if n := c.find(); n != nil {
		return good(n.answer())
	}
	return absent()
}

// receivable returns the payment a request names, if it can be anticipated.
func (c anticipationCalls) receivable() (*payment, bool) {
	for _, p := range c.books.payments {
		if p.id == c.body.Text("payment") {
			return p, !p.anticipated && p.status == "CONFIRMED" || p.method == "BOLETO" && p.status == "PENDING"
		}
	}
	return nil, false
}

// soon is when an anticipation asked for now would be credited.
func (c anticipationCalls) soon() time.Time { return businessDay(c.world.clock.Now().Add(2 * day)) }

func (c anticipationCalls) create() answer {
	p, ok := c.receivable()
	if !ok {
		return invalid("A cobrança não pode ser antecipada.")
	}
	return good(c.scene().advance(p, c.soon()).answer())
}

func (c anticipationCalls) simulate() answer {
	p, ok := c.receivable()
	if !ok {
		return invalid("A cobrança não pode ser antecipada.")
	}
	due := p.credit
	if due.IsZero() {
		due = p.due
	}
	n := c.scene().quote(p, c.soon(), due)
	return good(jsonobject.Of("installment", nil, "payment", n.payment, "anticipationDate", date(n.credited), "dueDate", date(n.due),
		"fee", n.fee.literal(), "anticipationDays", n.days, "netValue", (n.value - n.fee).literal(),
		"totalValue", n.total.literal(), "value", n.value.literal(), "isDocumentationRequired", p.method != "CREDIT_CARD"))
}

func (c anticipationCalls) cancel() answer {
	n := c.find()
	if n == nil {
		return absent()
	}
	if n.status != "PENDING" && n.status != "SCHEDULED" {
		return refused(http.StatusBadRequest, "invalid_action", "A antecipação não pode ser cancelada.")
	}
	n.become(c.scene(), "CANCELLED")
	return good(n.answer())
}

// limits are R$ 50.000,00 for each kind, less what is under way or open.
func (c anticipationCalls) limits() answer {
	left := map[bool]cents{true: 5_000_000, false: 5_000_000} // card, or not
	for _, n := range c.books.anticipations {
		if p := c.books.payment(n.payment); slices.Contains([]string{"PENDING", "SCHEDULED", "CREDITED", "OVERDUE"}, n.status) {
			left[p.method == "CREDIT_CARD"] -= n.total
		}
	}
	of := func(card bool) *jsonobject.Object {
		return jsonobject.Of("total", cents(5_000_000).literal(), "available", max(0, left[card]).literal())
	}
	return good(jsonobject.Of("creditCard", of(true), "bankSlip", of(false)))
}

func (c anticipationCalls) settings() answer {
	return good(jsonobject.Of("creditCardAutomaticEnabled", c.books.advances))
}

func (c anticipationCalls) set() answer {
	if on, ok := c.body.Get("creditCardAutomaticEnabled").(bool); ok {
		c.books.advances = on
	}
	return c.settings()
}

// advanceBySetting anticipates a confirmed card charge nobody asked for, when the account is
// set so.
func (v *scene) advanceBySetting(p *payment) {
	if v.books.advances && p.method == "CREDIT_CARD" {
		v.advance(p, businessDay(v.now.Add(day)))
	}
}
