package simulator

import (
	"slices"
	"time"
)

// plan is something that will happen in an account when its time comes: a due date passes,
// money is credited, a page expires. What it finds then decides whether anything happens.
type plan struct {
	at time.Time
	a  *account
	do func(*scene)
}

// plan puts do on the agenda for t. The caller holds s.mu.
func (s *Simulator) plan(a *account, t time.Time, do func(*scene)) {
	i, _ := slices.BinarySearchFunc(s.agenda, t, func(p plan, t time.Time) int {
		if p.at.After(t) {
			return 1
		}
		return -1 // after those of the same instant
	})
	s.agenda = slices.Insert(s.agenda, i, plan{t, a, do})
	select {
	case s.planned <- struct{}{}:
	default:
	}
}

// keepTime lets what is on the agenda happen when the clock comes to it, until Close.
func (s *Simulator) keepTime() {
	defer s.running.Done()
	for {
		s.mu.Lock()
		s.catchUp()
		timer, end := (<-chan time.Time)(nil), func() {}
		if len(s.agenda) > 0 {
			timer, end = until(s.clock, s.agenda[0].at)
		}
		s.mu.Unlock()
		select {
		case <-s.ctx.Done():
			return
		case <-s.planned:
		case <-timer:
		}
		end()
	}
}

// catchUp lets everything happen whose time has come, in order and dated at its own time,
// also when the clock went far at once. Whoever looks at the world calls it first, so that
// nobody sees a due date that passed without an effect. The caller holds s.mu.
func (s *Simulator) catchUp() {
	for now := s.clock.Now(); len(s.agenda) > 0 && !s.agenda[0].at.After(now); {
		next := s.agenda[0]
		s.agenda = slices.Delete(s.agenda, 0, 1)
		next.do(&scene{s: s, a: next.a, now: next.at, told: next.at})
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
	v.s.plan(v.a, at(businessDay(due.Add(day)), 3, 1, 21), func(v *scene) {
		if !p.deleted && p.status == "PENDING" && p.due.Equal(due) {
			v.overdue(p)
		}
	})
}

// watchCredit plans the credit of a confirmed payment for its credit date; advances on it
// are settled by it.
func (v *scene) watchCredit(p *payment) {
	credit := p.credit
	v.s.plan(v.a, v.morning(credit, 3, 12), func(v *scene) {
		if p.status == "CONFIRMED" && p.credit.Equal(credit) {
			v.receive(p)
			v.tell("PAYMENT_RECEIVED", p)
			v.later(2 * time.Second)
			v.callIn(p)
		}
	})
}

// watchAdvance plans what becomes of an anticipation under analysis: it is credited at its
// date.
func (v *scene) watchAdvance(n *anticipation) {
	v.s.plan(v.a, v.morning(n.credited, 15, 5), func(v *scene) {
		if n.status == "PENDING" || n.status == "SCHEDULED" {
			v.credit(n)
		}
	})
}

// watchPage plans the end of a checkout that nobody pays.
func (v *scene) watchPage(c *checkout) {
	v.s.plan(v.a, c.created.Add(time.Duration(c.minutes)*time.Minute), func(v *scene) {
		if c.status == "ACTIVE" {
			v.end(c, "EXPIRED")
		}
	})
}

// watchRenewal plans a subscription's next charge: made about 40 days before its due date,
// but never on the day of the one before; a card pays it on that date.
func (v *scene) watchRenewal(u *subscription) {
	when := at(u.next.AddDate(0, 0, -40), 4, 2, 11)
	if tomorrow := at(v.now.Add(day), 4, 2, 11); when.Before(tomorrow) {
		when = tomorrow
	}
	v.s.plan(v.a, when, func(v *scene) {
		if u.status == "ACTIVE" {
			v.renew(u)
			v.watchRenewal(u)
		}
	})
}

// watchUnpaid plans the end of an advance whose charge was not paid in time: a few days
// later it is taken from the balance (docs/gateway.md, anticipations: the moment is
// unverified).
func (v *scene) watchUnpaid(n *anticipation) {
	v.s.plan(v.a, v.now.Add(5*day), func(v *scene) {
		if n.status == "OVERDUE" {
			v.debit(n)
		}
	})
}

// watchDispute plans the loss of a dispute that the clinic does not contest in 15 days.
func (v *scene) watchDispute(p *payment) {
	v.s.plan(v.a, v.now.Add(15*day), func(v *scene) {
		if p.chargeback == "REQUESTED" {
			v.chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
		}
	})
}
