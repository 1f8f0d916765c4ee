package main

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	clinics "patapay/tenants/fleet"
	"patapay/tenants/tenantstest"
)

func TestWhatIsNotAppliedWithinAMinuteIsCountedLateOnceAndForEver(t *testing.T) {
	t.Parallel()
	w := newIdleWorld(t)
	w.connect(t, token)
	_, err := clinics.Totals(w.APIDB, t.Context())
	require.Error(t, err, "nothing is counted yet")
	owner, err := pgx.Connect(t.Context(), w.base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = owner.Close(t.Context()) })
	start := time.Now().UTC().Truncate(time.Minute)
	seq := 0
	receive := func(minute int, took any) { // took is what Postgres reads as an interval; nil: it waits
		seq++
		_, err := owner.Exec(
			t.Context(),
			`INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, applied_at, event_id, type, kind,
			entity_id, created_local, outcome, reason, notes, body_hash)
			VALUES ($1, 2, 1, $2, gen_random_uuid(), $3, $3::timestamptz + $4::text::interval, 'evt', 'PAYMENT_CREATED',
			  'payment', 'pay', '', 'received', '', '', '')`,
			w.clinic,
			seq,
			start.Add(time.Duration(minute)*time.Minute+30*time.Second),
			took,
		)
		require.NoError(t, err)
	}
	count := func(minutes int, now int) clinics.Service {
		n, err := clinics.CountMinutes(w.WorkerDB, t.Context(), start.Add(time.Duration(now)*time.Minute))
		require.NoError(t, err)
		require.Equal(t, minutes, n)
		s, err := clinics.Totals(w.APIDB, t.Context())
		require.NoError(t, err)
		return s
	}
	receive(0, "59 seconds")
	receive(0, "61 seconds")
	receive(0, nil)
	receive(1, "1 second")
	require.Equal(t, clinics.Service{Received: 3, Late: 2}, count(1, 3), "the second minute has not had its minute yet")
	require.Equal(t, clinics.Service{Received: 3, Late: 2}, count(0, 3), "none is counted twice")
	receive(50, nil)
	require.Equal(t, clinics.Service{Received: 4, Late: 2}, count(30, 60), "a worker that was away catches up in steps")
	require.Equal(t, clinics.Service{Received: 5, Late: 3}, count(27, 60))
	got, there := metric(t, w.Registry, "patapay_events_late_total", "")
	require.True(t, there && got == 3)
	require.Equal(t, clinics.Service{Received: 5, Late: 3}, count(30, 60*24*40), "totals only grow, whatever is trimmed")
	var kept int
	require.NoError(t, owner.QueryRow(t.Context(), `SELECT count(*) FROM service_minutes`).Scan(&kept))
	require.Equal(t, 1, kept, "what is older than 35 days is gone, except the last one")
}
