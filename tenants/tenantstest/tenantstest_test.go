package tenantstest_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"patapay/migrations"
	"patapay/tenants/tenantstest"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	one, two := tenantstest.New(t), tenantstest.New(t)
	if _, err := connect(t, one.URL(tenantstest.Owner)).Exec(t.Context(), "CREATE TABLE mine (n int)"); err != nil {
		t.Fatal(err)
	}
	var there *string
	err := connect(t, two.URL(tenantstest.Owner)).QueryRow(t.Context(), "SELECT to_regclass('mine')::text").Scan(&there)
	if err != nil || there != nil {
		t.Errorf("the other database sees %v (%v)", there, err)
	}
}

func TestItIsMigrated(t *testing.T) {
	states, err := migrations.Status(t.Context(), tenantstest.New(t).URL(tenantstest.Owner))
	if err != nil || len(states) == 0 {
		t.Fatalf("%d migrations, %v", len(states), err)
	}
	for _, s := range states {
		if s.AppliedAt.IsZero() {
			t.Errorf("%s is not applied", s.File)
		}
	}
}

// A test with a clock of its own stands in 2026, whatever day it is run on.
func TestBodiesOfEveryMonthOf2026HaveAPlaceInWhateverMonthTheTestsAreRun(t *testing.T) {
	db := connect(t, tenantstest.New(t).URL(tenantstest.Owner))
	for month := time.January; month <= time.December; month++ {
		var ready bool
		first := time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)
		err := db.QueryRow(t.Context(), `SELECT event_bodies_ready($1)`, first).Scan(&ready)
		if err != nil || !ready {
			t.Errorf("%s: %t, %v", first.Format("2006-01"), ready, err)
		}
	}
}

func TestEveryRoleConnectsAndNoneIsAboveRowSecurity(t *testing.T) {
	db := tenantstest.New(t)
	for _, role := range []string{tenantstest.Ingest, tenantstest.Worker, tenantstest.API, tenantstest.Sweeper} {
		var name string
		var above bool
		err := connect(t, db.URL(role)).QueryRow(t.Context(),
			"SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").Scan(&name, &above)
		if err != nil || name != role || above {
			t.Errorf("%s: connected as %q, above row security %t, %v", role, name, above, err)
		}
	}
}

func TestADatabaseGoesWithItsTest(t *testing.T) {
	var gone string
	t.Run("inner", func(t *testing.T) { gone = tenantstest.New(t).Name })
	var n int
	err := connect(t, tenantstest.New(t).URL(tenantstest.Owner)).QueryRow(t.Context(),
		"SELECT count(*) FROM pg_database WHERE datname = $1", gone).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d databases %s left (%v)", n, gone, err)
	}
}

func TestEachTestHasARedisOfItsOwn(t *testing.T) {
	one, two := tenantstest.New(t), tenantstest.New(t)
	clients := map[*tenantstest.Database]*redis.Client{}
	for _, db := range []*tenantstest.Database{one, two} {
		opt, err := redis.ParseURL(db.RedisURL())
		if err != nil {
			t.Fatal(err)
		}
		clients[db] = redis.NewClient(opt)
		t.Cleanup(func() { _ = clients[db].Close() })
	}
	if err := clients[one].Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n := clients[two].Exists(t.Context(), "k").Val(); n != 0 {
		t.Error("the other Redis database sees the key")
	}
}

func TestATaskGoesThroughTheSocket(t *testing.T) {
	addr, num := tenantstest.New(t).Redis()
	opt := asynq.RedisClientOpt{Network: "unix", Addr: addr, DB: num}
	client := asynq.NewClient(opt)
	defer client.Close()
	if _, err := client.Enqueue(asynq.NewTask("wake", nil)); err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	server := asynq.NewServer(
		opt,
		asynq.Config{Concurrency: 1, LogLevel: asynq.FatalLevel, TaskCheckInterval: 200 * time.Millisecond},
	)
	if err := server.Start(
		asynq.HandlerFunc(func(context.Context, *asynq.Task) error { done.Store(true); return nil }),
	); err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	tenantstest.Eventually(t, 10*time.Second, "the task done", done.Load)
}
