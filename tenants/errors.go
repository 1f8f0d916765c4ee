package tenants

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"patapay/domain"
)

// Translate returns err in the domain's words, for what was being done. It alone knows
// Postgres codes. nil stays nil; an error of the domain passes as it is.
func Translate(err error, what string) error {
	var known *domain.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows), errors.Is(err, pgx.ErrNoRows):
		return &domain.Error{Code: domain.NotFound, Detail: what + " not found", Err: err}
	}
	return &domain.Error{Code: codeOf(err), Detail: what, Err: fmt.Errorf("%s: %w", what, err)}
}

// codeOf returns the domain's code for an error of Postgres or of the way to it.
func codeOf(err error) domain.Code {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "23505":
			return domain.Conflict
		case pg.Code == "23514", pg.Code == "23502", strings.HasPrefix(pg.Code, "22"): // check, not null, data
			return domain.Invalid
		case pg.Code == "08P01" && strings.Contains(pg.Message, "startup parameter"):
			return domain.Internal // a pooler that will refuse the next connection as well; its other faults are 08P01 too
		case stalePlan(err):
			return domain.Unavailable // a new connection plans anew
		case pg.Code == "42501":
			return domain.Internal // a wall of ours was hit: a bug, never the caller's news
		case strings.HasPrefix(pg.Code, "40"),
			strings.HasPrefix(pg.Code, "53"),
			strings.HasPrefix(pg.Code, "57"),
			strings.HasPrefix(pg.Code, "08"),
			pg.Code == "55P03",
			pg.Code == "25006":
			return domain.Unavailable // conflict of transactions, no resources, shutting down, lock not to be had
		}
		return domain.Internal
	}
	var netErr net.Error
	var dial *pgconn.ConnectError
	if errors.As(err, &netErr) || errors.As(err, &dial) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Canceled) ||
		pgconn.Timeout(err) || pgconn.SafeToRetry(err) || errors.Is(err, net.ErrClosed) || errors.Is(err, sql.ErrConnDone) ||
		isEOF(err) {
		return domain.Unavailable
	}
	return domain.Internal
}

func isEOF(err error) bool {
	return strings.Contains(err.Error(), "EOF") || strings.Contains(err.Error(), "conn closed") ||
		strings.Contains(err.Error(), "closed pool")
}

// stalePlan tells whether err says that a statement no longer returns what it did when it was planned, or, where only
// its description is kept as through a pooler, described: the schema has changed meanwhile.
func stalePlan(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "0A000" && strings.Contains(pg.Message, "cached plan") ||
		pg.Code == "08P01" && strings.Contains(pg.Message, "result formats but query has"))
}

// NotesHistory tells whether err, of a transaction that was rolled back, says that the database tells another history
// of the feed than the one that was noted, as after a failover (docs/decisions/0039-epochs-of-the-feed.md), and this
// has been noted now: the transaction may be tried again.
func (db *DB) NotesHistory(ctx context.Context, err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "40EPO" {
		return false
	}
	var no *int // null: another one noted it meanwhile
	return db.pool.QueryRow(ctx, `SELECT feed_adopt(false)`).Scan(&no) == nil
}

// NotMigrated tells whether err says that a table or function is not there: the database waits for its migrations.
func NotMigrated(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "42883" || pg.Code == "3D000")
}

// IgnoreNoRows returns nil in place of the error that a query had no row, and any other
// error as it is.
func IgnoreNoRows(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}
