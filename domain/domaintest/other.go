package domaintest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"patapay/domain"
)

// checkout is the gateway's side of one checkout.
type checkout struct {
	id, reference, status string
	price                 domain.Money
}

func newCheckout(rng *rand.Rand) *checkout {
	return &checkout{
		id:        fmt.Sprintf("%08x-0000-4000-8000-%012x", rng.Uint32(), rng.Uint64()>>16),
		reference: fmt.Sprintf("invoice-%d", rng.IntN(1e6)), status: "ACTIVE",
		price: domain.Money(100 + rng.IntN(100_000)),
	}
}

func (c *checkout) first() string { return "CHECKOUT_CREATED" }

// checkoutTurns: expired and then paid is the Pix of the last minute.
var checkoutTurns = map[string][]turn{
	"ACTIVE": {
		{
			"CHECKOUT_PAID",
			"PAID",
			3,
			false,
		},
		{"CHECKOUT_CANCELED", "CANCELED", 1, false},
		{"CHECKOUT_EXPIRED", "EXPIRED", 3, false},
	},
	"EXPIRED":  {{"CHECKOUT_PAID", "PAID", 3, true}},
	"CANCELED": {{"CHECKOUT_CANCELED", "", 1, false}},
	"PAID":     {{"CHECKOUT_PAID", "", 1, false}},
}

func (c *checkout) choose(rng *rand.Rand) turn { return pick(rng, checkoutTurns[c.status]) }

func (c *checkout) apply(_ *rand.Rand, t turn, _ time.Time) {
	if t.to != "" {
		c.status = t.to
	}
}

func (c checkout) entity() string { return c.id }

func (c checkout) fill(b *build) domain.Snapshot {
	s := &domain.CheckoutSnapshot{}
	b.word("id", &s.ID, given, c.id)
	b.literal("link", "null")
	b.word("status", &s.Status, given, c.status)
	b.count("minutesToExpire", &s.MinutesToExpire, given, 60)
	b.word("externalReference", &s.ExternalReference, given, c.reference)
	one := []domain.CheckoutItem{{Quantity: domain.Some(2), Value: domain.Some(c.price)}}
	opt(b, "items", &s.Items, given, one, func([]domain.CheckoutItem) string {
		return fmt.Sprintf(`[{"name":"Consulta","description":null,"quantity":2,"value":%s}]`, amount(c.price))
	})
	opt(b, "billingTypes", &s.BillingTypes, given, []string{"PIX"}, func([]string) string { return `["PIX"]` })
	return domain.Snapshot{Checkout: s}
}

// anticipation is the gateway's side of one anticipation.
type anticipation struct {
	id, payment, status string
	value, fee          domain.Money
	day                 domain.Day
}

func newAnticipation(rng *rand.Rand, now time.Time) *anticipation {
	value := domain.Money(1000 + rng.IntN(500_000))
	return &anticipation{
		id:      fmt.Sprintf("%08x-0000-4000-9000-%012x", rng.Uint32(), rng.Uint64()>>16),
		payment: fmt.Sprintf("pay_%016x", rng.Uint64()), status: "PENDING",
		value: value, fee: value / 50, day: dayOf(now, 1),
	}
}

func (a *anticipation) first() string { return "RECEIVABLE_ANTICIPATION_PENDING" }

var anticipationTurns = map[string][]turn{
	"PENDING": {
		{"RECEIVABLE_ANTICIPATION_SCHEDULED", "SCHEDULED", 2, false},
		{"RECEIVABLE_ANTICIPATION_CREDITED", "CREDITED", 4, false},
		{"RECEIVABLE_ANTICIPATION_DENIED", "DENIED", 1, false},
		{"RECEIVABLE_ANTICIPATION_CANCELLED", "CANCELLED", 1, false},
	},
	"SCHEDULED": {
		{"RECEIVABLE_ANTICIPATION_CREDITED", "CREDITED", 4, false},
		{"RECEIVABLE_ANTICIPATION_CANCELLED", "CANCELLED", 1, false},
		{"RECEIVABLE_ANTICIPATION_PENDING", "PENDING", 1, true},
	},
	"CREDITED": {
		{"RECEIVABLE_ANTICIPATION_DEBITED", "DEBITED", 3, false}, {"RECEIVABLE_ANTICIPATION_OVERDUE", "OVERDUE", 1, false},
	},
	"OVERDUE":   {{"RECEIVABLE_ANTICIPATION_DEBITED", "DEBITED", 1, false}},
	"DEBITED":   {{"RECEIVABLE_ANTICIPATION_DEBITED", "", 1, false}},
	"DENIED":    {{"RECEIVABLE_ANTICIPATION_DENIED", "", 1, false}},
	"CANCELLED": {{"RECEIVABLE_ANTICIPATION_CANCELLED", "", 1, false}},
}

func (a *anticipation) choose(rng *rand.Rand) turn { return pick(rng, anticipationTurns[a.status]) }

func (a *anticipation) apply(rng *rand.Rand, t turn, now time.Time) {
	if t.to == "SCHEDULED" {
		a.day = dayOf(now, 1+rng.IntN(3))
	}
	if t.to != "" {
		a.status = t.to
	}
}

func (a anticipation) entity() string { return a.id }

func (a anticipation) fill(b *build) domain.Snapshot {
	s := &domain.AnticipationSnapshot{}
	b.literal("object", `"anticipation"`)
	b.word("id", &s.ID, given, a.id)
	b.word("installment", &s.Installment, null, "")
	b.word("payment", &s.Payment, given, a.payment)
	b.word("status", &s.Status, given, a.status)
	b.day("anticipationDate", &s.AnticipationDate, given, a.day)
	b.count("anticipationDays", &s.Days, given, 11)
	b.money("fee", &s.Fee, given, a.fee)
	b.money("netValue", &s.NetValue, given, a.value-a.fee)
	b.money("totalValue", &s.TotalValue, given, a.value+199)
	b.money("value", &s.Value, given, a.value)
	b.literal("denialObservation", "null")
	return domain.Snapshot{Anticipation: s}
}
