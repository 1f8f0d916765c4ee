package agenda

import (
	"strconv"
	"time"

	"patapay/domain/asaas"
)

// digestHour is the hour of São Paulo from which on the day's digest may leave.
const digestHour = 8

// At which days before its last one an entry is written about; besides, what has no such
// days is told once, when it opens.
var (
	disputeDays = []int{5, 1}
	endDays     = []int{30, 7, 1}
)

// stepOpened is the step of an entry that is told as soon as it is there.
const stepOpened = "opened"

// Alone tells whether an entry of this kind is written about in an e-mail of its own, at any hour: a dispute's missed
// day loses the money. Every other waits for the day's digest.
func (k Kind) Alone() bool { return k == DisputeDeadline || k == DisputeDocuments }

// Step returns the last step of an entry that is reached now, by a name that is the same however often it is asked;
// "" when there is nothing to say: none is reached, its time is over, or nobody of the clinic can act.
func (d Deadline) Step(now time.Time) string {
	if d.Actor != Clinic || !d.Due.IsZero() && d.Kind.hasSteps() && !now.Before(passed(d.Due)) {
		return ""
	}
	reached := ""
	if d.toldAtOnce() {
		reached = stepOpened
	}
	for _, days := range d.Kind.steps() {
		if !d.Due.IsZero() && !now.Before(d.stepAt(days)) {
			reached = strconv.Itoa(days) + "d"
		}
	}
	return reached
}

// NextStep returns when the entry's next step is reached, or the next digest may leave, UTC: before that nothing is
// to be written that is not to be written now.
func (d Deadline) NextStep(now time.Time) time.Time {
	next := nextDigest(now)
	for _, days := range d.Kind.steps() {
		if at := d.stepAt(days); !d.Due.IsZero() && at.After(now) && at.Before(next) {
			next = at
		}
	}
	return next
}

// stepAt is a dispute's instant so many times 24 hours before its last; of what the digest
// tells, the beginning of that day.
func (d Deadline) stepAt(days int) time.Time {
	if d.Kind.Alone() {
		return d.Due.Add(-time.Duration(days) * 24 * time.Hour)
	}
	return StartOf(after(asaas.DayOf(d.Due), -days))
}

func (d Deadline) toldAtOnce() bool {
	return d.Kind.Alone() || len(d.Kind.steps()) == 0
}

func (k Kind) hasSteps() bool { return len(k.steps()) > 0 }

func (k Kind) steps() []int {
	switch k {
	case DisputeDeadline:
		return disputeDays
	case KeyExpiry, KeyUnused, CommercialData, EventsLoss:
		return endDays
	}
	return nil
}

// DigestDay returns the day whose digest may leave now, in São Paulo; "" before its hour.
func DigestDay(now time.Time) string {
	if now.In(asaas.SaoPaulo).Hour() < digestHour {
		return ""
	}
	return string(asaas.DayOf(now))
}

func nextDigest(now time.Time) time.Time {
	at := StartOf(asaas.DayOf(now)).Add(digestHour * time.Hour)
	if !at.After(now) {
		at = at.Add(24 * time.Hour)
	}
	return at
}
