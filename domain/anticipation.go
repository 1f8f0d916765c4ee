package domain

import (
	"math"
	"strconv"
)

// AnticipationSnapshot is a gateway anticipation as one event shows it (docs/gateway.md,
// anticipations). The reason of a denial is free text and not here.
type AnticipationSnapshot struct {
	ID               Opt[string]
	Status           Opt[string]
	Payment          Opt[string]
	Installment      Opt[string] // the plan, when a whole plan is anticipated
	AnticipationDate Opt[Day]
	DueDate          Opt[Day]
	RequestDate      Opt[Day]
	Days             Opt[int]   // anticipated
	TotalValue       Opt[Money] // the charge, gross
	Value            Opt[Money] // the charge, net of its own fee
	Fee              Opt[Money] // of the anticipation
	NetValue         Opt[Money] // what is credited: value less fee
}

// AnticipationStatus is where an anticipation stands.
type AnticipationStatus string

// The statuses of an anticipation.
const (
	AnticipationPending   AnticipationStatus = "pending"
	AnticipationScheduled AnticipationStatus = "scheduled"
	AnticipationCredited  AnticipationStatus = "credited"
	AnticipationDebited   AnticipationStatus = "debited"
	AnticipationDenied    AnticipationStatus = "denied"
	AnticipationOverdue   AnticipationStatus = "overdue"
	AnticipationCancelled AnticipationStatus = "cancelled"
	AnticipationUnknown   AnticipationStatus = "unknown"

	// AnticipationNotAtAsaas is one that an event told of and Asaas does not know, however often it was asked.
	AnticipationNotAtAsaas AnticipationStatus = "not_at_asaas"
)

// Anticipation is the projection of one gateway anticipation.
type Anticipation struct {
	Projection
	Status           AnticipationStatus
	Payment          string // gateway id; "" for a plan
	Installment      string // gateway id of the plan; "" for a single charge
	AnticipationDate Day
	DueDate          Day
	RequestDate      Day
	Days             Opt[int]
	TotalValue       Opt[Money]
	Value            Opt[Money]
	Fee              Opt[Money]
	NetValue         Opt[Money]
}

// NeedsConfirmation tells whether money moved by word of a webhook alone.
func (a Anticipation) NeedsConfirmation() bool {
	return a.Status.movesMoney() && a.ConfirmedBy != ConfirmedByAPI
}

// movesMoney tells whether reaching s is a money fact.
func (s AnticipationStatus) movesMoney() bool {
	return s == AnticipationCredited || s == AnticipationDebited
}

// FoldAnticipation returns the anticipation that history tells of, the accepted records
// of one anticipation in any order and with repeats, and what is odd about it.
func FoldAnticipation(history []Record) (Anticipation, []Anomaly) {
	w := foldHistory(&anticipationRules, history)
	s := &w.state
	status := anticipationStatusOf(w.status)
	if w.isNotAtGateway() {
		status = AnticipationNotAtAsaas
	}
	return Anticipation{
		Projection:       w.projection(),
		Status:           status,
		Payment:          s.Payment.V,
		Installment:      s.Installment.V,
		AnticipationDate: s.AnticipationDate.V,
		DueDate:          s.DueDate.V,
		RequestDate:      s.RequestDate.V,
		Days:             s.Days.plain(),
		TotalValue:       s.TotalValue.plain(),
		Value:            s.Value.plain(),
		Fee:              s.Fee.plain(),
		NetValue:         s.NetValue.plain(),
	}, w.anomalies
}

func anticipationStatusOf(raw string) AnticipationStatus {
	switch raw {
	case "PENDING":
		return AnticipationPending
	case "SCHEDULED":
		return AnticipationScheduled
	case "CREDITED":
		return AnticipationCredited
	case "DEBITED":
		return AnticipationDebited
	case "DENIED":
		return AnticipationDenied
	case "OVERDUE":
		return AnticipationOverdue
	case "CANCELLED":
		return AnticipationCancelled
	}
	return AnticipationUnknown
}

// mergeAnticipation lays next over state, except id and status, and tells what changed.
func mergeAnticipation(state, next *AnticipationSnapshot) change {
	c := merge(&state.Payment, next.Payment)
	c |= merge(&state.Installment, next.Installment)
	c |= merge(&state.AnticipationDate, next.AnticipationDate)
	c |= merge(&state.DueDate, next.DueDate)
	c |= merge(&state.RequestDate, next.RequestDate)
	c |= merge(&state.Days, next.Days)
	c |= merge(&state.TotalValue, next.TotalValue)
	c |= merge(&state.Value, next.Value)
	c |= merge(&state.Fee, next.Fee)
	c |= merge(&state.NetValue, next.NetValue)
	return c
}

// anticipationRules: denied, cancelled and debited are final (docs/gateway.md, other
// machines); only the gateway's own answer moves them.
var anticipationRules = rules[AnticipationSnapshot]{
	pick:   func(s Snapshot) *AnticipationSnapshot { return s.Anticipation },
	id:     func(s *AnticipationSnapshot) Opt[string] { return s.ID },
	status: func(s *AnticipationSnapshot) Opt[string] { return s.Status },
	merge:  mergeAnticipation,
	graph:  anticipationGraph,
	holds:  func(from, _ string) bool { return len(anticipationGraph[from]) == 0 },
	fact:   func(raw string) bool { return anticipationStatusOf(raw).movesMoney() },
	money:  anticipationMoney,
	odd:    oddAnticipation,
}

func anticipationMoney(s *AnticipationSnapshot, status string) moneyState {
	return moneyState{status: status, value: s.Value.V, net: s.NetValue.V, other: s.Fee.V}
}

// oddAnticipation returns the reason why an anticipation's amounts cannot be right, or
// "": value less fee is what is credited.
func oddAnticipation(s *AnticipationSnapshot) string {
	value, hasValue := s.Value.Get()
	fee, hasFee := s.Fee.Get()
	net, hasNet := s.NetValue.Get()
	total, hasTotal := s.TotalValue.Get()
	switch {
	case value < 0 || fee < 0 || net < 0 || total < 0:
		return "an amount is negative"
	case hasValue && hasFee && hasNet && value-fee != net:
		return "value less fee is not netValue"
	case hasValue && hasTotal && value > total:
		return "value is above totalValue"
	}
	return ""
}

// Cost is what an advance costs, in per cent with two decimals: "1.83". These are rates,
// for people to compare; no amount is ever computed from them.
type Cost struct {
	Period  Decimal // fee ÷ value
	Monthly Decimal // (value ÷ net)^(30 ÷ days) − 1
}

// CostOf returns the cost of an advance, false when an amount or the days are missing.
func CostOf(a Anticipation) (Cost, bool) {
	value, net, days := a.Value.V, a.NetValue.V, a.Days.V
	if value <= 0 || net <= 0 || days <= 0 || a.Fee.V < 0 {
		return Cost{}, false
	}
	monthly := math.Pow(float64(value)/float64(net), 30/float64(days)) - 1
	return Cost{percent(float64(a.Fee.V) / float64(value)), percent(monthly)}, true
}

func percent(share float64) Decimal { return Decimal(strconv.FormatFloat(100*share, 'f', 2, 64)) }
