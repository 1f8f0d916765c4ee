package tenants_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/migrations"
)

// Programs of before the column went on writing while what filled it in their place was dropped: their invoices were
// missing from lists by the instant of payment, from months and sums.
func TestInvoicesThatOldProgramsLeftWithoutTheirInstantOfPaymentGetIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, account := range []string{"acc-1", "acc-2"} {
		clinic := w.clinic(t, account, account)
		w.deliver(t, clinic, samples.Event("payment_received_pix.real"))
		if i == 0 {
			w.deliver(t, clinic, samples.Event("payment_created_boleto.real")) // is not paid
		}
		w.apply(t, clinic)
	}
	exec := func(sql string) {
		_, err := w.all.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	const paid = `SELECT count(*) FROM invoices WHERE paid_at IS NOT NULL AND paid_at = state ->> 'PaidAt'`
	require.Equal(t, 2, w.number(t, paid))
	exec(`UPDATE invoices SET paid_at = NULL`)
	require.Zero(t, w.number(t, paid))
	names, err := fs.Glob(migrations.FS, "0232_*.sql")
	require.NoError(t, err)
	require.Len(t, names, 1)
	file, err := fs.ReadFile(migrations.FS, names[0])
	require.NoError(t, err)
	_, text, _ := strings.Cut(string(file), "-- +goose Up")
	text, _, _ = strings.Cut(text, "-- +goose Down")
	exec(text)
	require.Equal(t, 2, w.number(t, paid), "of every clinic")
	require.Equal(
		t,
		1,
		w.number(t, `SELECT count(*) FROM invoices WHERE paid_at IS NULL`),
		"one that nobody paid has none",
	)
	require.Equal(
		t,
		1,
		w.number(t, `SELECT count(*) FROM pg_class WHERE oid = 'invoices'::regclass AND relforcerowsecurity`),
		"the wall stands again",
	)
}
