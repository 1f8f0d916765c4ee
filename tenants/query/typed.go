package query

import (
	"strings"

	"patapay/domain"
	"patapay/tenants"
)

// A text that a person typed may be any of an object's names, for their forms overlap: billing's own
// reference may be a UUID, begin with pay_ or be nothing but digits. So it is compared, letter for
// letter, with all of them, each found by its index, and what any of them finds is shown.

// typedInvoices are the clinic's invoices that a typed text names: by the gateway's id, billing's
// reference, the payer, the plan, the checkout, the subscription, a number on the bill.
func typedInvoices(columns string) string {
	var all []string
	for _, column := range []string{"external_reference", "customer", "checkout_session", "installment", "subscription"} {
		all = append(
			all,
			`SELECT `+columns+` FROM invoices i WHERE i.clinic_id = $c AND i.`+column+` = $q AND i.`+column+` <> ''`,
		)
	}
	all = append(all, `SELECT `+columns+` FROM invoices i WHERE i.clinic_id = $c AND i.asaas_id = $q`,
		`SELECT `+columns+` FROM invoice_numbers n JOIN invoices i ON i.clinic_id = n.clinic_id AND i.id = n.invoice
			WHERE n.clinic_id = $c AND n.number = $q`)
	return strings.Join(all, " UNION ALL ")
}

// queries of the ids of a list's objects that a typed text names: $c is the clinic, $q the text.
var (
	typedAnyInvoice = typedInvoices("i.id")

	typedCheckout = `SELECT id FROM checkouts WHERE clinic_id = $c AND asaas_id = $q
		UNION ALL SELECT id FROM checkouts WHERE clinic_id = $c AND external_reference = $q AND external_reference <> ''
		UNION ALL SELECT k.id FROM (` + typedInvoices("i.checkout_session") + `) p JOIN checkouts k ON k.clinic_id = $c
			AND k.asaas_id = p.checkout_session WHERE p.checkout_session <> ''`

	typedAnticipation = `SELECT id FROM anticipations WHERE clinic_id = $c AND asaas_id = $q
		UNION ALL SELECT id FROM anticipations WHERE clinic_id = $c AND installment = $q AND installment <> ''
		UNION ALL SELECT a.id FROM (` + typedInvoices("i.asaas_id") + ` UNION ALL SELECT $q) p JOIN anticipations a
			ON a.clinic_id = $c AND a.payment = p.asaas_id
		UNION ALL SELECT a.id FROM (` + typedInvoices("i.installment") + `) p JOIN anticipations a ON a.clinic_id = $c
			AND a.installment = p.installment AND a.installment <> ''`
)

// filled writes $c and $q as question marks, and returns the arguments in their order.
func filled(query string, clinic domain.ClinicID, q string) (text string, args []any) {
	for {
		at := strings.IndexByte(query, '$')
		if at < 0 {
			return text + query, args
		}
		if query[at+1] == 'c' {
			args = append(args, clinic)
		} else {
			args = append(args, q)
		}
		text, query = text+query[:at]+"?", query[at+2:]
	}
}

// typed narrows w to the rows with the ids that the queries find; nothing when q is empty.
func typed(w *tenants.Where, clinic domain.ClinicID, q, queries string, more ...union) {
	if q == "" {
		return
	}
	sql, args := filled(queries, clinic, q)
	for _, u := range more {
		sql, args = sql+" UNION ALL "+u.sql, append(args, u.args...)
	}
	w.And(`t.id = ANY(ARRAY(`+sql+`))`, args...)
}

// union is one more way to find ids.
type union struct {
	sql  string
	args []any
}
