package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/jsonobject"
)

// What the panel shows beside a charge, and of the account.

// dot is a picture of one white point.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII="

func (p *payment) qrCode() *jsonobject.Object {
	return jsonobject.Of("encodedImage", dot, "payload", "00020101021226730014br.gov.bcb.pix2551pix-h.asaas.com/pixqrcode/cobv/"+p.id+"5204000053039865802BR",
		"expirationDate", date(p.due.AddDate(1, 0, 0)).(string)+" 23:59:59", "description", textOrNull(p.description))
}

// slip returns a boleto's line and bar code; the check digits are not reckoned.
func (p *payment) slip() *jsonobject.Object {
	number := fmt.Sprint(12_000_000 + p.invoice)
	line := fmt.Sprintf("0019000009%s%010d%015d", fmt.Sprintf("%012s", number), p.invoice, int64(p.value))
	return jsonobject.Of("identificationField", line, "nossoNumero", number, "barCode", "001"+strings.Repeat("0", 44-3-len(number))+number)
}

func (c *call) pixQrCode() answer {
	return c.one(func(p *payment) answer {
		if p.method != "PIX" && p.method != "UNDEFINED" {
			return refused(http.StatusBadRequest, "invalid_action", "A cobrança não é paga por Pix.")
		}
		return good(p.qrCode())
	})
}

func (c *call) identificationField() answer {
	return c.one(func(p *payment) answer {
		if p.method != "BOLETO" && p.method != "UNDEFINED" {
			return refused(http.StatusBadRequest, "invalid_action", "A cobrança não é paga por boleto.")
		}
		return good(p.slip())
	})
}

func (c *call) viewingInfo() answer {
	return c.one(func(p *payment) answer {
		return good(jsonobject.Of("invoiceViewedDate", moment(p.pageViewed), "boletoViewedDate", moment(p.slipViewed)))
	})
}

// moment returns t as a date with a time, null for never.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func (c *call) billingInfo() answer {
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
func (c *call) escrow() answer {
	return c.one(func(*payment) answer { return absent() })
}

// paymentLimits tells how many charges the account may make a day: of the sandbox only.
func (c *call) paymentLimits() answer {
	used, today := 0, domain.Day(date(c.s.clock.Now()).(string))
	for _, p := range c.a.payments {
		if domain.Day(date(p.created).(string)) == today {
			used++
		}
	}
	const most = 10_000
	return good(jsonobject.Of("creation", jsonobject.Of("daily", jsonobject.Of("limit", most, "used", used, "wasReached", used >= most))))
}

func (c *call) documents() answer {
	return good(jsonobject.Of("rejectReasons", nil, "data", []any{}))
}

// createAccount makes an account below the caller's; its key is shown in this answer only.
func (c *call) createAccount() answer {
	for _, name := range []string{"name", "email", "cpfCnpj", "mobilePhone", "incomeValue", "address", "addressNumber", "province", "postalCode"} {
		if c.body.Get(name) == nil {
			return refused(http.StatusBadRequest, "invalid_"+name, "O campo "+name+" deve ser informado.")
		}
	}
	made := c.s.addAccount(Account{OwnerID: c.a.ID, Environment: c.a.Environment, Name: c.body.Text("name"), Email: c.body.Text("email"), TaxID: c.body.Text("cpfCnpj")})
	o := made.card()
	o.Set("apiKey", made.Key)
	return good(o)
}

// children are the accounts below the caller's.
func (c *call) children() (list []*account) {
	for _, a := range c.s.accounts {
		if a.OwnerID == c.a.ID {
			list = append(list, a)
		}
	}
	return list
}

func (c *call) listAccounts() answer {
	var items []any
	for _, a := range slices.Backward(c.children()) {
		if c.is("cpfCnpj", a.TaxID) && c.is("email", a.Email) && c.is("name", a.Name) && c.is("walletId", a.WalletID) {
			items = append(items, a.card())
		}
	}
	return c.page(items)
}

func (c *call) getAccount() answer {
	for _, a := range c.children() {
		if a.ID == c.r.PathValue("id") {
			return good(a.card())
		}
	}
	return absent()
}

func (a *account) card() *jsonobject.Object {
	return jsonobject.Of("object", "account", "id", a.ID, "name", a.Name, "email", a.Email, "loginEmail", a.Email, "phone", nil, "mobilePhone", nil,
		"address", "Av. Rolf Wiest", "addressNumber", "659", "complement", nil, "province", "Bom retiro", "postalCode", "89223005", "cpfCnpj", a.TaxID,
		"birthDate", nil, "personType", a.PersonType, "companyType", "LIMITED", "city", 13660, "state", "SC", "country", "Brasil", "tradingName", nil, "site", nil,
		"walletId", a.WalletID, "accountNumber", jsonobject.Of("agency", "0001", "account", fmt.Sprint(a.lastNumber%10_000), "accountDigit", "5"),
		"commercialInfoExpiration", jsonobject.Of("isExpired", false, "scheduledDate", "2027-05-05 00:00:00"))
}

// approveAccount is a sandbox action; every account here is approved from the start.
func (c *call) approveAccount() answer { return c.status() }

// cancelPending deletes the charges of a plan that are not paid.
func (c *call) cancelPending() answer {
	return c.onPlan(func(plan *instalments) answer {
		for _, p := range plan.parts {
			if !p.deleted && slices.Contains(unpaid, p.status) {
				c.scene().remove(p)
			}
		}
		return good(plan.answer())
	})
}
