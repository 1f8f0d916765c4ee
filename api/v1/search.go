package v1

import (
	"regexp"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants/query"
)

// sought narrows f to the one thing that a person typed, told apart by its form: an id,
// a value, a day, a reference. "" narrows nothing. What may be a payer's name is returned.
func sought(q string, f *query.InvoiceFilter) (name string) {
	if id, ours := domain.ParseUUID("ivc", q); ours {
		f.ID = &id
		return ""
	}
	amount, isAmount := amountTyped(q)
	day, isDay := dayTyped(q)
	switch {
	case q == "":
	case strings.HasPrefix(q, "pay_"):
		f.AsaasID = q
	case strings.HasPrefix(q, "cus_"):
		f.Customer = q
	case isAmount:
		f.Value = query.Range[domain.Money]{From: &amount, To: &amount}
	case isDay:
		f.Due = query.Range[domain.Day]{From: &day, To: &day}
	default:
		f.ExternalReference, name = q, q
	}
	return name
}

// soughtEvent narrows f to the one thing that a person typed, told apart by its form
// as above. "" narrows nothing. What may be a payer's name is returned.
func soughtEvent(q string, f *query.EventFilter) (name string) {
	if key, ours := domain.ParseEventKey(q); ours {
		f.Key = &key
		return ""
	}
	if id, ours := domain.ParseUUID("ivc", q); ours {
		f.Invoice = &id
		return ""
	}
	amount, isAmount := amountTyped(q)
	day, isDay := dayTyped(q)
	switch {
	case q == "":
	case strings.HasPrefix(q, "evt_"):
		f.AsaasID = q
	case strings.HasPrefix(q, "pay_"):
		f.Entity = q
	case strings.HasPrefix(q, "cus_"):
		f.Customer = q
	case isAmount:
		f.Value = &amount
	case isDay:
		f.Received = dayIn(day)
	default:
		f.Reference, name = q, q
	}
	return name
}

// dayIn returns the instants of a day in São Paulo.
func dayIn(d domain.Day) query.Range[time.Time] {
	begin, _ := time.ParseInLocation(time.DateOnly, string(d), asaas.SaoPaulo) // it was parsed before
	end := begin.AddDate(0, 0, 1).Add(-time.Microsecond)
	return query.Range[time.Time]{From: &begin, To: &end}
}

// soughtCheckout is sought for checkouts. Asaas's ids of checkouts are UUIDs, so they are
// looked for by their form too.
func soughtCheckout(q string, f *query.CheckoutFilter) {
	amount, isAmount := amountTyped(q)
	id, ours := domain.ParseUUID("chk", q)
	switch {
	case q == "":
	case ours:
		f.ID = &id
	case uuidForm.MatchString(q):
		f.AsaasID = q
	case isAmount:
		f.Total = query.Range[domain.Money]{From: &amount, To: &amount}
	default:
		f.ExternalReference = q
	}
}

// soughtAnticipation is sought for anticipations, which have no reference of billing's.
func soughtAnticipation(q string, f *query.AnticipationFilter) {
	amount, isAmount := amountTyped(q)
	day, isDay := dayTyped(q)
	id, ours := domain.ParseUUID("ant", q)
	switch {
	case q == "":
	case ours:
		f.ID = &id
	case strings.HasPrefix(q, "pay_"):
		f.Payment = q
	case isAmount:
		f.Value = query.Range[domain.Money]{From: &amount, To: &amount}
	case isDay:
		f.Due = query.Range[domain.Day]{From: &day, To: &day}
	default:
		f.AsaasID = q
	}
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// reaisForm is an amount as people write it: with R$, or with a comma before the centavos.
var reaisForm = regexp.MustCompile(`^(?:R\$[ \x{00a0}]?)?(\d{1,3}(?:\.\d{3})+|\d{1,12})(?:,(\d{2}))?$`)

// amountTyped reads "R$ 1.310,00", "1310,00" and "R$ 1310". A number alone is no amount: it may
// be a reference.
func amountTyped(q string) (domain.Money, bool) {
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

// dayTyped reads 30/11/2026 and 2026-11-30.
func dayTyped(q string) (domain.Day, bool) {
	for _, form := range []string{"02/01/2006", time.DateOnly} {
		if t, err := time.Parse(form, q); err == nil {
			return domain.Day(t.Format(time.DateOnly)), true
		}
	}
	return "", false
}
