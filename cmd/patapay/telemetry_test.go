package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/tenants"
	"patapay/tenants/devstack"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

type requestKey struct{}

func requestIDOf(ctx context.Context) string { id, _ := ctx.Value(requestKey{}).(string); return id }

func TestALogLineIsJSONWithTheRequestsID(t *testing.T) {
	var out bytes.Buffer
	log := app.NewLogger(&out, app.Config{Environment: "production"}, requestIDOf).With("part", "api")
	log.DebugContext(t.Context(), "not at this level")
	log.InfoContext(context.WithValue(t.Context(), requestKey{}, "req_1"), "done", "durationMs", 7)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if line["requestId"] != "req_1" || line["msg"] != "done" || line["level"] != "INFO" || line["part"] != "api" {
		t.Errorf("line %v", line)
	}
	if ts, err := time.Parse(time.RFC3339, line["ts"].(string)); err != nil || ts.Location() != time.UTC {
		t.Errorf("ts %v, want UTC (%v)", line["ts"], err)
	}
}

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestReadinessNamesEachCheckAndOnlyFatalOnesAreRed(t *testing.T) {
	ok := func(context.Context) error { return nil }
	bad := func(context.Context) error { return errors.New("is away") }
	h := &app.Health{
		Registry: app.NewRegistry(),
		Checks:   []app.Check{{Name: "database", Fatal: true, Probe: ok}, {Name: "redis", Probe: bad}},
	}
	if code, body := get(t, h.Handler(), "/readyz"); code != 200 ||
		!strings.Contains(body, `{"name":"redis","ok":false,"fatal":false`) {
		t.Errorf("without Redis: %d %s", code, body)
	}
	h.Checks[0].Probe = bad
	if code, body := get(t, h.Handler(), "/readyz"); code != 503 || !strings.Contains(body, `"status":"not_ready"`) {
		t.Errorf("without database: %d %s", code, body)
	}
	h.Checks[0].Probe = ok
	h.Drain()
	if code, body := get(t, h.Handler(), "/readyz"); code != 503 || !strings.Contains(body, `"status":"draining"`) {
		t.Errorf("draining: %d %s", code, body)
	}
	if code, _ := get(t, h.Handler(), "/healthz"); code != 200 {
		t.Errorf("a draining process is alive: %d", code)
	}
}

func TestTheOpsPortHasThreeRoutesAndNoDebugPages(t *testing.T) {
	h := (&app.Health{Registry: app.NewRegistry()}).Handler()
	if code, body := get(t, h, "/metrics"); code != 200 || !strings.Contains(body, "patapay_build_info{") {
		t.Errorf("/metrics: %d", code)
	}
	for _, path := range []string{"/", "/debug/pprof/", "/debug/vars", "/v1/tenants"} {
		if code, _ := get(t, h, path); code != 404 {
			t.Errorf("%s: %d, want 404", path, code)
		}
	}
}

func TestProfilesAreForDevelopmentAndForThisMachine(t *testing.T) {
	h := (&app.Health{Registry: app.NewRegistry(), Profiles: true}).Handler()
	for from, want := range map[string]int{"127.0.0.1:40000": 200, "[::1]:40000": 200, "10.0.0.7:40000": 404, "": 404} {
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/symbol"} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.RemoteAddr = from
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s from %q: %d, want %d", path, from, w.Code, want)
			}
		}
	}
}

func TestShutdownKeepsItsOrderAndGoesOnAfterAFault(t *testing.T) {
	s := &app.ShutdownOrder{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	var order []string
	add := func(name string, err error) {
		s.Then(name, func(context.Context) error { order = append(order, name); return err })
	}
	add("red", nil)
	s.Wait("drain", time.Millisecond)
	add("listeners", errors.New("stuck"))
	add("pools", nil)
	err := s.Run(time.Second)
	if !slices.Equal(order, []string{"red", "listeners", "pools"}) || err == nil || err.Error() != "listeners: stuck" {
		t.Errorf("order %v, error %v", order, err)
	}
}

func TestShutdownIsBounded(t *testing.T) {
	s := &app.ShutdownOrder{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	s.Wait("drain", time.Hour)
	s.Then("jobs", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
	if err := s.Run(20 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestAPostgresThatWouldBreakAPromiseIsRefused(t *testing.T) {
	if tenantstest.Pooled() {
		t.Skip("its parameters of the connection go to Postgres directly")
	}
	db := tenantstest.New(t)
	for _, row := range []struct{ rule, url, want string }{
		{"a runtime role", db.URL(tenantstest.Worker), ""},
		{"a superuser", db.URL(tenantstest.Owner), "its role is a superuser"},
		{"commits not awaited", db.URL(tenantstest.Worker) + "&synchronous_commit=off", "synchronous_commit is off"},
		{"one that is away", "postgres://x@/d?host=/nowhere", ""},
	} {
		pool, err := tenants.Open(row.url, tenants.Options{Name: "worker"})
		require.NoError(t, err)
		err = app.CheckPostgres(
			t.Context(),
			app.Role{Name: "worker", Setting: "WORKER_DATABASE_URL", DB: pool, Pooler: "off"},
		)
		pool.Close()
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.rule, err, row.want)
		}
	}
}

func TestARedisThatForgetsIsRefused(t *testing.T) {
	stack, err := devstack.Start(t.Context(), devstack.Options{}) // its own: the setting is the server's
	if err != nil {
		t.Fatal(err)
	}
	defer stack.Stop()
	url := stack.RedisURL(0)
	opt, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(opt)
	defer client.Close()
	if err := app.CheckRedis(t.Context(), vault.NewSecret(url)); err != nil {
		t.Errorf("noeviction: %v", err)
	}
	if err := client.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	if err := app.CheckRedis(t.Context(), vault.NewSecret(url)); err == nil ||
		!strings.Contains(err.Error(), "allkeys-lru") {
		t.Errorf("allkeys-lru: %v", err)
	}
	if err := app.CheckRedis(t.Context(), vault.NewSecret("unix:///nowhere.sock")); err != nil {
		t.Errorf("one that is away: %v", err)
	}
}
