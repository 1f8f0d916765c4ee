package simulator

import (
	"encoding/json"
	"net/http"
)

// checkoutCalls answer /checkouts.
type checkoutCalls struct{ *call }

// create opens a payment page; there is no GET for it, as at the gateway.
func (c checkoutCalls) create() answer {
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

func (c checkoutCalls) cancel() answer {
	for _, x := range c.books.checkouts {
		if x.id != c.r.PathValue("id") {
			continue
		}
		if x.status != "ACTIVE" {
			return refused(http.StatusBadRequest, "invalid_action", "O checkout não está ativo.")
		}
		x.end(c.scene(), "CANCELED")
		return good(x.answer())
	}
	return absent()
}
