package accounts

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// Cents is an amount in centavos.
type Cents domain.Money

// Literal returns the amount in reais the way the newest real payloads write it: 10.0,
// 8.01, 29.9.
func (c Cents) Literal() json.Number {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	text := fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
	return json.Number(strings.TrimSuffix(text, "0"))
}

// orNull returns null for no amount.
func (c Cents) orNull() any {
	if c == 0 {
		return nil
	}
	return c.Literal()
}

// Fee returns what the gateway keeps of a charge of one plan of n instalments
// (docs/gateway.md, fees): a fixed amount for boleto and Pix; for cards a
// percentage and a share of the operation fee, each rounded down.
func Fee(method string, value Cents, n int) Cents {
	switch method {
	case "CREDIT_CARD":
	case "DEBIT_CARD":
		return value*189/10_000 + 35
	default:
		return min(199, value)
	}
	rate := Cents(299) // hundredths of a percent
	switch {
	case n > 12:
		rate = 429
	case n > 6:
		rate = 399
	case n > 1:
		rate = 349
	}
	return value*rate/10_000 + Cents(49/max(n, 1))
}

// anticipationFee returns value × monthly rate × days ÷ 30, rounded half up: 4.99 % for
// boleto, 2.49 % for card (docs/gateway.md, anticipations).
func anticipationFee(method string, value Cents, days int) Cents {
	rate := Cents(499)
	if method == "CREDIT_CARD" {
		rate = 249
	}
	return (value*rate*Cents(days) + 150_000) / 300_000
}

// Stamp returns t as an event's dateCreated.
func Stamp(t time.Time) string { return string(asaas.LocalTimeOf(t)) }

// Date returns t as a date, null for none.
func Date(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return string(asaas.DayOf(t))
}

// utc returns t as payloads write when a page was looked at, null for never.
func utc(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// creditDay returns when instalment k confirmed at t is credited: cards on the next
// business day on or after t + 32 × k days, debit cards after 3 days, boleto one business day later, Pix at once
// (docs/gateway.md, credit dates).
func creditDay(method string, t time.Time, k int) time.Time {
	switch method {
	case "CREDIT_CARD":
		return BusinessDay(t.AddDate(0, 0, 32*max(k, 1)))
	case "DEBIT_CARD":
		return t.AddDate(0, 0, 3)
	case "BOLETO":
		return BusinessDay(t.AddDate(0, 0, 1))
	}
	return t
}

// BusinessDay returns t, moved on to a day on which banks work.
func BusinessDay(t time.Time) time.Time {
	for !asaas.DayOf(t).BankDay() {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// At returns the clock time h:m:s of t's day in São Paulo.
func At(t time.Time, h, m, s int) time.Time {
	y, mon, d := t.In(asaas.SaoPaulo).Date()
	return time.Date(y, mon, d, h, m, s, 0, asaas.SaoPaulo)
}

// Day is 24 hours.
const Day = 24 * time.Hour

// CentsOf reads an amount above zero, in reais, from a request body.
func CentsOf(value any) (Cents, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	m, err := domain.ParseMoney(n.String())
	return Cents(m), err == nil && m > 0
}

// Hundredths reads a percentage of at most two decimals.
func Hundredths(percent string) Cents {
	n, _ := CentsOf(json.Number(percent))
	return n
}

// TextOrNull returns a text, null for an empty one.
func TextOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
