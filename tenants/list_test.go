package tenants_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// many makes clinic's one invoice n more.
func (w *world) many(t *testing.T, n int) {
	t.Helper()
	owner, err := pgx.Connect(t.Context(), w.db.URL(tenantstest.Owner))
	require.NoError(t, err)
	defer owner.Close(t.Context())
	_, err = owner.Exec(
		t.Context(),
		`INSERT INTO invoices SELECT clinic_id, gen_random_uuid(), asaas_id || n, status, asaas_status, method, value,
		net_value, refunded, due_date, paid_on, available_on, deleted, confirmed_by, external_reference, customer,
		checkout_session, installment, subscription, state, texts, version, created_at, updated_at
		FROM invoices, generate_series(1, $1) n`,
		n,
	)
	require.NoError(t, err)
}

func TestACountEndsAtItsLimit(t *testing.T) {
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.deliver(t, clinic, samples.Event("payment_received_pix.real"))
	w.apply(t, clinic)
	count := func() (int, bool) {
		var list tenants.List[query.Stored[domain.Invoice]]
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
			list, err = query.Invoices(
				tx,
				query.InvoiceFilter{Status: []string{"received"}},
				tenants.Page{Limit: 1000, Count: true},
			)
			return err
		}))
		require.LessOrEqual(t, len(list.Rows), 100, "a page has at most a hundred rows")
		return *list.Total, list.Capped
	}
	w.many(t, tenants.CountLimit-1)
	total, capped := count()
	require.Equal(t, []any{tenants.CountLimit, false}, []any{total, capped})
	w.deliver(t, clinic, samples.Event("payment_received_boleto.real"))
	w.apply(t, clinic)
	total, capped = count()
	require.Equal(t, []any{tenants.CountLimit, true}, []any{total, capped})
}

func TestAListIsOfTheTransactionsClinic(t *testing.T) {
	w := newWorld(t)
	vida, sorriso := w.clinic(t, "Vida", "acc-1"), w.clinic(t, "Sorriso", "acc-2")
	for _, name := range []string{
		"payment_received_pix.real", "checkout_paid_pix.real", "receivable_anticipation_pending.made",
	} {
		w.deliver(t, vida, samples.Event(name))
	}
	w.apply(t, vida)
	rows := func(tx *tenants.Tx) int {
		i, err := query.Invoices(tx, query.InvoiceFilter{}, tenants.Page{})
		require.NoError(t, err)
		c, err := query.Checkouts(tx, query.CheckoutFilter{}, tenants.Page{})
		require.NoError(t, err)
		a, err := query.Anticipations(tx, query.AnticipationFilter{}, tenants.Page{})
		require.NoError(t, err)
		e, err := query.Events(tx, query.EventFilter{}, tenants.Page{})
		require.NoError(t, err)
		return len(i.Rows) + len(c.Rows) + len(a.Rows) + len(e.Rows)
	}
	for clinic, want := range map[domain.ClinicID]int{vida: 6, sorriso: 0} {
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			require.Equal(t, want, rows(tx))
			return nil
		}))
	}
	require.NoError(t, w.api.Platform(t.Context(), func(tx *tenants.Tx) error {
		require.Zero(t, rows(tx), "the platform sees no row of a clinic's money")
		return nil
	}))
}

func TestAnOrderThatAListHasNotIsInvalid(t *testing.T) {
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	for _, sort := range []string{"state", "--createdAt", "createdAt,id", "id; DROP TABLE invoices"} {
		err := w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			_, err := query.Invoices(tx, query.InvoiceFilter{}, tenants.Page{Sort: sort})
			return err
		})
		require.Equal(t, domain.Invalid, domain.CodeOf(err), sort)
	}
}
