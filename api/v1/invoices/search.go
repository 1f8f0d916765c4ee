package invoices

import (
	"strings"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants/query"
)

// searchText narrows f to the one thing that a person typed, told apart by its form: an id,
// a value, a day, a reference. "" narrows nothing. What may be a payer's name is returned.
func searchText(q string, f *query.InvoiceFilter) (name string) {
	if id, ours := domain.ParseUUID("ivc", q); ours {
		f.ID = &id
		return ""
	}
	amount, isAmount := rest.ParseAmount(q)
	day, isDay := rest.ParseDay(q)
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

// searchCheckout is searchText for checkouts. Asaas's ids of checkouts are UUIDs, so they are
// looked for by their form too.
func searchCheckout(q string, f *query.CheckoutFilter) {
	amount, isAmount := rest.ParseAmount(q)
	id, ours := domain.ParseUUID("chk", q)
	switch {
	case q == "":
	case ours:
		f.ID = &id
	case rest.UUIDForm.MatchString(q):
		f.AsaasID = q
	case isAmount:
		f.Total = query.Range[domain.Money]{From: &amount, To: &amount}
	default:
		f.ExternalReference = q
	}
}

// searchAnticipation is searchText for anticipations, which have no reference of billing's.
func searchAnticipation(q string, f *query.AnticipationFilter) {
	amount, isAmount := rest.ParseAmount(q)
	day, isDay := rest.ParseDay(q)
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
