package accounts

import (
	"fmt"
	"time"

	"patapay/domain/asaas/jsonobject"
)

// Scene is one instant of an account's world: what happens in it is dated now, and told to
// the account's webhooks. The world is locked as long as it lives.
type Scene struct {
	World *World
	Books *Books
	Now   time.Time
	told  time.Time // when the queues get to know: the gateway stores an event 14 days from then
}

// Charge is what somebody asks of a payer.
type Charge struct {
	Method, Reference, Description string
	Customer, Checkout             string
	Value                          Cents // of one instalment
	Kept                           Cents // of it kept back by the gateway beside its fee
	Due                            time.Time
	installment, subscription      string // ids of the plan and of what repeats it
	number, count                  int
}

// Later moves the scene on by d.
func (v *Scene) Later(d time.Duration) { v.Now = v.Now.Add(d) }

// Tell sends the payment as it stands now under the name of an event.
func (v *Scene) Tell(event string, p *Payment) { v.emit(event, "payment", p.Object()) }

// Charge makes a PENDING payment without telling anyone.
func (v *Scene) Charge(c Charge) *Payment {
	if c.Due.IsZero() {
		c.Due = v.Now
	}
	if c.Customer == "" {
		c.Customer = v.Tutor()
	}
	p := &Payment{
		ID: v.chargeID(), Customer: c.Customer, Installment: c.installment,
		Subscription: c.subscription,
		Checkout:     c.Checkout, number: c.number, Count: max(c.count, 1), Value: c.Value, description: c.Description,
		Reference: c.Reference, Method: c.Method, Status: "PENDING", Created: v.Now, Due: c.Due, originalDue: c.Due,
		invoice: v.Books.number(), side: v.Books.Environment, segment: v.Books.Forms.segment(v.Books.ID), looks: v.Looks(),
	}
	p.Net = p.Value - Fee(p.Method, p.Value, p.Count) - c.Kept
	v.Books.Payments = append(v.Books.Payments, p)
	v.WatchDue(p)
	return p
}

// Tutor makes a payer with a name of their own, and returns the id.
func (v *Scene) Tutor() string {
	name, taxID := tutor(len(v.Books.Customers))
	return v.Customer(name, taxID).Text("id")
}

// Customer makes a payer.
func (v *Scene) Customer(name, taxID string) *jsonobject.Object {
	c := jsonobject.Of("object", "customer", "id", fmt.Sprintf("cus_%012d", v.Books.number()),
		"dateCreated", Date(v.Now),
		"name", name, "email", "cliente@example.com", "cpfCnpj", taxID, "personType", "FISICA",
		"deleted", false, "externalReference", nil, "notificationDisabled", true)
	v.Books.Customers = append(v.Books.Customers, c)
	return c
}

// Confirm marks a payment paid, its money still on the way. A charge of UNDEFINED method
// becomes a boleto.
func (v *Scene) Confirm(p *Payment) {
	if p.Method == "UNDEFINED" {
		p.Method = "BOLETO"
	}
	p.Status, p.Confirmed, p.clientPaid, p.receipt = "CONFIRMED", v.Now, v.Now, true
	p.Credit = creditDay(p.Method, v.Now, p.number)
	p.Anticipable = p.Method == "CREDIT_CARD"
	if p.Method == "CREDIT_CARD" {
		p.Token = v.World.UUID()
	}
	if p.Method != "PIX" {
		v.watchCredit(p)
	}
}

// Receive puts a payment's money into the balance, now.
func (v *Scene) Receive(p *Payment) {
	if p.Confirmed.IsZero() {
		v.Confirm(p)
	}
	if p.Method == "PIX" && p.pix == "" {
		p.pix, p.QR = v.World.UUID(), v.World.UUID()
	}
	p.Status, p.Paid, p.Credit, p.Anticipable = "RECEIVED", v.Now, v.Now, false
	v.Books.book(v.Now, "PAYMENT_RECEIVED", p.Value, p.ID, "")
	v.Books.book(v.Now, "PAYMENT_FEE", p.Net-p.Value, p.ID, "")
	if len(p.Shares) > 0 {
		v.World.Plan(v.Books, v.Now.Add(time.Second), func(v *Scene) { v.SettleShares(p) })
	}
}

// PayLate marks an overdue boleto paid with fine and interest: 2 % and 0.1 %.
func (v *Scene) PayLate(p *Payment) {
	p.original, p.interest = p.Value, p.Value*21/1000
	p.Value += p.interest
	p.Net = p.Value - Fee(p.Method, p.Value, 1)
}

// ReceiveInCash books nothing at the gateway: no fee, and no credit date.
func (v *Scene) ReceiveInCash(p *Payment) {
	p.Status, p.Net = "RECEIVED_IN_CASH", p.Value
	p.Confirmed, p.clientPaid, p.Paid = v.Now, v.Now, v.Now
	v.Tell("PAYMENT_RECEIVED", p)
}

// UndoCash takes a cash receipt back.
func (v *Scene) UndoCash(p *Payment) {
	p.Status, p.Net = "PENDING", p.Value-Fee(p.Method, p.Value, p.Count)
	p.Confirmed, p.clientPaid, p.Paid = time.Time{}, time.Time{}, time.Time{}
	v.Tell("PAYMENT_RECEIVED_IN_CASH_UNDONE", p)
}

// Overdue marks a payment as not paid in time; advances on it are the clinic's debt now.
func (v *Scene) Overdue(p *Payment) {
	p.Status, p.Anticipable = "OVERDUE", false
	v.Tell("PAYMENT_OVERDUE", p)
	for _, n := range v.Books.Anticipations {
		if n.Payment == p.ID && n.Status == "CREDITED" {
			n.Become(v, "OVERDUE")
			n.watchUnpaid(v)
		}
	}
}

// Refund gives value back; the fee is kept. A part leaves the status as it is.
func (v *Scene) Refund(p *Payment, value Cents, description string) {
	p.Refunds = append(p.Refunds, refund{at: v.Now.Add(-5 * time.Second), value: value, description: description})
	p.Anticipable = false
	if !p.Paid.IsZero() {
		v.Books.book(v.Now, "PAYMENT_REVERSAL", -value, p.ID, "")
	}
	if p.Refunded() < p.Value {
		v.Tell("PAYMENT_PARTIALLY_REFUNDED", p)
		return
	}
	p.Status, p.pix, p.QR = "REFUNDED", "", "" // a real capture shows both gone
	v.Tell("PAYMENT_REFUNDED", p)
	v.CallIn(p)
}

// Chargeback takes a payment through one state of a dispute. What was credited is taken
// out of the balance when the dispute begins, and comes back when it is won (docs/gateway.md,
// statement lines: the instant and the amount are unverified); an advance is called in.
func (v *Scene) Chargeback(p *Payment, status, decision, event string) {
	began := p.chargeback == ""
	if began {
		v.Books.Disputes = append(v.Books.Disputes, &dispute{ID: v.World.UUID(), Payment: p, Started: v.Now})
	}
	p.Status, p.chargeback, p.Anticipable = status, decision, false
	switch {
	case p.Paid.IsZero():
	case began:
		v.Books.book(v.Now, "CHARGEBACK", -p.Value, p.ID, "")
	case decision == "DONE":
		v.Books.book(v.Now, "CHARGEBACK_REVERSAL", p.Value, p.ID, "")
	}
	v.Tell(event, p)
	if began {
		v.CallIn(p)
		v.watchDispute(p)
	}
}

// CallIn takes the advances on a charge back when its own credit will not settle them
// (docs/gateway.md, anticipations: the instant is unverified).
func (v *Scene) CallIn(p *Payment) {
	for _, n := range v.Books.Anticipations {
		if n.Payment == p.ID && (n.Status == "CREDITED" || n.Status == "OVERDUE") {
			n.Debit(v)
		}
	}
}

// Remove deletes a charge; its status stays.
func (v *Scene) Remove(p *Payment) {
	p.Deleted = true
	v.Tell("PAYMENT_DELETED", p)
}

// Restore takes a deletion back.
func (v *Scene) Restore(p *Payment) {
	p.Deleted = false
	v.Tell("PAYMENT_RESTORED", p)
}

// PayByCard makes a card charge that is paid on the spot: CREATED already says CONFIRMED.
func (v *Scene) PayByCard(c Charge) *Payment {
	p := v.Charge(c)
	v.Confirm(p)
	v.Tell("PAYMENT_CREATED", p)
	v.Tell("PAYMENT_CONFIRMED", p)
	return p
}

// Authorize reserves the amount of a card charge, which is taken when it is confirmed.
func (v *Scene) Authorize(p *Payment) {
	p.Status = "AUTHORIZED"
	v.Tell("PAYMENT_AUTHORIZED", p)
}

// AskBack begins the refund of a received boleto: the payer is to name a bank account.
func (v *Scene) AskBack(p *Payment) {
	p.Refunds = append(p.Refunds, refund{at: v.Now, value: p.Value - p.Refunded(), Status: "PENDING"})
	p.Status = "REFUND_IN_PROGRESS"
	v.Tell("PAYMENT_REFUND_IN_PROGRESS", p)
}

// Returned ends the refund that askBack began.
func (v *Scene) Returned(p *Payment) {
	last := &p.Refunds[len(p.Refunds)-1]
	last.Status = ""
	p.Status = "REFUNDED"
	v.Books.book(v.Now, "PAYMENT_REVERSAL", -last.value, p.ID, "")
	v.Tell("PAYMENT_REFUNDED", p)
}
