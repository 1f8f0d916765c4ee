package tenants_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// Who the transaction is for was a message of its own after the one that began it.
func TestATransactionBeginsAndIsScopedInOneMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	wire, url := w.db.Tap(t, tenantstest.API)
	db, err := tenants.Open(url, tenants.Options{Name: "api", MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	scope := func(tx *tenants.Tx) (clinic, platform string) {
		require.NoError(t, tx.Gorm().Raw(
			`SELECT current_setting('app.clinic_id'), coalesce(current_setting('app.scope', true), '')`,
		).Row().Scan(&clinic, &platform))
		return clinic, platform
	}
	require.NoError(t, db.Ping(t.Context()))
	wire.Reset()

	require.NoError(t, db.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		is, platform := scope(tx)
		require.Equal(t, []string{"1", ""}, []string{is, platform})
		return nil
	}))
	took, _ := wire.Reset()
	require.Equal(
		t, tenantstest.Counts{Trips: 4, Commands: map[string]int{"BEGIN": 1, "SELECT": 2, "COMMIT": 1}}, took,
		"one of the trips describes the statement",
	)

	failed := errors.New("no")
	require.ErrorIs(t, db.Platform(t.Context(), func(tx *tenants.Tx) error {
		is, platform := scope(tx)
		require.Equal(t, []string{"0", "platform"}, []string{is, platform})
		return failed
	}), failed)
	took, _ = wire.Reset()
	require.Equal(
		t, tenantstest.Counts{Trips: 3, Commands: map[string]int{"BEGIN": 1, "SELECT": 2, "ROLLBACK": 1}}, took,
		"on the same connection",
	)
}

// A statement that failed leaves a transaction that Postgres rolls back when it is told to commit, and says so in the
// tag of its answer alone.
func TestATransactionWhoseFailureWasPassedOverIsNotCalledCommitted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	err := w.worker.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		_ = tx.Gorm().Exec(`SELECT 1 / 0`).Error
		return nil
	})
	require.ErrorContains(t, err, "commit")
}
