package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// paymentCalls answer /payments.
type paymentCalls struct{ *call }

// one runs handle on the payment that the path names, 404 for any other.
func (c *call) one(handle func(*payment) answer) answer {
	for _, p := range c.books.payments {
		if p.id == c.r.PathValue("id") {
			return handle(p)
		}
	}
	return absent()
}

// when is one for a payment in one of the given statuses, 400 otherwise.
func (c *call) when(statuses []string, handle func(*payment)) answer {
	return c.one(func(p *payment) answer {
		if p.deleted || !slices.Contains(statuses, p.status) {
			return refused(http.StatusBadRequest, "invalid_action", "A situação da cobrança não permite esta ação.")
		}
		handle(p)
		return good(p.object())
	})
}

var (
	methods = []string{"UNDEFINED", "BOLETO", "CREDIT_CARD", "PIX"} // that a charge may be made for
)

// list answers newest first; deleted charges are left out.
func (c paymentCalls) list() answer {
	var items []any
	for _, p := range slices.Backward(c.books.payments) {
		if !p.deleted && c.matches(p) {
			items = append(items, p.object())
		}
	}
	return c.page(items)
}

func (c *call) matches(p *payment) bool {
	return c.is("status", p.status) && c.is("customer", p.customer) && c.is("billingType", p.method) &&
		c.is("externalReference", p.reference) && c.is("checkoutSession", p.checkout) &&
		c.is("installment", p.installment) && c.is("subscription", p.subscription) && c.is("pixQrCodeId", p.qr) &&
		c.is("anticipated", strconv.FormatBool(p.anticipated)) && c.is("anticipable", strconv.FormatBool(p.anticipable)) &&
		c.within("dateCreated", p.created) && c.within("paymentDate", p.paid) &&
		c.within("dueDate", p.due) && c.within("estimatedCreditDate", p.credit)
}

func (c paymentCalls) get() answer {
	return c.one(func(p *payment) answer { return good(p.object()) })
}

func (c paymentCalls) status() answer {
	return c.one(func(p *payment) answer { return good(jsonobject.Of("status", p.status)) })
}

func (c paymentCalls) refunds() answer {
	return c.one(func(p *payment) answer { return c.page(p.refundList()) })
}

// create makes one charge; validation stops at the first fault, as the sandbox does.
func (c paymentCalls) create() answer {
	if !c.hasCustomer(c.body.Text("customer")) {
		return refused(http.StatusBadRequest, "invalid_customer", "Customer inválido ou não informado.")
	}
	method := c.body.Text("billingType")
	if !slices.Contains(methods, method) {
		return refused(http.StatusBadRequest, "invalid_billingType", "A forma de pagamento informada é inválida.")
	}
	value, ok := centsOf(c.body.Get("value"))
	if !ok {
		return refused(http.StatusBadRequest, "invalid_value", "O campo value deve ser informado.")
	}
	due, err := time.ParseInLocation(time.DateOnly, c.body.Text("dueDate"), asaas.SaoPaulo)
	if err != nil {
		return refused(http.StatusBadRequest, "invalid_dueDate", "O campo dueDate deve ser informado.")
	}
	shares, ok := c.shares()
	if !ok {
		return refused(http.StatusBadRequest, "invalid_split", "A divisão informada é inválida.")
	}
	v := c.scene()
	p := v.charge(charge{method: method, value: value, due: due, customer: c.body.Text("customer"),
		reference: c.body.Text("externalReference"), description: c.body.Text("description")})
	p.shares = shares
	v.tell("PAYMENT_CREATED", p)
	return good(p.object())
}

func (c *call) hasCustomer(id string) bool {
	return slices.ContainsFunc(c.books.customers, func(o *jsonobject.Object) bool { return o.Text("id") == id })
}

func (c paymentCalls) remove() answer {
	return c.one(func(p *payment) answer {
		if !slices.Contains(unpaid, p.status) {
			return refused(http.StatusBadRequest, "invalid_action", "Apenas cobranças pendentes podem ser removidas.")
		}
		if !p.deleted {
			c.scene().remove(p)
		}
		return good(jsonobject.Of("deleted", true, "id", p.id))
	})
}

func (c paymentCalls) restore() answer {
	return c.one(func(p *payment) answer {
		if !p.deleted {
			return refused(http.StatusBadRequest, "invalid_action", "A cobrança não está removida.")
		}
		c.scene().restore(p)
		return good(p.object())
	})
}

// refund gives back value, or what is left when the body names none.
func (c paymentCalls) refund() answer {
	return c.one(func(p *payment) answer {
		left := p.value - p.refunded()
		value, ok := centsOf(c.body.Get("value"))
		if c.body.Get("value") == nil {
			value, ok = left, true
		}
		if !ok || value > left || !slices.Contains(paid, p.status) || p.method == "BOLETO" {
			return refused(http.StatusBadRequest, "invalid_action", "Não é possível estornar esta cobrança.")
		}
		c.scene().refund(p, value, c.body.Text("description"))
		return good(p.object())
	})
}

func (c paymentCalls) receiveInCash() answer {
	v := c.scene()
	return c.when(unpaid, v.receiveInCash)
}

func (c paymentCalls) undoCash() answer {
	v := c.scene()
	return c.when([]string{"RECEIVED_IN_CASH"}, v.undoCash)
}

// confirm pays a charge as the sandbox does: a card is confirmed, anything else is
// received at once.
func (c paymentCalls) confirm() answer {
	v := c.scene()
	return c.when(unpaid, func(p *payment) {
		if p.method == "CREDIT_CARD" {
			v.confirm(p)
			v.tell("PAYMENT_CONFIRMED", p)
			v.advanceBySetting(p)
			return
		}
		v.receive(p)
		v.tell("PAYMENT_RECEIVED", p)
		v.callIn(p)
	})
}

// overdue moves the due date before today.
func (c paymentCalls) overdue() answer {
	v := c.scene()
	return c.when([]string{"PENDING"}, func(p *payment) {
		p.due = v.now.Add(-day)
		v.overdue(p)
	})
}

// update changes amount, due date and method of an unpaid charge; one that is due in
// the future is PENDING again.
func (c paymentCalls) update() answer {
	v := c.scene()
	return c.when(unpaid, func(p *payment) {
		if value, ok := centsOf(c.body.Get("value")); ok {
			p.value = value
		}
		if due, err := time.ParseInLocation(time.DateOnly, c.body.Text("dueDate"), asaas.SaoPaulo); err == nil {
			p.due = due
		}
		if method := c.body.Text("billingType"); slices.Contains(methods, method) {
			p.method = method
		}
		p.net = p.value - fee(p.method, p.value, p.count)
		if !businessDay(p.due.Add(day)).Before(v.now) {
			p.status = "PENDING"
			v.watchDue(p)
		}
		v.tell("PAYMENT_UPDATED", p)
	})
}

// capture takes what a card has reserved.
func (c paymentCalls) capture() answer {
	v := c.scene()
	return c.when([]string{"AUTHORIZED"}, func(p *payment) {
		v.confirm(p)
		v.tell("PAYMENT_CONFIRMED", p)
	})
}

// refundBoleto asks the payer for a bank account; two days later the money is back.
func (c paymentCalls) refundBoleto() answer {
	return c.one(func(p *payment) answer {
		if p.method != "BOLETO" || p.status != "RECEIVED" {
			return refused(http.StatusBadRequest, "invalid_action", "Não é possível estornar esta cobrança.")
		}
		v := c.scene()
		v.askBack(p)
		v.world.plan(v.books, v.now.Add(2*day), func(v *scene) {
			if p.status == "REFUND_IN_PROGRESS" {
				v.returned(p)
			}
		})
		return good(jsonobject.Of("requestUrl", p.host()+"/solicitar-estorno/"+p.id[len("pay_"):]))
	})
}

// shares reads the split of a new charge.
func (c paymentCalls) shares() (list []*share, ok bool) {
	split, _ := c.body.Get("split").([]any)
	for _, one := range split {
		o, _ := one.(*jsonobject.Object)
		if o == nil || o.Text("walletId") == "" || o.Text("walletId") == c.books.WalletID {
			return nil, false
		}
		s := &share{id: c.world.uuid(), wallet: o.Text("walletId"), status: "PENDING"}
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
