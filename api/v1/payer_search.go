package v1

import (
	"maps"

	"patapay/domain"
	"patapay/tenants/query"
)

// payerOf returns who pays an invoice: the gateway's id.
func payerOf(i query.Stored[domain.Invoice]) string { return i.Value.Customer }

// nameless returns a file's filter as it is kept and audited: a name that was typed is
// personal data, and stays out of both.
func nameless(filter map[string]string) map[string]string {
	shown := maps.Clone(filter)
	if shown["customerName"] != "" {
		shown["customerName"] = dots
	}
	if name := sought(shown["q"], &query.InvoiceFilter{}); name != "" && domain.NameSought(name) != nil {
		shown["q"] = dots
	}
	return shown
}

// mostNamed is how many payers a search by name may mean: beyond it the person types more.
const mostNamed = 200
