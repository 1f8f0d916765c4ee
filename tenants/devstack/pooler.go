package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// poolerPort is PgBouncer's: over sockets a part of a file name.
const poolerPort = 6432

// poolerUsers are who may come through: Owner and the runtime roles. Nobody has a password here.
var poolerUsers = []string{Owner, "patapay_ingest", "patapay_worker", "patapay_api", "patapay_sweeper"}

// poolerSettings are what docs/operations.md tells operators, on sockets and without
// passwords. ignore_startup_parameters is left empty, so that a connection that depends on one
// is refused and not quietly given less.
const poolerSettings = `[databases]
* = host=%[1]s port=%[2]d
[pgbouncer]
unix_socket_dir = %[1]s
listen_addr =
listen_port = %[3]d
auth_type = trust
auth_file = %[4]s
pool_mode = transaction
default_pool_size = 6
max_client_conn = 2000
server_idle_timeout = 5
autodb_idle_timeout = 5
server_reset_query =
`

// PoolerURL returns what PostgresURL does, through PgBouncer. It is of no use without Options.Pooler.
func (s *Stack) PoolerURL(user, db string) string { return s.socketURL(user, db, poolerPort) }

// startPooler starts PgBouncer if that was asked for, and returns when a query comes through.
func (s *Stack) startPooler(ctx context.Context) error {
	if !s.opt.Pooler {
		return nil
	}
	program := find("pgbouncer", []string{"/usr/sbin"})
	if program == "" {
		return errors.New("PgBouncer is not installed: apt-get install -y --no-install-recommends pgbouncer")
	}
	users := filepath.Join(s.Dir, "pooler-users")
	var list strings.Builder
	for _, user := range poolerUsers {
		fmt.Fprintf(&list, "%q \"\"\n", user)
	}
	settings := filepath.Join(s.Dir, "pooler.ini")
	text := fmt.Sprintf(poolerSettings, s.sockets, s.port, poolerPort, users)
	for file, content := range map[string]string{users: list.String(), settings: text} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return err
		}
		if err := s.who.own(file); err != nil {
			return err
		}
	}
	p, err := s.launch("pgbouncer", program, settings)
	if err != nil {
		return err
	}
	if err := p.ready(ctx, s.pingPooler); err != nil {
		p.stop(syscall.SIGKILL)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pooler = p
	return nil
}

func (s *Stack) pingPooler(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.PoolerURL(Owner, "postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func (s *Stack) stopPooler() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pooler.stop(syscall.SIGTERM) // at once, as its clients are gone
	s.pooler = nil
}
