package tenants_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants/apply"
	"patapay/tenants/inbox"
	"patapay/tenants/tenantstest"
)

// count asks the database's owner, whom row security does not bind.
func (w *world) count(t testing.TB, sql string, args ...any) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.db.URL(tenantstest.Owner))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

func TestTheDeliveryLogKeepsTheLastTwentyOfAnEvent(t *testing.T) {
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	log := inbox.NewDeliveryLog(w.ingest)
	for i := range 30 {
		log.Add(
			inbox.Delivery{
				Clinic:   clinic,
				Key:      domain.EventKey{Environment: domain.Sandbox, Seq: 7},
				At:       w.now.Add(time.Duration(i) * time.Second),
				Code:     200,
				SourceIP: "127.0.0.1",
			},
		)
	}
	log.Add(
		inbox.Delivery{
			Clinic:   clinic,
			Key:      domain.EventKey{Environment: domain.Sandbox, Seq: 8},
			At:       w.now.AddDate(0, 0, -91),
			Code:     200,
			SourceIP: "127.0.0.1",
		},
	)
	log.Close()
	require.Equal(t, 31, w.count(t, `SELECT count(*) FROM deliveries`))

	require.NoError(t, inbox.TrimDeliveries(w.worker, t.Context(), w.now, w.now.AddDate(0, 0, -90)))
	require.Equal(t, 20, w.count(t, `SELECT count(*) FROM deliveries`))
	require.Equal(
		t,
		0,
		w.count(t, `SELECT count(*) FROM deliveries WHERE at < $1`, w.now.Add(10*time.Second)),
		"the oldest went",
	)
}

func TestPartitionsAreMadeAheadAndOldOnesDropped(t *testing.T) {
	w := newWorld(t)
	soon := w.now.AddDate(20, 0, 0) // far from the day on which this is run too
	ready, err := inbox.BodiesReady(w.worker, t.Context(), soon)
	require.NoError(t, err)
	require.False(t, ready)

	require.NoError(t, inbox.KeepBodies(w.worker, t.Context(), soon, 90))
	for _, at := range []time.Time{soon, soon.AddDate(0, 3, 0)} {
		ready, err = inbox.BodiesReady(w.ingest, t.Context(), at)
		require.NoError(t, err)
		require.True(t, ready, "%s", at)
	}
	ready, err = inbox.BodiesReady(w.worker, t.Context(), w.now)
	require.NoError(t, err)
	require.False(t, ready, "this month's bodies are gone")
}

func TestThePickOfDueClinicsStaysCheapWithABacklog(t *testing.T) {
	w := newWorld(t)
	conn, err := pgx.Connect(t.Context(), w.db.URL(tenantstest.Owner))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), `INSERT INTO due (clinic_id, environment, seq, id_hash, next_at)
		SELECT 1 + i % 50, 2, i, md5(i::text)::uuid, timestamptz '2026-11-22 11:00+00' + i * interval '1 ms'
		FROM generate_series(1, 200000) i`)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `ANALYZE due`)
	require.NoError(t, err)

	due, err := apply.DueClinics(w.sweeper, t.Context(), w.now, 1000)
	require.NoError(t, err)
	require.Len(t, due, 50)
	var plan []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	var text []byte
	require.NoError(
		t,
		conn.QueryRow(
			t.Context(),
			`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM due_clinics($1, 1000)`,
			w.now,
		).Scan(&text),
	)
	require.NoError(t, json.Unmarshal(text, &plan))
	pages := plan[0].Plan.Hit + plan[0].Plan.Read
	require.Positive(t, pages)
	require.Less(t, pages, 50*20, "one index descent a clinic, whatever waits: the backlog has thousands of pages")
}
