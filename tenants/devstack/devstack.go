// Package devstack runs a private Postgres and a private Redis for one program: the
// services behind `patapay dev`, every test, the benchmarks and the fault matrix.
//
// Its one rule: nothing outlives the program that asked. The servers listen on Unix
// sockets inside their own directory (TCP on 127.0.0.1 only when asked), die with their
// parent even after kill -9, and a temporary directory is removed however the parent
// ends. It needs the programs of Debian's postgresql and redis-server packages, as root
// or as anyone else, and no container engine.
package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Owner is the superuser of the private Postgres. Row security does not bind it, so
// isolation is never tested as Owner.
const Owner = "owner"

// RedisDatabases is how many numbered databases the private Redis has: 0 to 1023.
const RedisDatabases = 1024

// The environment variables by which a stack is handed to other programs: a Postgres URL
// of Owner and a Redis URL. `patapay devstack` sets them, the tests read them.
const (
	PostgresVariable = "PATAPAY_TEST_PG"
	RedisVariable    = "PATAPAY_TEST_REDIS"
	PoolerVariable   = "PATAPAY_TEST_POOLER"  // the same as PostgresVariable, through PgBouncer; only where asked for
	ThroughVariable  = "PATAPAY_TEST_THROUGH" // "pooler": the runtime roles of the tests go that way
)

// Options choose how a stack runs. The zero value is a throw-away one: a temporary
// directory, sockets only, no disk flushes.
type Options struct {
	Dir     string // where state stays between runs; "" is a temporary directory, removed at the end
	Durable bool   // flush to disk: initdb's own settings, Redis append-only file each second
	Pooler  bool   // PgBouncer in transaction mode too, beside the direct way; needs Debian's package
	TCP     bool   // listen on 127.0.0.1 too, on ports that were free just now
}

// Stack is a running Postgres and Redis. Its methods may be called from any goroutine.
type Stack struct {
	Dir       string // state, logs; the sockets too unless their path would be too long
	RedisAddr string // path of the Redis socket

	// PostgresTCP and RedisTCP are host:port on 127.0.0.1, "" unless Options.TCP.
	PostgresTCP, RedisTCP string

	opt      Options
	who      account
	bin      programs
	sockets  string // directory of both sockets
	port     int    // of Postgres; also part of the socket's name
	undo     []func()
	mu       sync.Mutex
	postgres *process // nil while stopped
	redis    *process // nil while stopped
	pooler   *process // nil unless Options.Pooler
}

// Start makes the directory and the database cluster if they are not there, starts both
// servers and returns when both answer (about 0.4 s, 0.05 s on existing state). ctx
// bounds the start only. It fails, in one clear line, when a program is missing, the
// directory is closed to the servers' user or in use, or its Postgres version differs.
func Start(ctx context.Context, opt Options) (*Stack, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	s := &Stack{opt: opt}
	if err := s.start(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("devstack: %w", err)
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) (err error) {
	if s.bin, err = findPrograms(); err != nil {
		return err
	}
	if s.who, err = serverAccount(); err != nil {
		return err
	}
	if err = s.makeDirs(); err != nil {
		return err
	}
	if err = s.choosePorts(); err != nil {
		return err
	}
	if err = s.initCluster(ctx); err != nil {
		return err
	}
	return errors.Join(s.StartPostgres(ctx), s.StartRedis(ctx), s.startPooler(ctx))
}

// Stop stops both servers, Redis first, and removes a temporary directory. Calling it
// again does nothing.
func (s *Stack) Stop() {
	s.StopRedis()
	s.stopPooler()
	s.StopPostgres()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.undo) - 1; i >= 0; i-- {
		s.undo[i]()
	}
	s.undo = nil
}

// PostgresURL returns a connection URL over the socket for user (no password: trust) and
// database db. pgx, gorm and goose take it as it is.
func (s *Stack) PostgresURL(user, db string) string {
	return s.socketURL(user, db, s.port)
}

func (s *Stack) socketURL(user, db string, port int) string {
	q := url.Values{"host": {s.sockets}, "port": {strconv.Itoa(port)}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + db, RawQuery: q.Encode()}).String()
}

// RedisURL returns a URL over the socket for the numbered database db, in the form of
// go-redis's ParseURL: unix:///path/redis.sock?db=1.
func (s *Stack) RedisURL(db int) string {
	return fmt.Sprintf("unix://%s?db=%d", s.RedisAddr, db)
}

// StateDir returns where state that should last belongs: /var/lib/patapay for root, whose
// checkout may lie under a directory closed to the servers' user, and .data in the
// working directory for anyone else.
func StateDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/patapay", nil
	}
	return filepath.Abs(".data")
}
