package domain

import "time"

// Outcome is what became of an event.
type Outcome string

// The outcomes of a record that was folded.
const (
	Applied  Outcome = "applied"
	NoEffect Outcome = "no_effect"
)

// The outcomes of an event beside those of a record that was folded. Every stored event
// has exactly one (docs/architecture.md, outcomes).
const (
	Received    Outcome = "received"    // waits to be applied
	Held        Outcome = "held"        // waits for something: the clinic is suspended
	Quarantined Outcome = "quarantined" // not believed; a person looks
	Dead        Outcome = "dead"        // could not be applied; a person looks
)

// Effect is what one record did to its entity's projection, for the event's log.
type Effect struct {
	Outcome Outcome
	Reason  string // one of the Reason constants; "" when there is nothing to add
}

// Reasons of an effect.
const (
	ReasonLate            = "late"         // something newer was known already
	ReasonView            = "view"         // the payer looked, nothing else
	ReasonSameState       = "same_state"   // it says what was known
	ReasonFinal           = "final_state"  // a final status held against it
	ReasonNoSnapshot      = "no_snapshot"  // it shows no state
	ReasonUnknownType     = "unknown_type" // an event of a name that we have not met
	ReasonUndated         = "undated"      // no usable date
	ReasonGatewaySnapshot = "truth"        // the gateway's own answer
	ReasonNotFound        = "not_found"    // the gateway's own answer: no such entity
	// ReasonWithdrawal is of a withdrawal that asked for our approval: no event at all.
	ReasonWithdrawal  = "withdrawal_validation"
	ReasonOtherFamily = "other_family" // no payment, checkout or anticipation
)

// Effects returns what each record of one entity's history did. It is a function of the
// set of records; only "late" looks at ReceivedAt, which is when each came.
func Effects(history []Record) map[EventKey]Effect {
	switch kindOf(history) {
	case KindPayment:
		return foldHistory(&paymentRules, history).effects()
	case KindCheckout:
		return foldHistory(&checkoutRules, history).effects()
	case KindAnticipation:
		return foldHistory(&anticipationRules, history).effects()
	}
	all := make(map[EventKey]Effect, len(history))
	for _, r := range history {
		all[r.Key] = Effect{NoEffect, ReasonOtherFamily}
	}
	return all
}

// kindOf returns the kind of the first snapshot in key order of kinds: records of one
// entity all carry the same.
func kindOf(history []Record) Kind {
	kind := KindOther
	for i := range history {
		switch s := history[i].Snapshot; {
		case s.Payment != nil:
			return KindPayment
		case s.Checkout != nil:
			kind = KindCheckout
		case s.Anticipation != nil && kind == KindOther:
			kind = KindAnticipation
		}
	}
	return kind
}

func (w *projected[S]) effects() map[EventKey]Effect {
	all := make(map[EventKey]Effect, len(w.steps))
	var earliest time.Time // that any record further on was received
	for i := len(w.steps) - 1; i >= 0; i-- {
		s := w.steps[i]
		r := s.record
		overtaken := !earliest.IsZero() && r.ReceivedAt.After(earliest)
		all[r.Key] = w.effect(s, overtaken)
		if !r.ReceivedAt.IsZero() && (earliest.IsZero() || r.ReceivedAt.Before(earliest)) {
			earliest = r.ReceivedAt
		}
	}
	return all
}

// effect names one step. overtaken: a record that stands further on came first.
func (w *projected[S]) effect(s step, overtaken bool) Effect {
	r := s.record
	if r.GatewaySnapshot != nil {
		return snapshotEffect(s)
	}
	unknown := !KnownType(r.Type)
	switch {
	case s.empty && unknown:
		return Effect{NoEffect, ReasonUnknownType}
	case s.change&^viewed == unchanged && ViewType(r.Type):
		return Effect{NoEffect, ReasonView}
	case s.empty && s.change == unchanged:
		return Effect{NoEffect, ReasonNoSnapshot}
	case s.held:
		return Effect{NoEffect, ReasonFinal}
	case overtaken && r != w.statusBy:
		return Effect{NoEffect, ReasonLate}
	case s.change == unchanged:
		return Effect{NoEffect, ReasonSameState}
	case unknown:
		return Effect{Applied, ReasonUnknownType}
	case r.At == "":
		return Effect{Applied, ReasonUndated}
	}
	return Effect{Applied, ""}
}

func snapshotEffect(s step) Effect {
	switch {
	case !s.record.GatewaySnapshot.Found:
		return Effect{NoEffect, ReasonNotFound}
	case s.change == unchanged:
		return Effect{NoEffect, ReasonSameState}
	}
	return Effect{Applied, ReasonGatewaySnapshot}
}
