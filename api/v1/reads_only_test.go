package v1_test

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/api/rest"
	v1 "patapay/api/v1"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/ledger"
	"patapay/tenants/people"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// recordedAccess is every function that may write while a GET is answered, each in a
// transaction of its own, and why.
var recordedAccess = map[string]string{
	"rest.RecordAccess": "an operator's request, a revealed payload and a downloaded " +
		"file stand in the audit log before anything is shown",
	"people.CalendarOf": "a calendar's address ends after 180 days without use, " +
		"so its use is noted, once a day; no GET of the contract",
	"rest.writeUses": "when a service token was last used is shown to who may revoke it; gathered, once a minute at most",
}

// refusals stands between a pool and Postgres and counts the writes that Postgres refuses
// because the transaction only reads: also those whose error nobody hands on.
type refusals struct {
	count  atomic.Int64
	listen net.Listener
	target *pgx.ConnConfig
}

var readOnlyRefusal = []byte("C25006\x00") // the SQLSTATE in an error message of the protocol

// newRefusals returns the counter and the URL of a role's connections through it, which only read.
func newRefusals(t *testing.T, direct string) (*refusals, string) {
	t.Helper()
	target, err := pgx.ParseConfig(direct)
	require.NoError(t, err)
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listen.Close() })
	r := &refusals{listen: listen, target: target}
	go r.serve()
	host, port, err := net.SplitHostPort(listen.Addr().String())
	require.NoError(t, err)
	u, err := url.Parse(direct)
	require.NoError(t, err)
	u.RawQuery = url.Values{
		"host":                          {host},
		"port":                          {port},
		"sslmode":                       {"disable"},
		"default_transaction_read_only": {"on"},
	}.Encode()
	return r, u.String()
}

func (r *refusals) serve() {
	for {
		client, err := r.listen.Accept()
		if err != nil {
			return
		}
		network, address := "tcp", net.JoinHostPort(r.target.Host, strconv.Itoa(int(r.target.Port)))
		if strings.HasPrefix(r.target.Host, "/") {
			network, address = "unix", filepath.Join(r.target.Host, ".s.PGSQL."+strconv.Itoa(int(r.target.Port)))
		}
		server, err := net.Dial(network, address)
		if err != nil {
			_ = client.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(server, client)
			_ = server.Close()
		}()
		go func() {
			_, _ = io.Copy(client, io.TeeReader(server, &refusalReader{counter: &r.count}))
			_ = client.Close()
		}()
	}
}

// refusalReader counts refusals in what Postgres says.
type refusalReader struct {
	counter *atomic.Int64
	tail    []byte // of what came before, too short for a whole refusal
}

// Write looks at the next piece.
func (r *refusalReader) Write(piece []byte) (int, error) {
	text := slices.Concat(r.tail, piece)
	r.counter.Add(int64(bytes.Count(text, readOnlyRefusal)))
	r.tail = slices.Clone(text[max(0, len(text)-len(readOnlyRefusal)+1):])
	return len(piece), nil
}

// readOnlyWorld is a world whose server was begun anew with connections that only read.
type readOnlyWorld struct {
	*readWorld
	refusals []*refusals
	readOnly *tenants.DB // of the API role
}

func (w *readOnlyWorld) refused() (n int64) {
	for _, r := range w.refusals {
		n += r.count.Load()
	}
	return n
}

// withConnector gives a server a connection to a gateway that is away.
func withConnector(t *testing.T) func(*v1.Server, *readWorld) {
	return func(s *v1.Server, w *readWorld) {
		client, err := asaasapi.New(
			asaasapi.Config{Simulator: "http://127.0.0.1:1", Version: "test", Timeout: time.Second, BreakAfter: 1000},
		)
		require.NoError(t, err)
		t.Cleanup(client.Close)
		s.Issuer = w.own
		s.Connector = &connect.Connector{
			Client:     client,
			DB:         w.api,
			Worker:     w.worker,
			Vault:      w.vault,
			Peppers:    vault.Peppers{[]byte(strings.Repeat("p", 32))},
			Ledger:     ledger.NewChain([]byte(strings.Repeat("p", 32))),
			WebhookURL: "https://localhost/x",
			Now:        w.clock,
		}
	}
}

// onlyReading begins the server of w anew, its connections reading only.
func onlyReading(t *testing.T, w *readWorld) *readOnlyWorld {
	t.Helper()
	ro := &readOnlyWorld{readWorld: w}
	open := func(role string) *tenants.DB {
		r, url := newRefusals(t, w.base.URL(role))
		db, err := tenants.Open(url, tenants.Options{Name: role})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		ro.refusals = append(ro.refusals, r)
		return db
	}
	api, worker := w.api, w.worker
	w.api, w.worker = open(tenantstest.API), open(tenantstest.Worker)
	ro.readOnly = w.api
	w.serve(t, []func(*v1.Server, *readWorld){withConnector(t)})
	w.api, w.worker = api, worker
	return ro
}

// callers are readers of every kind; each may read what its kind may.
func (w *readOnlyWorld) callers(t *testing.T, c tenants.Clinic) map[string]*reader {
	t.Helper()
	sign := func(p auth.Principal) *reader {
		token, err := w.own.Sign(p, time.Hour)
		require.NoError(t, err)
		return &reader{t, w.readWorld, "", token}
	}
	tenant, person := c.PublicID.Public("ten"), tenants.NewID(w.now)
	program := func(id, tenant string) *reader {
		add := func(tx *tenants.Tx) error {
			return people.AddServiceToken(
				tx,
				people.ServiceToken{ID: id, Name: id, Scopes: rest.AllScopes(), EndsAt: w.now.Add(time.Hour)},
				w.now,
			)
		}
		if tenant == "" {
			require.NoError(t, w.api.Platform(t.Context(), add))
		} else {
			require.NoError(t, w.api.In(t.Context(), c.ID, add))
		}
		return sign(auth.Principal{
			Subject: id, Tenant: tenant, Platform: tenant == "", Role: auth.RoleService, Scopes: rest.AllScopes(),
			Session: "service", TokenID: id, Kind: auth.Service,
		})
	}
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		return people.AddUser(
			tx,
			people.User{ID: person, Email: "ana@example.com", PasswordHash: "no login", Role: auth.RoleAdmin},
			w.now,
		)
	}))
	return map[string]*reader{
		"person": sign(auth.Principal{
			Subject: person.Public("usr"), Tenant: tenant, Role: auth.RoleAdmin, Scopes: rest.Scopes(auth.RoleAdmin),
			Session: auth.Session(1, auth.CommandLine), Kind: auth.Access,
		}),
		"operator":         w.operator(t, c, auth.RoleSupport),
		"clinic's program": program("token-of-the-clinic", tenant),
		"platform":         program("token-of-the-platform", ""),
	}
}

// read makes one GET and returns the status; of an answer that does not end it reads what is there.
func (w *readOnlyWorld) read(t *testing.T, r *reader, path string) int {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", w.url+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("X-Access-Reason", "a long enough reason")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		_, err = res.Body.Read(make([]byte, 100))
	} else {
		_, err = io.Copy(io.Discard, res.Body)
	}
	require.NoError(t, err)
	return res.StatusCode
}

// variants are the addresses that a route is read at: of what is there, and with its filters.
func variants(rt route, tenant string, ids map[string][]string) (paths []string) {
	base := strings.Replace(rt.path, "{tenant}", tenant, 1)
	noun := nounOf(rt.path)
	if noun == "" {
		paths = append(paths, base)
	}
	for _, id := range ids[noun][:min(2, len(ids[noun]))] {
		paths = append(paths, filled(base, id))
	}
	for _, name := range rt.params {
		paths = append(paths, paths[0]+"?"+url.Values{name: {"maria"}}.Encode())
	}
	switch rt.id {
	case "getEventPayload":
		paths = append(paths, paths[0]+"?reveal=true")
	case "listInvoices", "listEvents":
		paths = append(paths, base+"?include=count", base+"?limit=1")
	}
	return paths
}

// A GET writes nothing, not even in passing: what shows invoices may ask a replica. The
// exceptions are listed in recordedAccess.
func TestEveryGETOfTheContractDoesWithConnectionsThatOnlyRead(t *testing.T) {
	if tenantstest.Pooled() {
		t.Skip("a parameter of the connection makes it read only, and a pooler takes none")
	}
	seeded := newReadWorld(t, withConnector(t))
	vida := seeded.clinic(t, "Vida")
	ids := belongings(t, seeded, vida)
	platform := &reader{t, seeded, "/v1", seeded.token(t, nil, auth.RoleService, rest.AllScopes()...)}
	everywhere := platform.post("/endpoints", map[string]any{"url": "https://example.com/x"})
	require.Equal(t, 201, everywhere.status, everywhere.text)
	ids["endpoints"] = []string{
		ids["endpoints"][0],
		everywhere.body["id"].(string),
	} // one of the clinic, one of the platform
	action := tenants.NewID(noon)
	seeded.exec(
		t,
		`INSERT INTO fleet_actions (id, kind, state, actor, role, source, created_at)
		VALUES ($1, 'check_connection', 'done', 'usr_1', 'sre', '', $2)`,
		tenants.DBUUID(action),
		noon,
	)
	ids["actions"] = []string{action.Public("act")}
	w := onlyReading(t, seeded)
	require.Error(t, w.readOnly.In(t.Context(), vida.ID, func(tx *tenants.Tx) error {
		return tx.Gorm().Exec(`UPDATE clinic_heads SET feed_seq = feed_seq`).Error
	}))
	require.EqualValues(t, 1, w.refused(), "a write is refused, and counted")

	callers := w.callers(t, vida)
	routes := documentedRoutes(t, callers["person"])
	audited := w.count(t, `SELECT count(*) FROM audit`)
	answered, total := map[string]bool{}, 0
	for _, rt := range routes {
		if rt.method != http.MethodGet {
			continue
		}
		for who, r := range callers {
			for _, path := range variants(rt, vida.PublicID.Public("ten"), ids) {
				before := w.refused()
				status := w.read(t, r, path)
				total++
				answered[rt.id] = answered[rt.id] || status == http.StatusOK
				if n := w.refused() - before; n > 0 {
					t.Errorf("%s: GET %s writes: %d statements refused, answered %d", who, path, n, status)
				}
				if status >= 500 && rt.id != "getWebhook" { // which asks the gateway, that is away here
					t.Errorf("%s: GET %s: %d", who, path, status)
				}
			}
		}
		if !answered[rt.id] && rt.id != "getWebhook" {
			t.Errorf("nobody was answered %s", rt.id)
		}
	}
	t.Logf("%d requests on %d routes", total, len(answered))
	require.Greater(t, w.count(t, `SELECT count(*) FROM audit`), audited, "the records of access were written")
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM audit WHERE action = 'event.reveal'`))
	tenantstest.Eventually(t, 10*time.Second, "the uses of both tokens are written", func() bool {
		return w.count(t, `SELECT count(*) FROM service_tokens WHERE last_used_at IS NOT NULL`) == 2
	})
	require.EqualValues(t, 1, w.refused(), "a write came afterwards")
}

// The functions that call tenants.RecordingAccess are those of the list, and no other.
func TestWhatMayWriteWhileAGETIsAnsweredIsListed(t *testing.T) {
	found := map[string]string{}
	root := filepath.Join("..", "..")
	for _, dir := range []string{"api", "cmd", "jobs", "tenants"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			for _, decl := range file.Decls {
				ast.Inspect(decl, func(n ast.Node) bool {
					call, is := n.(*ast.SelectorExpr)
					if is && call.Sel.Name == "RecordingAccess" {
						found[file.Name.Name+"."+decl.(*ast.FuncDecl).Name.Name] = path
					}
					return true
				})
			}
			return nil
		}))
	}
	require.Equal(t, slices.Sorted(mapKeys(recordedAccess)), slices.Sorted(mapKeys(found)))
}
