package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"patapay/tenants/devstack"
	"patapay/tenants/vault"
)

// server is the Postgres of a run, with the databases that were made in it, and its Redis.
type server struct {
	ctx       context.Context
	stack     *devstack.Stack
	master    vault.Secret // of all sides, so that the bench can seal for them
	templates map[string]template
	last      int // number of the last database made
}

// template is a database with a build's schema and its clinics, of which each part takes a copy: ten thousand clinics
// are not made anew for each.
type template struct {
	name  string
	roles []string // ALTER ROLE statements: what the build's own migrations set for its roles
}

// resetRoles forgets what was set for our roles. They belong to all databases of a server, and so did what the
// migrations of one build set for them: the build before ran with our enable_seqscan = off, which it never had.
const resetRoles = `DO $$ DECLARE r text; BEGIN
	FOR r IN SELECT rolname FROM pg_roles WHERE rolname LIKE 'patapay\_%' LOOP
		EXECUTE format('ALTER ROLE %I RESET ALL', r);
	END LOOP;
END $$`

// templateOf returns the template of a build with the clinics of a file of tokens; finish, when given, does the rest.
func (s *server) templateOf(bin, tokens string, finish func(url string) error) (template, error) {
	key := fmt.Sprint(bin, " ", tokens, " ", finish != nil)
	if t, made := s.templates[key]; made {
		return t, nil
	}
	t := template{name: fmt.Sprintf("made%d", len(s.templates))}
	if err := s.admin(resetRoles, "CREATE DATABASE "+t.name); err != nil {
		return t, err
	}
	url := s.stack.PostgresURL(devstack.Owner, t.name)
	for _, args := range [][]string{{"migrate"}, {"demo", "clinics", "--tokens", tokens}} {
		cmd := exec.CommandContext(s.ctx, filepath.Join(bin, "patapay"), args...)
		cmd.Env = append(os.Environ(), s.env(url)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return t, fmt.Errorf("patapay %s: %w: %s", args[0], err, out)
		}
	}
	if finish != nil {
		if err := finish(url); err != nil {
			return t, err
		}
	}
	conn, err := pgx.Connect(s.ctx, url)
	if err != nil {
		return t, err
	}
	defer conn.Close(s.ctx)
	if t.roles, err = roleSettings(s.ctx, conn); err != nil {
		return t, err
	}
	_, err = conn.Exec(s.ctx, "ANALYZE")
	s.templates[key] = t
	return t, err
}

// roleSettings returns the statements that set anew what is set for our roles.
func roleSettings(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `
		SELECT format('ALTER ROLE %I SET %I TO %L', r.rolname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1))
		FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) c
		WHERE s.setdatabase = 0 AND r.rolname LIKE 'patapay\_%'`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// database makes an empty database, or a copy of a template, and returns a URL for looking. Nothing is left of the run
// before it but what the disk still has to do: a checkpoint is made, and Redis is emptied.
func (s *server) database(of *template) (url string, err error) {
	s.last++
	name := fmt.Sprintf("bench%d", s.last)
	statements := []string{"CREATE DATABASE " + name}
	if of != nil {
		statements = append([]string{"CREATE DATABASE " + name + " TEMPLATE " + of.name, resetRoles}, of.roles...)
	}
	if err := s.admin(append(statements, "CHECKPOINT")...); err != nil {
		return "", err
	}
	opt, err := redis.ParseURL(s.stack.RedisURL(0))
	if err != nil {
		return "", err
	}
	client := redis.NewClient(opt)
	defer client.Close()
	return s.stack.PostgresURL(devstack.Owner, name), client.FlushAll(s.ctx).Err()
}

// env is the environment of our programs on a database.
func (s *server) env(url string) []string {
	return []string{
		"ENVIRONMENT=development",
		"DATABASE_URL=" + url,
		"REDIS_URL=" + s.stack.RedisURL(0),
		"HTTP_ADDR=" + ours,
		"OPS_ADDR=127.0.0.1:0",
		"DRAIN_FOR=0s",
		"MASTER_KEYSET=" + s.master.Reveal(),
	}
}

// admin executes statements beside all databases of a run.
func (s *server) admin(statements ...string) error {
	conn, err := pgx.Connect(s.ctx, s.stack.PostgresURL(devstack.Owner, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(s.ctx))
	for _, sql := range statements {
		if _, err := conn.Exec(s.ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// drop removes a run's database, so that the disk and autovacuum are the next run's alone.
func (s *server) drop() {
	_ = s.admin(fmt.Sprintf("DROP DATABASE IF EXISTS bench%d WITH (FORCE)", s.last))
}
