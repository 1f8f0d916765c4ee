package simulator

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// checkout is a payment page. The API answers it with its link and `splits`; webhook
// payloads have a null link (docs/gateway.md, checkouts).
type checkout struct {
	id, status, reference string
	minutes               int
	methods, charges      []any
	callback              any
	items                 []any
	plan                  any // installment{maxInstallmentCount}
	renewal               any // subscription{cycle, nextDueDate, endDate} of a recurrent one
	created               time.Time
}

func (c *checkout) object() *jsonobject.Object {
	return jsonobject.Of("id", c.id, "link", nil, "status", c.status, "minutesToExpire", c.minutes,
		"externalReference", textOrNull(c.reference), "billingTypes", c.methods, "chargeTypes", c.charges,
		"callback", c.callback, "items", c.items, "subscription", c.renewal, "installment", c.plan,
		"split", nil, "customer", nil, "customerData", nil)
}

// answer returns the checkout as the REST API shows it.
func (c *checkout) answer() *jsonobject.Object {
	o := c.object()
	o.Set("link", "https://sandbox.asaas.com/checkoutSession/show/"+c.id)
	return o
}

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

// line is one movement of the account's balance.
type line struct {
	number           int
	at               time.Time
	value            cents // signed
	kind             string
	payment, advance string
	transfer, split  string // ids, "" none
}

// book adds a movement to the account's statement; nothing for an amount of zero.
func (a *account) book(at time.Time, kind string, value cents, payment, anticipation string) {
	if value != 0 {
		a.statement = append(a.statement, line{number: a.number(), at: at, value: value, kind: kind, payment: payment, advance: anticipation})
	}
}

// balance returns the sum of the statement.
func (a *account) balance() (sum cents) {
	for _, l := range a.statement {
		sum += l.value
	}
	return sum
}
