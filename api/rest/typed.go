package rest

import (
	"regexp"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants/query"
)

// DayRange returns the instants of a day in São Paulo.
func DayRange(d domain.Day) query.Range[time.Time] {
	begin := asaas.DayBegins(d) // it was parsed before
	end := asaas.DayBegins(domain.Day(begin.AddDate(0, 0, 1).Format(time.DateOnly))).Add(-time.Microsecond)
	return query.Range[time.Time]{From: &begin, To: &end}
}

// reaisForm is an amount as people write it: with R$, or with a comma before the centavos.
var reaisForm = regexp.MustCompile(`^(?:R\$[ \x{00a0}]?)?(\d{1,3}(?:\.\d{3})+|\d{1,12})(?:,(\d{2}))?$`)

// ParseAmount reads "R$ 1.310,00", "1310,00" and "R$ 1310". A number alone is no amount: it may
// be a reference.
func ParseAmount(q string) (domain.Money, bool) {
	part := reaisForm.FindStringSubmatch(q)
	if part == nil || part[2] == "" && !strings.HasPrefix(q, "R$") {
		return 0, false
	}
	cents := part[2]
	if cents == "" {
		cents = "00"
	}
	m, err := domain.ParseMoney(strings.ReplaceAll(part[1], ".", "") + "." + cents)
	return m, err == nil
}

// ParseDay reads 30/11/2026 and 2026-11-30.
func ParseDay(q string) (domain.Day, bool) {
	for _, form := range []string{"02/01/2006", time.DateOnly} {
		if t, err := time.Parse(form, q); err == nil {
			return domain.Day(t.Format(time.DateOnly)), true
		}
	}
	return "", false
}
