package glance

import (
	"time"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants/query"
)

// balances are where the money stands; null while the ledger is not opened, for its zeros would
// comfort wrongly.
func (r *reading) balances() rest.Maybe[BalancesView] {
	if r.facts.LedgerFrom == "" {
		return rest.Maybe[BalancesView]{}
	}
	held := r.accounts[domain.AccountSuspense]
	if held < 0 {
		held = -held
	}
	return rest.Present(BalancesView{
		Available:  rest.MoneyOf(r.accounts[domain.AccountAvailable]),
		Release:    r.release(),
		InQuestion: rest.MoneyOf(held + r.accounts[domain.AccountHold]),
		Blocked:    rest.MoneyOf(r.accounts[domain.AccountBlocked]),
	})
}

// release gathers the days by weeks. A day that is over and brought nothing yet belongs to this week.
func (r *reading) release() ReleaseView {
	v := ReleaseView{Advanced: rest.MoneyOf(-r.accounts[domain.AccountAdvance]), Weeks: []ReleaseWeekView{}}
	var total domain.Money
	for _, d := range r.money.Release {
		week := ReleaseWeekView{}
		if d.Day != "" {
			sunday := sundayOf(max(d.Day, r.today))
			week.From, week.To = rest.TextOrNull(sunday), rest.TextOrNull(daysAfter(sunday, 6))
		}
		total += d.Net
		if n := len(v.Weeks); n > 0 && sameDay(v.Weeks[n-1].From, week.From) {
			v.Weeks[n-1].Count += d.Count
			v.Weeks[n-1].Net.AmountCents += int64(d.Net)
			continue
		}
		week.Count, week.Net = d.Count, rest.MoneyOf(d.Net)
		v.Weeks = append(v.Weeks, week)
	}
	v.Total = rest.MoneyOf(total)
	return v
}

func sameDay(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func pileOf(d query.DayMoney) PileView { return PileView{d.Count, rest.MoneyOf(d.Value)} }

// received compares what was paid this month with the last.
func (r *reading) received() ReceivedView {
	this, last := firstOfMonth(r.today, 0), firstOfMonth(r.today, -1)
	v := ReceivedView{
		ThisMonth: monthOf(this, daysAfter(firstOfMonth(r.today, 1), -1), r.money.Received),
		LastMonth: monthOf(last, daysAfter(this, -1), r.money.Received),
		SoFar:     rest.MoneyOf(0),
		Today:     PileView{Value: rest.MoneyOf(0)},
	}
	for _, d := range r.money.Received {
		if d.Day < this && d.Day[8:] <= r.today[8:] {
			v.SoFar.AmountCents += int64(d.Value)
		}
		if d.Day == r.today {
			v.Today = pileOf(d)
		}
	}
	return v
}

func monthOf(from, to domain.Day, days []query.DayMoney) PaidMonthView {
	v := PaidMonthView{From: string(from), To: string(to), Days: []PaidDayView{}}
	var value, net domain.Money
	for _, d := range days {
		if d.Day >= from && d.Day <= to {
			v.Count += d.Count
			value, net = value+d.Value, net+d.Net
			v.Days = append(v.Days, PaidDayView{string(d.Day), d.Count, rest.MoneyOf(d.Value)})
		}
	}
	v.Value, v.Net = rest.MoneyOf(value), rest.MoneyOf(net)
	return v
}

// firstOfMonth returns the first day of the month that is n months after day's.
func firstOfMonth(day domain.Day, n int) domain.Day {
	t, _ := time.Parse(time.DateOnly, string(day[:8])+"01") // our own clock's day
	return domain.Day(t.AddDate(0, n, 0).Format(time.DateOnly))
}

func daysAfter(day domain.Day, n int) domain.Day {
	t, _ := time.Parse(time.DateOnly, string(day))
	return domain.Day(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// sundayOf returns the Sunday on or before day: weeks begin on it.
func sundayOf(day domain.Day) domain.Day {
	t, _ := time.Parse(time.DateOnly, string(day))
	return daysAfter(day, -int(t.Weekday()))
}
