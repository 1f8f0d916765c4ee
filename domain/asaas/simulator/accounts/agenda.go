package accounts

import (
	"slices"
	"time"

	"patapay/domain/asaas/simulator/clock"
)

// plan is something that will happen in an account when its time comes: a due date passes,
// money is credited, a page expires. What it finds then decides whether anything happens.
type plan struct {
	at time.Time
	a  *Books
	do func(*Scene)
}

// Plan puts do on the agenda for t. The caller holds w.mu.
func (w *World) Plan(a *Books, t time.Time, do func(*Scene)) {
	i, _ := slices.BinarySearchFunc(w.agenda, t, func(p plan, t time.Time) int {
		if p.at.After(t) {
			return 1
		}
		return -1 // after those of the same instant
	})
	w.agenda = slices.Insert(w.agenda, i, plan{t, a, do})
	select {
	case w.planned <- struct{}{}:
	default:
	}
}

// keepTime lets what is on the agenda happen when the clock comes to it, until Close.
func (w *World) keepTime() {
	for {
		w.Lock()
		w.CatchUp()
		timer, end := (<-chan time.Time)(nil), func() {}
		if len(w.agenda) > 0 {
			timer, end = clock.Until(w.Clock, w.agenda[0].at)
		}
		w.Unlock()
		select {
		case <-w.Context.Done():
			return
		case <-w.planned:
		case <-timer:
		}
		end()
	}
}

// CatchUp lets everything happen whose time has come, in order and dated at its own time,
// also when the clock went far at once. Whoever looks at the world calls it first, so that
// nobody sees a due date that passed without an effect. The caller holds w.mu.
func (w *World) CatchUp() {
	for now := w.Clock.Now(); len(w.agenda) > 0 && !w.agenda[0].at.After(now); {
		next := w.agenda[0]
		w.agenda = slices.Delete(w.agenda, 0, 1)
		next.do(&Scene{World: w, Books: next.a, Now: next.at, told: next.at})
	}
}

// morning returns when the gateway tells of what a day brought: h:m of day t, but not
// before the scene's present.
func (v *Scene) morning(t time.Time, h, m int) time.Time {
	if when := At(t, h, m, 21); when.After(v.Now) {
		return when
	}
	return v.Now
}

// WatchDue plans PAYMENT_OVERDUE for 03:01 of the first business day after the due date
// (docs/gateway.md, orders of events).
func (v *Scene) WatchDue(p *Payment) {
	due := p.Due
	v.World.Plan(v.Books, At(BusinessDay(due.Add(Day)), 3, 1, 21), func(v *Scene) {
		if !p.Deleted && p.Status == "PENDING" && p.Due.Equal(due) {
			v.Overdue(p)
		}
	})
}

// watchCredit plans the credit of a confirmed payment for its credit date; advances on it
// are settled by it.
func (v *Scene) watchCredit(p *Payment) {
	credit := p.Credit
	v.World.Plan(v.Books, v.morning(credit, 3, 12), func(v *Scene) {
		if p.Status == "CONFIRMED" && p.Credit.Equal(credit) {
			v.Receive(p)
			v.Tell("PAYMENT_RECEIVED", p)
			v.Later(2 * time.Second)
			v.CallIn(p)
		}
	})
}

// watchDispute plans the loss of a dispute that the clinic does not contest in 15 days.
func (v *Scene) watchDispute(p *Payment) {
	v.World.Plan(v.Books, v.Now.Add(15*Day), func(v *Scene) {
		if p.chargeback == "REQUESTED" {
			v.Chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
		}
	})
}
