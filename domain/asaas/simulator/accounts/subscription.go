package accounts

import (
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// Subscription makes a charge each cycle, until it is deleted or its end has come.
type Subscription struct {
	ID, Customer, Checkout, Description string
	Method, Cycle, Status               string
	Reference                           string
	Value                               Cents
	Next, End, created                  time.Time // end zero: none
	Deleted                             bool
}

// Cycles is how far apart the charges of a subscription are.
var Cycles = map[string]struct{ months, days int }{
	"WEEKLY": {0, 7}, "BIWEEKLY": {0, 14}, "MONTHLY": {1, 0}, "BIMONTHLY": {2, 0}, "QUARTERLY": {3, 0},
	"SEMIANNUALLY": {6, 0}, "YEARLY": {12, 0},
}

// Subscribe starts a subscription whose first charge is due at u.next, and makes that
// charge: PENDING, or paid on the spot by card.
func (v *Scene) Subscribe(u Subscription, paid bool) (*Subscription, *Payment) {
	u.ID, u.Status, u.created = "sub_"+v.World.RandomID(lowerAlnum, 16), "ACTIVE", v.Now
	v.Books.Subscriptions = append(v.Books.Subscriptions, &u)
	first := u.charge()
	u.move()
	v.emit("SUBSCRIPTION_CREATED", "subscription", u.object())
	u.watch(v)
	if paid {
		return &u, v.PayByCard(first)
	}
	p := v.Charge(first)
	v.Tell("PAYMENT_CREATED", p)
	return &u, p
}

// charge returns the subscription's next charge.
func (u *Subscription) charge() Charge {
	return Charge{
		Method: u.Method, Value: u.Value, Customer: u.Customer, Checkout: u.Checkout, subscription: u.ID,
		Due:         u.Next,
		Description: u.Description, Reference: u.Reference,
	}
}

// move takes the next due date on by one cycle; beyond its end the subscription expires, of
// which no event tells.
func (u *Subscription) move() {
	step := Cycles[u.Cycle]
	u.Next = u.Next.AddDate(0, step.months, step.days)
	if !u.End.IsZero() && u.Next.After(u.End) {
		u.Status = "EXPIRED"
	}
}

// renew makes the next charge; a card pays it on its due date, unless somebody undid that.
func (u *Subscription) renew(v *Scene) {
	c := u.charge()
	c.Checkout = "" // the page was paid once
	p := v.Charge(c)
	u.move()
	v.Tell("PAYMENT_CREATED", p)
	if u.Method != "CREDIT_CARD" {
		return
	}
	v.World.Plan(v.Books, At(p.Due, 9, 30, 5), func(v *Scene) {
		if p.Status == "PENDING" && !p.Deleted {
			v.Confirm(p)
			v.Tell("PAYMENT_CONFIRMED", p)
		}
	})
}

// Remove deletes a subscription and its open charges.
func (u *Subscription) Remove(v *Scene) {
	u.Deleted, u.Status = true, "INACTIVE"
	v.emit("SUBSCRIPTION_DELETED", "subscription", u.object())
	for _, p := range v.Books.Payments {
		if p.Subscription == u.ID && !p.Deleted && (p.Status == "PENDING" || p.Status == "OVERDUE") {
			v.Remove(p)
		}
	}
}

// Answer returns the subscription as the REST API shows it: days as year-month-day.
func (u *Subscription) Answer() *jsonobject.Object {
	o := u.object()
	o.Set("dateCreated", Date(u.created))
	o.Set("nextDueDate", Date(u.Next))
	o.Set("endDate", Date(u.End))
	o.Drop("sendPaymentByPostalService")
	return o
}

// object renders the payload with the keys of the documented one, days as day/month/year;
// checkoutSession stands in one sandbox capture (docs/gateway.md, checkouts).
func (u *Subscription) object() *jsonobject.Object {
	return jsonobject.Of("object", "subscription", "id", u.ID, "dateCreated", brazilian(u.created),
		"customer", u.Customer, "paymentLink", nil,
		"checkoutSession", TextOrNull(u.Checkout), "value", u.Value.Literal(), "nextDueDate", brazilian(u.Next),
		"cycle", u.Cycle,
		"description", TextOrNull(u.Description), "billingType", u.Method, "deleted", u.Deleted, "status", u.Status,
		"externalReference", TextOrNull(u.Reference),
		"sendPaymentByPostalService", false,
		"discount", jsonobject.Of("value", Cents(0).Literal(), "limitDate", nil, "dueDateLimitDays", 0,
			"type", "FIXED"),
		"fine", jsonobject.Of("value", Cents(0).Literal(), "type", "PERCENTAGE"),
		"interest", jsonobject.Of("value", Cents(0).Literal(), "type", "PERCENTAGE"), "split", nil)
}

// brazilian returns t's day in São Paulo as subscriptions write it.
func brazilian(t time.Time) string { return t.In(asaas.SaoPaulo).Format("02/01/2006") }

// watch plans a subscription's next charge: made about 40 days before its due date,
// but never on the day of the one before; a card pays it on that date.
func (u *Subscription) watch(v *Scene) {
	when := At(u.Next.AddDate(0, 0, -40), 4, 2, 11)
	if tomorrow := At(v.Now.Add(Day), 4, 2, 11); when.Before(tomorrow) {
		when = tomorrow
	}
	v.World.Plan(v.Books, when, func(v *Scene) {
		if u.Status == "ACTIVE" {
			u.renew(v)
			u.watch(v)
		}
	})
}
