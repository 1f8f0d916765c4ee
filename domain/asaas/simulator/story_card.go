package simulator

import "time"

// playDebitCard is paid on the spot and credited after three days.
func playDebitCard(v *scene, like Story) {
	p := v.payByCard(like.charge("DEBIT_CARD"))
	v.now = at(p.credit, 3, 12, 41)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
}

// playCaptured is a card whose amount is reserved first and taken the day after.
func playCaptured(v *scene, like Story) {
	p := v.charge(like.charge("CREDIT_CARD"))
	v.tell("PAYMENT_CREATED", p)
	v.authorize(p)
	v.later(day)
	v.confirm(p)
	v.tell("PAYMENT_CONFIRMED", p)
}

// playRiskApproved is a card payment that somebody at the gateway looks at.
func playRiskApproved(v *scene, like Story) {
	p := v.analyse(like)
	v.confirm(p)
	v.tell("PAYMENT_APPROVED_BY_RISK_ANALYSIS", p)
	v.tell("PAYMENT_CONFIRMED", p)
}

// playRiskReproved goes back to PENDING (docs/gateway.md, event catalogue: the status is unverified).
func playRiskReproved(v *scene, like Story) {
	p := v.analyse(like)
	p.status = "PENDING"
	v.tell("PAYMENT_REPROVED_BY_RISK_ANALYSIS", p)
}

func (v *scene) analyse(like Story) *payment {
	c := like.charge("CREDIT_CARD")
	c.due = v.now.Add(5 * day)
	p := v.charge(c)
	v.tell("PAYMENT_CREATED", p)
	p.status = "AWAITING_RISK_ANALYSIS"
	v.tell("PAYMENT_AWAITING_RISK_ANALYSIS", p)
	v.later(3 * time.Hour)
	return p
}

// playDunning is an overdue boleto that is paid through the credit bureau.
func playDunning(v *scene, like Story) {
	p := v.lateBoleto(like)
	v.later(10 * day)
	p.status = "DUNNING_REQUESTED"
	v.tell("PAYMENT_DUNNING_REQUESTED", p)
	v.later(7 * day)
	v.receive(p)
	p.status = "DUNNING_RECEIVED"
	v.tell("PAYMENT_DUNNING_RECEIVED", p)
}

// lateBoleto is a boleto whose due date has passed.
func (v *scene) lateBoleto(like Story) *payment {
	c := like.charge("BOLETO")
	c.due = businessDay(v.now.Add(3 * day))
	p := v.charge(c)
	v.tell("PAYMENT_CREATED", p)
	v.now = at(businessDay(c.due.Add(day)), 3, 1, 21)
	v.overdue(p)
	return p
}

func playBoletoOverdue(v *scene, like Story) { v.lateBoleto(like) }

// playBoletoOpen is a boleto that nobody has paid yet: its due date is to come.
func playBoletoOpen(v *scene, like Story) {
	c := like.charge("BOLETO")
	c.due = v.now.Add(7 * day)
	v.tell("PAYMENT_CREATED", v.charge(c))
}

// playViewed is a boleto whose payer looked at the page and at the slip, and paid.
func playViewed(v *scene, like Story) {
	c := like.charge("BOLETO")
	c.due = v.now.Add(2 * day)
	p := v.charge(c)
	v.tell("PAYMENT_CREATED", p)
	v.later(time.Hour)
	p.pageViewed = v.now
	v.tell("PAYMENT_CHECKOUT_VIEWED", p)
	v.later(time.Minute)
	p.slipViewed = v.now
	v.tell("PAYMENT_BANK_SLIP_VIEWED", p)
	v.later(time.Hour)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
}

// playRefundDenied is a boleto whose payer named a bank account that takes no money.
func playRefundDenied(v *scene, like Story) {
	p := v.returning(like)
	p.status = "RECEIVED"
	p.refunds[0].status = "CANCELLED"
	v.tell("PAYMENT_REFUND_DENIED", p)
}

// playRefundBoleto is a boleto given back, some days after it was asked for.
func playRefundBoleto(v *scene, like Story) {
	p := v.returning(like)
	v.returned(p)
}

// returning is a received boleto whose refund is under way: nothing has moved yet.
func (v *scene) returning(like Story) *payment {
	playBoleto(v, like)
	p := v.books.payments[len(v.books.payments)-1]
	v.later(day)
	v.askBack(p)
	v.later(2 * day)
	return p
}
