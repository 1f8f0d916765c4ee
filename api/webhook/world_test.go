package webhook_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"patapay/api"
	"patapay/api/webhook"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/inbox"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// start is when every world begins; the clock stands unless a test moves it.
var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const received, refused = `{"received":true}`, `{"received":false}`

// world is the door as production has it, over real HTTP, on a database of its own.
// 127.0.0.1 is the gateway's address, 127.0.0.2 a stranger's.
type world struct {
	vault       *vault.Vault
	api, worker *tenants.DB
	applier     *apply.Applier
	owner       *pgxpool.Pool // sees every row
	door        *httptest.Server
	peppers     vault.Peppers
	log         *logBuffer
	notified    atomic.Int64
	ahead       atomic.Int64 // of start, nanoseconds
	trusts      atomic.Bool
	registry    *prometheus.Registry // what the door tells of itself
}

// clinic is one connected clinic with what its deliveries carry.
type clinic struct {
	id             domain.ClinicID
	account, token string
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Notify makes the world its own notifier.
func (w *world) Notify(domain.ClinicID) { w.notified.Add(1) }

func (w *world) now() time.Time { return start.Add(time.Duration(w.ahead.Load())) }

func newWorld(t testing.TB) *world {
	t.Helper()
	db := tenantstest.New(t)
	return openWorld(t, db.URL, nil)
}

// patient is how long the tests' doors work on a delivery, where the limit is not what a test is about: on a busy
// machine production's 3 s ran out in tests of something else.
const patient = time.Minute

// openWorld builds the door on any database; change may alter the handler.
func openWorld(t testing.TB, url func(role string) string, change func(*webhook.Handler)) *world {
	t.Helper()
	w := &world{
		peppers: vault.Peppers{[]byte(rand.Text() + rand.Text())}, log: &logBuffer{}, registry: prometheus.NewRegistry(),
	}
	w.trusts.Store(true)
	master, err := vault.NewMaster()
	require.NoError(t, err)
	w.vault, err = vault.New(master)
	require.NoError(t, err)
	open := func(role string, limit time.Duration) *tenants.DB {
		db, err := tenants.Open(
			url(role),
			tenants.Options{Name: role, MaxConns: 6, StatementLimit: limit, Pooler: tenantstest.Pooled()},
		)
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	w.api, w.worker = open(tenantstest.API, 10*time.Second), open(tenantstest.Worker, 10*time.Second)
	w.applier = &apply.Applier{DB: w.worker, Vault: w.vault, Now: w.now}
	w.owner, err = pgxpool.New(t.Context(), url(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(w.owner.Close)
	w.serve(t, open(tenantstest.Ingest, patient), change)
	return w
}

func (w *world) serve(t testing.TB, ingest *tenants.DB, change func(*webhook.Handler)) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	box, deliveries := inbox.NewInbox(ingest, 0), inbox.NewDeliveryLog(ingest)
	h := &webhook.Handler{
		TokenResolver: inbox.NewTokenResolver(ingest, w.vault, w.peppers, w.now),
		Inbox:         box,
		Log:           deliveries,
		Bodies:        webhook.NewBodies(webhook.DefaultBodyLimit),
		Vault:         w.vault,
		Notify:        w,
		Slog:          log,
		Now:           w.now,
		Trusted:       func(a netip.Addr) bool { return w.trusts.Load() && a == netip.MustParseAddr("127.0.0.1") },
		Watch:         webhook.NewWatch(ctx, box, log, w.registry),
		Within:        patient,
	}
	if change != nil {
		change(h)
	}
	router, err := api.Router(api.Parts{Webhook: h, Log: log})
	require.NoError(t, err)
	w.door = httptest.NewServer(router)
	t.Cleanup(func() {
		w.door.Close()
		deliveries.Close()
		box.Close()
		end()
		if strings.Contains(w.log.String(), `"cause":""`) {
			t.Error("an answer of 5xx has no cause in the log")
		}
	})
}

// clinic makes a connected clinic whose account is bound.
func (w *world) clinic(t testing.TB, name string) clinic {
	t.Helper()
	made, _, err := w.api.AddClinic(t.Context(), tenants.Clinic{Name: name, ExternalID: name}, w.vault, w.now())
	require.NoError(t, err)
	c := clinic{made.ID, "acc-" + strings.ToLower(name), "whsec_" + rand.Text()}
	require.NoError(t, w.in(c, func(tx *tenants.Tx) error {
		err := connection.Save(
			tx,
			connection.Connection{
				PublicID:    tenants.NewID(w.now()),
				Environment: domain.Sandbox,
				Account:     c.account,
				State:       "active",
				Since:       w.now(),
				Version:     1,
			},
			vault.Secret{},
			w.vault,
			w.now(),
		)
		if err != nil {
			return err
		}
		return connection.AddToken(tx, w.peppers.Digest(c.token), domain.Sandbox, c.token[len(c.token)-4:], w.now())
	}))
	return c
}

func (w *world) in(c clinic, fn func(*tenants.Tx) error) error {
	return w.api.In(context.Background(), c.id, fn)
}

// event returns a payment's delivery; seq stands after the & of its id.
func event(account string, seq int, typ, payment, status string) []byte {
	return fmt.Appendf(
		nil,
		`{"id":"evt_05b708f961d739ea7eba7e4db318f621&%d","event":%q,"dateCreated":"2026-11-22 08:00:00",`+
			`"account":{"id":%q,"ownerId":null},`+
			`"payment":{"object":"payment","id":%q,"value":310.00,"netValue":308.01,"billingType":"PIX","status":%q}}`,
		seq,
		typ,
		account,
		payment,
		status,
	)
}

func (c clinic) paid(seq int) []byte {
	return event(c.account, seq, "PAYMENT_RECEIVED", fmt.Sprintf("pay_%016d", seq), "RECEIVED")
}

// call is one request; the zero value of each field is the ordinary one.
type call struct {
	method, path, token, from string
	header                    map[string]string
	body                      io.Reader
	length                    int64
}

type reply struct {
	code   int
	body   string
	header http.Header
	took   time.Duration
}

// clients send from one local address each, and follow no redirect.
var clients = map[string]*http.Client{"127.0.0.1": clientFrom("127.0.0.1"), "127.0.0.2": clientFrom("127.0.0.2")}

func clientFrom(addr string) *http.Client {
	dial := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(addr)}}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dial.DialContext, MaxIdleConnsPerHost: 64, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       patient / 2,
	}
}

func orWord(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func (w *world) do(t testing.TB, c call) reply {
	t.Helper()
	req, err := http.NewRequest(orWord(c.method, http.MethodPost), w.door.URL+orWord(c.path, webhook.Path), c.body)
	require.NoError(t, err)
	if c.length != 0 {
		req.ContentLength = c.length
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("asaas-access-token", c.token)
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	began := time.Now()
	res, err := clients[orWord(c.from, "127.0.0.1")].Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return reply{res.StatusCode, string(body), res.Header, time.Since(began)}
}

// request is a delivery that the test sends by itself.
func (w *world) request(t testing.TB, token string, body []byte) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.door.URL+webhook.Path, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("asaas-access-token", token)
	return req
}

// post sends body with a token; "" sends none.
func (w *world) post(t testing.TB, token string, body []byte) reply {
	t.Helper()
	return w.do(t, call{token: token, body: bytes.NewReader(body)})
}

// accepted posts and demands 200 with the constant body.
func (w *world) accepted(t testing.TB, token string, body []byte) {
	t.Helper()
	got := w.post(t, token, body)
	require.Equal(t, http.StatusOK, got.code)
	require.Equal(t, received, got.body)
}

// apply runs the clinic until no event is pending.
func (w *world) apply(t testing.TB, c clinic) (changes int) {
	t.Helper()
	for {
		r, err := w.applier.Run(t.Context(), c.id)
		require.NoError(t, err)
		changes += len(r.Changes)
		if !r.More {
			return changes
		}
	}
}

// count answers a question about the whole database.
func (w *world) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, w.owner.QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

// outcome returns outcome and reason of a clinic's only event with seq.
func (w *world) outcome(t testing.TB, c clinic, seq int) (outcome string) {
	t.Helper()
	err := w.owner.QueryRow(
		t.Context(),
		`SELECT trim(outcome || ' ' || reason) FROM events WHERE clinic_id = $1 AND seq = $2`,
		c.id,
		seq,
	).Scan(&outcome)
	require.NoError(t, err)
	return outcome
}

// alarm waits for an open alarm.
func (w *world) alarm(t testing.TB, c clinic, kind string) {
	t.Helper()
	tenantstest.Eventually(t, time.Minute, "alarm "+kind, func() bool {
		return w.count(
			t,
			`SELECT count(*) FROM alarms WHERE clinic_id = $1 AND kind = $2 AND closed_at IS NULL`,
			c.id,
			kind,
		) == 1
	})
}

// dump returns every row of every table as text, but for the delivery log, which is about
// requests and not about clinics' facts.
func (w *world) dump(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	rows, err := w.owner.Query(
		t.Context(),
		`SELECT relname FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
		  AND relname NOT IN ('deliveries', 'goose_db_version')`,
	)
	require.NoError(t, err)
	var names []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		names = append(names, name)
	}
	require.NoError(t, rows.Err())
	for _, name := range names {
		var text string
		require.NoError(
			t,
			w.owner.QueryRow(
				t.Context(),
				`SELECT coalesce(string_agg(x::text, E'\n' ORDER BY x::text), '') FROM `+name+` x`,
			).Scan(&text),
		)
		all[name] = text
	}
	return all
}

// changed returns the tables that differ.
func changed(before, after map[string]string) (names []string) {
	for name := range after {
		if before[name] != after[name] {
			names = append(names, name)
		}
	}
	return names
}
