package agenda

import (
	"time"

	"patapay/domain"
)

// Facts is what is kept about a clinic that its agenda is made of. The zero value, with an instant, has an empty
// agenda.
type Facts struct {
	Now time.Time // UTC

	Disputes  []Dispute // payments in dispute whose documents are not sent yet
	Advances  []Advance // denied, overdue, and credited ones whose payer has not paid yet
	Refusals  []Pile    // cards that were refused and are not paid, by the day of the refusal
	Boletos   []Pile    // boletos that nobody has paid, by the day they are due
	WorkItems []WorkItem

	Key       Key
	LossAt    time.Time                // the gateway begins to drop what a paused queue holds, UTC; zero: it does not
	PausedAt  time.Time                // since when the queue is paused, UTC
	Available domain.Opt[domain.Money] // balance at the gateway; none: it was never compared
}

// Dispute is a payment in dispute whose documents are not sent yet.
type Dispute struct {
	Payment  string // the gateway's id
	Since    domain.Day
	Deadline domain.Day // last day to send documents; "" nobody told it
	Value    domain.Opt[domain.Money]
}

// Advance is an anticipation that asks for something.
type Advance struct {
	ID     string // the gateway's
	Status domain.AnticipationStatus
	Since  time.Time  // of the status, UTC
	Due    domain.Day // on which the gateway takes it back; "" not known
	Value  domain.Opt[domain.Money]
	Again  bool // of a denied one: another is on its way for the same charge, or its payer has paid
}

// Pile is what of one sort there is on one day.
type Pile struct {
	Day   domain.Day
	Count int
	Sum   domain.Money
}

// WorkItem is an open work item.
type WorkItem struct {
	ID     string // public
	Opened time.Time
	Amount domain.Money // in question, by sign
}

// Key is what is known of the clinic's key and account; the zero value is that of a clinic without a key.
type Key struct {
	SetAt             time.Time  // when it was saved, UTC; zero: there is none
	UsedAt            time.Time  // when the gateway last answered it, UTC; zero: never
	ExpiresOn         domain.Day // as a person typed it; "" not known
	CommercialEnds    domain.Day // commercial data are to be confirmed by this day; "" not known
	CommercialExpired bool
}
