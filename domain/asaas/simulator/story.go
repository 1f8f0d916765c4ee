package simulator

import (
	"time"

	"patapay/domain/asaas/jsonobject"
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

// payByCard makes a card charge that is paid on the spot: CREATED already says CONFIRMED.
func (v *scene) payByCard(c charge) *payment {
	p := v.charge(c)
	v.confirm(p)
	v.tell("PAYMENT_CREATED", p)
	v.tell("PAYMENT_CONFIRMED", p)
	return p
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
	p := v.a.payments[len(v.a.payments)-1]
	v.later(time.Hour)
	v.refund(p, p.value, "Consulta cancelada")
}

func playRefundPartial(v *scene, like Story) {
	playPix(v, like)
	p := v.a.payments[len(v.a.payments)-1]
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

func playDispute(v *scene, like Story) *payment {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.later(5 * day)
	v.dispute(p)
	return p
}

// dispute leads a paid charge to the day of the verdict.
func (v *scene) dispute(p *payment) {
	v.chargeback(p, "CHARGEBACK_REQUESTED", "REQUESTED", "PAYMENT_CHARGEBACK_REQUESTED")
	v.later(2 * day)
	v.chargeback(p, "CHARGEBACK_DISPUTE", "IN_DISPUTE", "PAYMENT_CHARGEBACK_DISPUTE")
	v.later(20 * day)
}

func playChargebackWon(v *scene, like Story) {
	p := playDispute(v, like)
	v.chargeback(p, "AWAITING_CHARGEBACK_REVERSAL", "REVERSED", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL")
	v.later(day)
	v.acquit(p)
}

func playChargebackLost(v *scene, like Story) {
	p := playDispute(v, like)
	v.chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
}

// playReceivedDispute disputes a charge whose money has come.
func playReceivedDispute(v *scene, like Story) *payment {
	playCard(v, like)
	p := v.a.payments[len(v.a.payments)-1]
	v.later(3 * day)
	v.dispute(p)
	return p
}

func playDisputeWonReceived(v *scene, like Story) {
	p := playReceivedDispute(v, like)
	v.chargeback(p, "AWAITING_CHARGEBACK_REVERSAL", "REVERSED", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL")
	v.later(day)
	v.acquit(p)
}

func playDisputeLostReceived(v *scene, like Story) {
	p := playReceivedDispute(v, like)
	v.chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
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

// page opens a checkout of one item at the charge's value, valid for an hour.
func (v *scene) page(like Story) *checkout { return v.open(v.offer(like)) }

// offer is a page that was not opened yet.
func (v *scene) offer(like Story) checkout {
	item := jsonobject.Of("name", "Consulta", "description", "Consulta veterinária", "quantity", 1,
		"value", cents(like.AmountCents).literal())
	back := jsonobject.Of("cancelUrl", "https://example.com/cancel", "successUrl", "https://example.com/success",
		"expiredUrl", "https://example.com/expired")
	return checkout{reference: like.Reference, minutes: 60, methods: []any{"CREDIT_CARD", "PIX"},
		charges: []any{"DETACHED"}, callback: back, items: []any{item}}
}

// payPage makes the payment of a checkout.
func (v *scene) payPage(like Story, c *checkout) {
	made := like.charge("PIX")
	made.checkout = c.id
	p := v.charge(made)
	v.tell("PAYMENT_CREATED", p)
	v.later(2 * time.Second)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
}

func playCheckoutPaid(v *scene, like Story) {
	c := v.page(like)
	v.later(8 * time.Minute)
	v.payPage(like, c)
	v.later(time.Second)
	v.end(c, "PAID")
}

func playCheckoutPaidFirst(v *scene, like Story) {
	c := v.page(like)
	v.later(8 * time.Minute)
	v.end(c, "PAID")
	v.payPage(like, c)
}

func playCheckoutExpired(v *scene, like Story) {
	c := v.page(like)
	v.later(time.Hour)
	v.end(c, "EXPIRED")
}

func playCheckoutCanceled(v *scene, like Story) {
	c := v.page(like)
	v.later(10 * time.Minute)
	v.end(c, "CANCELED")
}

func playAnticipationCredited(v *scene, like Story) {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.later(day)
	n := v.advance(p, v.now)
	v.later(4 * time.Hour)
	v.credit(n)
}

func playAnticipationDebited(v *scene, like Story) {
	playAnticipationCredited(v, like)
	p, n := v.a.payments[len(v.a.payments)-1], v.a.anticipations[len(v.a.anticipations)-1]
	v.now = at(p.credit, 3, 12, 41)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
	v.later(2 * time.Second)
	v.debit(n)
}

func playAnticipationDenied(v *scene, like Story) {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.later(day)
	n := v.advance(p, v.now)
	v.later(4 * time.Hour)
	n.denial = "Documentação insuficiente"
	v.tellAnticipation("DENIED", n)
}

func playAnticipationRefunded(v *scene, like Story) {
	playAnticipationCredited(v, like)
	v.later(day)
	p := v.a.payments[len(v.a.payments)-1]
	v.refund(p, p.value, "Cirurgia cancelada")
}
