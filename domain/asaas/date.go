package asaas

import (
	"strings"
	"time"

	"patapay/domain"
)

// SaoPaulo is the zone of every gateway time that names none: UTC-3, without daylight
// saving since 2019 (docs/gateway.md, environments).
var SaoPaulo = time.FixedZone("America/Sao_Paulo", -3*60*60)

const localLayout = "2006-01-02 15:04:05"

// misdatedAfter is how far into the future of its receipt an event may be dated.
const misdatedAfter = 10 * time.Minute

// LocalTimeOf returns t as the gateway would write it, cut to the second.
func LocalTimeOf(t time.Time) domain.LocalTime {
	return domain.LocalTime(t.In(SaoPaulo).Format(localLayout))
}

// TimeOf returns the instant of a gateway time, in UTC, and whether it is one.
func TimeOf(t domain.LocalTime) (time.Time, bool) {
	at, err := time.ParseInLocation(localLayout, string(t), SaoPaulo)
	return at.UTC(), err == nil && domain.ValidLocalTime(string(t))
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
		t, err := time.ParseInLocation(layout, s, SaoPaulo)
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
