package query

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"patapay/domain"
	"patapay/tenants"

	"github.com/jackc/pgx/v5"
)

// Range bounds a list by one attribute; nil leaves a side open. Both ends belong to it.
type Range[T any] struct{ From, To *T }

// texts returns the bounds as SQL reads them.
func texts[T any](r Range[T], write func(T) string) (from, to *string) {
	if r.From != nil {
		s := write(*r.From)
		from = &s
	}
	if r.To != nil {
		s := write(*r.To)
		to = &s
	}
	return from, to
}

// createdSort orders projections by first sight: their ids begin with it.
var createdSort = []tenants.SortKey{tenants.SortBy("t.id", "uuid")}

// projections returns how projections of a kind are listed; more are its own sorts.
func projections[T any](kind domain.Kind, more map[string]tenants.SortKey) *tenants.Listing[Stored[T]] {
	l := &tenants.Listing[Stored[T]]{
		What: tenants.Table(kind), From: tenants.Table(kind) + " t", Columns: storedColumns, Newest: "-createdAt",
		Sorts: map[string][]tenants.SortKey{"createdAt": createdSort}, Scan: scanStored[T],
	}
	for name, key := range more {
		l.Sorts[name] = append([]tenants.SortKey{key}, createdSort...)
	}
	return l
}

// Expressions that have an index, word for word (migrations/0055 and 0060). They are
// CASE and not coalesce: before row security has spoken Postgres asks an index only by
// what it knows to leak nothing, and coalesce is not on its list.
const (
	dueOrNone   = "(CASE WHEN t.due_date IS NULL THEN '0001-01-01'::date ELSE t.due_date END)"
	valueOrNone = "(CASE WHEN t.value IS NULL THEN (-1e18)::bigint ELSE t.value END)"
	totalOrNone = "(CASE WHEN t.total IS NULL THEN (-1e18)::bigint ELSE t.total END)"
)

// shownStatus is the status as domain.Invoice.Shown tells it; it has an index too.
var shownStatus = "(CASE WHEN t.deleted AND t.status = ANY ('{" + strings.Join(
	unpaid, ",",
) + "}'::text[]) THEN 'removed' ELSE t.status END)"

// A projection without the attribute that it is sorted by comes first when ascending.
var (
	invoiceList = byKind(projections[domain.Invoice](domain.KindPayment, map[string]tenants.SortKey{
		"dueDate":     tenants.SortBy(dueOrNone, "date"),
		"amountCents": tenants.SortBy(valueOrNone, "bigint"),
		"updatedAt":   tenants.SortBy("t.updated_at", "timestamptz"),
	}))
	checkoutList = projections[domain.Checkout](domain.KindCheckout, map[string]tenants.SortKey{
		"amountCents": tenants.SortBy(totalOrNone, "bigint"),
		"updatedAt":   tenants.SortBy("t.updated_at", "timestamptz"),
	})
	anticipationList = projections[domain.Anticipation](domain.KindAnticipation, map[string]tenants.SortKey{
		"dueDate":     tenants.SortBy(dueOrNone, "date"),
		"amountCents": tenants.SortBy(valueOrNone, "bigint"),
		"updatedAt":   tenants.SortBy("t.updated_at", "timestamptz"),
	})
)

// byKind has the invoices listed by the indexes invoices_kinds and invoices_kinds_due.
func byKind(l *tenants.Listing[Stored[domain.Invoice]]) *tenants.Listing[Stored[domain.Invoice]] {
	l.Slim, l.Few, l.Kinds = true, tenants.FewRows, tenants.Kinds{
		Columns: []string{"status", "deleted", "asaas_status", "method"},
		Orders:  []string{createdSort[0].Expr, dueOrNone},
	}
	return l
}

// InvoiceFilter says which invoices are wanted; what is empty does not matter.
type InvoiceFilter struct {
	Status            []string // as domain.Invoice.Shown tells it
	AsaasStatus       []string
	Method            []string // the gateway's words
	Due               Range[domain.Day]
	Paid              Range[domain.LocalTime] // São Paulo, as domain.Invoice.PaidAt is
	PayerPaid         Range[domain.Day]       // the payer paid
	Value             Range[domain.Money]
	RefusedSince      *domain.LocalTime `json:",omitempty"` // the card was last refused then or later
	Dispute           string            `json:",omitempty"` // open, ended or any: the card holder disputes it, or did
	ExternalReference string
	Customer          string
	CheckoutSession   string
	Installment       string
	Subscription      string
	AsaasID           string
	ID                *domain.UUID // ours; nil: any

	KnownAtAsaas bool     `json:",omitempty"` // leave out what Asaas does not know, unless Status asks for it
	CustomerName string   // as it was asked for; Named are the payers who have it
	Named        []string `json:"-"` // the gateway's ids; with CustomerName nobody else's invoices
	// payers whose invoices are wanted beside those that Typed names: what was typed may be a name
	OrNamed []string `json:"-"`

	Typed    string        // any name of an invoice: an id, a reference, a payer, a number on the bill
	OrValue  *domain.Money // beside those that Typed names, those of this value
	OrDueDay *domain.Day   // beside those that Typed names, those due on this day
}

// disputed finds the ids of what is or was disputed by their own index, word for word (migrations/0351), and
// refused those of cards refused since, few among many. That there is a dispute the index sees in the text;
// what it means is read of its rows.
const (
	disputed = `t.id = ANY(ARRAY(SELECT i.id FROM invoices i WHERE i.clinic_id = ?
		AND strpos(i.state::text, '"Chargeback":{') > 0 AND (i.state ->> 'Chargeback') IS NOT NULL))`
	refused = `t.id = ANY(ARRAY(SELECT i.id FROM invoices i WHERE i.clinic_id = ? AND i.refused_at >= ?))`
)

// disputeIs is what each word of InvoiceFilter.Dispute asks for. A dispute is over when
// the payment is in another status.
var disputeIs = map[string]string{
	"any":   disputed,
	"open":  disputed + " AND t.status = 'disputed'",
	"ended": disputed + " AND t.status <> 'disputed'",
}

// Invoices returns a page of the clinic's invoices; its sorts are createdAt (newest
// first unless told otherwise), dueDate, amountCents and updatedAt.
func Invoices(tx *tenants.Tx, f InvoiceFilter, p tenants.Page) (tenants.List[Stored[domain.Invoice]], error) {
	return invoiceList.Page(tx, f.where(tx), f, p)
}

func (f InvoiceFilter) where(tx *tenants.Tx) *tenants.Where {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", tx.Clinic())
	w.Kind(shownStatus, f.Status)
	w.Kind("t.status", storedAs(f.Status))
	if f.KnownAtAsaas && !slices.Contains(f.Status, string(domain.InvoiceNotAtAsaas)) {
		w.And("t.status <> ?", string(domain.InvoiceNotAtAsaas))
	}
	w.Kind("t.asaas_status", f.AsaasStatus)
	w.Kind("t.method", f.Method)
	from, to := texts(f.Due, func(d domain.Day) string { return string(d) })
	w.Known("t.due_date", dueOrNone, "date", from, to)
	w.Daily(dueOrNone, from, to)
	from, to = texts(f.PayerPaid, func(d domain.Day) string { return string(d) })
	w.Between("t.paid_on", "date", from, to)
	from, to = texts(f.Paid, func(t domain.LocalTime) string { return string(t) })
	w.Between("t.paid_at", "text", from, to)
	w.Monthly("t.paid_month", from, to)
	if f.RefusedSince != nil {
		w.Found(refused, tx.Clinic(), string(*f.RefusedSince))
	}
	if f.Dispute != "" {
		w.Found(disputeIs[f.Dispute], tx.Clinic())
	}
	from, to = texts(f.Value, cents64)
	w.Known("t.value", valueOrNone, "bigint", from, to)
	f.named(w, tx.Clinic())
	w.Ref("t.customer", f.Customer)
	w.Ref("t.checkout_session", f.CheckoutSession)
	w.Ref("t.installment", f.Installment)
	w.Ref("t.subscription", f.Subscription)
	w.Is("t.asaas_id", f.AsaasID)
	if f.ID != nil {
		w.Found("t.id = ?", *f.ID)
	}
	return w
}

// storedAs returns the statuses in which invoices are stored that are shown in one of these.
func storedAs(shown []string) (stored []string) {
	for _, s := range shown {
		if stored = append(stored, s); s == string(domain.InvoiceRemoved) {
			stored = append(stored, unpaid...)
		}
	}
	return stored
}

// named adds what is true of the payers that a name stands for. Their invoices are found
// first, by the index of payers: read in the list's own order, a payer's few would be looked
// for among all.
func (f InvoiceFilter) named(w *tenants.Where, clinic domain.ClinicID) {
	const theirs = `SELECT i.id FROM invoices i WHERE i.clinic_id = ? AND i.customer = ANY(?) AND i.customer <> ''`
	if f.CustomerName != "" {
		w.Found(`t.id = ANY(ARRAY(`+theirs+`))`, clinic, f.Named)
	}
	w.Ref("t.external_reference", f.ExternalReference)
	var more []union
	if len(f.OrNamed) > 0 {
		more = append(more, union{theirs, []any{clinic, f.OrNamed}})
	}
	typed(
		w, clinic, f.Typed, func(by naming) string { return by.invoice },
		append(more, alike("invoices", valueOrNone, clinic, f.OrValue, f.OrDueDay)...)...)
}

// alike finds the ids of a table's rows with a value, and of those with a due date.
func alike(table, value string, clinic domain.ClinicID, of *domain.Money, due *domain.Day) (all []union) {
	if of != nil {
		all = append(
			all,
			union{`SELECT t.id FROM ` + table + ` t WHERE t.clinic_id = ? AND ` + value + ` = ?`, []any{clinic, int64(*of)}},
		)
	}
	if due != nil {
		all = append(
			all,
			union{
				`SELECT t.id FROM ` + table + ` t WHERE t.clinic_id = ? AND ` + dueOrNone + ` = ?::text::date`,
				[]any{clinic, string(*due)},
			},
		)
	}
	return all
}

// Names tells whether a text that looks like an amount or a day is the reference, or a number, of
// one of the clinic's objects: then it means both.
func Names(tx *tenants.Tx, text string) (is bool, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(
			tx.Context(),
			`SELECT EXISTS (SELECT FROM invoices WHERE clinic_id = $1 AND external_reference = $2 AND external_reference <> '')
			OR EXISTS (SELECT FROM checkouts WHERE clinic_id = $1 AND external_reference = $2 AND external_reference <> '')
			OR EXISTS (SELECT FROM invoice_numbers WHERE clinic_id = $1 AND number = $2)`,
			tx.Clinic(), text,
		).Scan(&is)
	})
	return is, tenants.Translate(err, "reference")
}

var unpaid = func() (words []string) {
	for _, s := range domain.UnpaidStatuses() {
		words = append(words, string(s))
	}
	return words
}()

func cents64(m domain.Money) string { return strconv.FormatInt(int64(m), 10) }

// AnticipationsOf returns the newest anticipation of each of these payments that has one,
// by the payment's gateway id.
func AnticipationsOf(tx *tenants.Tx, payments []string) (map[string]Stored[domain.Anticipation], error) {
	of := map[string]Stored[domain.Anticipation]{}
	err := tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT `+storedColumns+` FROM anticipations WHERE clinic_id = $1 AND payment = ANY($2) ORDER BY id`,
			tx.Clinic(), payments,
		)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Stored[domain.Anticipation], error) {
			return scanStored[domain.Anticipation](row)
		})
		for _, a := range found {
			of[a.Value.Payment] = a
		}
		return err
	})
	return of, tenants.Translate(err, "anticipations")
}

// seen adds the bounds of when we first stored a row: its id begins with that instant, to
// the millisecond (RFC 9562, section 5.7).
func seen(w *tenants.Where, r Range[time.Time]) {
	if r.From != nil {
		w.And("t.id >= ?", domain.UUIDv7(r.From.Add(time.Millisecond-1), [10]byte{})) // never before From
	}
	if r.To != nil {
		last := [10]byte{}
		for i := range last {
			last[i] = 0xff
		}
		w.And("t.id <= ?", domain.UUIDv7(*r.To, last))
	}
}

// AdvancedInvoices returns the invoices that an anticipation advances: the one it names,
// or all of its plan, by instalment. None is known before its first event.
func AdvancedInvoices(tx *tenants.Tx, a domain.Anticipation) (list []Stored[domain.Invoice], err error) {
	condition, arg := "asaas_id = $2", a.Payment
	if a.Payment == "" {
		condition, arg = "installment = $2 AND installment <> ''", a.Installment
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT `+storedColumns+` FROM invoices WHERE clinic_id = $1 AND NOT deleted AND `+condition+`
			ORDER BY due_date, asaas_id LIMIT 100`,
			tx.Clinic(), arg,
		)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(
			rows,
			func(row pgx.CollectableRow) (Stored[domain.Invoice], error) { return scanStored[domain.Invoice](row) },
		)
		return err
	})
	slices.SortStableFunc(list, func(a, b Stored[domain.Invoice]) int {
		return cmp.Compare(a.Value.InstallmentNumber.V, b.Value.InstallmentNumber.V)
	})
	return list, tenants.Translate(err, "invoices")
}
