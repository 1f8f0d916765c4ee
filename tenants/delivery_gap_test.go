package tenants_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants/inbox"
)

// What the log lost would else be taken for answers that were too quick to be worth a row.
func TestMinutesOfWhichTheDeliveryLogLostRowsAreNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	log := inbox.NewDeliveryLog(w.ingest)
	add := func(at time.Time) {
		log.Add(inbox.Delivery{Clinic: clinic, Key: domain.EventKey{Environment: domain.Sandbox, Seq: 7}, At: at, Code: 200})
	}
	_, err := w.all.Exec(t.Context(), `ALTER FUNCTION log_deliveries RENAME TO away`)
	require.NoError(t, err)
	add(w.now)
	add(w.now.Add(time.Second))
	add(w.now.Add(time.Minute))
	log.Close()
	require.Zero(t, w.count(t, `SELECT count(*) FROM deliveries`))
	require.Equal(t, 2, w.count(t, `SELECT lost FROM delivery_gaps WHERE minute = $1`, w.now))
	require.Equal(t, 1, w.count(t, `SELECT lost FROM delivery_gaps WHERE minute = $1`, w.now.Add(time.Minute)))

	require.NoError(t, inbox.TrimDeliveries(w.worker, t.Context(), w.now, w.now.Add(time.Minute)))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM delivery_gaps`), "they go with the log's rows")
}
