package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

// paymentCalls answer /payments.
type paymentCalls struct{ *call }

// one runs handle on the payment that the path names, 404 for any other.
func (c *call) one(handle func(*accounts.Payment) answer) answer {
	for _, p := range c.books.Payments {
		if p.ID == c.r.PathValue("id") {
			return handle(p)
		}
	}
	return absent()
}

// when is one for a payment in one of the given statuses, 400 otherwise.
func (c *call) when(statuses []string, handle func(*accounts.Payment)) answer {
	return c.one(func(p *accounts.Payment) answer {
		if p.Deleted || !slices.Contains(statuses, p.Status) {
			return refused(http.StatusBadRequest, "invalid_action", "A situação da cobrança não permite esta ação.")
		}
		handle(p)
		return good(p.Object())
	})
}

// methods is the ways of paying that a charge may be made for.
var methods = []string{"UNDEFINED", "BOLETO", "CREDIT_CARD", "PIX"}

// list answers newest first; deleted charges are left out.
func (c paymentCalls) list() answer {
	var items []any
	for _, p := range slices.Backward(c.books.Payments) {
		if !p.Deleted && c.matches(p) {
			items = append(items, p.Object())
		}
	}
	return c.page(items)
}

func (c *call) matches(p *accounts.Payment) bool {
	return c.is("status", p.Status) && c.is("customer", p.Customer) && c.is("billingType", p.Method) &&
		c.is("externalReference", p.Reference) && c.is("checkoutSession", p.Checkout) &&
		c.is("installment", p.Installment) && c.is("subscription", p.Subscription) && c.is("pixQrCodeId", p.QR) &&
		c.is("anticipated", strconv.FormatBool(p.Anticipated)) &&
		c.is("anticipable", strconv.FormatBool(p.Anticipable)) &&
		c.within("dateCreated", p.Created) && c.within("paymentDate", p.Paid) &&
		c.within("dueDate", p.Due) && c.within("estimatedCreditDate", p.Credit)
}

func (c paymentCalls) get() answer {
	return c.one(func(p *accounts.Payment) answer { return good(p.Object()) })
}

func (c paymentCalls) status() answer {
	return c.one(func(p *accounts.Payment) answer { return good(jsonobject.Of("status", p.Status)) })
}

func (c paymentCalls) refunds() answer {
	return c.one(func(p *accounts.Payment) answer { return c.page(p.RefundList()) })
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
	value, ok := accounts.CentsOf(c.body.Get("value"))
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
	p := v.Charge(accounts.Charge{
		Method: method, Value: value, Due: due, Customer: c.body.Text("customer"),
		Reference: c.body.Text("externalReference"), Description: c.body.Text("description"),
	})
	p.Shares = shares
	v.Tell("PAYMENT_CREATED", p)
	return good(p.Object())
}

func (c *call) hasCustomer(id string) bool {
	return slices.ContainsFunc(c.books.Customers, func(o *jsonobject.Object) bool { return o.Text("id") == id })
}

func (c paymentCalls) remove() answer {
	return c.one(func(p *accounts.Payment) answer {
		if !slices.Contains(accounts.Unpaid, p.Status) {
			return refused(http.StatusBadRequest, "invalid_action", "Apenas cobranças pendentes podem ser removidas.")
		}
		if !p.Deleted {
			c.scene().Remove(p)
		}
		return good(jsonobject.Of("deleted", true, "id", p.ID))
	})
}

func (c paymentCalls) restore() answer {
	return c.one(func(p *accounts.Payment) answer {
		if !p.Deleted {
			return refused(http.StatusBadRequest, "invalid_action", "A cobrança não está removida.")
		}
		c.scene().Restore(p)
		return good(p.Object())
	})
}

// refund gives back value, or what is left when the body names none.
func (c paymentCalls) refund() answer {
	return c.one(func(p *accounts.Payment) answer {
		left := p.Value - p.Refunded()
		value, ok := accounts.CentsOf(c.body.Get("value"))
		if c.body.Get("value") == nil {
			value, ok = left, true
		}
		if !ok || value > left || !slices.Contains(accounts.Paid, p.Status) || p.Method == "BOLETO" {
			return refused(http.StatusBadRequest, "invalid_action", "Não é possível estornar esta cobrança.")
		}
		c.scene().Refund(p, value, c.body.Text("description"))
		return good(p.Object())
	})
}

func (c paymentCalls) receiveInCash() answer {
	v := c.scene()
	return c.when(accounts.Unpaid, v.ReceiveInCash)
}

func (c paymentCalls) undoCash() answer {
	v := c.scene()
	return c.when([]string{"RECEIVED_IN_CASH"}, v.UndoCash)
}

// confirm pays a charge as the sandbox does: a card is confirmed, anything else is
// received at once.
func (c paymentCalls) confirm() answer {
	v := c.scene()
	return c.when(accounts.Unpaid, func(p *accounts.Payment) {
		if p.Method == "CREDIT_CARD" {
			v.Confirm(p)
			v.Tell("PAYMENT_CONFIRMED", p)
			advanceBySetting(v, p)
			return
		}
		v.Receive(p)
		v.Tell("PAYMENT_RECEIVED", p)
		v.CallIn(p)
	})
}

// overdue moves the due date before today.
func (c paymentCalls) overdue() answer {
	v := c.scene()
	return c.when([]string{"PENDING"}, func(p *accounts.Payment) {
		p.Due = v.Now.Add(-accounts.Day)
		v.Overdue(p)
	})
}

// update changes amount, due date and method of an unpaid charge; one that is due in
// the future is PENDING again.
func (c paymentCalls) update() answer {
	v := c.scene()
	return c.when(accounts.Unpaid, func(p *accounts.Payment) {
		if value, ok := accounts.CentsOf(c.body.Get("value")); ok {
			p.Value = value
		}
		if due, err := time.ParseInLocation(time.DateOnly, c.body.Text("dueDate"), asaas.SaoPaulo); err == nil {
			p.Due = due
		}
		if method := c.body.Text("billingType"); slices.Contains(methods, method) {
			p.Method = method
		}
		p.Net = p.Value - accounts.Fee(p.Method, p.Value, p.Count)
		if !accounts.BusinessDay(p.Due.Add(accounts.Day)).Before(v.Now) {
			p.Status = "PENDING"
			v.WatchDue(p)
		}
		v.Tell("PAYMENT_UPDATED", p)
	})
}

// capture takes what a card has reserved.
func (c paymentCalls) capture() answer {
	v := c.scene()
	return c.when([]string{"AUTHORIZED"}, func(p *accounts.Payment) {
		v.Confirm(p)
		v.Tell("PAYMENT_CONFIRMED", p)
	})
}

// refundBoleto asks the payer for a bank account; two days later the money is back.
func (c paymentCalls) refundBoleto() answer {
	return c.one(func(p *accounts.Payment) answer {
		if p.Method != "BOLETO" || p.Status != "RECEIVED" {
			return refused(http.StatusBadRequest, "invalid_action", "Não é possível estornar esta cobrança.")
		}
		v := c.scene()
		v.AskBack(p)
		v.World.Plan(v.Books, v.Now.Add(2*accounts.Day), func(v *accounts.Scene) {
			if p.Status == "REFUND_IN_PROGRESS" {
				v.Returned(p)
			}
		})
		return good(jsonobject.Of("requestUrl", p.Host()+"/solicitar-estorno/"+p.ID[len("pay_"):]))
	})
}

// shares reads the split of a new charge.
func (c paymentCalls) shares() (list []*accounts.Share, ok bool) {
	split, _ := c.body.Get("split").([]any)
	for _, one := range split {
		o, _ := one.(*jsonobject.Object)
		if o == nil || o.Text("walletId") == "" || o.Text("walletId") == c.books.WalletID {
			return nil, false
		}
		s := &accounts.Share{ID: c.world.UUID(), Wallet: o.Text("walletId"), Status: "PENDING"}
		s.Fixed, _ = accounts.CentsOf(o.Get("fixedValue"))
		if n, given := o.Get("percentualValue").(json.Number); given {
			s.Percent = n.String()
		}
		if (s.Fixed > 0) == (s.Percent != "") || s.Percent != "" && accounts.Hundredths(s.Percent) == 0 {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}
