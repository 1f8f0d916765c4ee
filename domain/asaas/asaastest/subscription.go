package asaastest

import (
	"time"

	"patapay/domain/asaas"
)

// subscription is what a recurrent checkout starts: a charge each month.
type subscription struct {
	id, customer, checkout, description string
	value                               cents
	next, created                       time.Time
}

// object renders the payload with the keys of the documented one, days as day/month/year;
// checkoutSession stands in one sandbox capture (gateway notes, subscriptions).
func (u *subscription) object() *object {
	return obj("object", "subscription", "id", u.id, "dateCreated", brazilian(u.created), "customer", u.customer, "paymentLink", nil,
		"checkoutSession", u.checkout, "value", u.value.literal(), "nextDueDate", brazilian(u.next), "cycle", "MONTHLY",
		"description", u.description, "billingType", "CREDIT_CARD", "deleted", false, "status", "ACTIVE", "externalReference", nil,
		"sendPaymentByPostalService", false,
		"discount", obj("value", cents(0).literal(), "limitDate", nil, "dueDateLimitDays", 0, "type", "FIXED"),
		"fine", obj("value", cents(0).literal(), "type", "PERCENTAGE"), "interest", obj("value", cents(0).literal(), "type", "PERCENTAGE"), "split", nil)
}

// brazilian returns t's day in São Paulo as subscriptions write it.
func brazilian(t time.Time) string { return t.In(asaas.SaoPaulo).Format("02/01/2006") }

// playCheckoutRecurrent opens a page for a monthly charge of a card; paid, it has started
// a subscription and made its first charge.
func playCheckoutRecurrent(v *scene, like Story) {
	offer := v.offer(like)
	offer.methods, offer.charges = []any{"CREDIT_CARD"}, []any{"RECURRENT"}
	offer.renewal = obj("cycle", "MONTHLY", "nextDueDate", instantOf(v.now), "endDate", instantOf(v.now.AddDate(1, 0, 0)))
	c := v.open(offer)
	v.later(8 * time.Minute)
	made := like.charge("CREDIT_CARD")
	u := &subscription{id: "sub_" + v.s.id(lowerAlnum, 16), checkout: c.id, description: made.description, value: made.value,
		customer: v.customer("Cliente de teste", "24971563792").text("id"), next: v.now.AddDate(0, 1, 0), created: v.now}
	v.s.emit(v.a, v.now, "SUBSCRIPTION_CREATED", "subscription", u.object())
	made.customer, made.checkout, made.subscription = u.customer, c.id, u.id
	v.payByCard(made)
	v.later(time.Second)
	v.end(c, "PAID")
}

// instantOf returns the beginning of t's day as checkouts write it.
func instantOf(t time.Time) string {
	return at(t, 0, 0, 0).UTC().Format("2006-01-02T15:04:05-0700")
}
