package main

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/tenants"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
)

// whileAsked runs fn once, while the gateway is asked for what is under path.
func (w *programWorld) whileAsked(path string, fn func()) {
	var once sync.Once
	meanwhile := func(asked string) {
		if strings.Contains(asked, path) {
			once.Do(fn)
		}
	}
	w.asked.Store(&meanwhile)
}

func (w *programWorld) change(t *testing.T, query string) {
	t.Helper()
	_, err := w.superuser(t).Exec(t.Context(), query)
	require.NoError(t, err)
}

// awaits makes the connection one whose first event did not come yet.
func (w *programWorld) awaits(t *testing.T) {
	t.Helper()
	w.change(t, `UPDATE connections SET state = 'awaiting_first_event', first_event_at = NULL, version = version + 1`)
}

// A check that had begun before the first event came ended after it, and said that the clinic still waits: the page of
// a clinic that was just connected stood there until its next payment.
func TestAHealthCheckDoesNotTakeBackTheFirstEventThatCameWhileTheGatewayWasAsked(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.awaits(t)
	w.whileAsked("/webhooks", func() {
		w.change(t, `UPDATE connections SET state = 'active', first_event_at = now(), version = version + 1`)
	})
	_, err := w.Connector.Check(t.Context(), w.self)
	require.NoError(t, err)
	require.NotEqual(t, domain.ConnectionAwaiting, w.connection(t).State)
}

func TestAConnectionThatWaitsThoughItsFirstEventCameIsMovedOnByAHealthCheck(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	w.change(t, `UPDATE connections SET state = 'awaiting_first_event', first_event_at = now(), version = version + 1`)
	_, err := w.Connector.Check(t.Context(), w.self)
	require.NoError(t, err)
	require.NotEqual(t, domain.ConnectionAwaiting, w.connection(t).State)
}

// A key that was refused while another one was saved said of that one that it is dead.
func TestARefusalOfTheOldKeySaysNothingOfTheOneThatWasSavedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newMonitorWorld(t)
	key, err := w.sim.AddKey(w.account.ID, "")
	require.NoError(t, err)
	before := w.connection(t)
	w.whileAsked("/", func() {
		w.asked.Store(nil)
		_, err := w.Connector.Save(t.Context(), w.self, connect.Connect{
			Key: secretKey(key), ConfirmTaxID: true, Precondition: connect.Unconditional,
		})
		require.NoError(t, err)
		require.NoError(t, w.sim.SetKey(w.account.Key, accounts.KeyRevoked))
	})
	_, err = w.Connector.Check(t.Context(), w.self)
	require.NoError(t, err)
	require.NotEqual(t, domain.ConnectionKeyRefused, w.connection(t).State)

	w.in(t, func(tx *tenants.Tx) error {
		moved, err := connection.SetState(tx, before, domain.ConnectionKeyRefused, "key_refused", "replace_key", w.Now())
		require.False(t, moved, "nor does a read that was asked with it")
		return err
	})
}
