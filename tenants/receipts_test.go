package tenants_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/tenants"
	"patapay/tenants/query"
)

// A clinic that had refunded its last 200 payments had no receipts on its first page.
func TestTheLastReceiptsAreFoundBehindAnyNumberOfRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	_, err := w.all.Exec(t.Context(), `INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value,
		  confirmed_by, customer, paid_at, state, version, created_at, updated_at)
		SELECT $1, gen_random_uuid(), 'pay_' || n, s, upper(s), 'PIX', 12990, 'api', 'cus_1', at,
		  json_build_object('ID', 'pay_' || n, 'Status', s, 'Method', 'PIX', 'ConfirmedBy', 'api', 'PaidAt', at),
		  1, now(), now()
		FROM (SELECT n, CASE WHEN n <= 3 THEN 'received' ELSE 'refunded' END AS s,
		  '2026-11-' || lpad((1 + n / 24)::text, 2, '0') || ' ' || lpad((n % 24)::text, 2, '0') || ':00:00' AS at
		  FROM generate_series(1, 300) n) p`, clinic)
	require.NoError(t, err)
	var ids []string
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		list, err := query.LastReceipts(tx, 5)
		for _, one := range list {
			ids = append(ids, one.Value.ID)
		}
		return err
	}))
	require.Equal(t, []string{"pay_3", "pay_2", "pay_1"}, ids)
}
