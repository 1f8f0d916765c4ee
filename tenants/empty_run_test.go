package tenants_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// tapped makes the world's worker one whose words to Postgres are counted.
func (w *world) tapped(t *testing.T) *tenantstest.Wire {
	t.Helper()
	wire, url := w.db.Tap(t, tenantstest.Worker)
	db, err := tenants.Open(url, tenants.Options{Name: "worker", MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	w.applier.DB = db
	return wire
}

// A run that found nothing locked the clinic, which costs a transaction number and a record in the log, and waited for
// the run that was taking what it had come for.
func TestARunThatFindsNothingLocksNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	wire := w.tapped(t)
	held := w.connect(t, tenantstest.Owner)
	_, err := held.Exec(t.Context(), `BEGIN; SELECT FROM clinic_heads FOR UPDATE`)
	require.NoError(t, err)
	require.Zero(t, w.apply(t, clinic).Rows, "whoever holds the clinic does not hold it up")
	_, err = held.Exec(t.Context(), `ROLLBACK`)
	require.NoError(t, err)
	wire.Reset()

	require.Zero(t, w.apply(t, clinic).Rows)
	nothing, _ := wire.Reset()
	require.Equal(
		t,
		tenantstest.Counts{Trips: 2, Commands: map[string]int{"BEGIN": 1, "SELECT": 3, "ROLLBACK": 1}},
		nothing,
	)
	w.deliver(t, clinic, samples.Event("payment_received_pix.real"))
	require.Equal(t, 1, w.apply(t, clinic).Rows)
	something, _ := wire.Reset()
	require.Equal(t, 1, something.Commands["COMMIT"])
	require.Zero(t, something.Commands["ROLLBACK"])
}

// What is committed between the look and the rows is taken under the lock, in the same run.
func TestWhatComesBehindTheLookIsAppliedUnderTheLock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.deliver(t, clinic, samples.Event("payment_received_pix.real"))
	wire := w.tapped(t)
	// The first look at what is due sees nothing: as if the event had come right after it.
	_, err := w.all.Exec(t.Context(), `CREATE SEQUENCE looks; GRANT ALL ON looks TO patapay_worker;
		CREATE POLICY late ON due AS RESTRICTIVE FOR SELECT TO patapay_worker USING (nextval('looks') > 1)`)
	require.NoError(t, err)
	require.Equal(t, 1, w.apply(t, clinic).Rows)
	counts, _ := wire.Reset()
	require.Equal(
		t,
		[]int{2, 1, 1},
		[]int{counts.Commands["BEGIN"], counts.Commands["ROLLBACK"], counts.Commands["COMMIT"]},
		"once unlocked, and once more",
	)
}
