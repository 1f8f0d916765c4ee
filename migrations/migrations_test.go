package migrations

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"patapay/tenants/devstack"
)

// server is one private Postgres for all tests here; it ends with the test program.
var server = sync.OnceValues(func() (*devstack.Stack, error) {
	return devstack.Start(context.Background(), devstack.Options{})
})

// database returns the URL of a new, empty database.
func database(t *testing.T) string {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := "m" + strings.ToLower(rand.Text())
	admin := connect(t, s.PostgresURL(devstack.Owner, "postgres"))
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return s.PostgresURL(devstack.Owner, name)
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestManyRunnersApplyEachMigrationOnce(t *testing.T) {
	url := database(t)
	files := fstest.MapFS{
		"0001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (n int);")},
		"0002_b.sql": {Data: []byte("-- +goose Up\nINSERT INTO a VALUES (1);")},
	}
	var wait sync.WaitGroup
	faults := make([]error, 4)
	for i := range faults {
		wait.Go(func() { faults[i] = up(t.Context(), url, files) })
	}
	wait.Wait()
	for i, err := range faults {
		if err != nil {
			t.Errorf("runner %d: %v", i, err)
		}
	}
	var rows int
	if err := connect(t, url).QueryRow(t.Context(), "SELECT count(*) FROM a").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows (%v), want 1: a migration ran twice", rows, err)
	}
}

func TestAMigrationThatFailsLeavesThoseBeforeIt(t *testing.T) {
	url := database(t)
	files := fstest.MapFS{
		"0001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (n int);")},
		"0002_b.sql": {Data: []byte("-- +goose Up\nCREATE TABLE b (n int); SELECT 1/0;")},
	}
	if err := up(t.Context(), url, files); err == nil {
		t.Fatal("a division by zero passed")
	}
	files["0002_b.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE b (n int);")}
	if err := up(t.Context(), url, files); err != nil {
		t.Error("going on after the cure:", err)
	}
}

// TestAContractStepWaitsForProgramsOfBeforeWhatItContracts: an upgrade that skipped releases applied both halves of a
// change in one run, and what the old processes wrote from then on lacked the new column.
func TestAContractStepWaitsForProgramsOfBeforeWhatItContracts(t *testing.T) {
	url := database(t)
	files := fstest.MapFS{"0001_a.sql": {Data: []byte("-- Before.\n-- +goose Up\nCREATE TABLE a (old text);")}}
	if err := up(t.Context(), url, files); err != nil {
		t.Fatal(err)
	}
	program := func(name string) *pgx.Conn {
		conn := connect(t, url)
		if _, err := conn.Exec(t.Context(), `SELECT set_config('application_name', $1, false)`, name); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	old := program("patapay api")
	files["0002_b.sql"] = &fstest.MapFile{Data: []byte(`-- Expand.
-- +goose Up
ALTER TABLE a ADD COLUMN new text;
-- +goose StatementBegin
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.new := NEW.old; RETURN NEW; END $$;
-- +goose StatementEnd
CREATE TRIGGER fill BEFORE INSERT ON a FOR EACH ROW WHEN (NEW.new IS NULL) EXECUTE FUNCTION fill();`)}
	files["0003_c.sql"] = &fstest.MapFile{
		Data: []byte("-- Contract: every program writes new itself since 0002.\n-- +goose Up\nDROP TRIGGER fill ON a;"),
	}
	files["0004_d.sql"] = &fstest.MapFile{Data: []byte("-- After.\n-- +goose Up\nCREATE TABLE d (n int);")}
	program("patapay worker of 2") // can do without
	program("psql")
	if err := up(t.Context(), url, files); err != nil {
		t.Fatal(err)
	}
	if waiting, err := deferred(
		t.Context(),
		url,
		files,
	); err != nil || len(waiting) != 1 || waiting[0].Version != 3 ||
		waiting[0].Connections != 1 {
		t.Errorf("%v %v", waiting, err)
	}
	if _, err := old.Exec(t.Context(), "INSERT INTO a (old) VALUES ('x')"); err != nil {
		t.Fatal(err)
	}
	var lacking, triggers, after int
	look := func() {
		t.Helper()
		err := connect(
			t,
			url,
		).QueryRow(
			t.Context(),
			`SELECT (SELECT count(*) FROM a WHERE new IS NULL), (SELECT count(*) FROM pg_trigger WHERE tgname = 'fill'),
			(SELECT count(*) FROM pg_class WHERE relname = 'd')`,
		).Scan(&lacking, &triggers, &after)
		if err != nil {
			t.Fatal(err)
		}
	}
	if look(); lacking != 0 || triggers != 1 || after != 1 {
		t.Errorf("beside an old program: %d rows lack the column, %d triggers, later step %d", lacking, triggers, after)
	}
	_ = old.Close(context.Background())
	for triggers != 0 { // the server notices the end of a connection by itself
		if err := up(t.Context(), url, files); err != nil {
			t.Fatal(err)
		}
		look()
	}
	if waiting, err := deferred(t.Context(), url, files); err != nil || len(waiting) != 0 {
		t.Errorf("%v %v", waiting, err)
	}
}

// TestAContractStepWaitsForAProgramBehindAPooler: its connections are the pooler's and say nothing of it.
func TestAContractStepWaitsForAProgramBehindAPooler(t *testing.T) {
	url := database(t)
	files := fstest.MapFS{
		"0001_a.sql": {Data: []byte("-- Before.\n-- +goose Up\nCREATE TABLE processes (marks text, seen_at timestamptz);")},
		"0003_c.sql": {Data: []byte("-- Contract: every program can do without since 0002.\n-- +goose Up\nSELECT 1;")},
	}
	if err := up(t.Context(), url, fstest.MapFS{"0001_a.sql": files["0001_a.sql"]}); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, url)
	for _, c := range []struct {
		what, row string
		waits     int
	}{
		{"none", "", 0},
		{"an old one", "('master:1 schema:1', now())", 1},
		{"one that does not say", "('master:1', now())", 1},
		{"one that can do without", "('master:1 schema:2', now())", 0},
		{"an old one that was killed", "('schema:1', now() - interval '121 seconds')", 0},
	} {
		_, err := conn.Exec(t.Context(), "TRUNCATE processes")
		if err == nil && c.row != "" {
			_, err = conn.Exec(t.Context(), "INSERT INTO processes VALUES "+c.row)
		}
		if err != nil {
			t.Fatal(err)
		}
		if waiting, err := deferred(t.Context(), url, files); err != nil || len(waiting) != c.waits {
			t.Errorf("%s: %v %v", c.what, waiting, err)
		}
	}
}

func TestEveryMigrationAppliesToAnEmptyDatabase(t *testing.T) {
	url := database(t)
	if err := Up(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	states, err := Status(t.Context(), url)
	if err != nil || len(states) == 0 {
		t.Fatalf("%d migrations, %v", len(states), err)
	}
	for i, s := range states {
		if s.AppliedAt.IsZero() || i > 0 && s.Version <= states[i-1].Version {
			t.Errorf("%+v: want a higher number than before, applied", s)
		}
	}
	if last := states[len(states)-1].Version; last != Newest() {
		t.Errorf("Newest() = %d, want %d", Newest(), last)
	}
}

func TestAWaitForALockedTableIsShort(t *testing.T) {
	url := database(t)
	holder := connect(t, url)
	for _, sql := range []string{"CREATE TABLE a (n int)", "BEGIN", "LOCK TABLE a"} {
		if _, err := holder.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	files := fstest.MapFS{"0001_a.sql": {Data: []byte("-- +goose Up\nALTER TABLE a ADD COLUMN m int;")}}
	if err := up(t.Context(), url, files); err == nil || !strings.Contains(err.Error(), "lock timeout") {
		t.Errorf("error %v, want a lock timeout", err)
	}
}

// TestAnIndexWhoseBuildWasInterruptedIsBuiltAnew: a build beside a long transaction is given up, and left an index that
// all rows were written to and no query read; run again, the migration took it for its own.
func TestAnIndexWhoseBuildWasInterruptedIsBuiltAnew(t *testing.T) {
	url := database(t)
	files := fstest.MapFS{"0001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (n int);")}}
	if err := up(t.Context(), url, files); err != nil {
		t.Fatal(err)
	}
	reader := connect(t, url)
	for _, sql := range []string{"BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT FROM a"} {
		if _, err := reader.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	files["0002_b.sql"] = &fstest.MapFile{
		Data: []byte("-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);"),
	}
	if err := up(t.Context(), url, files); err == nil || !strings.Contains(err.Error(), "lock timeout") {
		t.Fatalf("beside a long transaction: %v", err)
	}
	valid := func() (is bool) {
		t.Helper()
		err := connect(
			t,
			url,
		).QueryRow(
			t.Context(),
			`SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass`,
		).Scan(
			&is,
		)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if valid() {
		t.Fatal("nothing was interrupted")
	}
	if _, err := reader.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := up(t.Context(), url, files); err != nil || !valid() {
		t.Errorf("run again: %v, and the index is not valid", err)
	}
}

func TestAUrlThatCannotBeReadIsNotRepeated(t *testing.T) {
	err := Up(t.Context(), "postgres://owner:s3cret@h:port/db")
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
}

func TestEachFileSaysWhyInItsFirstLine(t *testing.T) {
	files, err := FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{} // number → file; branches number from bases of their own
	for _, f := range files {
		raw, err := os.ReadFile(f.Name())
		if err != nil || !strings.HasPrefix(string(raw), "-- ") || strings.HasPrefix(string(raw), "-- +goose") {
			t.Errorf("%s: the first line does not say why (%v)", f.Name(), err)
		}
		number, _, ok := strings.Cut(f.Name(), "_")
		if !ok || len(number) != 4 || seen[number] != "" {
			t.Errorf("%s: want four digits that no other file has (%s)", f.Name(), seen[number])
		}
		seen[number] = f.Name()
	}
}
