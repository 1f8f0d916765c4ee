// Package glance says whether all is well with a clinic's money, by one rule over what is kept about it. Its one
// rule of honesty: what is unknown is never well.
package glance

import (
	"slices"
	"strings"
	"time"

	"patapay/domain"
)

// Condition is one reason why a clinic's money may not be right, or is not known to be. A clinic of
// which no condition is true is well; nothing else is.
type Condition struct {
	Kind     Kind
	Subject  string                   // the state, check, alarm, work item's kind or flag; "" when the kind says all
	Since    time.Time                // UTC; zero: unknown
	Count    int                      // of what it is about, 1 at least
	Amount   domain.Opt[domain.Money] // in question; none: it is about no amount
	Deadline domain.Day               // the last day to act; "" none
	Action   Action                   // the one thing to do
}

// Kind says what a condition is about.
type Kind string

// The kinds of conditions, by what they are called under /v1.
const (
	KindClinic        Kind = "clinic"             // the clinic is suspended: its events are kept, not applied
	KindConnection    Kind = "connection"         // the connection is in a state other than active
	KindCheck         Kind = "check"              // a health check found something
	KindUnchecked     Kind = "unchecked"          // health checks know nothing, or are too old
	KindAlarm         Kind = "alarm"              // an alarm is open
	KindUnopened      Kind = "ledger_unopened"    // the ledger has no opening: its zeros mean nothing
	KindDifference    Kind = "balance_difference" // the ledger is not the gateway's balance
	KindNotCompared   Kind = "not_compared"       // never, too long ago, or only in part
	KindUnexplained   Kind = "unexplained"        // the last comparison left differences
	KindWorkItem      Kind = "work_item"          // a work item is open
	KindFlag          Kind = "flag"               // an anomaly stands against an object
	KindUnconfirmed   Kind = "unconfirmed"        // money that only a webhook told of
	KindNotAtAsaas    Kind = "not_at_asaas"       // payments that the gateway does not know
	KindDispute       Kind = "dispute"            // a payment is disputed
	KindDeadline      Kind = "deadline"           // something of the agenda stands
	KindAgendaUnknown Kind = "agenda_unknown"     // the agenda was never made, or too long ago: nothing on it says nothing
	KindEventsWaiting Kind = "events_waiting"     // events are not applied yet
	KindEventsFailed  Kind = "events_failed"      // events that will not be applied without a person
)

// Values returns every kind of condition, in the order in which people are told of them.
func (Kind) Values() []Kind {
	return []Kind{
		KindClinic, KindConnection, KindUnopened, KindDifference, KindDispute, KindDeadline, KindWorkItem,
		KindNotAtAsaas, KindAlarm, KindCheck, KindUnexplained, KindEventsFailed, KindFlag,
		KindAgendaUnknown, KindNotCompared, KindUnchecked, KindEventsWaiting, KindUnconfirmed,
	}
}

// Pile is how many things of one sort there are, and what they come to.
type Pile struct {
	Subject  string // the sort
	Count    int
	Amount   domain.Opt[domain.Money]
	Since    time.Time  // of the oldest, UTC; zero: unknown
	Deadline domain.Day // the first of theirs; "" none
}

// Check is what the last health check said of one thing.
type Check struct {
	Name, Status, Action string
	Since                time.Time // of this status, UTC
}

// Facts is what is kept about a clinic that says whether all is well. Its zero value is that
// of a clinic of which nothing is known.
type Facts struct {
	Now         time.Time // UTC
	ClinicState string    // active, suspended
	ClinicSince time.Time

	Connection       domain.ConnectionState
	ConnectionSince  time.Time
	ConnectionReason string
	LossOn           domain.Day // the gateway begins to drop events; "" it does not
	Checks           []Check
	CheckedAt        time.Time // of the checks; zero: never
	Alarms           []Pile    // open, by kind

	LedgerFrom  domain.Day // the ledger begins; "" it is not opened
	Balance     BalanceComparison
	Unexplained int       // of the last comparison of objects
	ReportAt    time.Time // when that ended; zero: never

	WorkItems    []Pile // open, by kind
	Flags        []Pile // by code
	Unconfirmed  []Pile // money by who vouches for it
	NotAtAsaas   Pile
	Disputes     Pile
	Deadlines    []Pile    // of the agenda, open, by kind
	AgendaAt     time.Time // when the agenda was made last; zero: never
	EventsFailed Pile
	WaitingSince time.Time // the oldest event that is not applied came; zero: none waits

	PutOff map[ReminderKind]PutOff // what the clinic does not want to be reminded of now: it says nothing of being well
}

const (
	comparedFor = 36 * time.Hour   // a comparison of a night says nothing of the night after the next
	checkedFor  = 2 * time.Hour    // the connection monitor looks each half hour
	agendaFor   = 3 * time.Hour    // the agenda is made each hour, and when anything changes
	appliedIn   = time.Minute      // an event that waits longer is late
	comparesIn  = 15 * time.Minute // the balance is compared behind the objects
)

// BalanceState says what is known of the ledger against the gateway's balance.
type BalanceState string

// The states of a balance, by what they are called under /v1.
const (
	BalanceNever     BalanceState = "never"     // it was not compared yet
	BalanceStale     BalanceState = "stale"     // it was compared too long ago
	BalancePartial   BalanceState = "partial"   // the last comparison was refused in part
	BalanceDifferent BalanceState = "different" // they differ
	BalanceEqual     BalanceState = "equal"     // they were equal
)

// Values returns every state of a balance.
func (BalanceState) Values() []BalanceState {
	return []BalanceState{BalanceEqual, BalanceDifferent, BalancePartial, BalanceStale, BalanceNever}
}

// BalanceComparison is what the last comparison of the balance found.
type BalanceComparison struct {
	Gateway, Ledger domain.Money
	CheckedAt       time.Time // UTC; zero: never
}

// Difference returns what the gateway had more than the ledger.
func (c BalanceComparison) Difference() domain.Money { return c.Gateway - c.Ledger }

// BalanceState returns what is known of the ledger against the gateway's balance now. What was
// different stays so until it is compared again, however long ago it was.
func (f *Facts) BalanceState() BalanceState {
	c := f.Balance
	switch {
	case c.CheckedAt.IsZero() || f.LedgerFrom == "":
		return BalanceNever
	case c.Difference() != 0:
		return BalanceDifferent
	case f.Now.Sub(c.CheckedAt) > comparedFor:
		return BalanceStale
	case f.ReportAt.After(c.CheckedAt) && f.Now.Sub(f.ReportAt) > comparesIn:
		return BalancePartial
	}
	return BalanceEqual
}

// AsOf returns the instant up to which the numbers are known: now, or when the events stopped coming
// or being applied. It is zero for a clinic of which nothing ever came.
func (f *Facts) AsOf() time.Time {
	at := f.Now
	if !f.Connection.Receives() || f.Connection.Lossy() {
		at = f.ConnectionSince
		for _, compared := range []time.Time{f.Balance.CheckedAt, f.ReportAt} {
			if compared.After(at) {
				at = compared
			}
		}
	}
	if f.ClinicState != clinicActive && f.ClinicSince.Before(at) {
		at = f.ClinicSince
	}
	if !f.WaitingSince.IsZero() && f.WaitingSince.Before(at) {
		at = f.WaitingSince
	}
	return at
}

// clinicActive is the state of a clinic whose events are applied.
const clinicActive = "active"

// Conditions returns everything that speaks against all being well, in the order in which people
// are told of it, each incident once. None: all is well.
func (f *Facts) Conditions() []Condition {
	var list []Condition
	for _, rule := range conditionRules {
		for _, c := range rule.find(f) {
			if silentBecause[rule.kind+":"+Kind(c.Subject)] != "" {
				continue
			}
			c.Kind, c.Count, c.Action = rule.kind, max(c.Count, 1), actionOf(rule.kind, c)
			list = append(list, c)
		}
	}
	list = oneUnchecked(onceEach(list))
	order := Kind("").Values()
	slices.SortStableFunc(list, func(a, b Condition) int {
		return slices.Index(order, a.Kind) - slices.Index(order, b.Kind)
	})
	return list
}

// oneUnchecked makes one condition of all checks that know nothing: mostly the gateway was away.
func oneUnchecked(list []Condition) (left []Condition) {
	at := -1
	for _, c := range list {
		switch {
		case c.Kind == KindUnchecked && at >= 0:
			left[at].Count++
			continue
		case c.Kind == KindUnchecked:
			at = len(left)
		}
		left = append(left, c)
	}
	return left
}

// onceEach leaves out what another condition of the list tells better.
func onceEach(list []Condition) (left []Condition) {
	has := func(kind Kind, subject string) bool {
		return slices.ContainsFunc(list, func(c Condition) bool { return c.Kind == kind && c.Subject == subject })
	}
	for _, c := range list {
		told := false
		for _, better := range toldBy[string(c.Kind)+":"+c.Subject] {
			kind, subject, _ := strings.Cut(better, ":")
			told = told || has(Kind(kind), subject)
		}
		if !told {
			left = append(left, c)
		}
	}
	return left
}
