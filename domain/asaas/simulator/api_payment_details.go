package simulator

import (
	"encoding/json"
	"net/http"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/jsonobject"
)

// simulate tells what of a value would be left, by method.
func (c paymentCalls) simulate() answer {
	value, ok := centsOf(c.body.Get("value"))
	methods, _ := c.body.Get("billingTypes").([]any)
	if !ok || len(methods) == 0 {
		return invalid("Informe o valor e as formas de pagamento.")
	}
	n := max(1, int(c.bodyNumber("installmentCount")))
	out := jsonobject.Of("value", value.literal(), "creditCard", nil, "bankSlip", nil, "pix", nil)
	for _, m := range methods {
		method, _ := m.(string)
		part := value / cents(n)
		net := value - fee(method, part, n)*cents(n)
		plan := jsonobject.Of("paymentNetValue", (part - fee(method, part, n)).literal(), "paymentValue", part.literal())
		switch method {
		case "CREDIT_CARD":
			out.Set("creditCard", jsonobject.Of("netValue", net.literal(), "feePercentage", json.Number("2.99"), "operationFee", json.Number("0.49"), "installment", plan))
		case "BOLETO":
			out.Set("bankSlip", jsonobject.Of("netValue", net.literal(), "feeValue", json.Number("1.99"), "installment", plan))
		case "PIX":
			out.Set("pix", jsonobject.Of("netValue", net.literal(), "feePercentage", nil, "feeValue", json.Number("1.99"), "installment", plan))
		}
	}
	return good(out)
}

// paymentDetailCalls answer what is below one payment.
type paymentDetailCalls struct{ *call }

// moment returns t as a date with a time, null for never.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func (c paymentDetailCalls) pixQrCode() answer {
	return c.one(func(p *payment) answer {
		if p.method != "PIX" && p.method != "UNDEFINED" {
			return refused(http.StatusBadRequest, "invalid_action", "A cobrança não é paga por Pix.")
		}
		return good(p.qrCode())
	})
}

func (c paymentDetailCalls) identificationField() answer {
	return c.one(func(p *payment) answer {
		if p.method != "BOLETO" && p.method != "UNDEFINED" {
			return refused(http.StatusBadRequest, "invalid_action", "A cobrança não é paga por boleto.")
		}
		return good(p.slip())
	})
}

func (c paymentDetailCalls) viewingInfo() answer {
	return c.one(func(p *payment) answer {
		return good(jsonobject.Of("invoiceViewedDate", moment(p.pageViewed), "boletoViewedDate", moment(p.slipViewed)))
	})
}

func (c paymentDetailCalls) billingInfo() answer {
	return c.one(func(p *payment) answer {
		o := jsonobject.Of("pix", nil, "creditCard", nil, "bankSlip", nil)
		switch p.method {
		case "PIX":
			o.Set("pix", p.qrCode())
		case "BOLETO":
			slip := p.slip()
			slip.Set("bankSlipUrl", p.host()+"/b/pdf/"+p.id[len("pay_"):])
			o.Set("bankSlip", slip)
		case "CREDIT_CARD", "DEBIT_CARD":
			o.Set("creditCard", jsonobject.Of("creditCardNumber", "4444", "creditCardBrand", "VISA", "creditCardToken", textOrNull(p.token)))
		}
		return good(o)
	})
}

// escrow is of charges whose money is held in custody: none here has any.
func (c paymentDetailCalls) escrow() answer {
	return c.one(func(*payment) answer { return absent() })
}

// limits tells how many charges the account may make a day: of the sandbox only.
func (c paymentDetailCalls) limits() answer {
	used, today := 0, domain.Day(date(c.world.clock.Now()).(string))
	for _, p := range c.books.payments {
		if domain.Day(date(p.created).(string)) == today {
			used++
		}
	}
	const most = 10_000
	return good(jsonobject.Of("creation", jsonobject.Of("daily", jsonobject.Of("limit", most, "used", used, "wasReached", used >= most))))
}
