package simulator

import "time"

func playAnticipationCredited(v *scene, like Story) {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.later(day)
	n := v.advance(p, v.now)
	v.later(4 * time.Hour)
	n.credit(v)
}

func playAnticipationDebited(v *scene, like Story) {
	playAnticipationCredited(v, like)
	p, n := v.books.payments[len(v.books.payments)-1], v.books.anticipations[len(v.books.anticipations)-1]
	v.now = at(p.credit, 3, 12, 41)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
	v.later(2 * time.Second)
	n.debit(v)
}

func playAnticipationDenied(v *scene, like Story) {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.later(day)
	n := v.advance(p, v.now)
	v.later(4 * time.Hour)
	n.denial = "Documentação insuficiente"
	n.become(v, "DENIED")
}

func playAnticipationRefunded(v *scene, like Story) {
	playAnticipationCredited(v, like)
	v.later(day)
	p := v.books.payments[len(v.books.payments)-1]
	v.refund(p, p.value, "Cirurgia cancelada")
}

// advancedBoleto is an open boleto that was paid out early.
func (v *scene) advancedBoleto(like Story) (*payment, *anticipation) {
	c := like.charge("BOLETO")
	c.due = businessDay(v.now.Add(12 * day))
	p := v.charge(c)
	p.anticipable = true
	v.tell("PAYMENT_CREATED", p)
	v.later(day)
	n := v.advance(p, v.now)
	v.later(2 * day)
	n.credit(v)
	return p, n
}

// playAdvancedBoletoPaid is settled by its own payment.
func playAdvancedBoletoPaid(v *scene, like Story) {
	p, n := v.advancedBoleto(like)
	v.later(4 * day)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
	v.later(2 * time.Second)
	n.debit(v)
}

// playAdvancedBoletoUnpaid ends in the clinic's debt: the advance is taken back.
func playAdvancedBoletoUnpaid(v *scene, like Story) {
	p, n := v.advancedBoleto(like)
	v.now = at(businessDay(p.due.Add(day)), 3, 1, 21)
	v.overdue(p)
	v.later(5 * day)
	n.debit(v)
}
