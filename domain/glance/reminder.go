package glance

import "patapay/domain"

// ReminderKind says what a reminder is about.
type ReminderKind string

// The reminders, by what they are called under /v1. They speak against no number, so they are no conditions; each
// ends with what it tells of.
const (
	ReminderOverdue ReminderKind = "overdue" // invoices that were not paid in time
	ReminderDenied  ReminderKind = "denied"  // anticipations that were denied this month or the last
)

// Values returns every kind of reminder, in the order in which people are told of them.
func (ReminderKind) Values() []ReminderKind { return []ReminderKind{ReminderOverdue, ReminderDenied} }

// PutOff is a clinic's word that it does not want to be reminded for now.
type PutOff struct {
	Until domain.Day // the last day on which the reminder stays away; "" it is not put off
	Seen  int        // of how many the reminder told when it was put off
}

// Reminder is something that waits for a person of the clinic and says nothing against the numbers.
type Reminder struct {
	Kind   ReminderKind
	Count  int
	Amount domain.Money
	Until  domain.Day // it is put off up to this day; "" it is not
}

// RemindersOf returns what the clinic is to be reminded of on a day, with what is put off. One more than when a
// reminder was put off brings it back before its day: that one nobody has seen.
func RemindersOf(piles map[ReminderKind]Pile, off map[ReminderKind]PutOff, today domain.Day) (list []Reminder) {
	for _, kind := range ReminderKind("").Values() {
		p := piles[kind]
		if p.Count == 0 {
			continue
		}
		r := Reminder{Kind: kind, Count: p.Count, Amount: p.Amount.V}
		if o := off[kind]; o.Until >= today && p.Count <= o.Seen {
			r.Until = o.Until
		}
		list = append(list, r)
	}
	return list
}
