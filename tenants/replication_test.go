package tenants_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// Postgres calls a commit good whose wait for the synchronous standby a time-out has ended, and gives a warning.
func TestACommitThatTheSynchronousStandbyDoesNotHaveIsNoSuccess(t *testing.T) {
	t.Parallel()
	db, err := tenants.Open(
		tenantstest.New(t).URL(tenantstest.API), tenants.Options{Name: "api", MaxConns: 1, Pooler: tenantstest.Pooled()},
	)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	for warning, code := range map[string]domain.Code{"SyncRepWaitForLSN": domain.Unavailable, "exec_stmt_raise": ""} {
		err := db.Platform(t.Context(), func(tx *tenants.Tx) error {
			return tx.Conn(func(conn *pgx.Conn) error {
				conn.Config().OnNotice(conn.PgConn(), &pgconn.Notice{Severity: "WARNING", Routine: warning})
				return nil
			})
		})
		require.Equal(t, code, domain.CodeOf(err), "%s: %v", warning, err)
		require.NoError(t, db.Platform(t.Context(), func(*tenants.Tx) error { return nil }), "the next one is its own")
	}
	require.NoError(t, db.Pool().AcquireFunc(t.Context(), func(conn *pgxpool.Conn) error {
		conn.Conn().Config().OnNotice(conn.Conn().PgConn(), &pgconn.Notice{Routine: "SyncRepWaitForLSN"})
		return nil // who stores what may be lost does not ask
	}))
	require.NoError(t, db.Platform(t.Context(), func(*tenants.Tx) error {
		return nil
	}), "and says nothing of the next one")
}
