package simulator

import (
	"fmt"
	"time"

	"patapay/domain/asaas/jsonobject"
)

// scene is one moment of an account's world: what happens in it is dated now, and told to
// the account's webhooks. The world is locked as long as it lives.
type scene struct {
	world *World
	books *books
	now   time.Time
	told  time.Time // when the queues get to know: the gateway stores an event 14 days from then
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

// charge makes a PENDING payment without telling anyone.
func (v *scene) charge(c charge) *payment {
	if c.due.IsZero() {
		c.due = v.now
	}
	if c.customer == "" {
		c.customer = v.tutor()
	}
	p := &payment{id: "pay_" + v.world.id(lowerAlnum, 16), customer: c.customer, installment: c.installment, subscription: c.subscription,
		checkout: c.checkout, number: c.number, count: max(c.count, 1), value: c.value, description: c.description,
		reference: c.reference, method: c.method, status: "PENDING", created: v.now, due: c.due, originalDue: c.due,
		invoice: v.books.number(), side: v.books.Environment}
	p.net = p.value - fee(p.method, p.value, p.count)
	v.books.payments = append(v.books.payments, p)
	v.watchDue(p)
	return p
}

// tutor makes a payer with a name of their own, and returns the id.
func (v *scene) tutor() string {
	name, taxID := tutor(len(v.books.customers))
	return v.customer(name, taxID).Text("id")
}

// customer makes a payer.
func (v *scene) customer(name, taxID string) *jsonobject.Object {
	c := jsonobject.Of("object", "customer", "id", fmt.Sprintf("cus_%012d", v.books.number()), "dateCreated", date(v.now),
		"name", name, "email", "cliente@example.com", "cpfCnpj", taxID, "personType", "FISICA",
		"deleted", false, "externalReference", nil, "notificationDisabled", true)
	v.books.customers = append(v.books.customers, c)
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
		p.token = v.world.uuid()
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
		p.pix, p.qr = v.world.uuid(), v.world.uuid()
	}
	p.status, p.paid, p.credit, p.anticipable = "RECEIVED", v.now, v.now, false
	v.books.book(v.now, "PAYMENT_RECEIVED", p.value, p.id, "")
	v.books.book(v.now, "PAYMENT_FEE", p.net-p.value, p.id, "")
	if len(p.shares) > 0 {
		v.world.plan(v.books, v.now.Add(time.Second), func(v *scene) { v.settleShares(p) })
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
	for _, n := range v.books.anticipations {
		if n.payment == p.id && n.status == "CREDITED" {
			n.become(v, "OVERDUE")
			n.watchUnpaid(v)
		}
	}
}

// refund gives value back; the fee is kept. A part leaves the status as it is.
func (v *scene) refund(p *payment, value cents, description string) {
	p.refunds = append(p.refunds, refund{at: v.now.Add(-5 * time.Second), value: value, description: description})
	p.anticipable = false
	if !p.paid.IsZero() {
		v.books.book(v.now, "PAYMENT_REVERSAL", -value, p.id, "")
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
		v.books.disputes = append(v.books.disputes, &dispute{id: v.world.uuid(), p: p, started: v.now})
	}
	p.status, p.chargeback, p.anticipable = status, verdict, false
	switch {
	case p.paid.IsZero():
	case began:
		v.books.book(v.now, "CHARGEBACK", -p.value, p.id, "")
	case verdict == "DONE":
		v.books.book(v.now, "CHARGEBACK_REVERSAL", p.value, p.id, "")
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
	for _, n := range v.books.anticipations {
		if n.payment == p.id && (n.status == "CREDITED" || n.status == "OVERDUE") {
			n.debit(v)
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

// payByCard makes a card charge that is paid on the spot: CREATED already says CONFIRMED.
func (v *scene) payByCard(c charge) *payment {
	p := v.charge(c)
	v.confirm(p)
	v.tell("PAYMENT_CREATED", p)
	v.tell("PAYMENT_CONFIRMED", p)
	return p
}

func (v *scene) authorize(p *payment) {
	p.status = "AUTHORIZED"
	v.tell("PAYMENT_AUTHORIZED", p)
}

// askBack begins the refund of a received boleto: the payer is to name a bank account.
func (v *scene) askBack(p *payment) {
	p.refunds = append(p.refunds, refund{at: v.now, value: p.value - p.refunded(), status: "PENDING"})
	p.status = "REFUND_IN_PROGRESS"
	v.tell("PAYMENT_REFUND_IN_PROGRESS", p)
}

// returned ends the refund that askBack began.
func (v *scene) returned(p *payment) {
	last := &p.refunds[len(p.refunds)-1]
	last.status = ""
	p.status = "REFUNDED"
	v.books.book(v.now, "PAYMENT_REVERSAL", -last.value, p.id, "")
	v.tell("PAYMENT_REFUNDED", p)
}
