package v1_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// frame is the statements of any request: who the clinic is, begin with its scope, the names' key, commit.
const frame = 4

// sixtyInvoices are of as many payers, in four states; an id tells when its row was made.
const sixtyInvoices = `INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, net_value,
	  due_date, confirmed_by, customer, state, version, created_at, updated_at)
	SELECT $1, (lpad(to_hex(1795000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, 'pay_' || n, s,
	  upper(s), 'PIX', 12990, 12891, '2026-11-22', 'api', 'cus_' || n,
	  json_build_object('ID', 'pay_' || n, 'Status', s, 'Method', 'PIX', 'Customer', 'cus_' || n, 'ConfirmedBy', 'api',
	    'Chargeback', json_build_object('Deadline', '2026-12-01')), 1, now(), now()
	FROM (SELECT n, (ARRAY['received','overdue','disputed','confirmed'])[1 + n % 4] AS s FROM generate_series(1, 60) n) g`

// countedReads returns what reads a path as an admin of the clinic and tells how many statements that took. What is
// known after the first time, who the clinic is and the key of its names, is not counted.
func countedReads(t *testing.T, w *readWorld, c tenants.Clinic) func(path string) int64 {
	t.Helper()
	counter, address := counted(t, w.base.Direct(tenantstest.API))
	db, err := tenants.Open(address, tenants.Options{Name: "counted", MaxConns: 2})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	direct := w.api
	w.api = db
	w.serve(t, nil)
	w.api = direct
	r := w.as(t, c, auth.RoleAdmin)
	return func(path string) int64 {
		r.ok(path)
		before := counter.Load()
		r.ok(path)
		return counter.Load() - before
	}
}

// What the pages ask for a list, for a filter in an order, for a search and for the statement takes so many statements
// whatever the number of rows is: none of them asks once for each row.
func TestAListAFilterASearchAndTheStatementTakeAtMostTwelveStatements(t *testing.T) {
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	w.exec(t, sixtyInvoices, c.ID)
	took := countedReads(t, w, c)
	const page = "/invoices?limit=50&include=count"
	for _, path := range []string{
		page, page + "&status=overdue,received&sort=-amountCents",
		page + "&q=cus_1", page + "&q=R%24%20129,90", page + "&dispute=ended",
		page + "&dueDate[gte]=2026-01-01&dueDate[lte]=2026-12-31&sort=dueDate", "/invoices/summary?status=overdue",
		"/invoices/summary?q=cus_1", "/ledger/entries?limit=100&sort=-effective&account=asaas_available",
		"/ledger/summary?account=asaas_available",
		"/checkouts?limit=50&include=count", "/anticipations?limit=50&include=count",
		"/checkouts/summary?q=cus_1", "/anticipations/summary?q=cus_1",
		"/events?limit=50&include=count",
	} {
		n := took(path)
		t.Logf("%2d statements: %s", n, path)
		require.LessOrEqual(t, n, int64(12+frame), path)
		require.Greater(t, n, int64(frame), "the counter counts")
	}
}

// A page of fifty takes no more statements than one of a single row.
func TestAListOfFiftyTakesTheStatementsOfAListOfOne(t *testing.T) {
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	w.exec(t, sixtyInvoices, c.ID)
	took := countedReads(t, w, c)
	require.Equal(t, took("/invoices?limit=1&include=count"), took("/invoices?limit=50&include=count"))
}
