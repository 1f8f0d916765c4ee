package simulator

import (
	"time"
)

func playPix(v *scene, like Story) {
	p := v.charge(like.charge("PIX"))
	v.tell("PAYMENT_CREATED", p)
	v.later(78 * time.Second)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
}

// playUnsolicited is a Pix to the account's key: born RECEIVED, by a stranger.
func playUnsolicited(v *scene, like Story) {
	c := like.charge("PIX")
	c.reference, c.description = "", "Cobrança gerada automaticamente a partir de Pix recebido."
	p := v.charge(c)
	v.receive(p)
	p.qr = ""
	v.tell("PAYMENT_CREATED", p)
	v.tell("PAYMENT_RECEIVED", p)
}

func playBoleto(v *scene, like Story) {
	c := like.charge("BOLETO")
	c.due = v.now.Add(2 * day)
	p := v.charge(c)
	v.tell("PAYMENT_CREATED", p)
	v.later(day)
	v.confirm(p)
	v.tell("PAYMENT_CONFIRMED", p)
	v.now = at(p.credit, 3, 12, 41)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
}

// playBoletoLate passes OVERDUE at 03:01 of the first business day after the due date.
func playBoletoLate(v *scene, like Story) {
	p := v.lateBoleto(like)
	v.later(4*day + 15*time.Hour)
	v.payLate(p)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
}

func playCard(v *scene, like Story) {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.now = at(p.credit, 3, 12, 41)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
}

// playCard3x is a plan of three whose receipts are still to come.
func playCard3x(v *scene, like Story) {
	v.divide(instalments{method: "CREDIT_CARD", description: "Cirurgia", reference: like.Reference, total: 3 * cents(like.AmountCents), first: v.now.AddDate(0, 0, 10)}, 3, true)
}

func playCash(v *scene, like Story) {
	p := v.charge(like.charge("PIX"))
	v.tell("PAYMENT_CREATED", p)
	v.later(day)
	v.receiveInCash(p)
	v.later(time.Hour)
	v.undoCash(p)
	v.later(day)
	v.receiveInCash(p)
}

func playRefund(v *scene, like Story) {
	playPix(v, like)
	p := v.books.payments[len(v.books.payments)-1]
	v.later(time.Hour)
	v.refund(p, p.value, "Consulta cancelada")
}

func playRefundPartial(v *scene, like Story) {
	playPix(v, like)
	p := v.books.payments[len(v.books.payments)-1]
	v.later(30 * time.Minute)
	v.refund(p, p.value*2/5, "Valor a mais")
	v.later(30 * time.Minute)
	v.refund(p, p.value/5, "Desconto")
}

func playRefundCard(v *scene, like Story) {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.later(time.Hour)
	v.refund(p, p.value, "")
}

func playDeleted(v *scene, like Story) {
	p := v.charge(like.charge("BOLETO"))
	p.cancelAfter = 5
	v.tell("PAYMENT_CREATED", p)
	v.later(time.Hour)
	v.remove(p)
	v.later(time.Hour)
	v.restore(p)
	v.later(time.Hour)
	v.remove(p)
}
