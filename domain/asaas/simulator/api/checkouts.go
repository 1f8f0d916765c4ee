package api

import (
	"encoding/json"
	"net/http"

	"patapay/domain/asaas/simulator/accounts"
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
	made := c.scene().Open(accounts.Checkout{
		Reference: c.body.Text("externalReference"), Minutes: int(n),
		Methods: methods,
		Charges: charges, Items: items, Callback: c.body.Get("callback"), Plan: c.body.Get("installment"),
	})
	return good(made.Answer())
}

func (c checkoutCalls) cancel() answer {
	for _, x := range c.books.Checkouts {
		if x.ID != c.r.PathValue("id") {
			continue
		}
		if x.Status != "ACTIVE" {
			return refused(http.StatusBadRequest, "invalid_action", "O checkout não está ativo.")
		}
		x.End(c.scene(), "CANCELED")
		return good(x.Answer())
	}
	return absent()
}
