package webhook_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/tenants/tenantstest"
)

// What the door says when Postgres is there and has no room: never 200 for what is not kept.

func TestAFullDiskIs503WhereverItIsNoticedAndStoresAgainWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, vida.paid(1))
	exec := func(sql string) {
		t.Helper()
		_, err := w.owner.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	exec(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`)
	for _, noticed := range []struct{ table, trigger, token string }{
		{"events", "TRIGGER no_room BEFORE INSERT ON events", vida.token},
		{"event_bodies", "TRIGGER no_room AFTER INSERT ON event_bodies", vida.token},
		// the commit
		{"events", "CONSTRAINT TRIGGER no_room AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED", vida.token},
		{"hints", "TRIGGER no_room BEFORE INSERT ON hints", ""},
	} {
		exec(`CREATE ` + noticed.trigger + ` FOR EACH ROW EXECUTE FUNCTION no_room()`)
		before := w.count(t, `SELECT count(*) FROM events`) + w.count(t, `SELECT count(*) FROM hints`)
		for i := range 5 { // some find the others in their batch
			require.Equal(t, http.StatusServiceUnavailable, w.post(t, noticed.token, vida.paid(10+i)).code, noticed.trigger)
		}
		after := w.count(t, `SELECT count(*) FROM events`) + w.count(t, `SELECT count(*) FROM hints`)
		require.Equal(t, before, after)
		exec(`DROP TRIGGER no_room ON ` + noticed.table)
	}
	for i := range 5 {
		w.accepted(t, vida.token, vida.paid(10+i)) // the gateway sends them again
	}
	require.Equal(t, 6, w.count(t, `SELECT count(*) FROM events`))
	require.Equal(t, 6, w.apply(t, vida))
}

func TestWithoutAFreeConnectionTheAnswerIs503AndAllIsStoredOnceThereIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, vida.paid(1))
	allow := func(connections string) {
		t.Helper()
		_, err := w.owner.Exec(t.Context(), `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT `+connections+
			`', current_database()); END $$`)
		require.NoError(t, err)
	}
	allow("0") // superusers come in still
	_, err := w.owner.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND usename <> current_user`)
	require.NoError(t, err)
	for i := range 5 {
		require.Equal(t, http.StatusServiceUnavailable, w.post(t, vida.token, vida.paid(2+i)).code)
		require.Equal(t, http.StatusServiceUnavailable, w.post(t, "", vida.paid(2+i)).code, "an unverified delivery")
	}
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM events`))
	missing := "53300" // too many connections
	if tenantstest.Pooled() {
		missing = "server login has been failing" // what PgBouncer says of it
	}
	require.Contains(t, w.log.String(), missing)
	allow("-1")
	for i := range 5 {
		tenantstest.Eventually(t, time.Minute, "stored again", func() bool {
			return w.post(t, vida.token, vida.paid(2+i)).code == http.StatusOK
		})
	}
	require.Equal(t, 6, w.count(t, `SELECT count(*) FROM events`))
}
