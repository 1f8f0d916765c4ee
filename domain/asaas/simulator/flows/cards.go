package flows

import (
	"time"

	"patapay/domain/asaas/simulator/accounts"
)

// playDebitCard is paid on the spot and credited after three days.
func playDebitCard(v *accounts.Scene, like Variation) {
	p := v.PayByCard(like.charge("DEBIT_CARD"))
	v.Now = accounts.At(p.Credit, 3, 12, 41)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
}

// playCaptured is a card whose amount is reserved first and taken the day after.
func playCaptured(v *accounts.Scene, like Variation) {
	p := v.Charge(like.charge("CREDIT_CARD"))
	v.Tell("PAYMENT_CREATED", p)
	v.Authorize(p)
	v.Later(accounts.Day)
	v.Confirm(p)
	v.Tell("PAYMENT_CONFIRMED", p)
}

// playRiskApproved is a card payment that somebody at the gateway looks at.
func playRiskApproved(v *accounts.Scene, like Variation) {
	p := analyse(v, like)
	v.Confirm(p)
	v.Tell("PAYMENT_APPROVED_BY_RISK_ANALYSIS", p)
	v.Tell("PAYMENT_CONFIRMED", p)
}

// playRiskReproved goes back to PENDING (docs/gateway.md, event catalogue: the status is unverified).
func playRiskReproved(v *accounts.Scene, like Variation) {
	p := analyse(v, like)
	p.Status = "PENDING"
	v.Tell("PAYMENT_REPROVED_BY_RISK_ANALYSIS", p)
}

func analyse(v *accounts.Scene, like Variation) *accounts.Payment {
	c := like.charge("CREDIT_CARD")
	c.Due = v.Now.Add(5 * accounts.Day)
	p := v.Charge(c)
	v.Tell("PAYMENT_CREATED", p)
	p.Status = "AWAITING_RISK_ANALYSIS"
	v.Tell("PAYMENT_AWAITING_RISK_ANALYSIS", p)
	v.Later(3 * time.Hour)
	return p
}

// playDunning is an overdue boleto that is paid through the credit bureau.
func playDunning(v *accounts.Scene, like Variation) {
	p := lateBoleto(v, like)
	v.Later(10 * accounts.Day)
	p.Status = "DUNNING_REQUESTED"
	v.Tell("PAYMENT_DUNNING_REQUESTED", p)
	v.Later(7 * accounts.Day)
	v.Receive(p)
	p.Status = "DUNNING_RECEIVED"
	v.Tell("PAYMENT_DUNNING_RECEIVED", p)
}

// lateBoleto is a boleto whose due date has passed.
func lateBoleto(v *accounts.Scene, like Variation) *accounts.Payment {
	c := like.charge("BOLETO")
	c.Due = accounts.BusinessDay(v.Now.Add(3 * accounts.Day))
	p := v.Charge(c)
	v.Tell("PAYMENT_CREATED", p)
	v.Now = accounts.At(accounts.BusinessDay(c.Due.Add(accounts.Day)), 3, 1, 21)
	v.Overdue(p)
	return p
}

func playBoletoOverdue(v *accounts.Scene, like Variation) { lateBoleto(v, like) }

// playBoletoOpen is a boleto that nobody has paid yet: its due date is to come.
func playBoletoOpen(v *accounts.Scene, like Variation) {
	c := like.charge("BOLETO")
	c.Due = v.Now.Add(7 * accounts.Day)
	v.Tell("PAYMENT_CREATED", v.Charge(c))
}

// playViewed is a boleto whose payer looked at the page and at the slip, and paid.
func playViewed(v *accounts.Scene, like Variation) {
	c := like.charge("BOLETO")
	c.Due = v.Now.Add(2 * accounts.Day)
	p := v.Charge(c)
	v.Tell("PAYMENT_CREATED", p)
	v.Later(time.Hour)
	p.PageViewed = v.Now
	v.Tell("PAYMENT_CHECKOUT_VIEWED", p)
	v.Later(time.Minute)
	p.SlipViewed = v.Now
	v.Tell("PAYMENT_BANK_SLIP_VIEWED", p)
	v.Later(time.Hour)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
}

// playRefundDenied is a boleto whose payer named a bank account that takes no money.
func playRefundDenied(v *accounts.Scene, like Variation) {
	p := returning(v, like)
	p.Status = "RECEIVED"
	p.Refunds[0].Status = "CANCELLED"
	v.Tell("PAYMENT_REFUND_DENIED", p)
}

// playRefundBoleto is a boleto given back, some days after it was asked for.
func playRefundBoleto(v *accounts.Scene, like Variation) {
	p := returning(v, like)
	v.Returned(p)
}

// returning is a received boleto whose refund is under way: nothing has moved yet.
func returning(v *accounts.Scene, like Variation) *accounts.Payment {
	playBoleto(v, like)
	p := v.Books.Payments[len(v.Books.Payments)-1]
	v.Later(accounts.Day)
	v.AskBack(p)
	v.Later(2 * accounts.Day)
	return p
}
