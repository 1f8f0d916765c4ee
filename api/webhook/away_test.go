package webhook_test

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/migrations"
	"patapay/tenants/devstack"
	"patapay/tenants/tenantstest"
)

// Row 13: what the door says when Postgres cannot keep an event.

// slowest is the latest answer there may be under any fault (docs/reliability.md, G2).
const slowest = 3500 * time.Millisecond

// ownStack returns a world on servers of its own, which the test may stop.
func ownStack(t *testing.T) (*world, *devstack.Stack) {
	t.Helper()
	stack, err := devstack.Start(t.Context(), devstack.Options{})
	require.NoError(t, err)
	t.Cleanup(stack.Stop)
	require.NoError(t, migrations.Up(t.Context(), stack.PostgresURL(devstack.Owner, "postgres")))
	return openWorld(t, func(role string) string { return stack.PostgresURL(role, "postgres") }, nil), stack
}

func TestRow13WithoutPostgresTheAnswerIs503InTimeAnd200AsSoonAsItIsBack(t *testing.T) {
	t.Parallel()
	w, stack := ownStack(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, vida.paid(1))
	stack.StopPostgres()
	unavailable := func(c call) {
		got := w.do(t, c)
		require.Equal(t, http.StatusServiceUnavailable, got.code)
		require.Less(t, got.took, slowest)
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
		5*time.Second,
		"200 again",
		func() bool { return w.post(t, vida.token, vida.paid(2)).code == http.StatusOK },
	)
	require.Equal(t, 2, w.count(t, `SELECT count(*) FROM events`))
}

func TestALockOnTheInboxIs503InTimeAndLeavesNoBackendBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	w.accepted(t, vida.token, vida.paid(1))
	tx, err := w.owner.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `LOCK TABLE events IN ACCESS EXCLUSIVE MODE`)
	require.NoError(t, err)
	together(20, func(i int) {
		got := w.post(t, vida.token, vida.paid(2+i))
		if got.code != http.StatusServiceUnavailable || got.took > slowest {
			t.Errorf("%d after %s", got.code, got.took)
		}
	})
	require.NoError(t, tx.Rollback(t.Context()))
	tenantstest.Eventually(t, 5*time.Second, "no backend waits", func() bool {
		return w.count(
			t,
			`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'patapay%' AND state = 'active'`,
		) == 0
	})
	for i := range 20 {
		w.accepted(t, vida.token, vida.paid(2+i)) // the gateway sends them again
	}
	require.Equal(t, 21, w.count(t, `SELECT count(*) FROM events`))
	require.Equal(t, 21, w.apply(t, vida))
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
