package accounts

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// Anticipation is an advance on one payment or one plan.
type Anticipation struct {
	ID, Payment, Installment, Status string
	Value, Total, Fee                Cents // net of the charge's fee; gross; cost of the advance
	Days                             int
	requested, Credited, Due         time.Time
	Denial                           string
}

func (n *Anticipation) object() *jsonobject.Object {
	return jsonobject.Of("object", "anticipation", "id", n.ID, "installment", TextOrNull(n.Installment),
		"payment", TextOrNull(n.Payment), "status", n.Status, "anticipationDate", Date(n.Credited),
		"dueDate", Date(n.Due), "requestDate", Date(n.requested), "fee", n.Fee.Literal(),
		"anticipationDays", n.Days, "netValue", (n.Value - n.Fee).Literal(), "totalValue", n.Total.Literal(),
		"value", n.Value.Literal(), "denialObservation", TextOrNull(n.Denial))
}

// Answer returns the anticipation as the REST API shows it.
func (n *Anticipation) Answer() *jsonobject.Object {
	o := n.object()
	o.Set("object", "receivableAnticipation")
	return o
}

// Become gives an anticipation a new status and tells of it.
func (n *Anticipation) Become(v *Scene, status string) {
	n.Status = status
	v.emit("RECEIVABLE_ANTICIPATION_"+status, "anticipation", n.object())
}

// Credit pays an anticipation out.
func (n *Anticipation) Credit(v *Scene) {
	p := v.Books.Payment(n.Payment)
	n.Credited, p.Anticipated, p.Anticipable = v.Now, true, false
	v.Books.book(v.Now, "RECEIVABLE_ANTICIPATION_GROSS_CREDIT", n.Value, n.Payment, n.ID)
	v.Books.book(v.Now, "RECEIVABLE_ANTICIPATION_FEE", -n.Fee, n.Payment, n.ID)
	v.Tell("PAYMENT_ANTICIPATED", p)
	n.Become(v, "CREDITED")
}

// Debit settles an anticipation: the advance is taken back from the credited charge.
func (n *Anticipation) Debit(v *Scene) {
	v.Books.book(v.Now, "RECEIVABLE_ANTICIPATION_DEBIT", -n.Value, n.Payment, n.ID)
	n.Become(v, "DEBITED")
}

// Advance asks for an anticipation of a payment, to be credited at credited.
func (v *Scene) Advance(p *Payment, credited time.Time) *Anticipation {
	due := p.Credit
	if due.IsZero() {
		due = p.Due
	}
	n := v.Quote(p, credited, due)
	v.Books.Anticipations = append(v.Books.Anticipations, n)
	n.Become(v, "PENDING")
	n.watch(v)
	return n
}

// Quote returns what an anticipation of p would cost.
func (v *Scene) Quote(p *Payment, credited, due time.Time) *Anticipation {
	days := max(1, int(due.Sub(credited).Hours()/24+0.5))
	return &Anticipation{
		ID: v.World.UUID(), Payment: p.ID, Status: "PENDING", Value: p.Net, Total: p.Value,
		Fee: anticipationFee(p.Method, p.Net, days), Days: days, requested: v.Now, Credited: credited, Due: due,
	}
}

// watch plans what becomes of an anticipation under analysis: it is credited at its
// date.
func (n *Anticipation) watch(v *Scene) {
	v.World.Plan(v.Books, v.morning(n.Credited, 15, 5), func(v *Scene) {
		if n.Status == "PENDING" || n.Status == "SCHEDULED" {
			n.Credit(v)
		}
	})
}

// watchUnpaid plans the end of an advance whose charge was not paid in time: a few days
// later it is taken from the balance (docs/gateway.md, anticipations: the instant is
// unverified).
func (n *Anticipation) watchUnpaid(v *Scene) {
	v.World.Plan(v.Books, v.Now.Add(5*Day), func(v *Scene) {
		if n.Status == "OVERDUE" {
			n.Debit(v)
		}
	})
}
