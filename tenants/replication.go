package tenants

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patapay/domain"
)

// unreplicated marks a connection on which a commit did not reach the synchronous standby.
const unreplicated = "patapay: unreplicated"

// noteUnreplicated marks the connection when Postgres warns that it stopped waiting for the synchronous standby. The
// warning has no code of its own and its words are translated, so it is known by the function of Postgres that gives it
// (SyncRepWaitForLSN, src/backend/replication/syncrep.c).
func noteUnreplicated(conn *pgconn.PgConn, notice *pgconn.Notice) {
	if notice.Routine == "SyncRepWaitForLSN" {
		conn.CustomData()[unreplicated] = true
	}
}

// forgetUnreplicated drops the note of who had the connection before, and did not ask for it: whoever is lent the
// connection next committed something else.
func forgetUnreplicated(_ context.Context, conn *pgx.Conn) (valid bool, err error) {
	delete(conn.PgConn().CustomData(), unreplicated)
	return true, nil
}

// Replicated fails with Unavailable when what was committed last on conn is here and not on the synchronous standby:
// a time-out ends the wait for the standby with a warning, and the commit is called good. Ask after a commit whose
// loss in a failover would break a promise.
func Replicated(conn *pgx.Conn) error {
	if conn.PgConn().CustomData()[unreplicated] == nil {
		return nil
	}
	return &domain.Error{
		Code: domain.Unavailable, Err: errors.New("the synchronous standby does not answer: committed here alone"),
	}
}
