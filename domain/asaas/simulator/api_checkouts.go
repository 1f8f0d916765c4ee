package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"patapay/domain/asaas/jsonobject"
)

// createCheckout opens a payment page; there is no GET for it, as at the gateway.
func (c *call) createCheckout() answer {
	minutes, _ := c.body.Get("minutesToExpire").(json.Number)
	n, err := minutes.Int64()
	if minutes == "" {
		n, err = 1440, nil
	}
	methods, _ := c.body.Get("billingTypes").([]any)
	charges, _ := c.body.Get("chargeTypes").([]any)
	items, _ := c.body.Get("items").([]any)
	if err != nil || n < 10 || n > 1440 || len(methods) == 0 || len(charges) == 0 || len(items) == 0 {
		return invalid("Os dados do checkout são inválidos.")
	}
	made := c.scene().open(checkout{reference: c.body.Text("externalReference"), minutes: int(n), methods: methods,
		charges: charges, items: items, callback: c.body.Get("callback"), plan: c.body.Get("installment")})
	return good(made.answer())
}

func (c *call) cancelCheckout() answer {
	for _, x := range c.a.checkouts {
		if x.id != c.r.PathValue("id") {
			continue
		}
		if x.status != "ACTIVE" {
			return refused(http.StatusBadRequest, "invalid_action", "O checkout não está ativo.")
		}
		c.scene().end(x, "CANCELED")
		return good(x.answer())
	}
	return absent()
}

func (c *call) listAnticipations() answer {
	var items []any
	for _, n := range slices.Backward(c.a.anticipations) {
		if c.is("status", n.status) && c.is("payment", n.payment) && c.is("installment", n.installment) {
			items = append(items, n.answer())
		}
	}
	return c.page(items)
}

func (c *call) anticipation() *anticipation {
	for _, n := range c.a.anticipations {
		if n.id == c.r.PathValue("id") {
			return n
		}
	}
	return nil
}

func (c *call) getAnticipation() answer {
	if n := c.anticipation(); n != nil {
		return good(n.answer())
	}
	return absent()
}

// receivable returns the payment a request names, if it can be anticipated.
func (c *call) receivable() (*payment, bool) {
	for _, p := range c.a.payments {
		if p.id == c.body.Text("payment") {
			return p, !p.anticipated && p.status == "CONFIRMED" || p.method == "BOLETO" && p.status == "PENDING"
		}
	}
	return nil, false
}

// soon is when an anticipation asked for now would be credited.
func (c *call) soon() time.Time { return businessDay(c.s.clock.Now().Add(2 * day)) }

func (c *call) createAnticipation() answer {
	p, ok := c.receivable()
	if !ok {
		return invalid("A cobrança não pode ser antecipada.")
	}
	return good(c.scene().advance(p, c.soon()).answer())
}

func (c *call) simulateAnticipation() answer {
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

func (c *call) cancelAnticipation() answer {
	n := c.anticipation()
	if n == nil {
		return absent()
	}
	if n.status != "PENDING" && n.status != "SCHEDULED" {
		return refused(http.StatusBadRequest, "invalid_action", "A antecipação não pode ser cancelada.")
	}
	c.scene().tellAnticipation("CANCELLED", n)
	return good(n.answer())
}

// anticipationLimits are R$ 50.000,00 for each kind, less what is under way or open.
func (c *call) anticipationLimits() answer {
	left := map[bool]cents{true: 5_000_000, false: 5_000_000} // card, or not
	for _, n := range c.a.anticipations {
		if p := c.a.payment(n.payment); slices.Contains([]string{"PENDING", "SCHEDULED", "CREDITED", "OVERDUE"}, n.status) {
			left[p.method == "CREDIT_CARD"] -= n.total
		}
	}
	of := func(card bool) *jsonobject.Object {
		return jsonobject.Of("total", cents(5_000_000).literal(), "available", max(0, left[card]).literal())
	}
	return good(jsonobject.Of("creditCard", of(true), "bankSlip", of(false)))
}

func (c *call) anticipationSettings() answer {
	return good(jsonobject.Of("creditCardAutomaticEnabled", c.a.advances))
}

func (c *call) setAnticipation() answer {
	if on, ok := c.body.Get("creditCardAutomaticEnabled").(bool); ok {
		c.a.advances = on
	}
	return c.anticipationSettings()
}

// advanceBySetting anticipates a confirmed card charge nobody asked for, when the account is
// set so.
func (v *scene) advanceBySetting(p *payment) {
	if v.a.advances && p.method == "CREDIT_CARD" {
		v.advance(p, businessDay(v.now.Add(day)))
	}
}
