package simulator

import (
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// subscription makes a charge each cycle, until it is deleted or its end has come.
type subscription struct {
	id, customer, checkout, description string
	method, cycle, status               string
	reference                           string
	value                               cents
	next, end, created                  time.Time // end zero: none
	deleted                             bool
}

// cycles is how far apart the charges of a subscription are.
var cycles = map[string]struct{ months, days int }{
	"WEEKLY": {0, 7}, "BIWEEKLY": {0, 14}, "MONTHLY": {1, 0}, "BIMONTHLY": {2, 0}, "QUARTERLY": {3, 0}, "SEMIANNUALLY": {6, 0}, "YEARLY": {12, 0},
}

// subscribe starts a subscription whose first charge is due at u.next, and makes that
// charge: PENDING, or paid on the spot by card.
func (v *scene) subscribe(u subscription, paid bool) (*subscription, *payment) {
	u.id, u.status, u.created = "sub_"+v.world.id(lowerAlnum, 16), "ACTIVE", v.now
	v.books.subscriptions = append(v.books.subscriptions, &u)
	first := u.charge()
	u.move()
	v.emit("SUBSCRIPTION_CREATED", "subscription", u.object())
	u.watch(v)
	if paid {
		return &u, v.payByCard(first)
	}
	p := v.charge(first)
	v.tell("PAYMENT_CREATED", p)
	return &u, p
}

// charge returns the subscription's next charge.
func (u *subscription) charge() charge {
	return charge{method: u.method, value: u.value, customer: u.customer, checkout: u.checkout, subscription: u.id, due: u.next,
		description: u.description, reference: u.reference}
}

// move takes the next due date on by one cycle; beyond its end the subscription expires, of
// which no event tells.
func (u *subscription) move() {
	step := cycles[u.cycle]
	u.next = u.next.AddDate(0, step.months, step.days)
	if !u.end.IsZero() && u.next.After(u.end) {
		u.status = "EXPIRED"
	}
}

// renew makes the next charge; a card pays it on its due date, unless somebody undid that.
func (u *subscription) renew(v *scene) {
	c := u.charge()
	c.checkout = "" // the page was paid once
	p := v.charge(c)
	u.move()
	v.tell("PAYMENT_CREATED", p)
	if u.method != "CREDIT_CARD" {
		return
	}
	v.world.plan(v.books, at(p.due, 9, 30, 5), func(v *scene) {
		if p.status == "PENDING" && !p.deleted {
			v.confirm(p)
			v.tell("PAYMENT_CONFIRMED", p)
		}
	})
}

// remove deletes a subscription and its open charges.
func (u *subscription) remove(v *scene) {
	u.deleted, u.status = true, "INACTIVE"
	v.emit("SUBSCRIPTION_DELETED", "subscription", u.object())
	for _, p := range v.books.payments {
		if p.subscription == u.id && !p.deleted && (p.status == "PENDING" || p.status == "OVERDUE") {
			v.remove(p)
		}
	}
}

// answer returns the subscription as the REST API shows it: days as year-month-day.
func (u *subscription) answer() *jsonobject.Object {
	o := u.object()
	o.Set("dateCreated", date(u.created))
	o.Set("nextDueDate", date(u.next))
	o.Set("endDate", date(u.end))
	o.Drop("sendPaymentByPostalService")
	return o
}

// object renders the payload with the keys of the documented one, days as day/month/year;
// checkoutSession stands in one sandbox capture (docs/gateway.md, checkouts).
func (u *subscription) object() *jsonobject.Object {
	return jsonobject.Of("object", "subscription", "id", u.id, "dateCreated", brazilian(u.created), "customer", u.customer, "paymentLink", nil,
		"checkoutSession", textOrNull(u.checkout), "value", u.value.literal(), "nextDueDate", brazilian(u.next), "cycle", u.cycle,
		"description", textOrNull(u.description), "billingType", u.method, "deleted", u.deleted, "status", u.status, "externalReference", textOrNull(u.reference),
		"sendPaymentByPostalService", false,
		"discount", jsonobject.Of("value", cents(0).literal(), "limitDate", nil, "dueDateLimitDays", 0, "type", "FIXED"),
		"fine", jsonobject.Of("value", cents(0).literal(), "type", "PERCENTAGE"), "interest", jsonobject.Of("value", cents(0).literal(), "type", "PERCENTAGE"), "split", nil)
}

// brazilian returns t's day in São Paulo as subscriptions write it.
func brazilian(t time.Time) string { return t.In(asaas.SaoPaulo).Format("02/01/2006") }

// watch plans a subscription's next charge: made about 40 days before its due date,
// but never on the day of the one before; a card pays it on that date.
func (u *subscription) watch(v *scene) {
	when := at(u.next.AddDate(0, 0, -40), 4, 2, 11)
	if tomorrow := at(v.now.Add(day), 4, 2, 11); when.Before(tomorrow) {
		when = tomorrow
	}
	v.world.plan(v.books, when, func(v *scene) {
		if u.status == "ACTIVE" {
			u.renew(v)
			u.watch(v)
		}
	})
}
