package domain

import "time"

// Day is a calendar date without zone, "2006-01-02"; "" is none. A due date is one and
// never shifts. Being text in this form, it is compared as text.
type Day string

// ParseDay returns text as a Day. It fails with Invalid when text is not a date of the
// Gregorian calendar in the form "2006-01-02".
func ParseDay(text string) (Day, error) {
	if !ValidDay(text) {
		return "", Errorf(Invalid, "not a day: %q", clip(text, 40))
	}
	return Day(text), nil
}

// ValidDay tells whether text is a date in the form "2006-01-02".
func ValidDay(text string) bool {
	if len(text) != 10 || text[4] != '-' || text[7] != '-' {
		return false
	}
	y, m, d := digitsOf(text[:4]), digitsOf(text[5:7]), digitsOf(text[8:])
	return y >= 1 && m >= 1 && m <= 12 && d >= 1 && d <= daysIn(y, m)
}

// ValidLocalTime tells whether text is a date and time in the form
// "2006-01-02 15:04:05".
func ValidLocalTime(text string) bool {
	if len(text) != 19 || text[10] != ' ' || text[13] != ':' || text[16] != ':' {
		return false
	}
	h, m, s := digitsOf(text[11:13]), digitsOf(text[14:16]), digitsOf(text[17:])
	return ValidDay(text[:10]) && h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s < 60
}

// seconds counts from the day 0000-03-01, in the clock's own zone. It is only compared
// with other results of its own.
func (t LocalTime) seconds() (int64, bool) {
	if !ValidLocalTime(string(t)) {
		return 0, false
	}
	y, m, d := digitsOf(string(t[:4])), digitsOf(string(t[5:7])), digitsOf(string(t[8:10]))
	if m < 3 { // count years from March, so that the leap day comes last
		y, m = y-1, m+12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1
	clock := 3600*digitsOf(string(t[11:13])) + 60*digitsOf(string(t[14:16])) + digitsOf(string(t[17:]))
	return int64(days)*86400 + int64(clock), true
}

// digitsOf returns the number that s writes, -1 when s is not all digits.
func digitsOf(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

// fixedHolidays are the national days on which Brazilian banks are closed, month and day
// (Lei 662/1949, Lei 6.802/1980, Lei 14.759/2023; Resolução CMN 4.880/2020).
var fixedHolidays = map[[2]int]int{ // since which year
	{1, 1}:   1949,
	{4, 21}:  1949,
	{5, 1}:   1949,
	{9, 7}:   1949,
	{10, 12}: 1980,
	{11, 2}:  1949,
	{11, 15}: 1949,
	{11, 20}: 2024,
	{12, 25}: 1949,
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
