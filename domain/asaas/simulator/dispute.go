package simulator

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// dispute is a chargeback, the card holder's claim.
type dispute struct {
	id      string
	p       *payment
	started time.Time
}

// status returns the dispute's own: the payment carries it.
func (d *dispute) status() string { return d.p.chargeback }

// answer returns the dispute as the REST API shows it.
func (d *dispute) answer() *jsonobject.Object {
	verdict := map[string]any{"IN_DISPUTE": "REQUESTED", "REVERSED": "ACCEPTED", "DONE": "ACCEPTED", "DISPUTE_LOST": "REJECTED"}[d.status()]
	return jsonobject.Of("id", d.id, "payment", d.p.id, "installment", textOrNull(d.p.installment), "customerAccount", d.p.customer, "status", d.status(),
		"reason", "ABSENT_CARD_FRAUD", "disputeStartDate", date(d.started), "value", d.p.value.literal(), "paymentDate", date(d.p.confirmed),
		"creditCard", jsonobject.Of("number", "4444", "brand", "VISA"), "disputeStatus", verdict, "deadlineToSendDisputeDocuments", date(d.started.AddDate(0, 0, 10)))
}

// contest sends documents; the verdict comes 20 days later, for the clinic, and the money a
// day after that.
func (v *scene) contest(p *payment) {
	v.chargeback(p, "CHARGEBACK_DISPUTE", "IN_DISPUTE", "PAYMENT_CHARGEBACK_DISPUTE")
	v.world.plan(v.books, v.now.Add(20*day), func(v *scene) {
		if p.chargeback != "IN_DISPUTE" {
			return
		}
		v.chargeback(p, "AWAITING_CHARGEBACK_REVERSAL", "REVERSED", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL")
		v.world.plan(v.books, v.now.Add(day), func(v *scene) {
			if p.chargeback == "REVERSED" {
				v.acquit(p)
			}
		})
	})
}

// acquit ends a dispute that the clinic won: CONFIRMED or RECEIVED again, by the credit date.
func (v *scene) acquit(p *payment) {
	if !p.paid.IsZero() {
		v.chargeback(p, "RECEIVED", "DONE", "PAYMENT_RECEIVED")
		return
	}
	v.chargeback(p, "CONFIRMED", "DONE", "PAYMENT_CONFIRMED")
	v.watchCredit(p)
}
