package tenants_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// waysOf lists ids of invoices by the indexes, when so few rows are sorted, or as Postgres finds them.
func waysOf(slim bool, few int) *tenants.Listing[string] {
	due := "(CASE WHEN t.due_date IS NULL THEN '0001-01-01'::date ELSE t.due_date END)"
	value := "(CASE WHEN t.value IS NULL THEN (-1e18)::bigint ELSE t.value END)"
	id := tenants.SortBy("t.id", "uuid")
	return &tenants.Listing[string]{
		What: "invoices", From: "invoices t", Columns: "t.asaas_id", Newest: "-createdAt", Slim: slim, Few: few,
		Kinds: tenants.Kinds{Columns: []string{"status", "deleted", "asaas_status", "method"}, Orders: []string{"t.id", due}},
		Sorts: map[string][]tenants.SortKey{
			"createdAt": {id}, "dueDate": {tenants.SortBy(due, "date"), id},
			"amountCents": {tenants.SortBy(value, "bigint"), id},
			"updatedAt":   {tenants.SortBy("t.updated_at", "timestamptz"), id},
		},
		Scan: func(row pgx.CollectableRow, more ...any) (id string, err error) {
			return id, row.Scan(append([]any{&id}, more...)...)
		},
	}
}

// anyOf asks for some of what invoices are told apart by, as seed says.
func anyOf(seed uint64) *tenants.Where {
	r, w := rand.New(rand.NewPCG(seed, 1)), &tenants.Where{}
	some := func(list ...string) []string { return list[:r.IntN(len(list)+1)] }
	day := func() *string { s := fmt.Sprintf("202%d-0%d-1%d", 4+r.IntN(3), 1+r.IntN(9), r.IntN(10)); return &s }
	w.And("t.clinic_id = ?", 1)
	for _, part := range []func(){
		func() { w.Kind("t.status", some("pending", "disputed", "received", "no such")) },
		func() { w.Kind("(CASE WHEN t.deleted THEN 'removed' ELSE t.status END)", some("removed", "overdue")) },
		func() { w.Kind("t.method", some("PIX", "BOLETO")) },
		func() {
			from, to := day(), day()
			w.Known("t.due_date", waysOf(true, 0).Sorts["dueDate"][0].Expr, "date", from, to)
			w.Daily(waysOf(true, 0).Sorts["dueDate"][0].Expr, from, to)
		},
		func() {
			from, to := day(), day()
			w.Between("t.paid_at", "text", from, to)
			w.Monthly("t.paid_month", from, to)
		},
		func() {
			most := fmt.Sprint(r.IntN(500_000))
			w.Known("t.value", waysOf(true, 0).Sorts["amountCents"][0].Expr, "bigint", nil, &most)
		},
		func() { w.Ref("t.customer", "cus_7") },
	} {
		if r.IntN(3) == 0 {
			part()
		}
	}
	return w
}

// A filter's rows are the same, in the same order and on pages without a gap, whether they are read in order, sorted,
// or merged of kinds, days or months.
func TestAPageHasTheSameRowsHoweverTheyAreFound(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	owner := pool(t, db, tenantstest.Owner)
	_, err := owner.Exec(t.Context(), `INSERT INTO clinics (public_id, name, state_since, created_at, updated_at)
		SELECT gen_random_uuid(), 'C', now(), now(), now() FROM generate_series(1, 3)`)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), crowd, 1_000, 3)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(),
		`UPDATE invoices SET due_date = NULL, value = NULL WHERE asaas_id LIKE '%77'; ANALYZE invoices`)
	require.NoError(t, err)
	options := tenants.Options{Name: "ways", MaxConns: 1, Pooler: tenantstest.Pooled()}
	api, err := tenants.Open(db.URL(tenantstest.API), options)
	require.NoError(t, err)
	t.Cleanup(api.Close)
	all := func(l *tenants.Listing[string], seed uint64, sort string) (ids []string) {
		for p := (tenants.Page{Sort: sort, Limit: 40, Count: true}); ; {
			var list tenants.List[string]
			require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) (err error) {
				list, err = l.Page(tx, anyOf(seed), seed, p)
				return err
			}))
			ids = append(ids, list.Rows...)
			if p.Cursor = list.Next; p.Cursor == "" {
				require.Len(t, ids, *list.Total)
				return ids
			}
		}
	}
	sorts, found := []string{"createdAt", "dueDate", "amountCents", "updatedAt"}, 0
	for seed := range uint64(80) {
		sort := sorts[seed%4]
		if seed%8 < 4 {
			sort = "-" + sort
		}
		want := all(waysOf(false, 0), seed, sort)
		found += len(want)
		for _, few := range []int{0, 30, tenants.FewRows} {
			require.Equal(t, want, all(waysOf(true, few), seed, sort), "seed %d, sort %s, few %d: %s",
				seed, sort, few, anyOf(seed).Whole())
		}
	}
	require.Greater(t, found, 500)
}
