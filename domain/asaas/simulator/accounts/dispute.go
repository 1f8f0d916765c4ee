package accounts

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// dispute is a chargeback, the card holder's claim.
type dispute struct {
	ID      string
	Payment *Payment
	Started time.Time
}

// Status returns the dispute's own: the payment carries it.
func (d *dispute) Status() string { return d.Payment.chargeback }

// Answer returns the dispute as the REST API shows it.
func (d *dispute) Answer() *jsonobject.Object {
	decision := map[string]any{
		"IN_DISPUTE": "REQUESTED", "REVERSED": "ACCEPTED", "DONE": "ACCEPTED",
		"DISPUTE_LOST": "REJECTED",
	}[d.Status()]
	return jsonobject.Of("id", d.ID, "payment", d.Payment.ID, "installment", TextOrNull(d.Payment.Installment),
		"customerAccount", d.Payment.Customer, "status", d.Status(),
		"reason", "ABSENT_CARD_FRAUD", "disputeStartDate", Date(d.Started), "value", d.Payment.Value.Literal(),
		"paymentDate", Date(d.Payment.Confirmed),
		"creditCard", jsonobject.Of("number", "4444", "brand", "VISA"), "disputeStatus", decision,
		"deadlineToSendDisputeDocuments", Date(d.Started.AddDate(0, 0, 10)))
}

// Contest sends documents; the decision comes 20 days later, for the clinic, and the money a
// day after that.
func (v *Scene) Contest(p *Payment) {
	v.Chargeback(p, "CHARGEBACK_DISPUTE", "IN_DISPUTE", "PAYMENT_CHARGEBACK_DISPUTE")
	v.World.Plan(v.Books, v.Now.Add(20*Day), func(v *Scene) {
		if p.chargeback != "IN_DISPUTE" {
			return
		}
		v.Chargeback(p, "AWAITING_CHARGEBACK_REVERSAL", "REVERSED", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL")
		v.World.Plan(v.Books, v.Now.Add(Day), func(v *Scene) {
			if p.chargeback == "REVERSED" {
				v.Acquit(p)
			}
		})
	})
}

// Acquit ends a dispute that the clinic won: CONFIRMED or RECEIVED again, by the credit date.
func (v *Scene) Acquit(p *Payment) {
	if !p.Paid.IsZero() {
		v.Chargeback(p, "RECEIVED", "DONE", "PAYMENT_RECEIVED")
		return
	}
	v.Chargeback(p, "CONFIRMED", "DONE", "PAYMENT_CONFIRMED")
	v.watchCredit(p)
}
