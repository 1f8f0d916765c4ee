package devstack

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// childVariable makes this test binary a program that starts a stack and waits to be
// killed.
const childVariable = "DEVSTACK_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		runChild()
	}
	os.Exit(m.Run())
}

func runChild() {
	s, err := Start(context.Background(), Options{})
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString(s.Dir + "\n")
	select {}
}

func start(t *testing.T, opt Options) *Stack {
	t.Helper()
	s, err := Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// query returns the text of a query's one value.
func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var value string
	if err := conn.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func redisOf(t *testing.T, url string) *redis.Client {
	t.Helper()
	opt, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	opt.ReadTimeout, opt.MaxRetries = 200*time.Millisecond, -1
	client := redis.NewClient(opt)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// stateDir is a temporary directory that the servers' user may enter.
func stateDir(t *testing.T) string {
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "state")
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal("never: " + what)
}

func TestThrowAwaySkipsFlushesButKeepsSynchronousCommit(t *testing.T) {
	s := start(t, Options{})
	url := s.PostgresURL(Owner, "postgres")
	for setting, want := range map[string]string{
		"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on", "listen_addresses": "", "TimeZone": "UTC",
	} {
		if got := query(t, url, "SELECT current_setting('"+setting+"')"); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	if err := redisOf(t, s.RedisURL(RedisDatabases-1)).Ping(t.Context()).Err(); err != nil {
		t.Error("the last Redis database:", err)
	}
	s.Stop()
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("after Stop the temporary directory is still there: %v", err)
	}
}

func TestStateOutlivesADurableStack(t *testing.T) {
	opt := Options{Dir: stateDir(t), Durable: true}
	s := start(t, opt)
	if got := query(t, s.PostgresURL(Owner, "postgres"), "SELECT current_setting('fsync')"); got != "on" {
		t.Errorf("fsync = %s, want initdb's on", got)
	}
	query(t, s.PostgresURL(Owner, "postgres"), "WITH made AS (SELECT lo_create(4711) AS id) SELECT id::text FROM made")
	if err := redisOf(t, s.RedisURL(3)).Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	s = start(t, opt)
	if n := query(
		t,
		s.PostgresURL(Owner, "postgres"),
		"SELECT count(*)::text FROM pg_largeobject_metadata WHERE oid = 4711",
	); n != "1" {
		t.Errorf("Postgres forgot what was committed: %s rows", n)
	}
	if got := redisOf(t, s.RedisURL(3)).Get(t.Context(), "k").Val(); got != "v" {
		t.Errorf("Redis forgot: %q", got)
	}
}

func TestASecondStackInOneDirectoryIsRefused(t *testing.T) {
	dir := stateDir(t)
	start(t, Options{Dir: dir})
	_, err := Start(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "in use by another patapay") {
		t.Errorf("error %v", err)
	}
}

func TestAClusterOfAnotherVersionIsRefusedInOneLine(t *testing.T) {
	dir := stateDir(t)
	start(t, Options{Dir: dir}).Stop()
	version := filepath.Join(dir, "pg", "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 9") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

func TestAClosedParentDirectoryIsNamed(t *testing.T) {
	closed := t.TempDir()
	inner := filepath.Join(closed, "a", "b")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger := account{cred: &syscall.Credential{Uid: 64000, Gid: 64000}, name: "stranger"}
	err := openTo(stranger, inner)
	if err == nil || !strings.HasPrefix(err.Error(), closed+" (mode 0700) is closed to the user stranger") {
		t.Errorf("error %v", err)
	}
	if err := openTo(stranger, "/usr/bin"); err != nil {
		t.Errorf("an open directory: %v", err)
	}
}

func TestALongPathKeepsItsSocketsElsewhere(t *testing.T) {
	s := start(t, Options{Dir: filepath.Join(stateDir(t), strings.Repeat("long", 25))})
	if query(t, s.PostgresURL(Owner, "postgres"), "SELECT 'here'") != "here" {
		t.Error("no answer")
	}
	if err := redisOf(t, s.RedisURL(0)).Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
}

func TestCommittedRowsSurviveAKill(t *testing.T) {
	s := start(t, Options{Durable: true})
	url := s.PostgresURL(Owner, "postgres")
	query(t, url, "WITH made AS (SELECT lo_create(4711) AS id) SELECT id::text FROM made")
	s.KillPostgres()
	if _, err := pgx.Connect(t.Context(), url); err == nil {
		t.Fatal("Postgres answers after the kill")
	}
	if err := s.StartPostgres(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := query(t, url, "SELECT count(*)::text FROM pg_largeobject_metadata WHERE oid = 4711"); n != "1" {
		t.Errorf("%s rows after recovery, want 1", n)
	}
	if err := s.RestartPostgres(t.Context()); err != nil {
		t.Fatal(err)
	}
	query(t, url, "SELECT 'again'")
}

func TestRedisStopsFreezesAndReturnsEmpty(t *testing.T) {
	s := start(t, Options{})
	client := redisOf(t, s.RedisURL(1))
	if err := client.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.FreezeRedis()
	if err := client.Ping(t.Context()).Err(); err == nil {
		t.Error("a frozen Redis answered")
	}
	s.ThawRedis()
	eventually(t, "an answer after the thaw", func() bool { return client.Ping(t.Context()).Err() == nil })
	s.StopRedis()
	if _, err := net.Dial("unix", s.RedisAddr); err == nil {
		t.Error("a stopped Redis accepted a connection")
	}
	if err := s.StartRedis(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := client.Exists(t.Context(), "k").Val(); n != 0 {
		t.Error("a throw-away Redis kept a key over a restart")
	}
}

func TestTCPIsOnLoopbackAndOnlyWhenAsked(t *testing.T) {
	s := start(t, Options{TCP: true})
	query(t, "postgres://owner@"+s.PostgresTCP+"/postgres?sslmode=disable", "SELECT 'tcp'")
	query(t, s.PostgresURL(Owner, "postgres"), "SELECT 'socket'")
	if err := redisOf(t, "redis://"+s.RedisTCP+"/0").Ping(t.Context()).Err(); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(s.PostgresTCP, "127.0.0.1:") || !strings.HasPrefix(s.RedisTCP, "127.0.0.1:") {
		t.Errorf("not on loopback: %s %s", s.PostgresTCP, s.RedisTCP)
	}
}

// The collector closed the janitor's pipe once nobody referred to the stack, and the
// directory went ten seconds later from under servers in use.
func TestADirectoryStaysWhileItsProcessLivesWhoeverRefersToIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stack")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := janitor(account{}, dir); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		runtime.GC()
		if _, err := os.Stat(dir); err != nil {
			t.Fatal("removed while its process lives")
		}
	}
}

func TestNothingOutlivesAKilledParent(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dir, _ := bufio.NewReader(out).ReadString('\n')
	dir = strings.TrimSpace(dir)
	servers := childrenOf(cmd.Process.Pid)
	if len(servers) != 3 { // Postgres, Redis and the janitor
		t.Errorf("%d children, want 3; the child said %q", len(servers), dir)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	eventually(t, "all servers gone", func() bool { return !anyAlive(servers) })
	eventually(t, "directory removed", func() bool { _, err := os.Stat(dir); return os.IsNotExist(err) })
}

func TestWhatIsToLastIsNotKeptInMemory(t *testing.T) {
	t.Parallel()
	if root := (&Stack{opt: Options{Durable: true}}).tempRoot(); root != "" {
		t.Errorf("a durable stack lies in %s", root)
	}
	if root := (&Stack{}).tempRoot(); root != "" && root != memoryDisk {
		t.Errorf("a throw-away stack lies in %s", root)
	}
	if freeIn("/no/such/directory") != 0 || freeIn(t.TempDir()) == 0 {
		t.Error("room is there where there is a directory, and nowhere else")
	}
}
