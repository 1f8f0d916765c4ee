package migrations

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

// A contract step takes away what programs of before some migration live on: its first line says so, and since which
// migration programs can do without. An upgrade that skips releases would apply both halves in one run, beside
// processes that are older than the first; so the step waits until none of them has a connection, and a later run
// applies it.
var contractLine = regexp.MustCompile(`^-- Contract: [^\n]* since (\d{4})\b`)

// Process names a program's connections, for pg_stat_activity: by its role, and by the newest migration that it knows.
func Process(role string) string { return fmt.Sprintf("%s of %d", role, Newest()) }

// SchemaMark names the newest migration that a program knows, among the marks of its row of processes. Behind a
// pooler its connections have no name of their own.
func SchemaMark() string { return fmt.Sprintf("schema:%d", Newest()) }

// Waiting is a contract step that is not applied while older programs run.
type Waiting struct {
	Version     int64
	File        string
	Connections int // of programs of before the migration that it contracts, and such programs behind a pooler
}

// Deferred lists the contract steps that the next Up leaves out, and how many connections of older programs each waits
// for.
func Deferred(ctx context.Context, url string) ([]Waiting, error) { return deferred(ctx, url, FS) }

func deferred(ctx context.Context, url string, files fs.FS) (waiting []Waiting, err error) {
	steps, err := contracts(files)
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, errors.New("migrate: the database cannot be reached") // pgx's words would repeat the URL
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	old, err := olderProcesses(ctx, conn)
	if err != nil {
		return nil, err
	}
	for version, since := range steps {
		w := Waiting{Version: version, File: fmt.Sprintf("%04d", version)}
		// A name that this role may not see is taken for an old program's.
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()
			  AND (application_name LIKE 'patapay %' OR application_name IS NULL AND usename LIKE 'patapay_%')
			AND coalesce(substring(application_name FROM ' of (\d+)$')::bigint, 0) < $1`, since).Scan(&w.Connections)
		if err != nil {
			return nil, fmt.Errorf("migrate: who is connected: %w", err)
		}
		for _, knows := range old {
			if knows < since {
				w.Connections++
			}
		}
		applied := false
		err = conn.QueryRow(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&applied)
		if err == nil && applied {
			const known = `SELECT EXISTS (SELECT FROM goose_db_version WHERE version_id = $1)`
			err = conn.QueryRow(ctx, known, version).Scan(&applied)
		}
		if err != nil {
			return nil, fmt.Errorf("migrate: what is applied: %w", err)
		}
		if w.Connections > 0 && !applied {
			waiting = append(waiting, w)
		}
	}
	return waiting, nil
}

// olderProcesses returns the newest migration that each program knows which noted itself within two minutes, as
// tenants.ProcessKept has it; 0: it did not say. There is none in a database of before the table.
func olderProcesses(ctx context.Context, conn *pgx.Conn) ([]int64, error) {
	there := false
	err := conn.QueryRow(ctx, `SELECT to_regclass('public.processes') IS NOT NULL`).Scan(&there)
	if err != nil || !there {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT coalesce(substring(marks FROM 'schema:(\d+)')::bigint, 0) FROM processes
		WHERE seen_at >= now() - interval '2 minutes'`)
	if err != nil {
		return nil, fmt.Errorf("migrate: who runs: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// contracts returns the contract steps among the files: since which migration programs can do without, by version.
func contracts(files fs.FS) (map[int64]int64, error) {
	names, err := fs.Glob(files, "*.sql")
	steps := map[int64]int64{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		found := contractLine.FindSubmatch(text)
		version, bad := goose.NumericComponent(name)
		if found == nil || bad != nil {
			continue
		}
		if steps[version], err = strconv.ParseInt(string(found[1]), 10, 64); err != nil {
			return nil, err
		}
	}
	return steps, err
}
