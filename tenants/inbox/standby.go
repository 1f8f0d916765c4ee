package inbox

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"patapay/tenants"
)

// standby knows whether Postgres waits for a synchronous standby, as it was set at most standbyAge ago.
type standby struct {
	mu    sync.Mutex
	at    time.Time
	named bool
}

const standbyAge = 10 * time.Second

func (s *standby) isNamed(ctx context.Context, conn *pgxpool.Conn) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.at) < standbyAge {
		return s.named, nil
	}
	err := conn.QueryRow(ctx, `SELECT current_setting('synchronous_standby_names') <> ''`).Scan(&s.named)
	if err == nil {
		s.at = time.Now()
	}
	return s.named, err
}

// durably runs store on one connection. It fails as store does, and with Unavailable when what store stored, or found
// stored already, is not on the synchronous standby, where there is one: an earlier delivery may have been committed
// here while the standby was away, and was answered 503; its copy, which writes nothing, would be answered 200 at once.
func (in *Inbox) durably(ctx context.Context, store func(*pgxpool.Conn) (known bool, err error)) error {
	conn, err := in.db.Pool().Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	known, err := store(conn)
	if err != nil {
		return err
	}
	if known {
		if known, err = in.standby.isNamed(ctx, conn); err != nil {
			return err
		}
	}
	if known { // a record of the log, whose commit waits for itself and for all before it
		if _, err = conn.Exec(ctx, `SELECT pg_logical_emit_message(true, 'patapay', '')`); err != nil {
			return err
		}
	}
	return tenants.Replicated(conn.Conn())
}
