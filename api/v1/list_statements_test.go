package v1_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// countedReads returns what reads a path as an admin of the clinic and tells how many statements that took. What is known
// after the first time, who the clinic is and the key of its names, is not counted.
func countedReads(t *testing.T, w *readWorld, c tenants.Clinic) func(path string) int64 {
	t.Helper()
	counter, address := counted(t, w.base.URL(tenantstest.API))
	db, err := tenants.Open(address, tenants.Options{Name: "counted", MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	direct := w.api
	w.api = db
	w.serve(t, nil)
	w.api = direct
	r := w.as(t, c, auth.RoleAdmin)
	return func(path string) int64 {
		r.ok(path)
		before := counter.count.Load()
		r.ok(path)
		return counter.count.Load() - before
	}
}

// What the pages ask for a list, for a filter in an order, for a search and for the statement takes so many statements
// whatever the number of rows is: none of them asks once for each row.
func TestAListAFilterASearchAndTheStatementTakeAtMostTwelveStatements(t *testing.T) {
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	for _, status := range []string{"received", "overdue", "disputed", "confirmed"} {
		w.exec(t, plantedInvoice, c.ID, status, "api", nil, w.now)
	}
	took := countedReads(t, w, c)
	const page = "/invoices?limit=50&include=count"
	for _, path := range []string{
		page, page + "&status=overdue,received&sort=-amountCents", page + "&q=cus_1", page + "&q=R%24%20129,90", page + "&dispute=ended",
		page + "&dueDate[gte]=2026-01-01&dueDate[lte]=2026-12-31&sort=dueDate", "/invoices/summary?status=overdue",
		"/invoices/summary?q=cus_1", "/ledger/entries?limit=100&sort=-effective&account=asaas_available", "/ledger/summary?account=asaas_available",
		"/checkouts?limit=50&include=count", "/anticipations?limit=50&include=count", "/events?limit=50&include=count",
	} {
		n := took(path)
		t.Logf("%2d statements: %s", n, path)
		require.LessOrEqual(t, n, int64(12), path)
		require.Greater(t, n, int64(1), "the counter counts")
	}
}

// A page of fifty takes no more statements than one of a single row.
func TestAListOfFiftyTakesTheStatementsOfAListOfOne(t *testing.T) {
	w := newReadWorld(t)
	c := glanced(t, w, "Vida")
	w.exec(t, `INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, confirmed_by, customer, state, version, created_at, updated_at)
		SELECT $1, gen_random_uuid(), 'pay_' || n, 'pending', 'PENDING', 'PIX', n, 'api', 'cus_' || n, json_build_object('ID', 'pay_' || n, 'Status', 'pending', 'Customer', 'cus_' || n), 1, now(), now()
		FROM generate_series(1, 60) n`, c.ID)
	took := countedReads(t, w, c)
	require.Equal(t, took("/invoices?limit=1&include=count"), took("/invoices?limit=50&include=count"))
}
