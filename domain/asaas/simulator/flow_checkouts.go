package simulator

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// playCheckoutRecurrent opens a page for a monthly charge of a card; paid, it has started
// a subscription and made its first charge.
func playCheckoutRecurrent(v *scene, like Story) {
	offer := v.offer(like)
	offer.methods, offer.charges = []any{"CREDIT_CARD"}, []any{"RECURRENT"}
	offer.renewal = jsonobject.Of("cycle", "MONTHLY", "nextDueDate", instantOf(v.now), "endDate", instantOf(v.now.AddDate(1, 0, 0)))
	c := v.open(offer)
	v.later(8 * time.Minute)
	v.subscribe(subscription{checkout: c.id, description: "Consulta veterinária", value: cents(like.AmountCents), method: "CREDIT_CARD", cycle: "MONTHLY",
		reference: like.Reference, customer: v.tutor(), next: v.now}, true)
	v.later(time.Second)
	c.end(v, "PAID")
}

// instantOf returns the beginning of t's day as checkouts write it.
func instantOf(t time.Time) string {
	return at(t, 0, 0, 0).UTC().Format("2006-01-02T15:04:05-0700")
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
	c.end(v, "PAID")
}

func playCheckoutPaidFirst(v *scene, like Story) {
	c := v.page(like)
	v.later(8 * time.Minute)
	c.end(v, "PAID")
	v.payPage(like, c)
}

func playCheckoutExpired(v *scene, like Story) {
	c := v.page(like)
	v.later(time.Hour)
	c.end(v, "EXPIRED")
}

func playCheckoutCanceled(v *scene, like Story) {
	c := v.page(like)
	v.later(10 * time.Minute)
	c.end(v, "CANCELED")
}
