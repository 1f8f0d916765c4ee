package v1_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/api"
	"patapay/api/auth"
	"patapay/api/rest"
	v1 "patapay/api/v1"
	v1people "patapay/api/v1/people"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/inbox"
	"patapay/tenants/people"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// readWorld is one test's database behind the real router, with clinics that events are
// delivered to.
type readWorld struct {
	url         string
	api, worker *tenants.DB
	ingest      *tenants.DB
	vault       *vault.Vault
	inbox       *inbox.Inbox
	applier     *apply.Applier
	chain       tenants.Chain
	key         ed25519.PrivateKey // of the platform's issuer
	own         *auth.Issuer       // ours
	now         time.Time
	base        *tenantstest.Database
	conn        *pgx.Conn // the owner's, once it is asked for
	changes     *changes
	operations  *jobs.Operations
}

// changes is the workers' word to readers of the feed, in a test's hand; asked has a token
// as soon as a reader waits.
type changes struct {
	mu    sync.Mutex
	next  chan struct{}
	asked chan struct{}
}

// Next notes that a reader waits.
func (c *changes) Next(domain.ClinicID) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.asked <- struct{}{}:
	default:
	}
	return c.next
}

func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.next)
	c.next = make(chan struct{})
}

// owner is a connection above the walls.
func (w *readWorld) owner(t testing.TB) *pgx.Conn {
	t.Helper()
	if w.conn == nil {
		var err error
		w.conn, err = pgx.Connect(t.Context(), w.base.URL(tenantstest.Owner))
		require.NoError(t, err)
		t.Cleanup(func() { _ = w.conn.Close(context.Background()) })
	}
	return w.conn
}

func (w *readWorld) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	_, err := w.owner(t).Exec(t.Context(), query, args...)
	require.NoError(t, err)
}

func (w *readWorld) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, w.owner(t).QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// platformKeys are the platform's own key set, of one key.
type platformKeys struct{ key ed25519.PublicKey }

func (k platformKeys) Key(kid, _ string) (any, bool) { return k.key, kid == "platform" }

func newReadWorld(t testing.TB, change ...func(*v1.Server, *readWorld)) *readWorld {
	t.Helper()
	w := &readWorld{
		now:     noon,
		changes: &changes{next: make(chan struct{}), asked: make(chan struct{}, 1)},
		chain:   tenants.NewChain([]byte(strings.Repeat("c", 32))),
	}
	base := tenantstest.New(t)
	w.base = base
	master, err := vault.NewMaster()
	require.NoError(t, err)
	w.vault, err = vault.New(master)
	require.NoError(t, err)
	open := func(role string) *tenants.DB {
		db, err := tenants.Open(base.URL(role), tenants.Options{Name: role, Pooler: base.Pooled()})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	w.api, w.ingest, w.worker = open(tenantstest.API), open(tenantstest.Ingest), open(tenantstest.Worker)
	w.inbox = inbox.NewInbox(w.ingest, 0)
	t.Cleanup(w.inbox.Close)
	w.applier = &apply.Applier{DB: w.worker, Vault: w.vault, Now: w.clock}
	w.serve(t, change)
	return w
}

// newTappedWorld is newReadWorld, whose API asks Postgres over a wire that notes it, on at most so many connections.
func newTappedWorld(t testing.TB, conns int32) (*readWorld, *tenantstest.Wire) {
	t.Helper()
	var wire *tenantstest.Wire
	w := newReadWorld(t, func(s *v1.Server, w *readWorld) {
		var to string
		wire, to = w.base.Tap(t, tenantstest.API)
		db, err := tenants.Open(to, tenants.Options{Name: "api", MaxConns: conns})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		s.DB = db
	})
	return w, wire
}

func (w *readWorld) clock() time.Time { return w.now }

func (w *readWorld) serve(t testing.TB, change []func(*v1.Server, *readWorld)) {
	t.Helper()
	var public ed25519.PublicKey
	var err error
	public, w.key, err = ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	ours, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	w.own = auth.NewIssuer(private, w.clock)
	log := slog.New(slog.DiscardHandler)
	server := &v1.Server{
		DB:        w.api,
		Applier:   w.applier,
		Vault:     w.vault,
		Chain:     w.chain,
		Limit:     rest.NewRateLimit(100_000, time.Millisecond),
		PublicURL: "http://localhost",
		Now:       w.clock,
		Log:       log,
		Changes:   w.changes,
		Authenticator: &auth.Authenticator{
			Now:             w.clock,
			RevocationCheck: v1people.Accounts{DB: w.api, Now: w.clock},
			Verifier: auth.NewVerifier(
				w.clock,
				auth.Ours(ours),
				auth.Platform("https://platform.test", []string{"EdDSA"}, platformKeys{public}),
			),
		},
	}
	server.Issuer = w.own
	for _, fn := range change {
		fn(server, w)
	}
	w.operations = operate(t, server, w.api, w.clock, false)
	router, err := api.Router(api.Parts{V1: server.Register, Log: log})
	require.NoError(t, err)
	s := httptest.NewServer(router)
	t.Cleanup(s.Close)
	w.url = s.URL
}

// clinic makes a connected clinic, of which the feed has told nothing yet, and returns it.
func (w *readWorld) clinic(t testing.TB, name string) tenants.Clinic {
	t.Helper()
	c, _, err := w.api.AddClinic(t.Context(), tenants.Clinic{Name: name, ExternalID: name}, w.vault, w.now)
	require.NoError(t, err)
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		return connection.Save(
			tx,
			connection.Connection{
				PublicID:    tenants.NewID(w.now),
				Environment: domain.Sandbox,
				Account:     "account of " + name,
				State:       "active",
				Confirm:     true,
				Since:       w.now,
				Version:     1,
			},
			vault.Secret{},
			w.vault,
			w.now,
		)
	}))
	w.exec(
		t,
		`WITH told AS (DELETE FROM changes WHERE clinic_id = $1) UPDATE clinic_heads SET feed_seq = 0 WHERE clinic_id = $1`,
		c.ID,
	)
	return c
}

// deliver stores bodies as the receiver would and applies them.
func (w *readWorld) deliver(t testing.TB, c tenants.Clinic, bodies ...[]byte) []domain.EventKey {
	t.Helper()
	keys := w.store(t, c, bodies...)
	w.apply(t, c)
	return keys
}

// apply runs the clinic until no event is pending.
func (w *readWorld) apply(t testing.TB, c tenants.Clinic) {
	t.Helper()
	for more := true; more; {
		r, err := w.applier.Run(t.Context(), c.ID)
		require.NoError(t, err)
		more = r.More
	}
}

// store is deliver without applying.
func (w *readWorld) store(t testing.TB, c tenants.Clinic, bodies ...[]byte) (keys []domain.EventKey) {
	t.Helper()
	for _, body := range bodies {
		env := asaas.Peek(body)
		a := &inbox.InboundEvent{
			Clinic:     c.ID,
			Type:       env.Event,
			Kind:       env.Kind,
			Entity:     env.Entity,
			At:         env.Created,
			Outcome:    domain.Received,
			BodyHash:   sha256.Sum256(body),
			ReceivedAt: w.now,
		}
		a.Key, a.ID = asaas.EventKeyOf(domain.Sandbox, env.ID, body)
		if env.Malformed != "" {
			a.Notes = "malformed:" + env.Malformed
		}
		require.NoError(t, w.worker.In(t.Context(), c.ID, func(tx *tenants.Tx) (err error) {
			a.Sealed, err = tx.Seal(w.vault, "body", a.ID, body)
			return err
		}))
		_, err := w.inbox.Accept(context.Background(), a)
		require.NoError(t, err)
		keys = append(keys, a.Key)
	}
	return keys
}

// token returns a token of the platform's, for a role of c or, with "service", for the
// platform itself.
func (w *readWorld) token(t testing.TB, c *tenants.Clinic, role string, scopes ...string) string {
	t.Helper()
	if len(scopes) == 0 {
		scopes = rest.Scopes(auth.RoleAdmin)
	}
	claims := jwt.MapClaims{
		"iss":   "https://platform.test",
		"aud":   "patapay",
		"sub":   "usr_1",
		"sid":   "s1",
		"role":  role,
		"scope": strings.Join(scopes, " "),
		"iat":   w.now.Unix(),
		"exp":   w.now.Add(time.Hour).Unix(),
	}
	if c != nil {
		claims["tenant"] = c.PublicID.Public("ten")
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["kid"] = "platform"
	text, err := token.SignedString(w.key)
	require.NoError(t, err)
	return text
}

// operator returns a reader of c for a person of the platform's team.
func (w *readWorld) operator(t testing.TB, c tenants.Clinic, role string) *reader {
	t.Helper()
	id := tenants.NewID(w.now)
	require.NoError(t, w.api.Platform(t.Context(), func(tx *tenants.Tx) error {
		return people.AddUser(
			tx,
			people.User{ID: id, Email: role + "@patapay.example", PasswordHash: "no login", Role: role},
			w.now,
		)
	}))
	token, err := w.own.Sign(
		auth.Principal{
			Subject:  id.Public("usr"),
			Platform: true,
			Role:     role,
			Scopes:   rest.Scopes(role),
			Session:  auth.Session(1, auth.CommandLine),
			Kind:     auth.Access,
		},
		time.Hour,
	)
	require.NoError(t, err)
	return &reader{t, w, "/v1/tenants/" + c.PublicID.Public("ten"), token}
}

// visit begins a visit of an operator's and returns the header that names it.
func (w *readWorld) visit(t testing.TB, c tenants.Clinic, operator *reader) []string {
	t.Helper()
	v := people.Visit{
		ID: tenants.NewID(w.now), Session: auth.Session(1, auth.CommandLine),
		Operator: operator.ok("/v1/auth/me").body["subject"].(string),
		Reason:   "chamado 4711: baixa que falta",
		BegunAt:  w.now,
	}
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		_, err := people.BeginVisit(tx, v)
		return err
	}))
	return []string{"X-Access-Visit", v.ID.Public("vis")}
}

// reader reads /v1/tenants/{c} with one token.
type reader struct {
	t     testing.TB
	w     *readWorld
	base  string
	token string
}

func (w *readWorld) as(t testing.TB, c tenants.Clinic, role string) *reader {
	return &reader{t, w, "/v1/tenants/" + c.PublicID.Public("ten"), w.token(t, &c, role)}
}

type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func (r *reader) get(path string, headers ...string) reply {
	r.t.Helper()
	if !strings.HasPrefix(path, "/v1/") && path != "/openapi.json" {
		path = r.base + path
	}
	req, err := http.NewRequestWithContext(r.t.Context(), "GET", r.w.url+path, nil)
	require.NoError(r.t, err)
	req.Header.Set("Authorization", "Bearer "+r.token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(r.t, err)
	held(r.t, "GET", path, res.StatusCode, res.Header, string(text))
	out := reply{status: res.StatusCode, header: res.Header, text: string(text)}
	if len(text) > 0 {
		require.NoError(r.t, json.Unmarshal(text, &out.body), "%s", text)
	}
	return out
}

// ok is get for what must be there.
func (r *reader) ok(path string, headers ...string) reply {
	r.t.Helper()
	out := r.get(path, headers...)
	require.Equal(r.t, 200, out.status, "%s: %s", path, out.text)
	return out
}

// data returns the objects of a list.
func (r reply) data() (rows []map[string]any) {
	for _, row := range r.body["data"].([]any) {
		rows = append(rows, row.(map[string]any))
	}
	return rows
}

func (r reply) page() map[string]any { return r.body["page"].(map[string]any) }
