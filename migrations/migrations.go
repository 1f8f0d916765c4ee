// Package migrations carries the schema: numbered SQL files inside the program, applied
// once each, in order. Its one rule: a file that was ever released is never edited; the
// next one changes what it made, in the expand–contract manner, so that old and new
// programs can run side by side.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// FS holds the migrations, `0001_name.sql` and so on, in goose's format.
//
//go:embed *.sql
var FS embed.FS

// lockWait is how long a migration waits for a table that serving programs hold. Behind
// a waiting ALTER TABLE every later query queues, so it gives up early; run it again.
const lockWait = "2s"

// State tells of one migration.
type State struct {
	Version   int64
	File      string
	AppliedAt time.Time // UTC; zero: not applied
}

// Up applies the migrations that the database at url lacks. It needs the migrator's role
// and a direct connection: the lock that keeps two runners apart belongs to a session,
// which a transaction pooler does not keep. Each file is one transaction, so a failure
// leaves the files before it applied; calling it again goes on from there. Contract steps that older programs still
// need are left for a later run (Deferred).
func Up(ctx context.Context, url string) error {
	return up(ctx, url, FS)
}

func up(ctx context.Context, url string, files fs.FS) error {
	if err := rebuildInvalidIndexes(ctx, url); err != nil {
		return err
	}
	waiting, err := deferred(ctx, url, files)
	if err != nil {
		return err
	}
	return with(url, files, waiting, func(p *goose.Provider) error {
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		return nil
	})
}

// Status lists every migration in order, applied or not. It changes nothing but goose's
// own table, which it makes if it is missing.
func Status(ctx context.Context, url string) (states []State, err error) {
	err = with(url, FS, nil, func(p *goose.Provider) error {
		all, err := p.Status(ctx)
		for _, s := range all {
			states = append(states, State{s.Source.Version, s.Source.Path, s.AppliedAt.UTC()})
		}
		return err
	})
	return states, err
}

// Newest returns the number of the last migration in this program. `SELECT
// max(version_id) FROM goose_db_version` is at least that in a database it can serve.
func Newest() int64 {
	return newest(FS)
}

func newest(files fs.FS) (last int64) {
	names, _ := fs.Glob(files, "*.sql")
	for _, name := range names {
		if n, err := goose.NumericComponent(name); err == nil {
			last = max(last, n)
		}
	}
	return last
}

// with opens the database for as long as fn runs, without the steps that wait. One connection is enough, and the
// session lock must be on the one that works.
func with(url string, files fs.FS, waiting []Waiting, fn func(*goose.Provider) error) (err error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return errors.New("migrate: the database URL cannot be read") // pgx's words would repeat it
	}
	cfg.RuntimeParams["lock_timeout"] = lockWait
	db := stdlib.OpenDB(*cfg)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := provide(db, files, waiting)
	if err != nil {
		return err
	}
	return fn(provider)
}

func provide(db *sql.DB, files fs.FS, waiting []Waiting) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // tries each second, for 5 minutes
	if err != nil {
		return nil, err
	}
	var left []int64
	for _, w := range waiting {
		left = append(left, w.Version)
	}
	return goose.NewProvider(
		goose.DialectPostgres, db, files, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true),
		goose.WithAllowOutofOrder(true), goose.WithExcludeVersions(left),
	) // numbers come from ranges: a database may know a later one already
}
