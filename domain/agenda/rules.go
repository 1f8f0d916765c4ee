package agenda

import (
	"slices"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// How long before its day, or after it, something stands in the agenda.
const (
	keyDays        = 30 // before the typed day on which a key ends
	commercialDays = 30 // before commercial data are to be confirmed
	unusedDays     = 90 // after its last use the gateway disables a key
	unusedWarn     = 30 // days before that
	uncoveredDays  = 7  // before the gateway takes back an anticipation
	boletoDays     = 2  // before a boleto is due
	toldDays       = 7  // a refusal of a card, or of an anticipation, is told for a week
	oldItem        = 7 * 24 * time.Hour
)

// rules is the whole rule: what each finds is a part of the agenda.
var rules = []func(*Facts) []Deadline{
	disputes, loss, keyExpiry, keyUnused, commercialData, uncovered, overdue, denied, refusals, boletos, oldItems,
}

// List returns the clinic's agenda in order: a function of the facts, and of nothing else.
func (f *Facts) List() (list []Deadline) {
	for _, rule := range rules {
		list = append(list, rule(f)...)
	}
	for i := range list {
		list[i].Count = max(list[i].Count, 1)
		if list[i].Actor == "" {
			list[i].Actor = Clinic
		}
	}
	slices.SortFunc(list, Compare)
	return list
}

// Next returns the next instant at which the agenda may change by time alone, UTC: until then it is what List says.
func (f *Facts) Next() time.Time {
	next := StartOf(after(f.today(), 1)) // everything else changes with the day
	for _, w := range f.WorkItems {
		if at := w.Opened.Add(oldItem); at.After(f.Now) && at.Before(next) {
			next = at
		}
	}
	return next
}

func (f *Facts) today() domain.Day { return asaas.DayOf(f.Now) }

// passed returns the instant from which on something that is due is over.
func passed(due time.Time) time.Time {
	if due.IsZero() {
		return due
	}
	return due.Add(time.Minute)
}

// disputes asks for the documents of each dispute. When the last day is over, nobody can send any: the gateway decides.
func disputes(f *Facts) (list []Deadline) {
	for _, d := range f.Disputes {
		one := Deadline{
			Kind: DisputeDocuments, Subject: d.Payment, Since: StartOf(d.Since), Due: EndOf(d.Deadline), Amount: d.Value,
			Action: ActionAnswerDispute, Ends: EndsDocuments,
		}
		if !one.Due.IsZero() {
			one.Kind = DisputeDeadline
			if !f.Now.Before(passed(one.Due)) {
				one.Actor, one.Action, one.Ends = Asaas, ActionWait, EndsDispute
			}
		}
		list = append(list, one)
	}
	return list
}

func loss(f *Facts) []Deadline {
	return when(!f.LossAt.IsZero(), Deadline{
		Kind: EventsLoss, Since: f.PausedAt, Due: f.LossAt, Action: ActionReactivate, Ends: EndsResumed,
	})
}

func keyExpiry(f *Facts) []Deadline {
	day := f.Key.ExpiresOn
	return when(f.hasKey() && day != "" && f.today() >= after(day, -keyDays), Deadline{
		Kind: KeyExpiry, Since: StartOf(after(day, -keyDays)), Due: EndOf(day), Action: ActionReplaceKey, Ends: EndsKey,
	})
}

// keyUnused warns of a key that nobody could use for two months: after three the gateway disables it.
func keyUnused(f *Facts) []Deadline {
	used := f.Key.UsedAt
	if used.Before(f.Key.SetAt) {
		used = f.Key.SetAt
	}
	day := asaas.DayOf(used)
	return when(f.hasKey() && f.today() >= after(day, unusedDays-unusedWarn), Deadline{
		Kind: KeyUnused, Since: used, Due: EndOf(after(day, unusedDays)), Action: ActionSeeHealth, Ends: EndsUsed,
	})
}

func commercialData(f *Facts) []Deadline {
	day := f.Key.CommercialEnds
	near := day != "" && f.today() >= after(day, -commercialDays)
	return when(f.hasKey() && (near || f.Key.CommercialExpired), Deadline{
		Kind: CommercialData, Since: StartOf(after(day, -commercialDays)), Due: EndOf(day),
		Action: ActionCommercialData, Ends: EndsConfirmed,
	})
}

func (f *Facts) hasKey() bool { return !f.Key.SetAt.IsZero() }

// uncovered lets the balance pay back one anticipation after the other, by the day on which each is due: from the first
// that it does not cover whole, the rest of each is at stake. A balance that nobody knows says nothing here.
func uncovered(f *Facts) (list []Deadline) {
	left, known := f.Available.Get()
	if !known {
		return nil
	}
	due := slices.Clone(f.Advances)
	slices.SortFunc(due, func(a, b Advance) int {
		return Compare(Deadline{Due: StartOf(a.Due), Subject: a.ID}, Deadline{Due: StartOf(b.Due), Subject: b.ID})
	})
	for _, a := range due {
		soon := a.Due != "" && a.Due >= f.today() && a.Due <= after(f.today(), uncoveredDays)
		if a.Status != domain.AnticipationCredited || !soon {
			continue
		}
		covered := min(max(left, 0), a.Value.V)
		left -= a.Value.V
		list = append(list, when(covered < a.Value.V, Deadline{
			Kind: AdvanceUncovered, Subject: a.ID, Since: a.Since, Due: EndOf(a.Due),
			Amount: domain.Some(a.Value.V - covered), Action: ActionAddBalance, Ends: EndsCovered,
		})...)
	}
	return list
}

func overdue(f *Facts) (list []Deadline) {
	for _, a := range f.Advances {
		list = append(list, when(a.Status == domain.AnticipationOverdue, Deadline{
			Kind: AdvanceOverdue, Subject: a.ID, Since: a.Since, Due: EndOf(a.Due), Amount: a.Value,
			Action: ActionAddBalance, Ends: EndsDebited,
		})...)
	}
	return list
}

func denied(f *Facts) (list []Deadline) {
	for _, a := range f.Advances {
		lately := after(asaas.DayOf(a.Since), toldDays) > f.today()
		list = append(list, when(a.Status == domain.AnticipationDenied && !a.Again && lately, Deadline{
			Kind: AdvanceDenied, Subject: a.ID, Since: a.Since, Amount: a.Value, Action: ActionSeeAdvance, Ends: EndsAnticipated,
		})...)
	}
	return list
}

// refusals is one entry a day, whatever number of cards.
func refusals(f *Facts) (list []Deadline) {
	for _, p := range f.Refusals {
		list = append(list, when(p.Count > 0 && after(p.Day, toldDays) > f.today(), Deadline{
			Kind: CardRefused, Subject: string(p.Day), Since: StartOf(p.Day), Amount: domain.Some(p.Sum), Count: p.Count,
			Action: ActionSeePayments, Ends: EndsPaid,
		})...)
	}
	return list
}

// boletos is one entry a day, whatever number of boletos.
func boletos(f *Facts) (list []Deadline) {
	for _, p := range f.Boletos {
		near := p.Day >= f.today() && p.Day <= after(f.today(), boletoDays)
		list = append(list, when(p.Count > 0 && near, Deadline{
			Kind: BoletoExpiring, Subject: string(p.Day), Since: StartOf(after(p.Day, -boletoDays)), Due: EndOf(p.Day),
			Amount: domain.Some(p.Sum), Count: p.Count, Action: ActionSeePayments, Ends: EndsPaid,
		})...)
	}
	return list
}

func oldItems(f *Facts) (list []Deadline) {
	for _, w := range f.WorkItems {
		list = append(list, when(!f.Now.Before(w.Opened.Add(oldItem)), Deadline{
			Kind: WorkItemOld, Subject: w.ID, Since: w.Opened, Due: w.Opened.Add(oldItem),
			Amount: domain.Some(max(w.Amount, -w.Amount)), Action: ActionDecide, Ends: EndsDecided,
		})...)
	}
	return list
}

func when(is bool, d Deadline) []Deadline {
	if !is {
		return nil
	}
	return []Deadline{d}
}
