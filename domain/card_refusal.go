package domain

// CardRefusal is why a card was not charged.
type CardRefusal string

// The kinds of refusal, by what they are called under /v1.
const (
	RefusedByCapture CardRefusal = "capture"       // the card's bank refused
	RefusedByRisk    CardRefusal = "risk_analysis" // Asaas's analysis refused
)

// cardRefusals are the events that tell of one. They leave the status as it is, so without a word of its own nobody
// would hear of it (docs/gateway.md, orders of events).
var cardRefusals = map[EventType]CardRefusal{
	"PAYMENT_CREDIT_CARD_CAPTURE_REFUSED": RefusedByCapture,
	"PAYMENT_REPROVED_BY_RISK_ANALYSIS":   RefusedByRisk,
}

// Refusals are the refusals of a payment's card: the newest in canonical order, and how many there were, so that each
// is a new version of the payment.
type Refusals struct {
	Count  int
	LastAt LocalTime // as the gateway dated it; "" when it gave no usable date
	Last   CardRefusal
}

// refusalsIn counts the refusals of an arranged history.
func refusalsIn(order []*Record) (all Refusals) {
	for _, r := range order {
		if kind, is := cardRefusals[r.Type]; is && r.GatewaySnapshot == nil {
			all.Count++
			all.LastAt, all.Last = r.At, kind
		}
	}
	return all
}
