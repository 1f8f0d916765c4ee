package tenants_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// spread makes clinic's one checkout and one anticipation 3,000 each, in every state, and as
// many of a hundred other clinics.
func (w *world) spread(t *testing.T) {
	t.Helper()
	owner, err := pgx.Connect(t.Context(), w.db.URL(tenantstest.Owner))
	require.NoError(t, err)
	defer owner.Close(t.Context())
	for _, sql := range []string{
		`INSERT INTO checkouts (clinic_id, id, asaas_id, status, asaas_status, total, external_reference, state,
			  texts, version, created_at, updated_at)
			SELECT CASE WHEN n % 2 = 0 THEN clinic_id ELSE 1000 + n % 100 END, gen_random_uuid(), asaas_id || n,
			(ARRAY['active','paid','canceled','expired'])[1 + n % 4], 'S' || n % 9, n * 7 % 5000, 'orc-' || n, state, texts,
			version, created_at, updated_at + n * interval '1 minute' FROM checkouts, generate_series(1, 6000) n`,
		`INSERT INTO anticipations (clinic_id, id, asaas_id, status, asaas_status, payment, installment, total_value, value,
			  fee, net_value, due_date, confirmed_by, state, texts, version, created_at, updated_at)
			SELECT CASE WHEN n % 2 = 0 THEN clinic_id ELSE 1000 + n % 100 END, gen_random_uuid(), asaas_id || n,
			(ARRAY['pending','credited','denied','debited'])[1 + n % 4], 'S' || n % 9, 'pay_' || n,
			CASE WHEN n % 5 = 0 THEN 'plan-' || n / 50 ELSE '' END, n, n * 7 % 5000, 1, 1, date '2026-01-01' + n % 400,
			confirmed_by, state, texts, version, created_at, updated_at + n * interval '1 minute'
			FROM anticipations, generate_series(1, 6000) n`,
		`ANALYZE checkouts, anticipations`,
	} {
		_, err = owner.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
}

func upTo[T any](v T) query.Range[T] { return query.Range[T]{To: &v} }

// Whatever a list of checkouts or anticipations is filtered or sorted by, an index that
// begins with the clinic finds it: the named one.
func TestEachFilterOfCheckoutsAndAnticipationsHasAnIndexOfTheClinic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.deliver(t, clinic, samples.Event("checkout_paid_pix.real"))
	w.deliver(t, clinic, samples.Event("receivable_anticipation_pending.made"))
	w.apply(t, clinic)
	w.spread(t)
	type checkout = query.CheckoutFilter
	type advance = query.AnticipationFilter
	for _, row := range []struct {
		filter any
		sort   string
		index  string
	}{
		{checkout{Status: []string{"paid"}}, "", "checkouts_status"},
		{checkout{Status: []string{"paid", "expired"}}, "", "checkouts_status"},
		{checkout{AsaasStatus: []string{"S3"}}, "", "checkouts_asaas_status"},
		{checkout{Total: upTo(domain.Money(20))}, "amountCents", "checkouts_total"},
		{checkout{}, "-amountCents", "checkouts_total"},
		{checkout{}, "-updatedAt", "checkouts_updated"},
		{checkout{Created: upTo(time.Now())}, "", "checkouts_pkey"},
		{checkout{ExternalReference: "orc-8"}, "", "checkouts_reference"},
		{advance{Status: []string{"denied"}}, "", "anticipations_status"},
		{advance{Status: []string{"denied", "credited"}}, "", "anticipations_status"},
		{advance{AsaasStatus: []string{"S3"}}, "", "anticipations_asaas_status"},
		{advance{Due: upTo(domain.Day("2026-01-03"))}, "dueDate", "anticipations_due"},
		{advance{}, "-dueDate", "anticipations_due"},
		{advance{Value: upTo(domain.Money(20))}, "amountCents", "anticipations_value"},
		{advance{}, "updatedAt", "anticipations_updated"},
		{advance{Payment: "pay_8"}, "", "anticipations_payment"},
		{advance{Installment: "plan-7"}, "", "anticipations_installment"},
	} {
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
			var plan []string
			switch f := row.filter.(type) {
			case checkout:
				plan, err = query.ExplainCheckouts(tx, f, tenants.Page{Sort: row.sort})
			case advance:
				plan, err = query.ExplainAnticipations(tx, f, tenants.Page{Sort: row.sort})
			}
			text := strings.Join(plan, "\n")
			require.Regexp(t, `\b`+row.index+`\b`, text, "%+v %s", row.filter, row.sort)
			require.Contains(t, text, "clinic_id = ", "%+v", row.filter)
			require.NotContains(t, text, "Seq Scan")
			return err
		}))
	}
}
