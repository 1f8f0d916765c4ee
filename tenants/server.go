package tenants

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// SyncCommit returns Postgres's synchronous_commit as this role has it: anything but "off"
// keeps what was answered 200.
func (db *DB) SyncCommit(ctx context.Context) (setting string, err error) {
	err = db.pool.QueryRow(ctx, `SHOW synchronous_commit`).Scan(&setting)
	return setting, Translate(err, "synchronous_commit")
}

// SchemaVersion returns the number of the newest migration the database has.
func (db *DB) SchemaVersion(ctx context.Context) (version int64, err error) {
	err = db.pool.QueryRow(ctx, `SELECT schema_version()`).Scan(&version)
	return version, Translate(err, "schema version")
}

// Server is what a role's connection really has, whatever was asked for: a pooler may drop what it was told.
type Server struct {
	SyncCommit       string        // synchronous_commit
	AboveRowSecurity bool          // the role is a superuser or bypasses row security
	StatementLimit   time.Duration // statement_timeout; 0: none
	IdleLimit        time.Duration // idle_in_transaction_session_timeout; 0: none
	TimeZone         string
	Pooled           bool // somebody between us and Postgres answers in its place
}

// Server asks Postgres for what this role's connections have, in one transaction. It fails with Unavailable when
// Postgres cannot be reached, and with Internal when it, or a pooler, refuses the connection for how it is made.
func (db *DB) Server(ctx context.Context) (s Server, err error) {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return s, Translate(err, "connect")
	}
	defer conn.Release()
	s, err = serverOf(ctx, conn)
	return s, Translate(err, "settings of the connection")
}

func serverOf(ctx context.Context, conn *pgxpool.Conn) (s Server, err error) {
	var pid uint32
	var statement, idle int64
	err = conn.QueryRow(ctx, `SELECT current_setting('synchronous_commit'), rolsuper OR rolbypassrls,
		current_setting('TimeZone'), pg_backend_pid(),
		(SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'),
		(SELECT setting::bigint FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout')
		FROM pg_roles WHERE rolname = current_user`,
	).Scan(&s.SyncCommit, &s.AboveRowSecurity, &s.TimeZone, &pid, &statement, &idle)
	s.StatementLimit, s.IdleLimit = time.Duration(statement)*time.Millisecond, time.Duration(idle)*time.Millisecond
	s.Pooled = pid != conn.Conn().PgConn().PID() // a pooler hands out keys of its own for cancelling
	return s, err
}
