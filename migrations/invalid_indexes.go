package migrations

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// rebuildInvalidIndexes builds anew what a CREATE INDEX CONCURRENTLY that was interrupted has left behind: an index
// that every row is written to and no query reads, which the same statement, run again, takes for the one that it
// would make (IF NOT EXISTS). One that somebody is building is left alone. It fails with the name of an index that
// cannot be built, such as a unique one over rows that are not.
// https://www.postgresql.org/docs/15/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
func rebuildInvalidIndexes(ctx context.Context, url string) (err error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return errors.New("migrate: the database URL cannot be read") // pgx's words would repeat it
	}
	cfg.RuntimeParams["lock_timeout"] = lockWait
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	rows, err := conn.Query(ctx, `SELECT format('%I.%I', n.nspname, c.relname)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE NOT i.indisvalid AND n.nspname = 'public' AND c.relkind = 'i'
		  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.relid = i.indrelid)
		ORDER BY 1`)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	invalid, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, index := range invalid {
		sql := "REINDEX INDEX CONCURRENTLY " + index
		if strings.Contains(index, "_ccnew") || strings.Contains(index, "_ccold") { // what such a statement left itself
			sql = "DROP INDEX CONCURRENTLY " + index
		}
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("migrate: index %s is invalid and cannot be built anew: %w", index, err)
		}
	}
	return nil
}
