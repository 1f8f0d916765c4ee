package simulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// cents is an amount in centavos.
type cents domain.Money

// literal returns the amount in reais the way the newest real payloads write it: 10.0,
// 8.01, 29.9.
func (c cents) literal() json.Number {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	text := fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
	return json.Number(strings.TrimSuffix(text, "0"))
}

// orNull returns null for no amount.
func (c cents) orNull() any {
	if c == 0 {
		return nil
	}
	return c.literal()
}

// fee returns what the gateway keeps of a charge of one plan of n instalments
// (docs/gateway.md, fees): a fixed amount for boleto and Pix; for cards a
// percentage and a share of the operation fee, each rounded down.
func fee(method string, value cents, n int) cents {
	switch method {
	case "CREDIT_CARD":
	case "DEBIT_CARD":
		return value*189/10_000 + 35
	default:
		return min(199, value)
	}
	rate := cents(299) // hundredths of a percent
	switch {
	case n > 12:
		rate = 429
	case n > 6:
		rate = 399
	case n > 1:
		rate = 349
	}
	return value*rate/10_000 + cents(49/max(n, 1))
}

// anticipationFee returns value × monthly rate × days ÷ 30, rounded half up: 4.99 % for
// boleto, 2.49 % for card (docs/gateway.md, anticipations).
func anticipationFee(method string, value cents, days int) cents {
	rate := cents(499)
	if method == "CREDIT_CARD" {
		rate = 249
	}
	return (value*rate*cents(days) + 150_000) / 300_000
}

// stamp returns t as an event's dateCreated.
func stamp(t time.Time) string { return string(asaas.LocalTimeOf(t)) }

// date returns t as a date, null for none.
func date(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(asaas.SaoPaulo).Format(time.DateOnly)
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
		return businessDay(t.AddDate(0, 0, 32*max(k, 1)))
	case "DEBIT_CARD":
		return t.AddDate(0, 0, 3)
	case "BOLETO":
		return businessDay(t.AddDate(0, 0, 1))
	}
	return t
}

// businessDay returns t, moved on to a day on which banks work.
func businessDay(t time.Time) time.Time {
	for !domain.Day(t.In(asaas.SaoPaulo).Format(time.DateOnly)).BankDay() {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// at returns the clock time h:m:s of t's day in São Paulo.
func at(t time.Time, h, m, s int) time.Time {
	y, mon, d := t.In(asaas.SaoPaulo).Date()
	return time.Date(y, mon, d, h, m, s, 0, asaas.SaoPaulo)
}

const day = 24 * time.Hour

// centsOf reads an amount above zero, in reais, from a request body.
func centsOf(value any) (cents, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	m, err := domain.ParseMoney(n.String())
	return cents(m), err == nil && m > 0
}

// hundredths reads a percentage of at most two decimals.
func hundredths(percent string) cents {
	n, _ := centsOf(json.Number(percent))
	return n
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
