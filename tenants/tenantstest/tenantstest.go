// Package tenantstest gives each test a database of its own, copied from a migrated
// template, and a Redis database of its own, on real servers. Its one rule: a test sees
// nothing of another one, so all of them may run at once.
//
// `patapay devstack -- go test ./...` starts the servers once for all packages; a plain
// `go test` starts its own, which end with the test program.
package tenantstest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"patapay/tenants/devstack"
)

// The roles that a Database has URLs for. Owner is the migrator
// and a superuser: isolation is never tested with it.
const (
	Owner   = devstack.Owner
	Ingest  = "patapay_ingest"
	Worker  = "patapay_worker"
	API     = "patapay_api"
	Sweeper = "patapay_sweeper"
)

// Database is one test's own pair of databases.
type Database struct {
	Name     string
	servers  servers
	redisNum int
}

// servers are the URLs of the servers that tests share.
type servers struct {
	postgres *url.URL // of Owner, database postgres
	pooler   *url.URL // the same through PgBouncer; nil: the roles go to Postgres directly
	redis    *redis.Options
}

// New returns a migrated, empty database and a flushed Redis database; both are dropped
// when the test ends. It fails the test when the servers cannot be had.
func New(t testing.TB) *Database {
	t.Helper()
	servers, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d := &Database{Name: "test_" + strings.ToLower(rand.Text()[:16]), servers: servers}
	if err := d.clone(ctx); err != nil {
		t.Fatalf("database of the test: %v", err)
	}
	t.Cleanup(func() { d.drop(t) })
	if d.redisNum, err = takeRedis(ctx, servers.redis); err != nil {
		t.Fatalf("Redis database of the test: %v", err)
	}
	return d
}

// URL returns the connection URL of the database for a role; there is no password.
func (d *Database) URL(role string) string {
	if d.Pooled() && slices.Contains([]string{Ingest, API, Worker, Sweeper}, role) {
		return at(d.servers.pooler, role, d.Name)
	}
	return d.Direct(role)
}

// Direct returns the URL that leads a role to Postgres itself, whatever else goes through a pooler.
func (d *Database) Direct(role string) string { return d.servers.url(role, d.Name) }

// Pooled tells whether the runtime roles go through PgBouncer in transaction mode in this run of the tests; the
// owner, who migrates and looks, never does.
func (d *Database) Pooled() bool { return d.servers.pooler != nil }

// Pooled is the method of that name, for who has only a URL of a Database.
func Pooled() bool { return os.Getenv(devstack.ThroughVariable) == "pooler" }

// Environ returns the settings that lead a program in development to this database, with more behind them.
func (d *Database) Environ(more ...string) []string {
	list := []string{"ENVIRONMENT=development", "DATABASE_URL=" + d.URL(Owner)}
	if d.Pooled() {
		list = append(list, "POOLER=transaction", "INGEST_DATABASE_URL="+d.URL(Ingest), "WORKER_DATABASE_URL="+d.URL(Worker),
			"API_DATABASE_URL="+d.URL(API), "SWEEPER_DATABASE_URL="+d.URL(Sweeper))
	}
	return append(list, more...)
}

// Redis returns the path of the Redis socket and the number of the test's database.
func (d *Database) Redis() (addr string, db int) { return d.servers.redis.Addr, d.redisNum }

// RedisURL returns the same as a URL in the form of go-redis's ParseURL.
func (d *Database) RedisURL() string {
	return fmt.Sprintf("unix://%s?db=%d", d.servers.redis.Addr, d.redisNum)
}

// Eventually asks ok every 10 ms and fails the test when it is not true within the time
// given, or within a minute where times do not count. what completes the sentence
// "never: …".
func Eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	within = max(within, leastPatience)
	for end := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("never, within %s: %s", within, what)
		}
	}
}

// shared returns the servers that the environment names, or starts some, once.
var shared = sync.OnceValues(func() (servers, error) {
	pg, rd := os.Getenv(devstack.PostgresVariable), os.Getenv(devstack.RedisVariable)
	through, pooled := os.Getenv(devstack.PoolerVariable), Pooled()
	if pg == "" || rd == "" || pooled && through == "" {
		stack, err := devstack.Start(context.Background(), devstack.Options{Pooler: pooled})
		if err != nil {
			return servers{}, err
		}
		pg, rd, through = stack.PostgresURL(Owner, "postgres"), stack.RedisURL(0), stack.PoolerURL(Owner, "postgres")
	}
	var pooler *url.URL
	if pooled {
		var err error
		if pooler, err = url.Parse(through); err != nil {
			return servers{}, fmt.Errorf("%s: %w", devstack.PoolerVariable, err)
		}
	}
	postgres, err := url.Parse(pg)
	if err != nil {
		return servers{}, fmt.Errorf("%s: %w", devstack.PostgresVariable, err)
	}
	opt, err := redis.ParseURL(rd)
	if err != nil {
		return servers{}, fmt.Errorf("%s: %w", devstack.RedisVariable, err)
	}
	return servers{postgres, pooler, opt}, nil
})

func (s servers) url(user, db string) string { return at(s.postgres, user, db) }

func at(server *url.URL, user, db string) string {
	u := *server
	u.User, u.Path = url.User(user), "/"+db
	return u.String()
}

func (s servers) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, s.url(Owner, "postgres"))
}

// takeRedis returns the next of the numbered databases, emptied. Number 0 holds the
// counter; after the last comes 1 again, whose test has ended by then.
func takeRedis(ctx context.Context, opt *redis.Options) (int, error) {
	client := redis.NewClient(opt)
	defer client.Close()
	n, err := client.Incr(ctx, "tests").Result()
	if err != nil {
		return 0, err
	}
	own := *opt
	own.DB = 1 + int((n-1)%(devstack.RedisDatabases-1))
	mine := redis.NewClient(&own)
	defer mine.Close()
	return own.DB, mine.FlushDB(ctx).Err()
}
