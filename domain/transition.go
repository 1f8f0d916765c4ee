package domain

// TransitionVersion numbers the tables of this file: a change of them may change a
// projection, so it raises the number and asks for a rebuild.
const TransitionVersion = 1

// paymentGraph is the table of payment.status: from → allowed to (docs/gateway.md,
// orders of events). A status that is no key here is unknown.
var paymentGraph = graph{
	"PENDING": {
		"OVERDUE",
		"AUTHORIZED",
		"AWAITING_RISK_ANALYSIS",
		"CONFIRMED",
		"RECEIVED",
		"RECEIVED_IN_CASH",
	},
	"AUTHORIZED":             {"CONFIRMED", "PENDING", "REFUNDED"},
	"AWAITING_RISK_ANALYSIS": {"CONFIRMED", "PENDING", "OVERDUE", "REFUNDED"},
	"OVERDUE": {
		"PENDING",
		"AUTHORIZED",
		"AWAITING_RISK_ANALYSIS",
		"CONFIRMED",
		"RECEIVED",
		"RECEIVED_IN_CASH",
		"DUNNING_REQUESTED",
	},
	"CONFIRMED": {
		"RECEIVED",
		"REFUND_REQUESTED",
		"REFUND_IN_PROGRESS",
		"REFUNDED",
		"CHARGEBACK_REQUESTED",
	},
	"RECEIVED":           {"REFUND_REQUESTED", "REFUND_IN_PROGRESS", "REFUNDED", "CHARGEBACK_REQUESTED"},
	"RECEIVED_IN_CASH":   {"PENDING", "OVERDUE"},
	"REFUND_REQUESTED":   {"REFUND_IN_PROGRESS", "REFUNDED", "CONFIRMED", "RECEIVED"},
	"REFUND_IN_PROGRESS": {"REFUNDED", "CONFIRMED", "RECEIVED"},
	"CHARGEBACK_REQUESTED": {
		"CHARGEBACK_DISPUTE",
		"AWAITING_CHARGEBACK_REVERSAL",
		"REFUNDED",
		"CONFIRMED",
		"RECEIVED",
	},
	"CHARGEBACK_DISPUTE":           {"AWAITING_CHARGEBACK_REVERSAL", "REFUNDED", "CONFIRMED", "RECEIVED"},
	"AWAITING_CHARGEBACK_REVERSAL": {"CONFIRMED", "RECEIVED", "REFUNDED"},
	"DUNNING_REQUESTED":            {"DUNNING_RECEIVED", "OVERDUE", "CONFIRMED", "RECEIVED", "RECEIVED_IN_CASH"},
	"DUNNING_RECEIVED":             {"REFUNDED"},
	"REFUNDED":                     {},
}

// checkoutGraph and anticipationGraph: docs/gateway.md, other machines.
var checkoutGraph = graph{
	"ACTIVE":   {"PAID", "CANCELED", "EXPIRED"},
	"EXPIRED":  {"PAID"},
	"CANCELED": {},
	"PAID":     {},
}

var anticipationGraph = graph{
	"PENDING":   {"SCHEDULED", "CREDITED", "DENIED", "CANCELLED"},
	"SCHEDULED": {"PENDING", "CREDITED", "DENIED", "CANCELLED"},
	"CREDITED":  {"DEBITED", "OVERDUE"},
	"OVERDUE":   {"DEBITED"},
	"DEBITED":   {},
	"DENIED":    {},
	"CANCELLED": {},
}

// graph is from → allowed to.
type graph map[string][]string

// knows tells whether status is in the table.
func (g graph) knows(status string) bool {
	_, ok := g[status]
	return ok
}

// allows tells whether the table allows the step. A status that it does not know is not
// judged: it is flagged as such.
func (g graph) allows(from, to string) bool {
	if from == to || !g.knows(from) || !g.knows(to) {
		return true
	}
	return member(g[from], to)
}

func member(list []string, s string) bool {
	for _, m := range list {
		if m == s {
			return true
		}
	}
	return false
}

// statusesOf lists the statuses that an event may carry, for the events that say one by
// their name (docs/gateway.md, event catalogue). Where that is unverified the list is
// wide; an event that is no key here says nothing about the status.
var statusesOf = map[EventType][]string{
	"PAYMENT_CREATED": {
		"PENDING",
		"OVERDUE",
		"AUTHORIZED",
		"AWAITING_RISK_ANALYSIS",
		"CONFIRMED",
		"RECEIVED",
		"RECEIVED_IN_CASH",
	},
	"PAYMENT_AWAITING_RISK_ANALYSIS":       {"AWAITING_RISK_ANALYSIS"},
	"PAYMENT_AUTHORIZED":                   {"AUTHORIZED"},
	"PAYMENT_CREDIT_CARD_CAPTURE_REFUSED":  {"PENDING", "OVERDUE", "AUTHORIZED"},
	"PAYMENT_CONFIRMED":                    {"CONFIRMED", "RECEIVED"},
	"PAYMENT_RECEIVED":                     {"RECEIVED", "RECEIVED_IN_CASH"},
	"PAYMENT_OVERDUE":                      {"OVERDUE"},
	"PAYMENT_RESTORED":                     {"PENDING", "OVERDUE"},
	"PAYMENT_REFUNDED":                     {"REFUNDED"},
	"PAYMENT_PARTIALLY_REFUNDED":           {"RECEIVED", "CONFIRMED"},
	"PAYMENT_REFUND_IN_PROGRESS":           {"REFUND_IN_PROGRESS", "REFUND_REQUESTED"},
	"PAYMENT_RECEIVED_IN_CASH_UNDONE":      {"PENDING", "OVERDUE"},
	"PAYMENT_CHARGEBACK_REQUESTED":         {"CHARGEBACK_REQUESTED"},
	"PAYMENT_CHARGEBACK_DISPUTE":           {"CHARGEBACK_DISPUTE"},
	"PAYMENT_AWAITING_CHARGEBACK_REVERSAL": {"AWAITING_CHARGEBACK_REVERSAL"},
	"PAYMENT_DUNNING_REQUESTED":            {"DUNNING_REQUESTED"},
	"PAYMENT_DUNNING_RECEIVED":             {"DUNNING_RECEIVED"},

	"CHECKOUT_CREATED":  {"ACTIVE"},
	"CHECKOUT_CANCELED": {"CANCELED"},
	"CHECKOUT_EXPIRED":  {"EXPIRED"},
	"CHECKOUT_PAID":     {"PAID"},

	"RECEIVABLE_ANTICIPATION_SCHEDULED": {"SCHEDULED"},
	"RECEIVABLE_ANTICIPATION_PENDING":   {"PENDING"},
	"RECEIVABLE_ANTICIPATION_CREDITED":  {"CREDITED"},
	"RECEIVABLE_ANTICIPATION_DEBITED":   {"DEBITED"},
	"RECEIVABLE_ANTICIPATION_DENIED":    {"DENIED"},
	"RECEIVABLE_ANTICIPATION_CANCELLED": {"CANCELLED"},
	"RECEIVABLE_ANTICIPATION_OVERDUE":   {"OVERDUE"},
}

// silent are the known events of the three kinds that say nothing about the status.
var silent = map[EventType]bool{
	"PAYMENT_UPDATED": true, "PAYMENT_APPROVED_BY_RISK_ANALYSIS": true,
	"PAYMENT_REPROVED_BY_RISK_ANALYSIS": true, "PAYMENT_ANTICIPATED": true,
	"PAYMENT_DELETED": true, "PAYMENT_REFUND_DENIED": true, "PAYMENT_BANK_SLIP_CANCELLED": true,
	"PAYMENT_BANK_SLIP_VIEWED": true, "PAYMENT_CHECKOUT_VIEWED": true,
	"PAYMENT_SPLIT_CANCELLED": true, "PAYMENT_SPLIT_DIVERGENCE_BLOCK": true,
	"PAYMENT_SPLIT_DIVERGENCE_BLOCK_FINISHED": true, "PAYMENT_SPLIT_DONE": true,
}

// KnownType tells whether the fold knows what an event of this type means.
func KnownType(t EventType) bool { return statusesOf[t] != nil || silent[t] }

// ViewType tells whether the event only says that the payer looked.
func ViewType(t EventType) bool {
	return t == "PAYMENT_BANK_SLIP_VIEWED" || t == "PAYMENT_CHECKOUT_VIEWED"
}
