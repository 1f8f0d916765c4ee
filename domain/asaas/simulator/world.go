package simulator

import (
	"fmt"
	"time"

	"patapay/domain/asaas/jsonobject"
)

// scene is one moment of an account's world: what happens in it is dated now, and told to
// the account's webhooks. Simulator.mu is held as long as it lives.
type scene struct {
	s    *Simulator
	a    *account
	now  time.Time
	told time.Time // when the queues get to know: the gateway stores an event 14 days from then
}

// charge is what somebody asks of a payer.
type charge struct {
	method, reference, description string
	customer, checkout             string
	value                          cents // of one instalment
	due                            time.Time
	installment, subscription      string // ids of the plan and of what repeats it
	number, count                  int
}

// later moves the scene on by d.
func (v *scene) later(d time.Duration) { v.now = v.now.Add(d) }

// tell sends the payment as it stands now under the name of an event.
func (v *scene) tell(event string, p *payment) { v.emit(event, "payment", p.object()) }

func (v *scene) tellCheckout(event string, c *checkout) {
	v.emit(event, "checkout", c.object())
}

func (v *scene) tellAnticipation(status string, n *anticipation) {
	n.status = status
	v.emit("RECEIVABLE_ANTICIPATION_"+status, "anticipation", n.object())
}

// charge makes a PENDING payment without telling anyone.
func (v *scene) charge(c charge) *payment {
	if c.due.IsZero() {
		c.due = v.now
	}
	if c.customer == "" {
		c.customer = v.tutor()
	}
	p := &payment{id: "pay_" + v.s.id(lowerAlnum, 16), customer: c.customer, installment: c.installment, subscription: c.subscription,
		checkout: c.checkout, number: c.number, count: max(c.count, 1), value: c.value, description: c.description,
		reference: c.reference, method: c.method, status: "PENDING", created: v.now, due: c.due, originalDue: c.due,
		invoice: v.a.number(), side: v.a.Environment}
	p.net = p.value - fee(p.method, p.value, p.count)
	v.a.payments = append(v.a.payments, p)
	v.watchDue(p)
	return p
}

// tutor makes a payer with a name of their own, and returns the id.
func (v *scene) tutor() string {
	name, taxID := tutor(len(v.a.customers))
	return v.customer(name, taxID).Text("id")
}

// customer makes a payer.
func (v *scene) customer(name, taxID string) *jsonobject.Object {
	c := jsonobject.Of("object", "customer", "id", fmt.Sprintf("cus_%012d", v.a.number()), "dateCreated", date(v.now),
		"name", name, "email", "cliente@example.com", "cpfCnpj", taxID, "personType", "FISICA",
		"deleted", false, "externalReference", nil, "notificationDisabled", true)
	v.a.customers = append(v.a.customers, c)
	return c
}

// confirm marks a payment paid, its money still on the way. A charge of UNDEFINED method
// becomes a boleto.
func (v *scene) confirm(p *payment) {
	if p.method == "UNDEFINED" {
		p.method = "BOLETO"
	}
	p.status, p.confirmed, p.clientPaid, p.receipt = "CONFIRMED", v.now, v.now, true
	p.credit = creditDay(p.method, v.now, p.number)
	p.anticipable = p.method == "CREDIT_CARD"
	if p.method == "CREDIT_CARD" {
		p.token = v.s.uuid()
	}
	if p.method != "PIX" {
		v.watchCredit(p)
	}
}

// receive puts a payment's money into the balance, now.
func (v *scene) receive(p *payment) {
	if p.confirmed.IsZero() {
		v.confirm(p)
	}
	if p.method == "PIX" && p.pix == "" {
		p.pix, p.qr = v.s.uuid(), v.s.uuid()
	}
	p.status, p.paid, p.credit, p.anticipable = "RECEIVED", v.now, v.now, false
	v.a.book(v.now, "PAYMENT_RECEIVED", p.value, p.id, "")
	v.a.book(v.now, "PAYMENT_FEE", p.net-p.value, p.id, "")
	if len(p.shares) > 0 {
		v.s.plan(v.a, v.now.Add(time.Second), func(v *scene) { v.settleShares(p) })
	}
}

// payLate marks an overdue boleto paid with fine and interest: 2 % and 0.1 %.
func (v *scene) payLate(p *payment) {
	p.original, p.interest = p.value, p.value*21/1000
	p.value += p.interest
	p.net = p.value - fee(p.method, p.value, 1)
}

// receiveInCash books nothing at the gateway: no fee, and no credit date.
func (v *scene) receiveInCash(p *payment) {
	p.status, p.net = "RECEIVED_IN_CASH", p.value
	p.confirmed, p.clientPaid, p.paid = v.now, v.now, v.now
	v.tell("PAYMENT_RECEIVED", p)
}

// undoCash takes a cash receipt back.
func (v *scene) undoCash(p *payment) {
	p.status, p.net = "PENDING", p.value-fee(p.method, p.value, p.count)
	p.confirmed, p.clientPaid, p.paid = time.Time{}, time.Time{}, time.Time{}
	v.tell("PAYMENT_RECEIVED_IN_CASH_UNDONE", p)
}

// overdue marks a payment as not paid in time; advances on it are the clinic's debt now.
func (v *scene) overdue(p *payment) {
	p.status, p.anticipable = "OVERDUE", false
	v.tell("PAYMENT_OVERDUE", p)
	for _, n := range v.a.anticipations {
		if n.payment == p.id && n.status == "CREDITED" {
			v.tellAnticipation("OVERDUE", n)
			v.watchUnpaid(n)
		}
	}
}

// refund gives value back; the fee is kept. A part leaves the status as it is.
func (v *scene) refund(p *payment, value cents, description string) {
	p.refunds = append(p.refunds, refund{at: v.now.Add(-5 * time.Second), value: value, description: description})
	p.anticipable = false
	if !p.paid.IsZero() {
		v.a.book(v.now, "PAYMENT_REVERSAL", -value, p.id, "")
	}
	if p.refunded() < p.value {
		v.tell("PAYMENT_PARTIALLY_REFUNDED", p)
		return
	}
	p.status, p.pix, p.qr = "REFUNDED", "", "" // a real capture shows both gone
	v.tell("PAYMENT_REFUNDED", p)
	v.callIn(p)
}

// chargeback takes a payment through one state of a dispute. What was credited is taken
// out of the balance when the dispute begins, and comes back when it is won (docs/gateway.md,
// statement lines: the moment and the amount are unverified); an advance is called in.
func (v *scene) chargeback(p *payment, status, verdict, event string) {
	began := p.chargeback == ""
	if began {
		v.a.disputes = append(v.a.disputes, &dispute{id: v.s.uuid(), p: p, started: v.now})
	}
	p.status, p.chargeback, p.anticipable = status, verdict, false
	switch {
	case p.paid.IsZero():
	case began:
		v.a.book(v.now, "CHARGEBACK", -p.value, p.id, "")
	case verdict == "DONE":
		v.a.book(v.now, "CHARGEBACK_REVERSAL", p.value, p.id, "")
	}
	v.tell(event, p)
	if began {
		v.callIn(p)
		v.watchDispute(p)
	}
}

// callIn takes the advances on a charge back when its own credit will not settle them
// (docs/gateway.md, anticipations: the moment is unverified).
func (v *scene) callIn(p *payment) {
	for _, n := range v.a.anticipations {
		if n.payment == p.id && (n.status == "CREDITED" || n.status == "OVERDUE") {
			v.debit(n)
		}
	}
}

// remove deletes a charge; its status stays.
func (v *scene) remove(p *payment) {
	p.deleted = true
	v.tell("PAYMENT_DELETED", p)
}

// restore takes a deletion back.
func (v *scene) restore(p *payment) {
	p.deleted = false
	v.tell("PAYMENT_RESTORED", p)
}

// open makes a checkout over one item.
func (v *scene) open(c checkout) *checkout {
	c.id, c.status, c.created = v.s.uuid(), "ACTIVE", v.now
	v.a.checkouts = append(v.a.checkouts, &c)
	v.tellCheckout("CHECKOUT_CREATED", &c)
	v.watchPage(&c)
	return &c
}

// end takes a checkout to a final status.
func (v *scene) end(c *checkout, status string) {
	c.status = status
	v.tellCheckout("CHECKOUT_"+status, c)
}

// advance asks for an anticipation of a payment, to be credited at credited.
func (v *scene) advance(p *payment, credited time.Time) *anticipation {
	due := p.credit
	if due.IsZero() {
		due = p.due
	}
	n := v.quote(p, credited, due)
	v.a.anticipations = append(v.a.anticipations, n)
	v.tellAnticipation("PENDING", n)
	v.watchAdvance(n)
	return n
}

// quote returns what an anticipation of p would cost.
func (v *scene) quote(p *payment, credited, due time.Time) *anticipation {
	days := max(1, int(due.Sub(credited).Hours()/24+0.5))
	return &anticipation{id: v.s.uuid(), payment: p.id, status: "PENDING", value: p.net, total: p.value,
		fee: anticipationFee(p.method, p.net, days), days: days, requested: v.now, credited: credited, due: due}
}

// credit pays an anticipation out.
func (v *scene) credit(n *anticipation) {
	p := v.a.payment(n.payment)
	n.credited, p.anticipated, p.anticipable = v.now, true, false
	v.a.book(v.now, "RECEIVABLE_ANTICIPATION_GROSS_CREDIT", n.value, n.payment, n.id)
	v.a.book(v.now, "RECEIVABLE_ANTICIPATION_FEE", -n.fee, n.payment, n.id)
	v.tell("PAYMENT_ANTICIPATED", p)
	v.tellAnticipation("CREDITED", n)
}

// debit settles an anticipation: the advance is taken back from the credited charge.
func (v *scene) debit(n *anticipation) {
	v.a.book(v.now, "RECEIVABLE_ANTICIPATION_DEBIT", -n.value, n.payment, n.id)
	v.tellAnticipation("DEBITED", n)
}
