package webhook_test

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/webhook"
	"patapay/migrations"
	"patapay/tenants/devstack"
	"patapay/tenants/tenantstest"
)

// Row 13: what the door says when Postgres cannot keep an event.

// ownStack returns a world on servers of its own, which the test may stop.
func ownStack(t *testing.T) (*world, *devstack.Stack) {
	t.Helper()
	stack, err := devstack.Start(t.Context(), devstack.Options{})
	require.NoError(t, err)
	t.Cleanup(stack.Stop)
	owner := stack.PostgresURL(devstack.Owner, "postgres")
	require.NoError(t, migrations.Up(t.Context(), owner))
	require.NoError(t, tenantstest.MakeMonths(t.Context(), owner))
	return openWorld(t, func(role string) string { return stack.PostgresURL(role, "postgres") }, nil), stack
}

func TestRow13WithoutPostgresTheAnswerIs503InTimeAnd200AsSoonAsItIsBack(t *testing.T) {
	t.Parallel()
	w, stack := ownStack(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, vida.paid(1))
	stack.StopPostgres()
	unavailable := func(c call) {
		require.Equal(t, http.StatusServiceUnavailable, w.do(t, c).code)
	}
	unavailable(call{token: vida.token, body: bytes.NewReader(vida.paid(2))}) // a token that is remembered
	w.ahead.Store(int64(6 * time.Second))
	unavailable(
		call{token: vida.token, body: bytes.NewReader(vida.paid(2))},
	) // and one that is not
	unavailable(
		call{token: "never-seen-before", from: "127.0.0.2", body: bytes.NewReader(vida.paid(2))},
	) // never 401 without asking
	unavailable(
		call{body: bytes.NewReader(vida.paid(2))},
	) // an unverified delivery
	got := w.do(t, call{from: "127.0.0.2", body: bytes.NewReader(vida.paid(2))})
	require.Equal(t, http.StatusUnauthorized, got.code, "no token at all is wrong whatever Postgres says")
	require.NoError(t, stack.StartPostgres(t.Context()))
	tenantstest.Eventually(
		t,
		time.Minute,
		"200 again",
		func() bool { return w.post(t, vida.token, vida.paid(2)).code == http.StatusOK },
	)
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM events`))
}

func TestALockOnTheInboxIs503WhileItLastsAndLeavesNoBackendBehind(t *testing.T) {
	t.Parallel()
	w := openWorld(t, tenantstest.New(t).URL, func(h *webhook.Handler) { h.Within = 0 }) // production's
	vida := w.clinic(t, "Vida")
	release := w.lockEvents(t)
	together(20, func(i int) {
		if code := w.post(t, vida.token, vida.paid(i+1)).code; code != http.StatusServiceUnavailable {
			t.Errorf("%d", code)
		}
	})
	release()
	tenantstest.Eventually(t, time.Minute, "no backend waits", func() bool {
		return w.count(
			t,
			`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name LIKE 'patapay%' AND state = 'active'`,
		) == 0
	})
	for i := range 20 {
		tenantstest.Eventually(t, time.Minute, "the gateway sends it again", func() bool {
			return w.post(t, vida.token, vida.paid(i+1)).code == http.StatusOK
		})
	}
	require.Equal(t, 20, w.count(t, `SELECT count(*) FROM events`))
	require.Equal(t, 20, w.apply(t, vida))
}

// lockEvents keeps everybody from the inbox until release.
func (w *world) lockEvents(t *testing.T) (release func()) {
	t.Helper()
	tx, err := w.owner.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE events IN ACCESS EXCLUSIVE MODE`)
	require.NoError(t, err)
	return func() { require.NoError(t, tx.Rollback(t.Context())) }
}

func TestRow19ADrainingServerFinishesWhatItAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	var done atomic.Int64
	first := make(chan struct{})
	go func() {
		for done.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		close(first)
	}()
	stopped := make(chan error, 1)
	go func() {
		<-first
		stopped <- w.door.Config.Shutdown(t.Context())
	}()
	together(200, func(i int) {
		res, err := clients["127.0.0.1"].Do(w.request(t, vida.token, vida.paid(i+1)))
		if err != nil {
			return // refused at the door: the gateway tries again
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%d", res.StatusCode)
		}
		done.Add(1)
	})
	require.NoError(t, <-stopped)
	require.GreaterOrEqual(t, w.count(t, `SELECT count(*) FROM events`), int(done.Load()))
}
