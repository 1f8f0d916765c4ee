package api

import (
	"encoding/json"
	"net/http"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

// simulate tells what of a value would be left, by method.
func (c paymentCalls) simulate() answer {
	value, ok := accounts.CentsOf(c.body.Get("value"))
	methods, _ := c.body.Get("billingTypes").([]any)
	if !ok || len(methods) == 0 {
		return invalid("Informe o valor e as formas de pagamento.")
	}
	n := max(1, int(c.bodyNumber("installmentCount")))
	out := jsonobject.Of("value", value.Literal(), "creditCard", nil, "bankSlip", nil, "pix", nil)
	for _, m := range methods {
		method, _ := m.(string)
		part := value / accounts.Cents(n)
		net := value - accounts.Fee(method, part, n)*accounts.Cents(n)
		plan := jsonobject.Of("paymentNetValue", (part - accounts.Fee(method, part, n)).Literal(),
			"paymentValue", part.Literal())
		switch method {
		case "CREDIT_CARD":
			out.Set("creditCard", jsonobject.Of("netValue", net.Literal(), "feePercentage", json.Number("2.99"),
				"operationFee", json.Number("0.49"), "installment", plan))
		case "BOLETO":
			out.Set("bankSlip", jsonobject.Of("netValue", net.Literal(), "feeValue", json.Number("1.99"),
				"installment", plan))
		case "PIX":
			out.Set("pix", jsonobject.Of("netValue", net.Literal(), "feePercentage", nil,
				"feeValue", json.Number("1.99"), "installment", plan))
		}
	}
	return good(out)
}

// paymentDetailCalls answer what is below one payment.
type paymentDetailCalls struct{ *call }

// instantText returns t as a date with a time, null for never.
func instantText(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return accounts.Stamp(t)
}

func (c paymentDetailCalls) pixQrCode() answer {
	return c.one(func(p *accounts.Payment) answer {
		if p.Method != "PIX" && p.Method != "UNDEFINED" {
			return refused(http.StatusBadRequest, "invalid_action", "A cobrança não é paga por Pix.")
		}
		return good(p.QRCode())
	})
}

func (c paymentDetailCalls) identificationField() answer {
	return c.one(func(p *accounts.Payment) answer {
		if p.Method != "BOLETO" && p.Method != "UNDEFINED" {
			return refused(http.StatusBadRequest, "invalid_action", "A cobrança não é paga por boleto.")
		}
		return good(p.Slip())
	})
}

func (c paymentDetailCalls) viewingInfo() answer {
	return c.one(func(p *accounts.Payment) answer {
		return good(
			jsonobject.Of("invoiceViewedDate", instantText(p.PageViewed), "boletoViewedDate", instantText(p.SlipViewed)),
		)
	})
}

func (c paymentDetailCalls) billingInfo() answer {
	return c.one(func(p *accounts.Payment) answer {
		o := jsonobject.Of("pix", nil, "creditCard", nil, "bankSlip", nil)
		switch p.Method {
		case "PIX":
			o.Set("pix", p.QRCode())
		case "BOLETO":
			slip := p.Slip()
			slip.Set("bankSlipUrl", p.Host()+"/b/pdf/"+p.ID[len("pay_"):])
			o.Set("bankSlip", slip)
		case "CREDIT_CARD", "DEBIT_CARD":
			o.Set("creditCard", jsonobject.Of("creditCardNumber", "4444", "creditCardBrand", "VISA",
				"creditCardToken", accounts.TextOrNull(p.Token)))
		}
		return good(o)
	})
}

// escrow is of charges whose money is held in custody: none here has any.
func (c paymentDetailCalls) escrow() answer {
	return c.one(func(*accounts.Payment) answer { return absent() })
}

// limits tells how many charges the account may make a day: of the sandbox only.
func (c paymentDetailCalls) limits() answer {
	used, today := 0, domain.Day(accounts.Date(c.world.Clock.Now()).(string))
	for _, p := range c.books.Payments {
		if domain.Day(accounts.Date(p.Created).(string)) == today {
			used++
		}
	}
	const most = 10_000
	return good(jsonobject.Of("creation", jsonobject.Of("daily", jsonobject.Of("limit", most, "used", used,
		"wasReached", used >= most))))
}
