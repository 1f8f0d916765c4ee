package v1_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"patapay/api"
	"patapay/api/auth"
	"patapay/api/calendar"
	"patapay/api/rest"
	v1 "patapay/api/v1"
	v1people "patapay/api/v1/people"
	"patapay/api/webhook"
	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/inbox"
	"patapay/tenants/ledger"
	"patapay/tenants/people"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// world is the program's HTTP side on a real database, beside a simulated gateway.
type world struct {
	t      *testing.T
	base   *tenantstest.Database
	sim    *simulator.Simulator
	db     *tenants.DB // of the api role
	worker *tenants.DB
	owner  *pgx.Conn
	issuer *auth.Issuer
	chain  tenants.Chain
	vault  *vault.Vault
	url    string
	gateAt string // base URL of the simulator
	logs   *logs
	sent   mailbox                   // nil: no mail server
	offset atomic.Int64              // of the clock, nanoseconds
	stood  atomic.Pointer[time.Time] // what is added to in place of the time of day; nil: the time of day
}

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type noNotifier struct{}

func (noNotifier) Notify(domain.ClinicID) {}

func (w *world) now() time.Time {
	at := time.Now()
	if stood := w.stood.Load(); stood != nil {
		at = *stood
	}
	return at.Add(time.Duration(w.offset.Load()))
}

// stand has the clock of our side move by later alone.
func (w *world) stand() {
	at := time.Now()
	w.stood.Store(&at)
}

// later moves the clock of our side.
func (w *world) later(d time.Duration) { w.offset.Add(int64(d)) }

var secret = bytes.Repeat([]byte("test pepper "), 4)

func newWorld(t *testing.T, change ...func(*v1.Server)) *world {
	t.Helper()
	t.Parallel()
	base := tenantstest.New(t)
	w := &world{t: t, base: base, logs: &logs{}, chain: tenants.NewChain(secret)}
	w.sim = simulator.New(simulator.Options{Seed: 3, Slowness: 3 * time.Second})
	t.Cleanup(w.sim.Close)
	gate := httptest.NewServer(w.sim)
	t.Cleanup(gate.Close)
	w.gateAt = gate.URL
	w.db = open(t, base.URL(tenantstest.API), "api")
	var err error
	if w.owner, err = pgx.Connect(t.Context(), base.URL(tenantstest.Owner)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.owner.Close(context.Background()) })
	w.worker = open(t, base.URL(tenantstest.Worker), "worker")
	w.serve(gate.URL, open(t, base.URL(tenantstest.Ingest), "ingest"), change)
	return w
}

// work applies the events of every clinic until the test ends.
func (w *world) work() {
	applier := &apply.Applier{DB: w.worker, Vault: w.vault, Ledger: ledger.NewChain(secret), Now: w.now}
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = w.db.EachClinic(ctx, 10, func(tx *tenants.Tx) error { _, err := applier.Run(ctx, tx.Clinic()); return err })
			time.Sleep(50 * time.Millisecond)
		}
	}()
	w.t.Cleanup(func() { end(); <-done })
}

func open(t *testing.T, url, name string) *tenants.DB {
	t.Helper()
	db, err := tenants.Open(url, tenants.Options{Name: name, Pooler: tenantstest.Pooled()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// serve starts the router of package api with the public API and the webhook's door.
func (w *world) serve(gate string, ingest *tenants.DB, change []func(*v1.Server)) {
	t := w.t
	master, err := vault.NewMaster()
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(master)
	if err != nil {
		t.Fatal(err)
	}
	w.vault = v
	client, err := asaasapi.New(
		asaasapi.Config{Simulator: gate, Version: "test", Timeout: 1500 * time.Millisecond, BreakAfter: 1000},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	public, private, _ := ed25519.GenerateKey(nil)
	w.issuer = auth.NewIssuer(private, w.now)
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	people := v1people.Accounts{DB: w.db, Vault: v, Now: w.now}
	server := httptest.NewUnstartedServer(nil)
	w.url = "http://" + server.Listener.Addr().String()
	s := &v1.Server{
		DB:        w.db,
		Vault:     v,
		Chain:     w.chain,
		PublicURL: w.url,
		Now:       w.now,
		Log:       log,
		Issuer:    w.issuer,
		Limit:     rest.NewRateLimit(1000, time.Millisecond),
		Authenticator: &auth.Authenticator{
			Verifier:        auth.NewVerifier(w.now, auth.Ours(public)),
			RevocationCheck: people,
			Now:             w.now,
		},
		Logins: &auth.Logins{
			Users:      people,
			PerAccount: auth.NewLimiter(nil, 5, time.Minute),
			PerBrowser: auth.NewLimiter(nil, 5, time.Minute),
			PerAddress: auth.NewLimiter(nil, 50, time.Second),
			PerFactor:  auth.NewLimiter(nil, 30, 30*time.Minute),
		},
		LinkLimit:  auth.NewLimiter(nil, 3, time.Hour),
		SpentLimit: auth.NewLimiter(nil, 1, 24*time.Hour),
		Connector: &connect.Connector{
			Client:     client,
			DB:         w.db,
			Worker:     w.worker,
			Vault:      v,
			Peppers:    vault.Peppers{secret},
			Ledger:     ledger.NewChain(secret),
			WebhookURL: w.url + webhook.Path,
			Now:        w.now,
		},
	}
	s.Applier = &apply.Applier{DB: w.worker, Vault: v, Ledger: ledger.NewChain(secret), Now: w.now}
	for _, fn := range change {
		fn(s)
	}
	operate(t, s, w.db, w.now, true)
	box, deliveries := inbox.NewInbox(ingest, 0), inbox.NewDeliveryLog(ingest)
	t.Cleanup(func() { box.Close(); deliveries.Close() })
	door := &webhook.Handler{
		TokenResolver: inbox.NewTokenResolver(ingest, v, vault.Peppers{secret}, w.now),
		Inbox:         box,
		Log:           deliveries,
		Bodies:        webhook.NewBodies(webhook.DefaultBodyLimit),
		Vault:         v,
		Notify:        noNotifier{},
		Slog:          log,
		Now:           w.now,
		Trusted:       func(netip.Addr) bool { return false },
		Watch:         webhook.NewWatch(t.Context(), box, log, prometheus.NewRegistry()),
	}
	calendars := &calendar.Handler{DB: w.db, Limit: auth.NewLimiter(nil, 30, time.Hour), Home: w.url + "/", Now: w.now}
	router, err := api.Router(api.Parts{Webhook: door, V1: s.Register, Agenda: calendars.Serve, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = router
	server.Start()
	t.Cleanup(server.Close)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (a answer) text(name string) string { s, _ := a.body[name].(string); return s }

func (a answer) etag() string { return a.header.Get("ETag") }

// gate asks the simulator with an account's key, as the gateway's panel would.
func (w *world) gate(key, method, path string, body any) answer {
	w.t.Helper()
	a := w.send(w.gateAt, method, path, body, "access_token: "+key)
	if a.status != 200 {
		w.t.Fatalf("gateway: %s %s: %d %s", method, path, a.status, a.raw)
	}
	return a
}

// count returns the one number that answers to a query of the owner's.
func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.owner.QueryRow(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.owner.Exec(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

// ask makes a request; headers are "Name: value". A body that is no string is sent as JSON.
func (w *world) ask(token, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	if token != "" {
		headers = append(headers, "Authorization: Bearer "+token)
	}
	a := w.send(w.url, method, path, body, headers...)
	held(w.t, method, path, a.status, a.header, a.raw)
	return a
}

func (w *world) send(base, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, base+path, content)
	if err != nil {
		w.t.Fatal(err)
	}
	if content != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", rand.Text())
	}
	for _, h := range headers {
		if name, value, ok := strings.Cut(h, ": "); ok {
			r.Header.Set(name, value)
		} else {
			r.Header.Del(strings.TrimPrefix(h, "-")) // "-Name": without it
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.body)
	return a
}

// must is ask that expects a status.
func (w *world) must(status int, token, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	a := w.ask(token, method, path, body, headers...)
	if a.status != status {
		w.t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, a.raw)
	}
	return a
}

// service returns a token of a program; tenant "" is the platform.
func (w *world) service(tenant string, scopes ...string) string {
	w.t.Helper()
	id := "token-" + tenants.NewID(time.Now()).Public("jti")
	p := auth.Principal{
		Subject:  "billing",
		Tenant:   tenant,
		Platform: tenant == "",
		Role:     auth.RoleService,
		Scopes:   scopes,
		Session:  "service",
		TokenID:  id,
		Kind:     auth.Service,
	}
	token, err := w.issuer.Sign(p, time.Hour)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.db.Platform(w.t.Context(), func(tx *tenants.Tx) error {
		return people.AddServiceToken(
			tx,
			people.ServiceToken{ID: id, Name: "billing", Scopes: scopes, EndsAt: w.now().Add(time.Hour)},
			w.now(),
		)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// platform returns a token that may do everything of the platform.
func (w *world) platform() string { return w.service("", rest.AllScopes()...) }

const password = "correct horse battery"

// tenant makes a clinic with an admin and returns its id and the admin's e-mail.
func (w *world) tenant(external string, more ...func(map[string]any)) (id, email string) {
	w.t.Helper()
	email = external + "@example.com"
	body := map[string]any{
		"externalId": external, "name": "Clínica " + external, "taxId": "66.625.514/0001-40", "sandbox": true,
		"admin": map[string]any{"name": "Ana", "email": email, "password": password},
	}
	for _, change := range more {
		change(body)
	}
	return w.must(201, w.platform(), "POST", "/v1/tenants", body).text("id"), email
}

// login returns an access token of a user.
func (w *world) login(email string) string {
	w.t.Helper()
	return w.must(
		200,
		"",
		"POST",
		"/v1/auth/login",
		map[string]string{"email": email, "password": password},
	).text("accessToken")
}
