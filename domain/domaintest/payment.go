package domaintest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// payment is the gateway's side of one charge. It is a value: a step keeps a copy.
type payment struct {
	id, customer, reference, method, status string
	value, net                              domain.Money
	created, due, firstDue                  domain.Day
	paid, credit                            domain.Day
	deleted, anticipated, sparse            bool
	viewed                                  time.Time
	dispute                                 string
	refunds                                 []domain.Refund
}

// turn is one thing that may happen to a charge in some status.
type turn struct {
	event, to string // to "" keeps the status
	weight    int
	back      bool // a legal step back
}

var views = []turn{{event: "PAYMENT_CHECKOUT_VIEWED", weight: 1}, {event: "PAYMENT_BANK_SLIP_VIEWED", weight: 1}}

// turns are the ways of a payment (docs/gateway.md, orders of events).
var turns = map[string][]turn{
	"PENDING": {
		{"PAYMENT_OVERDUE", "OVERDUE", 4, false},
		{"PAYMENT_CONFIRMED", "CONFIRMED", 4, false},
		{"PAYMENT_RECEIVED", "RECEIVED", 4, false},
		{"PAYMENT_RECEIVED", "RECEIVED_IN_CASH", 2, false},
		{"PAYMENT_AUTHORIZED", "AUTHORIZED", 1, false},
		{"PAYMENT_AWAITING_RISK_ANALYSIS", "AWAITING_RISK_ANALYSIS", 1, false},
		{"PAYMENT_UPDATED", "", 2, false},
		{"PAYMENT_DELETED", "", 1, false},
	},
	"OVERDUE": {
		{"PAYMENT_UPDATED", "PENDING", 3, true},
		{"PAYMENT_CONFIRMED", "CONFIRMED", 2, false},
		{"PAYMENT_RECEIVED", "RECEIVED", 3, false},
		{"PAYMENT_RECEIVED", "RECEIVED_IN_CASH", 1, false},
		{"PAYMENT_DUNNING_REQUESTED", "DUNNING_REQUESTED", 1, false},
		{"PAYMENT_DELETED", "", 1, false},
	},
	"AUTHORIZED": {
		{"PAYMENT_CONFIRMED", "CONFIRMED", 4, false},
		{"PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", "PENDING", 1, true},
	},
	"AWAITING_RISK_ANALYSIS": {
		{
			"PAYMENT_APPROVED_BY_RISK_ANALYSIS",
			"CONFIRMED",
			3,
			false,
		},
		{"PAYMENT_REPROVED_BY_RISK_ANALYSIS", "PENDING", 1, true},
	},
	"CONFIRMED": {
		{"PAYMENT_RECEIVED", "RECEIVED", 4, false},
		{"PAYMENT_REFUNDED", "REFUNDED", 1, false},
		{"PAYMENT_CHARGEBACK_REQUESTED", "CHARGEBACK_REQUESTED", 2, false},
		{"PAYMENT_ANTICIPATED", "", 1, false},
		{"PAYMENT_PARTIALLY_REFUNDED", "", 1, false},
	},
	"RECEIVED": {
		{"PAYMENT_REFUNDED", "REFUNDED", 1, false},
		{"PAYMENT_PARTIALLY_REFUNDED", "", 2, false},
		{"PAYMENT_REFUND_IN_PROGRESS", "REFUND_IN_PROGRESS", 3, false},
		{"PAYMENT_CHARGEBACK_REQUESTED", "CHARGEBACK_REQUESTED", 3, false},
	},
	"RECEIVED_IN_CASH": {
		{"PAYMENT_RECEIVED_IN_CASH_UNDONE", "PENDING", 2, true}, {"PAYMENT_RECEIVED_IN_CASH_UNDONE", "OVERDUE", 1, true},
	},
	"REFUND_IN_PROGRESS": {{"PAYMENT_REFUNDED", "REFUNDED", 1, false}, {"PAYMENT_REFUND_DENIED", "RECEIVED", 2, true}},
	"CHARGEBACK_REQUESTED": {
		{"PAYMENT_CHARGEBACK_DISPUTE", "CHARGEBACK_DISPUTE", 3, false},
		{"PAYMENT_REFUNDED", "REFUNDED", 1, false},
	},
	"CHARGEBACK_DISPUTE": {
		{
			"PAYMENT_AWAITING_CHARGEBACK_REVERSAL",
			"AWAITING_CHARGEBACK_REVERSAL",
			3,
			false,
		},
		{"PAYMENT_REFUNDED", "REFUNDED", 1, false},
	},
	"AWAITING_CHARGEBACK_REVERSAL": {
		{"PAYMENT_RECEIVED", "RECEIVED", 2, true},
		{"PAYMENT_CONFIRMED", "CONFIRMED", 1, true},
	},
	"DUNNING_REQUESTED": {
		{"PAYMENT_DUNNING_RECEIVED", "DUNNING_RECEIVED", 1, false},
		{"PAYMENT_RECEIVED", "RECEIVED", 1, false},
		{"PAYMENT_OVERDUE", "OVERDUE", 1, true},
	},
	"DUNNING_RECEIVED": views,
	"REFUNDED":         views,
}

func newPayment(rng *rand.Rand, now time.Time) *payment {
	value := domain.Money(100 + rng.IntN(500_000))
	p := &payment{
		id: paymentID(rng), customer: fmt.Sprintf("cus_%012d", rng.IntN(1e9)),
		method: []string{"PIX", "BOLETO", "CREDIT_CARD", "UNDEFINED"}[rng.IntN(4)],
		status: "PENDING", value: value, net: value - min(value, 199), sparse: rng.IntN(4) == 0,
		created: dayOf(now, 0), due: dayOf(now, 5), firstDue: dayOf(now, 5),
	}
	if rng.IntN(5) > 0 { // one in five nobody registered
		p.reference = fmt.Sprintf("invoice-%d", rng.IntN(1e6))
	}
	if rng.IntN(12) == 0 { // paid at once: CREATED already says so (docs/gateway.md, orders of events)
		if p.status = []string{"CONFIRMED", "RECEIVED"}[rng.IntN(2)]; p.status == "RECEIVED" {
			p.paid = p.created
		}
	}
	return p
}

// paymentID returns an id of either form (docs/gateway.md, identifiers).
func paymentID(rng *rand.Rand) string {
	old := fmt.Sprintf("pay_%016x", rng.Uint64())
	if rng.IntN(2) == 0 {
		return old
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	text := make([]byte, 14)
	for i := range text {
		text[i] = letters[rng.IntN(len(letters))]
	}
	return fmt.Sprintf("pay_%d_%s", 1+rng.IntN(9), text)
}

func (p *payment) first() string { return "PAYMENT_CREATED" }

func (p *payment) choose(rng *rand.Rand) turn {
	if p.deleted {
		if rng.IntN(6) == 0 && (p.status == "PENDING" || p.status == "OVERDUE") { // a slip already printed
			return turn{event: "PAYMENT_RECEIVED", to: "RECEIVED"}
		}
		if p.status == "PENDING" || p.status == "OVERDUE" {
			return turn{event: "PAYMENT_RESTORED", back: true}
		}
	}
	if rng.IntN(8) == 0 {
		return views[rng.IntN(len(views))]
	}
	return pick(rng, turns[p.status])
}

func pick(rng *rand.Rand, from []turn) turn {
	sum := 0
	for _, t := range from {
		sum += t.weight
	}
	n := rng.IntN(sum)
	for _, t := range from {
		if n -= t.weight; n < 0 {
			return t
		}
	}
	return from[0]
}

// apply changes the charge as the gateway would.
func (p *payment) apply(rng *rand.Rand, t turn, now time.Time) {
	if t.to != "" {
		p.settle(t.to, now)
	}
	switch t.event {
	case "PAYMENT_UPDATED":
		p.due = dayOf(now, 10)
		if rng.IntN(2) == 0 {
			p.value += domain.Money(rng.IntN(1000))
			p.net = p.value - min(p.value, 199)
		}
	case "PAYMENT_DELETED":
		p.deleted = true
	case "PAYMENT_RESTORED":
		p.deleted = false
	case "PAYMENT_ANTICIPATED":
		p.anticipated = true
	case "PAYMENT_CHECKOUT_VIEWED", "PAYMENT_BANK_SLIP_VIEWED":
		p.viewed = now
	case "PAYMENT_PARTIALLY_REFUNDED":
		p.refund(max(1, (p.value-p.refunded())/4), now)
	case "PAYMENT_REFUNDED":
		p.refund(p.value-p.refunded(), now)
	}
}

func (p *payment) settle(to string, now time.Time) {
	p.status = to
	switch to {
	case "CONFIRMED": // paymentDate stays null until the money has come
		p.credit = dayOf(now, 32)
	case "RECEIVED", "RECEIVED_IN_CASH", "DUNNING_RECEIVED":
		p.paid, p.credit = dayOf(now, 0), dayOf(now, 32)
	case "PENDING", "OVERDUE":
		p.paid, p.credit = "", ""
	case "CHARGEBACK_REQUESTED":
		p.dispute = "REQUESTED"
	case "CHARGEBACK_DISPUTE":
		p.dispute = "IN_DISPUTE"
	case "AWAITING_CHARGEBACK_REVERSAL":
		p.dispute = "REVERSED"
	}
}

func (p *payment) refunded() (sum domain.Money) {
	for _, r := range p.refunds {
		sum += r.Value.V
	}
	return sum
}

// refund adds a refund that is done. The list is copied, for older steps keep theirs.
func (p *payment) refund(v domain.Money, now time.Time) {
	if v <= 0 || p.refunded()+v > p.value {
		return
	}
	r := domain.Refund{CreatedAt: asaas.LocalTimeOf(now), Status: domain.RefundDone, Value: domain.Some(v)}
	p.refunds = append(append([]domain.Refund(nil), p.refunds...), r)
}

func (p payment) entity() string { return p.id }

// fill writes the charge as a payload. A sparse one leaves relational keys out, as the
// gateway does; none of them ever takes a value back, so leaving out loses nothing.
func (p payment) fill(b *build) domain.Snapshot {
	s := &domain.PaymentSnapshot{}
	b.literal("object", `"payment"`)
	b.word("id", &s.ID, given, p.id)
	b.day("dateCreated", &s.CreatedOn, given, p.created)
	b.word("customer", &s.Customer, given, p.customer)
	b.money("value", &s.Value, given, p.value)
	b.money("netValue", &s.NetValue, given, p.net)
	b.word("billingType", &s.BillingType, given, p.method)
	b.word("status", &s.Status, given, p.status)
	b.day("dueDate", &s.DueDate, given, p.due)
	b.day("originalDueDate", &s.OriginalDueDate, given, p.firstDue)
	b.day("paymentDate", &s.PaymentDate, orNull(p.paid), p.paid)
	b.day("creditDate", &s.CreditDate, orNull(p.credit), p.credit)
	b.flag("deleted", &s.Deleted, given, p.deleted)
	b.flag("anticipated", &s.Anticipated, given, p.anticipated)
	if p.sparse {
		b.word("externalReference", &s.ExternalReference, orAbsent(p.reference), p.reference)
		b.instant("lastInvoiceViewedDate", &s.InvoiceViewedAt, orAbsent(p.viewed), p.viewed)
	} else {
		b.word("externalReference", &s.ExternalReference, orNull(p.reference), p.reference)
		b.instant("lastInvoiceViewedDate", &s.InvoiceViewedAt, orNull(p.viewed), p.viewed)
		b.literal("description", `"Consulta de teste"`)
	}
	p.fillDispute(b, s)
	p.fillRefunds(b, s)
	return domain.Snapshot{Payment: s}
}

func (p payment) fillDispute(b *build, s *domain.PaymentSnapshot) {
	c := domain.Chargeback{Status: p.dispute, Reason: "PROCESS_ERROR"}
	opt(b, "chargeback", &s.Chargeback, orAbsent(p.dispute), c, func(c domain.Chargeback) string {
		return fmt.Sprintf(`{"status":%q,"reason":%q}`, c.Status, c.Reason)
	})
}

func (p payment) fillRefunds(b *build, s *domain.PaymentSnapshot) {
	how := given
	if len(p.refunds) == 0 {
		how = null
	}
	opt(b, "refunds", &s.Refunds, how, p.refunds, func(list []domain.Refund) string {
		out := []byte("[")
		for i, r := range list {
			if i > 0 {
				out = append(out, ',')
			}
			out = fmt.Appendf(out, `{"dateCreated":%q,"status":%q,"value":%s}`, r.CreatedAt, r.Status, amount(r.Value.V))
		}
		return string(append(out, ']'))
	})
}
