package domain

import "time"

// Kind is what an event speaks of.
type Kind string

// The kinds that are folded. Every other family is KindOther: stored, without effect.
const (
	KindPayment      Kind = "payment"
	KindCheckout     Kind = "checkout"
	KindAnticipation Kind = "anticipation"
	KindOther        Kind = ""
)

// The kinds of the feed's entries that speak of the agenda: no event does.
const (
	KindDeadlineOpened  Kind = "deadline_opened"
	KindDeadlineChanged Kind = "deadline_changed"
	KindDeadlineClosed  Kind = "deadline_closed"
)

// The kinds of the feed's entries that speak of work items, and of the connection: no event does.
const (
	KindWorkItemOpened  Kind = "work_item_opened"
	KindWorkItemChanged Kind = "work_item_changed"
	KindWorkItemClosed  Kind = "work_item_closed"
	KindConnection      Kind = "connection"
)

// EventType is the gateway's name of an event, word for word.
type EventType string

// EventKey names one event inside a clinic: the digits after `&` of its id (0 when there
// are none) and the first 16 bytes of the SHA-256 of the whole id.
type EventKey struct {
	Environment Environment
	Seq         int64
	Hash        [16]byte
}

// LocalTime is a gateway time without zone, "2006-01-02 15:04:05", São Paulo by all
// signs. "" stands for malformed or misdated and sorts lowest.
// Being text in this form, it is compared as text.
type LocalTime string

// Record is what fold and facts read of one accepted event: no names, no free text.
type Record struct {
	Key             EventKey
	ID              string // whole event id, as the gateway wrote it
	Type            EventType
	At              LocalTime        // the event's dateCreated
	BodyHash        [32]byte         // SHA-256 of the body
	ReceivedAt      time.Time        // UTC; never decides state
	GatewaySnapshot *GatewaySnapshot // nil for an event that came by webhook
	Snapshot        Snapshot
	Texts           []byte   // sealed free text of the snapshot; opaque here; nil when it carried none
	Flags           []string // what decoding found odd, each "<anomaly code>:<what>"
}

// GatewaySnapshot marks a record as the gateway's own answer to a read.
type GatewaySnapshot struct {
	Clock      LocalTime  // the gateway's clock when it answered, São Paulo
	Found      bool       // false: the gateway answered 404
	Supersedes []EventKey // the entity's events stored before the read was sent, and seen by no earlier answer
	Last       bool       // no read follows by itself: Asaas was asked often enough (docs/decisions/0029-reads-end.md)
}

// Snapshot is the entity as one event shows it; exactly one member is set, or none when
// the event carried no readable entity.
type Snapshot struct {
	Payment      *PaymentSnapshot
	Checkout     *CheckoutSnapshot
	Anticipation *AnticipationSnapshot
}

// OddAmounts returns why the snapshot's amounts cannot be right, or "".
func (s Snapshot) OddAmounts() string {
	switch {
	case s.Payment != nil:
		return oddPayment(s.Payment)
	case s.Checkout != nil:
		return oddCheckout(s.Checkout)
	case s.Anticipation != nil:
		return oddAnticipation(s.Anticipation)
	}
	return ""
}

// OwnRead is the type under which the gateway's answers to reads of ours are stored, beside what it sent.
const OwnRead = "TRUTH"

// SelfCheck is the type of the events by which we try our own door. They are stored like
// all others, and say nothing of the gateway.
const SelfCheck = "PATAPAY_SELF_CHECK"
