package simulator

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// anticipation is an advance on one payment or one plan.
type anticipation struct {
	id, payment, installment, status string
	value, total, fee                cents // net of the charge's fee; gross; cost of the advance
	days                             int
	requested, credited, due         time.Time
	denial                           string
}

func (n *anticipation) object() *jsonobject.Object {
	return jsonobject.Of("object", "anticipation", "id", n.id, "installment", textOrNull(n.installment),
		"payment", textOrNull(n.payment), "status", n.status, "anticipationDate", date(n.credited),
		"dueDate", date(n.due), "requestDate", date(n.requested), "fee", n.fee.literal(),
		"anticipationDays", n.days, "netValue", (n.value - n.fee).literal(), "totalValue", n.total.literal(),
		"value", n.value.literal(), "denialObservation", textOrNull(n.denial))
}

// answer returns the anticipation as the REST API shows it.
func (n *anticipation) answer() *jsonobject.Object {
	o := n.object()
	o.Set("object", "receivableAnticipation")
	return o
}

func (n *anticipation) become(v *scene, status string) {
	n.status = status
	v.emit("RECEIVABLE_ANTICIPATION_"+status, "anticipation", n.object())
}

// credit pays an anticipation out.
func (n *anticipation) credit(v *scene) {
	p := v.books.payment(n.payment)
	n.credited, p.anticipated, p.anticipable = v.now, true, false
	v.books.book(v.now, "RECEIVABLE_ANTICIPATION_GROSS_CREDIT", n.value, n.payment, n.id)
	v.books.book(v.now, "RECEIVABLE_ANTICIPATION_FEE", -n.fee, n.payment, n.id)
	v.tell("PAYMENT_ANTICIPATED", p)
	n.become(v, "CREDITED")
}

// debit settles an anticipation: the advance is taken back from the credited charge.
func (n *anticipation) debit(v *scene) {
	v.books.book(v.now, "RECEIVABLE_ANTICIPATION_DEBIT", -n.value, n.payment, n.id)
	n.become(v, "DEBITED")
}

// advance asks for an anticipation of a payment, to be credited at credited.
func (v *scene) advance(p *payment, credited time.Time) *anticipation {
	due := p.credit
	if due.IsZero() {
		due = p.due
	}
	n := v.quote(p, credited, due)
	v.books.anticipations = append(v.books.anticipations, n)
	n.become(v, "PENDING")
	n.watch(v)
	return n
}

// quote returns what an anticipation of p would cost.
func (v *scene) quote(p *payment, credited, due time.Time) *anticipation {
	days := max(1, int(due.Sub(credited).Hours()/24+0.5))
	return &anticipation{id: v.world.uuid(), payment: p.id, status: "PENDING", value: p.net, total: p.value,
		fee: anticipationFee(p.method, p.net, days), days: days, requested: v.now, credited: credited, due: due}
}

// watch plans what becomes of an anticipation under analysis: it is credited at its
// date.
func (n *anticipation) watch(v *scene) {
	v.world.plan(v.books, v.morning(n.credited, 15, 5), func(v *scene) {
		if n.status == "PENDING" || n.status == "SCHEDULED" {
			n.credit(v)
		}
	})
}

// watchUnpaid plans the end of an advance whose charge was not paid in time: a few days
// later it is taken from the balance (docs/gateway.md, anticipations: the moment is
// unverified).
func (n *anticipation) watchUnpaid(v *scene) {
	v.world.plan(v.books, v.now.Add(5*day), func(v *scene) {
		if n.status == "OVERDUE" {
			n.debit(v)
		}
	})
}
