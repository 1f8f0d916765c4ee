package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/migrations"
	"patapay/tenants"
	"patapay/tenants/devstack"
)

// pooledEnviron are the settings that lead every runtime role through the stack's pooler, first the one that says so.
func pooledEnviron(stack *devstack.Stack) []string {
	return []string{
		"POOLER=transaction",
		"INGEST_DATABASE_URL=" + stack.PoolerURL("patapay_ingest", "postgres"),
		"API_DATABASE_URL=" + stack.PoolerURL("patapay_api", "postgres"),
		"WORKER_DATABASE_URL=" + stack.PoolerURL("patapay_worker", "postgres"),
		"SWEEPER_DATABASE_URL=" + stack.PoolerURL("patapay_sweeper", "postgres"),
	}
}

// pooledStack is a Postgres behind PgBouncer, migrated directly, and the settings that lead through the pooler.
func pooledStack(t *testing.T) (sql func(string), environ []string, stack *devstack.Stack) {
	t.Helper()
	stack, err := devstack.Start(t.Context(), devstack.Options{Pooler: true})
	require.NoError(t, err)
	t.Cleanup(stack.Stop)
	owner := stack.PostgresURL(devstack.Owner, "postgres")
	require.NoError(t, migrations.Up(t.Context(), owner))
	environ = append(
		pooledEnviron(stack)[1:], "ENVIRONMENT=development", "NOTIFICATIONS=off", "HTTP_ADDR=127.0.0.1:0",
		"OPS_ADDR=127.0.0.1:0", "DATABASE_URL="+owner,
	)
	return func(text string) {
		conn, err := pgx.Connect(t.Context(), owner)
		require.NoError(t, err)
		defer conn.Close(context.Background())
		_, err = conn.Exec(t.Context(), text)
		require.NoError(t, err)
	}, environ, stack
}

func preflight(t *testing.T, environ []string) error {
	t.Helper()
	cfg, err := app.Load(environ)
	require.NoError(t, err)
	a, err := app.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer a.Close()
	return a.Preflight(t.Context())
}

func TestAPoolerIsRefusedUntilItIsSaidAndThenEventsAreStoredThroughIt(t *testing.T) {
	t.Parallel()
	sql, environ, stack := pooledStack(t)
	pooled := append(environ, "POOLER=transaction")
	require.ErrorContains(t, preflight(t, environ), "set POOLER=transaction", "startup parameters")
	require.NoError(t, preflight(t, pooled))

	findings := examine(t.Context(), pooled)
	require.Empty(t, wrong(findings))
	told := map[string]string{}
	for _, f := range findings {
		told[f.Check] = f.Detail
	}
	require.Contains(t, told["database ingest"], "through a pooler")
	require.Contains(t, told["database ingest"], "statements end after 3s")
	require.Contains(t, told["inbox"], "rolled back")
	var left int
	owner, err := pgx.Connect(t.Context(), stack.PostgresURL(devstack.Owner, "postgres"))
	require.NoError(t, err)
	defer owner.Close(context.Background())
	require.NoError(
		t,
		owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM due)`).Scan(&left),
	)
	require.Zero(t, left, "nothing of a probe stays")

	db, err := tenants.Open(stack.PoolerURL("patapay_api", "postgres"), tenants.Options{Name: "api", Pooler: true})
	require.NoError(t, err)
	defer db.Close()
	err = app.CheckPostgres(t.Context(), app.Role{Name: "api", Setting: "API_DATABASE_URL", DB: db, Pooler: "off"})
	require.ErrorContains(t, err, "a pooler answers in place of Postgres", "one that ignores startup parameters")

	sql(`ALTER ROLE patapay_worker RESET statement_timeout;
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'patapay_worker'`)
	require.Eventually(t, func() bool {
		var fault *app.RoleFault
		return errors.As(preflight(t, pooled), &fault) && fault.Setting == "WORKER_DATABASE_URL"
	}, time.Minute, 20*time.Millisecond, "time-outs that are silently gone")
}

func TestAnInboxThatStoresNothingRefusesTheStartAndIsTheDoctorsFinding(t *testing.T) {
	t.Parallel()
	sql, environ, _ := pooledStack(t)
	pooled := append(environ, "POOLER=transaction")
	sql(`DO $$ DECLARE f regprocedure; BEGIN
		FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE proname = 'accept_one' LOOP
			EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || f || ' FROM patapay_ingest';
		END LOOP; END $$`)
	require.ErrorContains(t, preflight(t, pooled), "an event cannot be stored")
	bad := wrong(examine(t.Context(), pooled))
	require.Len(t, bad, 1)
	require.Equal(t, "inbox", bad[0].Check)
}
