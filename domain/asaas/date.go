package asaas

import (
	"strings"
	"time"
	_ "time/tzdata" // images without a tz database read times by the same rules

	"patapay/domain"
)

// SaoPaulo is the zone of every gateway time that names none, by the rules of the tz database,
// as the pages and Postgres read it: UTC-3 now, UTC-2 in the summers until 2019, and whatever a
// law may bring back (docs/gateway.md, environments). The program carries the database with it.
var SaoPaulo = zoneOf("America/Sao_Paulo")

func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the database is part of the program
	}
	return zone
}

const localLayout = "2006-01-02 15:04:05"

// misdatedAfter is how far into the future of its receipt an event may be dated.
const misdatedAfter = 10 * time.Minute

// LocalTimeOf returns t as the gateway would write it, cut to the second.
func LocalTimeOf(t time.Time) domain.LocalTime {
	return domain.LocalTime(t.In(SaoPaulo).Format(localLayout))
}

// DayOf returns the day that t is on in São Paulo.
func DayOf(t time.Time) domain.Day { return domain.Day(t.In(SaoPaulo).Format(time.DateOnly)) }

// TimeOf returns the instant of a gateway time, in UTC, and whether it is one.
func TimeOf(t domain.LocalTime) (time.Time, bool) {
	at, err := inSaoPaulo(localLayout, string(t))
	return at.UTC(), err == nil && domain.ValidLocalTime(string(t))
}

// DayBegins returns the first instant of d in São Paulo: one o'clock on a day whose midnight
// was left out for daylight saving. It is the zero time for what is no day.
func DayBegins(d domain.Day) time.Time {
	at, _ := inSaoPaulo(time.DateOnly, string(d))
	return at
}

// inSaoPaulo reads a time without zone. One that daylight saving left out is read by the offset
// from before the change, so that it falls behind what was written before it.
func inSaoPaulo(layout, s string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, s, SaoPaulo)
	if err != nil || t.Format(layout) == s {
		return t, err
	}
	_, after := t.Add(24 * time.Hour).Zone()
	_, before := t.Add(-24 * time.Hour).Zone()
	if gap := time.Duration(after-before) * time.Second; gap > 0 && t.Add(gap).Format(layout) > t.Format(layout) {
		return t.Add(gap), nil
	}
	return t, nil
}

// Misdated tells whether an event is dated more than ten minutes after its receipt. Such
// an event keeps its snapshot but no place in time. Malformed is
// not misdated.
func Misdated(created domain.LocalTime, received time.Time) bool {
	at, ok := TimeOf(created)
	return ok && at.Sub(received) > misdatedAfter
}

// created reads an envelope's dateCreated: "" unless it is a date with a time.
func (p *peeker) created() domain.LocalTime {
	if p.peek() != '"' {
		p.skip()
		return ""
	}
	raw, _ := p.str()
	t, _ := parseLocal(string(raw))
	return t
}

// parseLocal reads a date with a time in any of the gateway's forms as São Paulo time
// (docs/gateway.md, dates).
func parseLocal(s string) (domain.LocalTime, bool) {
	if domain.ValidLocalTime(s) {
		return domain.LocalTime(s), true
	}
	if t, ok := parseInstant(s); ok && len(s) > 10 {
		return LocalTimeOf(t), true
	}
	return "", false
}

// instantLayouts are the forms of a date with a time, those without zone last.
var instantLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05-0700",
	localLayout, "2006-01-02T15:04:05", "02/01/2006 15:04:05", "02/01/2006 15:04",
}

// parseInstant reads a date with a time; without a zone it is São Paulo's.
func parseInstant(s string) (time.Time, bool) {
	if len(s) < 16 || len(s) > 40 {
		return time.Time{}, false
	}
	for _, layout := range instantLayouts {
		t, err := inSaoPaulo(layout, s)
		if err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}

// parseDay reads a date in any of the gateway's forms. A date with a time gives the day
// that it is in São Paulo: "2024-10-31T03:00:00+0000" is midnight there.
func parseDay(s string) (domain.Day, bool) {
	if domain.ValidDay(s) {
		return domain.Day(s), true
	}
	if len(s) == 10 && s[2] == '/' && s[5] == '/' {
		d, err := domain.ParseDay(s[6:] + "-" + s[3:5] + "-" + s[:2])
		return d, err == nil
	}
	if t, ok := parseLocal(strings.TrimSpace(s)); ok {
		return domain.Day(t[:10]), true
	}
	return "", false
}
