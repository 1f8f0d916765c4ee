package query

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"patapay/domain"
	"patapay/tenants"
)

// A text that a person typed may be any of an object's names, for their forms overlap: billing's own
// reference may be a UUID, begin with pay_ or be nothing but digits. So it is compared, letter for
// letter, with all of them, each found by its index, and what any of them finds is shown.
//
// A text of words alone may be a payer's name, which is personal data and no argument of a statement: a database that
// logs its statements would keep it. Of an object's names only billing's reference can be like that, and it is found
// by its hash, among the few that are of words alone (migrations/0231).

// worded is the condition for a reference of words alone with the hash $q, of a table with an alias.
const worded = `%[1]s.external_reference <> '' AND %[1]s.external_reference !~ '[0-9_]'
	AND encode(sha256(convert_to(%[1]s.external_reference, 'UTF8')), 'hex') = $q`

// invoicesNamed are the clinic's invoices that a text names: by the gateway's id, billing's reference, the payer, the
// plan, the checkout, the subscription, a number on the bill.
func invoicesNamed(columns string) string {
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

// invoicesWorded is invoicesNamed for the hash of words.
func invoicesWorded(columns string) string {
	return `SELECT ` + columns + ` FROM invoices i WHERE i.clinic_id = $c AND ` + fmt.Sprintf(worded, "i")
}

// naming are queries of the ids of each list's objects that a typed text names: $c is the
// clinic, $q the text, or its hash.
type naming struct{ invoice, checkout, anticipation, payments string }

var byText = naming{
	invoice:  invoicesNamed("i.id"),
	payments: invoicesNamed("i.asaas_id"),
	checkout: `SELECT id FROM checkouts WHERE clinic_id = $c AND asaas_id = $q
		UNION ALL SELECT id FROM checkouts WHERE clinic_id = $c AND external_reference = $q AND external_reference <> ''
		UNION ALL ` + checkoutsOf(invoicesNamed),
	anticipation: `SELECT id FROM anticipations WHERE clinic_id = $c AND asaas_id = $q
		UNION ALL SELECT id FROM anticipations WHERE clinic_id = $c AND installment = $q AND installment <> ''
		UNION ALL SELECT a.id FROM anticipations a WHERE a.clinic_id = $c AND a.payment = $q
		UNION ALL ` + anticipationsOf(invoicesNamed),
}

var byHash = naming{
	invoice:  invoicesWorded("i.id"),
	payments: invoicesWorded("i.asaas_id"),
	checkout: `SELECT k.id FROM checkouts k WHERE k.clinic_id = $c AND ` + fmt.Sprintf(worded, "k") +
		` UNION ALL ` + checkoutsOf(invoicesWorded),
	anticipation: anticipationsOf(invoicesWorded),
}

func checkoutsOf(invoices func(string) string) string {
	return `SELECT k.id FROM (` + invoices("i.checkout_session") + `) p JOIN checkouts k ON k.clinic_id = $c
			AND k.asaas_id = p.checkout_session WHERE p.checkout_session <> ''`
}

func anticipationsOf(invoices func(string) string) string {
	return `SELECT a.id FROM (` + invoices("i.asaas_id") + `) p
		JOIN anticipations a ON a.clinic_id = $c AND a.payment = p.asaas_id
		UNION ALL SELECT a.id FROM (` + invoices("i.installment") + `) p JOIN anticipations a ON a.clinic_id = $c
			AND a.installment = p.installment AND a.installment <> ''`
}

// namingOf returns the queries for what was typed, and what is handed over in its place.
func namingOf(q string) (by naming, handed string) {
	if !domain.Worded(q) {
		return byText, q
	}
	hash := sha256.Sum256([]byte(q))
	return byHash, hex.EncodeToString(hash[:])
}

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

// typed narrows w to the rows with the ids that the queries of a list find; nothing when q is empty.
func typed(w *tenants.Where, clinic domain.ClinicID, q string, of func(naming) string, more ...union) {
	if q == "" {
		return
	}
	by, handed := namingOf(q)
	sql, args := filled(of(by), clinic, handed)
	for _, u := range more {
		sql, args = sql+" UNION ALL "+u.sql, append(args, u.args...)
	}
	w.Found(`t.id = ANY(ARRAY(`+sql+`))`, args...)
}

// union is one more way to find ids.
type union struct {
	sql  string
	args []any
}
