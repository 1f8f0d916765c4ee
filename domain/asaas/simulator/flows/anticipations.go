package flows

import (
	"time"

	"patapay/domain/asaas/simulator/accounts"
)

func playAnticipationCredited(v *accounts.Scene, like Variation) {
	p := v.PayByCard(like.charge("CREDIT_CARD"))
	v.Later(accounts.Day)
	n := v.Advance(p, v.Now)
	v.Later(4 * time.Hour)
	n.Credit(v)
}

func playAnticipationDebited(v *accounts.Scene, like Variation) {
	playAnticipationCredited(v, like)
	p, n := v.Books.Payments[len(v.Books.Payments)-1], v.Books.Anticipations[len(v.Books.Anticipations)-1]
	v.Now = accounts.At(p.Credit, 3, 12, 41)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
	v.Later(2 * time.Second)
	n.Debit(v)
}

func playAnticipationDenied(v *accounts.Scene, like Variation) {
	p := v.PayByCard(like.charge("CREDIT_CARD"))
	v.Later(accounts.Day)
	n := v.Advance(p, v.Now)
	v.Later(4 * time.Hour)
	n.Denial = "Documentação insuficiente"
	n.Become(v, "DENIED")
}

func playAnticipationRefunded(v *accounts.Scene, like Variation) {
	playAnticipationCredited(v, like)
	v.Later(accounts.Day)
	p := v.Books.Payments[len(v.Books.Payments)-1]
	v.Refund(p, p.Value, "Cirurgia cancelada")
}

// advancedBoleto is an open boleto that was paid out early.
func advancedBoleto(v *accounts.Scene, like Variation) (*accounts.Payment, *accounts.Anticipation) {
	c := like.charge("BOLETO")
	c.Due = accounts.BusinessDay(v.Now.Add(12 * accounts.Day))
	p := v.Charge(c)
	p.Anticipable = true
	v.Tell("PAYMENT_CREATED", p)
	v.Later(accounts.Day)
	n := v.Advance(p, v.Now)
	v.Later(2 * accounts.Day)
	n.Credit(v)
	return p, n
}

// playAdvancedBoletoPaid is settled by its own payment.
func playAdvancedBoletoPaid(v *accounts.Scene, like Variation) {
	p, n := advancedBoleto(v, like)
	v.Later(4 * accounts.Day)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
	v.Later(2 * time.Second)
	n.Debit(v)
}

// playAdvancedBoletoUnpaid ends in the clinic's debt: the advance is taken back.
func playAdvancedBoletoUnpaid(v *accounts.Scene, like Variation) {
	p, n := advancedBoleto(v, like)
	v.Now = accounts.At(accounts.BusinessDay(p.Due.Add(accounts.Day)), 3, 1, 21)
	v.Overdue(p)
	v.Later(5 * accounts.Day)
	n.Debit(v)
}
