package tenants_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants/tenantstest"
)

// A record whose key was seen to be new was written on trial, and confirmed: one record of the log more for each event.
func TestANewRecordCostsOneRecordOfTheLogForTheRowAndOneForItsIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.db.TellPlans(t, tenantstest.Worker)
	wire := w.tapped(t)
	cost := func() (records int) {
		require.Equal(t, 1, w.apply(t, clinic).Rows)
		_, plans := wire.Reset()
		for _, p := range plans {
			if strings.HasPrefix(p.Query, "INSERT INTO records") {
				records += p.Root.Log
			}
		}
		return records
	}
	w.deliver(t, clinic, samples.Event("payment_created_pix.real"))
	cost() // the index's first page
	w.deliver(t, clinic, samples.Event("payment_received_pix.real"))
	require.Equal(t, 2, cost())

	// What is stored already, after a replay, stays and costs nothing.
	_, err := w.all.Exec(t.Context(), `INSERT INTO due (clinic_id, environment, seq, id_hash, next_at)
		SELECT clinic_id, environment, seq, id_hash, $1 FROM events WHERE type = 'PAYMENT_RECEIVED'`, w.now)
	require.NoError(t, err)
	require.Zero(t, cost())
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM records WHERE entity_id = 'pay_3h08j28ezvwv7s4h'`))
	require.Zero(t, w.count(t, `SELECT count(*) FROM events WHERE outcome = $1`, string(domain.Dead)))
}
