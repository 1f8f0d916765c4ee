package api

import (
	"net/http"
	"slices"
	"time"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

// anticipationCalls answer /anticipations.
type anticipationCalls struct{ *call }

func (c anticipationCalls) list() answer {
	var items []any
	for _, n := range slices.Backward(c.books.Anticipations) {
		if c.is("status", n.Status) && c.is("payment", n.Payment) && c.is("installment", n.Installment) {
			items = append(items, n.Answer())
		}
	}
	return c.page(items)
}

func (c anticipationCalls) find() *accounts.Anticipation {
	for _, n := range c.books.Anticipations {
		if n.ID == c.r.PathValue("id") {
			return n
		}
	}
	return nil
}

func (c anticipationCalls) get() answer {
	if n := c.find(); n != nil {
		return good(n.Answer())
	}
	return absent()
}

// receivable returns the payment a request names, if it can be anticipated.
func (c anticipationCalls) receivable() (*accounts.Payment, bool) {
	for _, p := range c.books.Payments {
		if p.ID == c.body.Text("payment") {
			return p, !p.Anticipated && p.Status == "CONFIRMED" || p.Method == "BOLETO" && p.Status == "PENDING"
		}
	}
	return nil, false
}

// soon is when an anticipation asked for now would be credited.
func (c anticipationCalls) soon() time.Time {
	return accounts.BusinessDay(c.world.Clock.Now().Add(2 * accounts.Day))
}

func (c anticipationCalls) create() answer {
	p, ok := c.receivable()
	if !ok {
		return invalid("A cobrança não pode ser antecipada.")
	}
	return good(c.scene().Advance(p, c.soon()).Answer())
}

func (c anticipationCalls) simulate() answer {
	p, ok := c.receivable()
	if !ok {
		return invalid("A cobrança não pode ser antecipada.")
	}
	due := p.Credit
	if due.IsZero() {
		due = p.Due
	}
	n := c.scene().Quote(p, c.soon(), due)
	return good(jsonobject.Of("installment", nil, "payment", n.Payment, "anticipationDate", accounts.Date(n.Credited),
		"dueDate", accounts.Date(n.Due),
		"fee", n.Fee.Literal(), "anticipationDays", n.Days, "netValue", (n.Value - n.Fee).Literal(),
		"totalValue", n.Total.Literal(), "value", n.Value.Literal(),
		"isDocumentationRequired", p.Method != "CREDIT_CARD"))
}

func (c anticipationCalls) cancel() answer {
	n := c.find()
	if n == nil {
		return absent()
	}
	if n.Status != "PENDING" && n.Status != "SCHEDULED" {
		return refused(http.StatusBadRequest, "invalid_action", "A antecipação não pode ser cancelada.")
	}
	n.Become(c.scene(), "CANCELLED")
	return good(n.Answer())
}

// limits are R$ 50.000,00 for each kind, less what is under way or open.
func (c anticipationCalls) limits() answer {
	left := map[bool]accounts.Cents{true: 5_000_000, false: 5_000_000} // card, or not
	for _, n := range c.books.Anticipations {
		if p := c.books.Payment(n.Payment); slices.Contains([]string{"PENDING", "SCHEDULED", "CREDITED", "OVERDUE"},
			n.Status) {
			left[p.Method == "CREDIT_CARD"] -= n.Total
		}
	}
	of := func(card bool) *jsonobject.Object {
		return jsonobject.Of("total", accounts.Cents(5_000_000).Literal(), "available", max(0, left[card]).Literal())
	}
	return good(jsonobject.Of("creditCard", of(true), "bankSlip", of(false)))
}

func (c anticipationCalls) settings() answer {
	return good(jsonobject.Of("creditCardAutomaticEnabled", c.books.Advances))
}

func (c anticipationCalls) set() answer {
	if on, ok := c.body.Get("creditCardAutomaticEnabled").(bool); ok {
		c.books.Advances = on
	}
	return c.settings()
}

// advanceBySetting anticipates a confirmed card charge nobody asked for, when the account is
// set so.
func advanceBySetting(v *accounts.Scene, p *accounts.Payment) {
	if v.Books.Advances && p.Method == "CREDIT_CARD" {
		v.Advance(p, accounts.BusinessDay(v.Now.Add(accounts.Day)))
	}
}
