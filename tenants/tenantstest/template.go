package tenantstest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/migrations"
)

// templateLock is the advisory lock under which one test program makes the template
// while those of other packages wait.
const templateLock = 7_204_401

// clone copies the template.
func (d *Database) clone(ctx context.Context) error {
	template, err := templateOf(ctx, d.servers)
	if err != nil {
		return fmt.Errorf("template: %w", err)
	}
	admin, err := d.servers.connect(ctx)
	if err != nil {
		return err
	}
	defer admin.Close(ctx)
	name := pgx.Identifier{d.Name}.Sanitize()
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		return err
	}
	// A copy does not inherit the grants on the database itself.
	_, err = admin.Exec(
		ctx, fmt.Sprintf("REVOKE ALL ON DATABASE %s FROM PUBLIC; GRANT CONNECT ON DATABASE %s TO %s, %s, %s, %s",
			name, name, Ingest, Worker, API, Sweeper),
	)
	return err
}

func (d *Database) drop(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	admin, err := d.servers.connect(ctx)
	if err != nil {
		t.Logf("%s stays: %v", d.Name, err) // the test may have stopped the servers
		return
	}
	defer admin.Close(ctx)
	if _, err := admin.Exec(ctx, "DROP DATABASE "+pgx.Identifier{d.Name}.Sanitize()+" WITH (FORCE)"); err != nil {
		t.Errorf("drop %s: %v", d.Name, err)
	}
}

var template struct {
	sync.Mutex
	name string
}

// templateOf returns the name of the migrated template, and makes it when no other test
// program has. The name carries the hash of the migrations: servers that outlive a change
// of the schema get a new one.
func templateOf(ctx context.Context, s servers) (string, error) {
	template.Lock()
	defer template.Unlock()
	if template.name != "" {
		return template.name, nil
	}
	name, err := templateName()
	if err != nil {
		return "", err
	}
	if err := makeTemplate(ctx, s, name); err != nil {
		return "", err
	}
	template.name = name
	return name, nil
}

func templateName() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := migrations.FS.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(raw), raw)
		return err
	})
	return "template_" + hex.EncodeToString(sum.Sum(nil)[:8]), err
}

func makeTemplate(ctx context.Context, s servers, name string) error {
	admin, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer admin.Close(ctx) // and with the session goes the lock
	if _, err := admin.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return err
	}
	var ready, begun bool
	err = admin.QueryRow(
		ctx, "SELECT coalesce(bool_or(datistemplate), false), count(*) > 0 FROM pg_database WHERE datname = $1", name,
	).Scan(&ready, &begun)
	if err != nil || ready {
		return err
	}
	if begun { // its maker was interrupted
		if _, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			return err
		}
	}
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return err
	}
	if err := migrations.Up(ctx, s.url(Owner, name)); err != nil {
		return err
	}
	if err := MakeMonths(ctx, s.url(Owner, name)); err != nil {
		return err
	}
	// Nobody may be connected to a template, so nobody can be.
	_, err = admin.Exec(ctx, "ALTER DATABASE "+name+" WITH ALLOW_CONNECTIONS false IS_TEMPLATE true")
	return err
}

// MakeMonths gives a migrated database the partitions of 2026, in which every test stands
// that has a clock of its own; url is its owner's. The migrations make those of the day on
// which they are run, so without it such a test would pass in the months around its own and
// in no other. The databases of New have them. It fails when the database does not answer.
func MakeMonths(ctx context.Context, url string) error {
	owner, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer owner.Close(ctx)
	_, err = owner.Exec(ctx, `SELECT keep_event_bodies(make_date(2026, month, 1), 36500)
		FROM generate_series(1, 12, 4) month`) // each call makes four
	return err
}
