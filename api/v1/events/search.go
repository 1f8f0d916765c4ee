package events

import (
	"strings"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants/query"
)

// searchEvent narrows f to the one thing that a person typed, told apart by its form
// as above. "" narrows nothing. What may be a payer's name is returned.
func searchEvent(q string, f *query.EventFilter) (name string) {
	if key, ours := domain.ParseEventKey(q); ours {
		f.Key = &key
		return ""
	}
	if id, ours := domain.ParseUUID("ivc", q); ours {
		f.Invoice = &id
		return ""
	}
	amount, isAmount := rest.ParseAmount(q)
	day, isDay := rest.ParseDay(q)
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
		f.Received = rest.DayRange(day)
	default:
		f.Reference, name = q, q
	}
	return name
}
