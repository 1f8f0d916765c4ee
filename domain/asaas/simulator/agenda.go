package simulator

import (
	"slices"
	"time"
)

// plan is something that will happen in an account when its time comes: a due date passes,
// money is credited, a page expires. What it finds then decides whether anything happens.
type plan struct {
	at time.Time
	a  *books
	do func(*scene)
}

// plan puts do on the agenda for t. The caller holds w.mu.
func (w *World) plan(a *books, t time.Time, do func(*scene)) {
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
		w.catchUp()
		timer, end := (<-chan time.Time)(nil), func() {}
		if len(w.agenda) > 0 {
			timer, end = until(w.clock, w.agenda[0].at)
		}
		w.Unlock()
		select {
		case <-w.ctx.Done():
			return
		case <-w.planned:
		case <-timer:
		}
		end()
	}
}

// catchUp lets everything happen whose time has come, in order and dated at its own time,
// also when the clock went far at once. Whoever looks at the world calls it first, so that
// nobody sees a due date that passed without an effect. The caller holds w.mu.
func (w *World) catchUp() {
	for now := w.clock.Now(); len(w.agenda) > 0 && !w.agenda[0].at.After(now); {
		next := w.agenda[0]
		w.agenda = slices.Delete(w.agenda, 0, 1)
		next.do(&scene{world: w, books: next.a, now: next.at, told: next.at})
	}
}

// morning returns when the gateway tells of what a day brought: h:m of day t, but not
// before the scene's present.
func (v *scene) morning(t time.Time, h, m int) time.Time {
	if when := at(t, h, m, 21); when.After(v.now) {
		return when
	}
	return v.now
}

// watchDue plans PAYMENT_OVERDUE for 03:01 of the first business day after the due date
// (docs/gateway.md, orders of events).
func (v *scene) watchDue(p *payment) {
	due := p.due
	v.world.plan(v.books, at(businessDay(due.Add(day)), 3, 1, 21), func(v *scene) {
		if !p.deleted && p.status == "PENDING" && p.due.Equal(due) {
			v.overdue(p)
		}
	})
}

// watchCredit plans the credit of a confirmed payment for its credit date; advances on it
// are settled by it.
func (v *scene) watchCredit(p *payment) {
	credit := p.credit
	v.world.plan(v.books, v.morning(credit, 3, 12), func(v *scene) {
		if p.status == "CONFIRMED" && p.credit.Equal(credit) {
			v.receive(p)
			v.tell("PAYMENT_RECEIVED", p)
			v.later(2 * time.Second)
			v.callIn(p)
		}
	})
}

// watchDispute plans the loss of a dispute that the clinic does not contest in 15 days.
func (v *scene) watchDispute(p *payment) {
	v.world.plan(v.books, v.now.Add(15*day), func(v *scene) {
		if p.chargeback == "REQUESTED" {
			v.chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
		}
	})
}
