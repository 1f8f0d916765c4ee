package domain

import "time"

// fixedHolidays are the national days on which Brazilian banks are closed, month and day
// (Lei 662/1949, Lei 6.802/1980, Lei 14.759/2023; Resolução CMN 4.880/2020).
var fixedHolidays = map[[2]int]int{ // since which year
	{1, 1}: 1949, {4, 21}: 1949, {5, 1}: 1949, {9, 7}: 1949, {10, 12}: 1980, {11, 2}: 1949, {11, 15}: 1949, {11, 20}: 2024, {12, 25}: 1949,
}

// movingHolidays are days from Easter: Carnival's Monday and Tuesday, Good Friday, Corpus
// Christi.
var movingHolidays = map[int]bool{-48: true, -47: true, -2: true, 60: true}

// BankDay reports whether banks in Brazil work on the day: no weekend, no national holiday and
// not the year's last weekday, on which nothing is cleared (FEBRABAN): a bill of that day is due
// on the next bank day. Holidays of states and cities do not close the payment system.
func (d Day) BankDay() bool {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return false
	}
	if w := t.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	if lastWeekdayOfYear(t) {
		return false
	}
	if since, fixed := fixedHolidays[[2]int{int(t.Month()), t.Day()}]; fixed && t.Year() >= since {
		return false
	}
	return !movingHolidays[int(t.Sub(easter(t.Year())).Hours()/24)]
}

// lastWeekdayOfYear tells whether t, no weekend, is the last such day of its year.
func lastWeekdayOfYear(t time.Time) bool {
	next := t.AddDate(0, 0, 1)
	for next.Weekday() == time.Saturday || next.Weekday() == time.Sunday {
		next = next.AddDate(0, 0, 1)
	}
	return next.Year() != t.Year()
}

// easter returns Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
