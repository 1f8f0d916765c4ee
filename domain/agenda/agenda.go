// Package agenda says what must not be missed, and until when, by one rule over what is kept about a clinic. Its
// one rule of time: an entry is there as long as the fact behind it, and goes with it; nothing is remembered.
package agenda

import (
	"cmp"
	"slices"
	"time"

	"patapay/domain"
)

// Kind says what an entry of the agenda is about.
type Kind string

// The kinds of entries, by what they are called under /v1.
const (
	DisputeDeadline  Kind = "dispute_deadline"  // a dispute waits for documents, until a day
	DisputeDocuments Kind = "dispute_documents" // a dispute waits for documents, and nobody told until when
	KeyExpiry        Kind = "key_expiry"        // the key ends on the day that was typed
	KeyUnused        Kind = "key_unused"        // the gateway disables a key that nobody uses
	CommercialData   Kind = "commercial_data"   // commercial data must be confirmed
	EventsLoss       Kind = "events_loss"       // the gateway throws away what a paused queue holds
	AdvanceDenied    Kind = "advance_denied"    // an anticipation was denied
	AdvanceOverdue   Kind = "advance_overdue"   // an anticipation should have been paid back
	AdvanceUncovered Kind = "advance_uncovered" // the balance will not cover an anticipation's debit
	CardRefused      Kind = "card_refused"      // cards that were refused on a day, and are not paid since
	BoletoExpiring   Kind = "boleto_expiring"   // boletos of a day that nobody has paid
	WorkItemOld      Kind = "work_item_old"     // a work item that is open for more than a week
)

// Values returns every kind, the gravest first: of entries that are due at once the first one is told first.
func (Kind) Values() []Kind {
	return []Kind{
		DisputeDeadline, DisputeDocuments, EventsLoss, KeyExpiry, KeyUnused, CommercialData, AdvanceUncovered,
		AdvanceOverdue, AdvanceDenied, WorkItemOld, CardRefused, BoletoExpiring,
	}
}

// Actor is who has to act.
type Actor string

// The actors.
const (
	Clinic Actor = "clinic"
	Asaas  Actor = "asaas"
)

// Values returns every actor.
func (Actor) Values() []Actor { return []Actor{Clinic, Asaas} }

// Action is the one thing to do about an entry. The words are those of a glance's conditions.
type Action string

// The actions.
const (
	ActionAnswerDispute  Action = "answer_dispute"
	ActionReplaceKey     Action = "replace_key"
	ActionSeeHealth      Action = "see_health"
	ActionCommercialData Action = "confirm_commercial_data"
	ActionReactivate     Action = "reactivate"
	ActionAddBalance     Action = "add_balance"
	ActionSeeAdvance     Action = "see_anticipation"
	ActionSeePayments    Action = "see_payments"
	ActionDecide         Action = "decide"
	ActionWait           Action = "wait"
)

// Values returns every action.
func (Action) Values() []Action {
	return []Action{
		ActionAnswerDispute, ActionReplaceKey, ActionSeeHealth, ActionCommercialData, ActionReactivate,
		ActionAddBalance, ActionSeeAdvance, ActionSeePayments, ActionDecide, ActionWait,
	}
}

// Ending says how an entry ends.
type Ending string

// The endings.
const (
	EndsDocuments   Ending = "documents_sent"      // or the dispute is over
	EndsDispute     Ending = "dispute_decided"     // the last day is over: the gateway decides
	EndsKey         Ending = "key_replaced"        // or its day is typed anew
	EndsUsed        Ending = "key_used"            // a health check reached the gateway
	EndsConfirmed   Ending = "data_confirmed"      // as the next check of the account sees it
	EndsResumed     Ending = "queue_resumed"       // events come again
	EndsDebited     Ending = "advance_debited"     // the gateway took back what it lent
	EndsCovered     Ending = "balance_covers"      // or the payer paid
	EndsAnticipated Ending = "advance_taken_again" // or the payer paid, or a week is over
	EndsPaid        Ending = "paid"                // all of them are paid or removed, or their time is over
	EndsDecided     Ending = "item_resolved"       // somebody decided, or it is no longer so
)

// Values returns every ending.
func (Ending) Values() []Ending {
	return []Ending{
		EndsDocuments, EndsDispute, EndsKey, EndsUsed, EndsConfirmed, EndsResumed, EndsDebited, EndsCovered,
		EndsAnticipated, EndsPaid, EndsDecided,
	}
}

// Deadline is one entry of a clinic's agenda. Kind and Subject name it: there is one of both at a time.
type Deadline struct {
	Kind    Kind
	Subject string                   // Asaas's id of an object, a work item's id, a day; "" of the clinic itself
	Since   time.Time                // when the fact behind it began, UTC; zero: unknown
	Due     time.Time                // the last instant to act, UTC; zero: nobody told one
	Amount  domain.Opt[domain.Money] // at stake; none: it is about no amount
	Count   int                      // of what it is about, 1 at least
	Actor   Actor
	Action  Action
	Ends    Ending
}

// Same tells whether both say the same to whoever reads them.
func (d Deadline) Same(other Deadline) bool {
	since, due := d.Since.Equal(other.Since), d.Due.Equal(other.Due)
	other.Since, other.Due = d.Since, d.Due
	return since && due && d == other
}

// Compare orders entries: the first due first, those that nobody told a day of last; then by kind and subject. No
// two entries of a clinic are equal.
func Compare(a, b Deadline) int {
	order := Kind("").Values()
	return cmp.Or(
		compareDue(a.Due, b.Due),
		cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)),
		cmp.Compare(a.Subject, b.Subject),
	)
}

func compareDue(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}
