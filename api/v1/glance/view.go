package glance

import (
	"time"

	"patapay/api/rest"
	"patapay/api/v1/agenda"
	"patapay/domain"
	"patapay/domain/glance"
)

// GlanceView is what the first page shows. Numbers that nobody knows are null, never zero.
type GlanceView struct {
	AsOf         *time.Time                        `json:"asOf"         doc:"Up to when the numbers are known: now, or when events stopped coming or being applied; null: nothing ever came"`
	Today        string                            `json:"today"        doc:"In São Paulo"                                                                          format:"date"`
	AllWell      bool                              `json:"allWell"      doc:"True when no condition is; what is unknown is a condition"`
	Conditions   []ConditionView                   `json:"conditions"   doc:"What speaks against it, the gravest first"                                                           nullable:"false"`
	Connection   rest.Word[domain.ConnectionState] `json:"connection"   doc:"State of the connection"`
	LedgerFrom   *string                           `json:"ledgerFrom"   doc:"Day on which the ledger begins; null: it has no opening yet"                           format:"date"`
	BalanceCheck BalanceCheckView                  `json:"balanceCheck"`
	Balances     rest.Maybe[BalancesView]          `json:"balances"     doc:"null: the ledger is not opened"`
	Received     ReceivedView                      `json:"received"`
	Overdue      PileView                          `json:"overdue"      doc:"Not paid in time"`
	Denied       PileView                          `json:"denied"       doc:"Anticipations that were denied this month or the last"`
	Reminders    []ReminderView                    `json:"reminders"    doc:"What waits for a person and speaks against no number, with what is put off"  nullable:"false"`
	Agenda       []agenda.DeadlineView             `json:"agenda"       doc:"The five that are due first of what must not be missed"                                           nullable:"false"`
	AgendaAsOf   *time.Time                        `json:"agendaAsOf"   doc:"When the agenda was made last; null: never, so that nothing on it says nothing"`
	Receipts     []ReceiptView                     `json:"receipts"     doc:"The five that were paid last, by the time of payment"                                                nullable:"false"`
}

// ConditionView is one reason why not all is well.
type ConditionView struct {
	Kind     rest.Word[glance.Kind]     `json:"kind"`
	Subject  *string                    `json:"subject"  doc:"The state, health check, kind of alarm or work item, or flag that it is about; null when kind says all" example:"key_refused"`
	Since    *time.Time                 `json:"since"    doc:"null: unknown"`
	Count    int                        `json:"count"    doc:"Of what it is about"`
	Amount   rest.Maybe[rest.MoneyView] `json:"amount"   doc:"In question; null: it is about no amount"`
	Deadline *string                    `json:"deadline" doc:"Last day to act"                                                                                       format:"date"`
	Action   rest.Word[glance.Action]   `json:"action"   doc:"The one thing to do"`
}

// BalanceCheckView is what is known of the ledger against Asaas's balance.
type BalanceCheckView struct {
	State      rest.Word[glance.BalanceState] `json:"state"      doc:"equal and different are of the last comparison; stale: it is older than 36 hours; partial: the last one was refused in part; never: there is none"`
	CheckedAt  *time.Time                     `json:"checkedAt"  doc:"null: never"`
	Difference rest.Maybe[rest.MoneyView]     `json:"difference" doc:"Asaas's balance less ours, then; null: never compared"`
	Balance    rest.Maybe[rest.MoneyView]     `json:"balance"    doc:"At Asaas, then"`
}

// BalancesView is where the clinic's money stands.
type BalancesView struct {
	Available  rest.MoneyView `json:"available"  doc:"asaas_available: what can be spent at Asaas"`
	Release    ReleaseView    `json:"release"    doc:"Paid, and not in the balance yet: card money too"`
	InQuestion rest.MoneyView `json:"inQuestion" doc:"Held by disputes, and money that nobody has explained"`
	Blocked    rest.MoneyView `json:"blocked"    doc:"asaas_blocked"`
}

// ReleaseView is money that is paid and not in the balance yet.
type ReleaseView struct {
	Total    rest.MoneyView    `json:"total"    doc:"Net"`
	Advanced rest.MoneyView    `json:"advanced" doc:"Of it already taken as anticipations, and owed"`
	Weeks    []ReleaseWeekView `json:"weeks"    doc:"By the week in which it comes, Sunday first; the first one holds what is late"   nullable:"false"`
}

// ReleaseWeekView is the money of one week.
type ReleaseWeekView struct {
	From  *string        `json:"from"  doc:"Its Sunday; null: Asaas told no day" format:"date"`
	To    *string        `json:"to"    doc:"Its Saturday"                        format:"date"`
	Count int            `json:"count"`
	Net   rest.MoneyView `json:"net"`
}

// PileView is how many there are and what they come to.
type PileView struct {
	Count int            `json:"count"`
	Value rest.MoneyView `json:"value"`
}

// ReceivedView compares this month with the last one, day by day.
type ReceivedView struct {
	ThisMonth PaidMonthView  `json:"thisMonth"`
	LastMonth PaidMonthView  `json:"lastMonth"`
	SoFar     rest.MoneyView `json:"soFar"     doc:"Last month's up to the same day of the month"`
	Today     PileView       `json:"today"`
}

// PaidMonthView is what was paid in a month.
type PaidMonthView struct {
	From  string         `json:"from"  format:"date"`
	To    string         `json:"to"    format:"date"`
	Count int            `json:"count"`
	Value rest.MoneyView `json:"value"`
	Net   rest.MoneyView `json:"net"                 doc:"Where Asaas told it, else the value"`
	Days  []PaidDayView  `json:"days"                doc:"On which anything was paid, oldest first" nullable:"false"`
}

// PaidDayView is what was paid on a day.
type PaidDayView struct {
	Day   string         `json:"day"   format:"date"`
	Count int            `json:"count"`
	Value rest.MoneyView `json:"value"`
}

// ReceiptView is an invoice that was paid.
type ReceiptView struct {
	ID                string                     `json:"id"`
	AsaasID           string                     `json:"asaasId"`
	PaidAt            *time.Time                 `json:"paidAt"            doc:"By the event that first showed it paid"`
	Customer          *string                    `json:"customer"          doc:"Asaas's id of who paid"`
	CustomerName      *string                    `json:"customerName"      doc:"null without the scope personal:read, and while it is not known"`
	ExternalReference *string                    `json:"externalReference"`
	Method            *string                    `json:"method"            doc:"As in invoices"`
	Value             rest.Maybe[rest.MoneyView] `json:"value"`
	NetValue          rest.Maybe[rest.MoneyView] `json:"netValue"`
	ConfirmedBy       string                     `json:"confirmedBy"       doc:"As in invoices"                                            enum:"webhook,api"`
}
