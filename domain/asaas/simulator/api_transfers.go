package simulator

import (
	"encoding/json"
	"net/http"
	"slices"

	"patapay/domain/asaas/jsonobject"
)

// createTransfer sends money to a Pix key, a wallet or a bank account; more than the
// balance is refused.
func (c *call) createTransfer() answer {
	value, ok := centsOf(c.body.Get("value"))
	t := transfer{value: value, pixKey: c.body.Text("pixAddressKey"), wallet: c.body.Text("walletId"), description: c.body.Text("description"), reference: c.body.Text("externalReference")}
	switch {
	case !ok:
		return refused(http.StatusBadRequest, "invalid_value", "O campo value deve ser informado.")
	case t.pixKey == "" && t.wallet == "" && c.body.Get("bankAccount") == nil:
		return refused(http.StatusBadRequest, "invalid_action", "Informe a conta bancária, a chave Pix ou a carteira de destino.")
	case value > c.a.balance():
		return refused(http.StatusBadRequest, "invalid_action", "Saldo insuficiente para realizar a transferência.")
	}
	v := c.scene()
	sent := v.send(t)
	v.watchTransfer(sent)
	return good(sent.answer())
}

// answer renders the transfer as the API does: type is the operation there, and some keys
// of the webhook's are left out.
func (t *transfer) answer() *jsonobject.Object {
	o := t.object()
	o.Set("type", t.operation())
	o.Set("effectiveDate", date(t.effective))
	for _, key := range []string{"walletId", "confirmedDate", "account"} {
		o.Drop(key)
	}
	if bank, ok := o.Get("bankAccount").(*jsonobject.Object); ok {
		bank.Drop("type")
	}
	return o
}

func (c *call) listTransfers() answer {
	var items []any
	for _, t := range slices.Backward(c.a.transfers) {
		if c.within("dateCreated", t.created) && c.within("transferDate", t.effective) && c.is("type", t.operation()) {
			items = append(items, t.answer())
		}
	}
	return c.page(items)
}

// onTransfer runs handle on the transfer that the path names, 404 for any other.
func (c *call) onTransfer(handle func(*transfer) answer) answer {
	for _, t := range c.a.transfers {
		if t.id == c.r.PathValue("id") {
			return handle(t)
		}
	}
	return absent()
}

func (c *call) getTransfer() answer {
	return c.onTransfer(func(t *transfer) answer { return good(t.answer()) })
}

func (c *call) cancelTransfer() answer {
	return c.onTransfer(func(t *transfer) answer {
		if t.status != "PENDING" {
			return refused(http.StatusBadRequest, "invalid_action", "A transferência não pode mais ser cancelada.")
		}
		c.scene().takeBack(t, "CANCELLED", "")
		return good(t.answer())
	})
}

// sharesOf reads the split of a new charge.
func (c *call) sharesOf() (list []*share, ok bool) {
	split, _ := c.body.Get("split").([]any)
	for _, one := range split {
		o, _ := one.(*jsonobject.Object)
		if o == nil || o.Text("walletId") == "" || o.Text("walletId") == c.a.WalletID {
			return nil, false
		}
		s := &share{id: c.s.uuid(), wallet: o.Text("walletId"), status: "PENDING"}
		s.fixed, _ = centsOf(o.Get("fixedValue"))
		if n, given := o.Get("percentualValue").(json.Number); given {
			s.percent = n.String()
		}
		if (s.fixed > 0) == (s.percent != "") || s.percent != "" && hundredths(s.percent) == 0 {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}

// paymentStatistics sums the charges that the filters leave.
func (c *call) paymentStatistics() answer {
	quantity, value, net := 0, cents(0), cents(0)
	for _, p := range c.a.payments {
		if !p.deleted && c.matches(p) {
			quantity, value, net = quantity+1, value+p.value, net+p.net
		}
	}
	return good(jsonobject.Of("quantity", quantity, "value", value.literal(), "netValue", net.literal()))
}

// splitStatistics sums what was sent to other wallets; nothing comes from any here.
func (c *call) splitStatistics() answer {
	sum := cents(0)
	for _, p := range c.a.payments {
		for _, s := range p.shares {
			sum += s.total
		}
	}
	return good(jsonobject.Of("income", cents(0).literal(), "value", sum.literal()))
}

// simulateSale tells what of a value would be left, by method.
func (c *call) simulateSale() answer {
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

func (c *call) bodyNumber(name string) int64 {
	n, _ := c.body.Get(name).(json.Number)
	v, _ := n.Int64()
	return v
}
