package agenda

import (
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// StartOf returns the first instant of a day in São Paulo, UTC; zero for what is no day.
func StartOf(day domain.Day) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, string(day), asaas.SaoPaulo)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// EndOf returns the last minute of a day in São Paulo, UTC; zero for what is no day.
func EndOf(day domain.Day) time.Time {
	at := StartOf(day)
	if at.IsZero() {
		return at
	}
	return at.In(asaas.SaoPaulo).AddDate(0, 0, 1).Add(-time.Minute).UTC()
}

// after returns the day that is n days later; "" for what is no day.
func after(day domain.Day, n int) domain.Day {
	at := StartOf(day)
	if at.IsZero() {
		return ""
	}
	return asaas.DayOf(at.In(asaas.SaoPaulo).AddDate(0, 0, n))
}
