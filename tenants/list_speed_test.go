package tenants_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/agenda"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// crowd fills the tables with invoices of many clinics; the first one owns three of ten.
// A tenth of a clinic's are of this month; old ones are paid, refunded or removed, and the
// newest wait: where a status stands in time is not left to chance.
const crowd = `INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, net_value, due_date,
	paid_on, paid_at, refused_at, deleted, external_reference, customer, checkout_session, installment, subscription,
	state, version, created_at, updated_at)
	SELECT c, (lpad(to_hex(1700000000000 + n::bigint * 20000), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
	  'pay_' || n, s, upper(s), CASE n % 3 WHEN 0 THEN 'PIX' WHEN 1 THEN 'BOLETO' ELSE 'CREDIT_CARD' END,
	  1000 + n::bigint * 7919 % 500000, 900 + n::bigint * 7919 % 500000, '2024-01-01'::date + age,
	  CASE WHEN s = 'received' THEN '2024-01-03'::date + age END,
	  CASE WHEN s = 'received' THEN to_char('2024-01-03'::date + age, 'YYYY-MM-DD') || ' 12:00:00' END,
	  CASE WHEN n % 400 = 0 THEN to_char('2024-01-02'::date + age, 'YYYY-MM-DD') || ' 12:00:00' END, n % 97 = 0,
	  CASE WHEN n % 5 > 0 THEN 'orc-' || n ELSE '' END, 'cus_' || n % (1 + most / 20),
	  CASE WHEN n % 4 = 0 THEN 'chk-' || n ELSE '' END, CASE WHEN n % 6 = 0 THEN 'ins_' || n / 12 ELSE '' END,
	  CASE WHEN n % 10 = 0 THEN 'sub_' || n % 500 ELSE '' END,
	  json_build_object('ID', 'pay_' || n, 'Status', s,
	    'PaidAt', CASE WHEN s = 'received' THEN to_char('2024-01-03'::date + age, 'YYYY-MM-DD') || ' 12:00:00'
	    ELSE '' END, 'CardBrand', repeat('x', 400)), 1, to_timestamp(1700000000 + n::bigint * 20),
	    to_timestamp(1700000000 + n::bigint * 20 + n % 1000)
	FROM (SELECT n, most, CASE WHEN n <= most * 3 / 10 THEN 1 ELSE 2 + n % ($2 - 1) END AS c,
	    (n::bigint * 1000 / most)::int AS age,
	    CASE WHEN n % 1000 = 0 THEN 'disputed' WHEN n % 300 = 0 THEN 'refunded'
	    WHEN mod(n, most / 10) > most / 11 THEN 'pending' WHEN n % 9 = 0 THEN 'overdue' ELSE 'received' END AS s
	  FROM (SELECT generate_series(1, $1::int) AS n, $1::int AS most) g) g`

func day(text string) *domain.Day           { d := domain.Day(text); return &d }
func amountOf(n domain.Money) *domain.Money { return &n }
func local(text string) *domain.LocalTime   { at := domain.LocalTime(text); return &at }
func dues(from, to string) query.Range[domain.Day] {
	return query.Range[domain.Day]{From: day(from), To: day(to)}
}

// payers are ids of so many payers.
func payerIDs(most int) (ids []string) {
	for n := range most {
		ids = append(ids, fmt.Sprintf("cus_%d", n))
	}
	return ids
}

// listed are the documented filters, sorts and pairs (docs/api-guide.md, lists).
var listed = []struct {
	name   string
	filter query.InvoiceFilter
	sort   string
}{
	{"no filter", query.InvoiceFilter{}, ""},
	{"status, common", query.InvoiceFilter{Status: []string{"received"}}, ""},
	{"status, rare", query.InvoiceFilter{Status: []string{"disputed"}}, ""},
	{"status, none such", query.InvoiceFilter{Status: []string{"in_review"}}, ""},
	{"status, several", query.InvoiceFilter{Status: []string{"pending", "overdue", "disputed", "removed"}}, ""},
	{"asaasStatus", query.InvoiceFilter{AsaasStatus: []string{"REFUNDED", "DISPUTED"}}, ""},
	{"method", query.InvoiceFilter{Method: []string{"PIX"}}, ""},
	{"dueDate, a month long ago", query.InvoiceFilter{Due: dues("2024-02-01", "2024-02-29")}, ""},
	{"dueDate, a year", query.InvoiceFilter{Due: dues("2024-01-01", "2024-12-31")}, ""},
	{"dueDate, a day", query.InvoiceFilter{Due: dues("2024-03-05", "2024-03-05")}, ""},
	{
		"paidAt, a month",
		query.InvoiceFilter{
			Paid: query.Range[domain.LocalTime]{From: local("2024-02-01 00:00:00"), To: local("2024-02-29 23:59:59")},
		},
		"",
	},
	{"clientPaymentDate, a week", query.InvoiceFilter{PayerPaid: dues("2024-03-01", "2024-03-07")}, ""},
	{
		"amountCents, narrow",
		query.InvoiceFilter{Value: query.Range[domain.Money]{From: amountOf(31000), To: amountOf(31010)}},
		"",
	},
	{"amountCents, wide", query.InvoiceFilter{Value: query.Range[domain.Money]{To: amountOf(200000)}}, ""},
	{"externalReference", query.InvoiceFilter{ExternalReference: "orc-77"}, ""},
	{"customer", query.InvoiceFilter{Customer: "cus_7"}, ""},
	{"refusedSince", query.InvoiceFilter{RefusedSince: local("2026-09-01 00:00:00")}, ""},
	{"dispute", query.InvoiceFilter{Dispute: "ended"}, ""},
	{"dispute + sort dueDate", query.InvoiceFilter{Dispute: "any"}, "-dueDate"},
	{"refusedSince + sort dueDate", query.InvoiceFilter{RefusedSince: local("2026-06-01 00:00:00")}, "-dueDate"},
	{"customerName, of 50 payers", query.InvoiceFilter{CustomerName: "a name", Named: payerIDs(50)}, ""},
	{"customerName, of one + sort", query.InvoiceFilter{CustomerName: "a name", Named: payerIDs(1)}, "dueDate"},
	{"a name or a reference", query.InvoiceFilter{OrNamed: payerIDs(20), ExternalReference: "orc-77"}, "-amountCents"},
	{"checkoutSession", query.InvoiceFilter{CheckoutSession: "chk-80"}, ""},
	{"installment", query.InvoiceFilter{Installment: "ins_5"}, ""},
	{"subscription", query.InvoiceFilter{Subscription: "sub_70"}, ""},
	{"asaasId", query.InvoiceFilter{AsaasID: "pay_77"}, ""},
	{"q, an id", query.InvoiceFilter{Typed: "pay_77"}, ""},
	{"q, words", query.InvoiceFilter{Typed: "banho e tosa"}, ""},
	{"sort createdAt", query.InvoiceFilter{}, "createdAt"},
	{"sort dueDate", query.InvoiceFilter{}, "dueDate"},
	{"sort -dueDate", query.InvoiceFilter{}, "-dueDate"},
	{"sort amountCents", query.InvoiceFilter{}, "amountCents"},
	{"sort -amountCents", query.InvoiceFilter{}, "-amountCents"},
	{"sort updatedAt", query.InvoiceFilter{}, "updatedAt"},
	{"sort -updatedAt", query.InvoiceFilter{}, "-updatedAt"},
	{"pair status + dueDate", query.InvoiceFilter{Status: []string{"overdue"}, Due: dues("2024-02-01", "2024-02-29")}, ""},
	{"pair status + sort dueDate", query.InvoiceFilter{Status: []string{"overdue", "pending"}}, "dueDate"},
	{"pair status + sort -dueDate", query.InvoiceFilter{Status: []string{"received"}}, "-dueDate"},
	{"pair dueDate + sort dueDate", query.InvoiceFilter{Due: dues("2024-02-01", "2024-06-29")}, "dueDate"},
	{
		"pair paidAt + method",
		query.InvoiceFilter{
			Method: []string{"PIX"},
			Paid:   query.Range[domain.LocalTime]{From: local("2024-02-01 00:00:00"), To: local("2024-02-02 00:00:00")},
		},
		"",
	},
	{"pair customer + status", query.InvoiceFilter{Customer: "cus_7", Status: []string{"overdue", "pending"}}, ""},
	{"pair customer + sort dueDate", query.InvoiceFilter{Customer: "cus_7"}, "-dueDate"},
	{
		"pair amountCents + dueDate",
		query.InvoiceFilter{
			Value: query.Range[domain.Money]{From: amountOf(31000), To: amountOf(32000)},
			Due:   dues("2024-02-01", "2024-02-29"),
		},
		"",
	},
	{"pair status + method", query.InvoiceFilter{Status: []string{"disputed"}, Method: []string{"BOLETO"}}, ""},
	{"pair subscription + status", query.InvoiceFilter{Subscription: "sub_70", Status: []string{"received"}}, ""},
}

func listsByIndex(t *testing.T) {
	db := tenantstest.New(t)
	owner := pool(t, db, tenantstest.Owner)
	begun := time.Now()
	_, err := owner.Exec(
		t.Context(),
		`INSERT INTO clinics (public_id, name, state_since, created_at, updated_at)
		SELECT gen_random_uuid(), 'C', now(), now(), now() FROM generate_series(1, $1)`,
		listedClinics,
	)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), crowd, listedInvoices, listedClinics)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), `VACUUM ANALYZE invoices`)
	require.NoError(t, err)
	t.Logf("%d invoices of %d clinics in %s", listedInvoices, listedClinics, time.Since(begun).Round(time.Second))
	api, err := tenants.Open(
		db.URL(tenantstest.API),
		tenants.Options{Name: "lists", MaxConns: 1, Pooler: tenantstest.Pooled()},
	)
	require.NoError(t, err)
	t.Cleanup(api.Close)
	pagesAreWhole(t, api, owner)
	for _, row := range listed {
		measureList(t, api, row.name, row.filter, row.sort)
	}
	for _, by := range []string{"status", "age", "methodMonth", "availableOn"} {
		measureSums(t, api, by)
	}
	glanceByIndex(t, api)
	agendaByIndex(t, api)
	indexesAreThoseOfTheReaders(t, db, owner)
}

// agendaByIndex reads of a clinic's objects only what is in its agenda.
func agendaByIndex(t *testing.T, api *tenants.DB) {
	t.Helper()
	require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) error {
		lines, err := agenda.ExplainFacts(tx, time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC))
		plan := strings.Join(lines, "\n")
		for _, part := range []string{"invoices_kinds", "invoices_refused_at"} {
			require.Contains(t, plan, part, plan)
		}
		require.NotContains(t, plan, "Seq Scan on invoices", plan)
		return err
	}))
}

// glanceByIndex reads no table from its beginning to its end for the first page.
func glanceByIndex(t *testing.T, api *tenants.DB) {
	t.Helper()
	require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) error {
		lines, err := query.ExplainGlance(tx, "2026-10-01")
		plan := strings.Join(lines, "\n")
		for _, part := range []string{
			"invoices_in_doubt", "invoices_paid_month", "Index Only Scan using invoices_kinds_due",
		} {
			require.Contains(t, plan, part)
		}
		require.NotContains(t, plan, "Seq Scan on invoices", plan)
		return err
	}))
}

// measureSums sums the invoices of the greatest clinic, of the index alone.
func measureSums(t *testing.T, api *tenants.DB, by string) {
	t.Helper()
	fastest := time.Hour // other tests run beside this one
	for range 3 {
		begun := time.Now()
		require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) error {
			_, err := query.InvoiceSums(tx, query.InvoiceFilter{}, by, "2026-11-22")
			return err
		}))
		fastest = min(fastest, time.Since(begun))
	}
	require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) error {
		plan, err := query.ExplainInvoiceSums(tx, query.InvoiceFilter{}, by, "2026-11-22")
		require.Contains(t, strings.Join(plan, "\n"), "Index Only Scan using invoices_kinds_due", by)
		return err
	}))
	t.Logf("sums by %-12s %6.2f ms", by, ms(fastest))
	if tenantstest.TimesCount {
		require.Less(t, fastest, listedBound+time.Duration(listedInvoices)*time.Microsecond, by)
	}
}

// pagesAreWhole walks a range that is read month by month, there and back again.
func pagesAreWhole(t *testing.T, api *tenants.DB, owner *pgxpool.Pool) {
	t.Helper()
	const most = 70
	want := column(
		t,
		owner,
		fmt.Sprintf(
			`SELECT asaas_id FROM invoices WHERE clinic_id = 1 AND due_date BETWEEN '2024-01-15' AND '2024-12-20'
			ORDER BY id DESC LIMIT %d`,
			most*100,
		),
	)
	require.Greater(t, len(want), 5_000, "fewer are sorted, not merged")
	f, p := query.InvoiceFilter{Due: dues("2024-01-15", "2024-12-20")}, tenants.Page{Limit: 100}
	var there, back []string
	var last tenants.List[query.Stored[domain.Invoice]]
	read := func(cursor string) (ids []string) {
		p.Cursor = cursor
		require.NoError(
			t,
			api.In(t.Context(), 1, func(tx *tenants.Tx) (err error) { last, err = query.Invoices(tx, f, p); return err }),
		)
		for _, row := range last.Rows {
			ids = append(ids, row.Value.ID)
		}
		return ids
	}
	for n := 0; n == 0 || last.Next != "" && n < most; n++ {
		there = append(there, read(last.Next)...)
	}
	require.Equal(t, want, there)
	for back = read(last.Prev); last.Prev != ""; {
		back = append(read(last.Prev), back...)
	}
	require.Equal(t, want[:len(back)], back, "the same pages, backwards")
}

// measureList reads the list's first page and the one behind it, again and again.
func measureList(t *testing.T, api *tenants.DB, name string, f query.InvoiceFilter, sort string) {
	t.Helper()
	var took []time.Duration
	var plan []string
	var rows int
	for range listedTimes {
		require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) error {
			begun := time.Now()
			list, err := query.Invoices(tx, f, tenants.Page{Sort: sort})
			took = append(took, time.Since(begun))
			if err != nil {
				return err
			}
			rows = len(list.Rows)
			if list.Next != "" {
				begun = time.Now()
				_, err = query.Invoices(tx, f, tenants.Page{Sort: sort, Cursor: list.Next})
				took = append(took, time.Since(begun))
			}
			return err
		}))
	}
	require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) (err error) {
		plan, err = query.ExplainInvoices(tx, f, tenants.Page{Sort: sort})
		return err
	}))
	text := strings.Join(plan, "\n")
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	t.Logf("%-32s %3d rows  p50 %6.2f ms  p99 %6.2f ms", name, rows, ms(p50), ms(p99))
	if strings.Contains(text, "Seq Scan") ||
		!strings.Contains(text, "Index Cond: ((clinic_id = ") && !strings.Contains(text, "Index Cond: (clinic_id = ") {
		t.Errorf("%s is not read by an index of the clinic:\n%s", name, text)
	}
	if tenantstest.TimesCount && p99 > listedBound {
		t.Errorf("%s: p99 %s, want %s at most:\n%s", name, p99, listedBound, text)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func TestEachIndexOfAListBeginsWithItsClinic(t *testing.T) {
	t.Parallel()
	owner := pool(t, tenantstest.New(t), tenantstest.Owner)
	require.Empty(
		t,
		column(
			t,
			owner,
			`SELECT indexname FROM pg_indexes
			WHERE tablename IN ('invoices', 'checkouts', 'anticipations', 'changes', 'audit')
			  AND indexdef !~ '\((clinic_id|tx, clinic_id)'`,
		),
	)
}
