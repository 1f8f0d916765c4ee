package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"patapay/cmd/patapay/app"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// apiWorld is the program's router on a database with one clinic, ext:vida.
type apiWorld struct {
	*app.App
	t      *testing.T
	server *httptest.Server
}

func newAPIWorld(t *testing.T, settings ...string) *apiWorld {
	t.Helper()
	db := tenantstest.New(t)
	cfg, err := app.Load(append(db.Environ("NOTIFICATIONS=off"), settings...))
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	if _, _, err := a.APIDB.AddClinic(
		t.Context(),
		tenants.Clinic{Name: "Vida", ExternalID: "vida"},
		a.Vault,
		time.Now(),
	); err != nil {
		t.Fatal(err)
	}
	handler, done, err := a.Router(t.Context(), jobs.NoNotifier{})
	if err != nil {
		t.Fatal(err)
	}
	w := &apiWorld{App: a, t: t, server: httptest.NewServer(handler)}
	t.Cleanup(func() { w.server.Close(); done() })
	return w
}

// get returns the status of a request with a token.
func (w *apiWorld) get(token, path string) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.server.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func (w *apiWorld) token(c tokenCmd) string {
	w.t.Helper()
	var out bytes.Buffer
	if err := c.run(w.t.Context(), w.App, &out); err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

func TestATokenOfTheCommandOpensWhatItSays(t *testing.T) {
	w := newAPIWorld(t)
	platform := w.token(tokenCmd{Role: "service", Name: "cli", TTL: time.Hour})
	reader := w.token(tokenCmd{Role: "reader", Name: "cli", Tenant: "ext:vida", TTL: time.Hour})
	narrow := w.token(
		tokenCmd{Role: "admin", Name: "cli", Tenant: "ext:vida", Scope: []string{"audit:read"}, TTL: time.Hour},
	)
	for _, row := range []struct {
		token, path string
		want        int
	}{
		{platform, "/v1/tenants", 200},
		{platform, "/v1/tenants/ext:vida/audit", 200},
		{reader, "/v1/tenants/ext:vida/connection", 200},
		{reader, "/v1/tenants/ext:vida/audit", 403},
		{reader, "/v1/tenants", 403},
		{narrow, "/v1/tenants/ext:vida/audit", 200},
		{narrow, "/v1/tenants/ext:vida/connection", 403},
	} {
		if got := w.get(row.token, row.path); got != row.want {
			t.Errorf("%s: %d, want %d", row.path, got, row.want)
		}
	}
	var claims jwt.MapClaims
	if _, _, err := jwt.NewParser().ParseUnverified(platform, &claims); err != nil {
		t.Fatal(err)
	}
	w.token(tokenCmd{Revoke: claims["jti"].(string)})
	tenantstest.Eventually(
		t,
		8*time.Second,
		"the revoked token refused",
		func() bool { return w.get(platform, "/v1/tenants") == 401 },
	)
	for _, c := range []tokenCmd{
		{Role: "reader", Scope: []string{"tenants:write"}, TTL: time.Hour},
		{Role: "service", Tenant: "vida", TTL: time.Hour},
		{Role: "service", Tenant: "ext:none", TTL: time.Hour},
		{Role: "service"},
		{Revoke: "tok_none"},
		{User: "nobody@example.com", TTL: time.Hour},
	} {
		var out bytes.Buffer
		if err := c.run(t.Context(), w.App, &out); err == nil || out.Len() > 0 {
			t.Errorf("%+v printed %q", c, out.String())
		}
	}
}

func TestAnOperatorIsAddedByTheCommandOnly(t *testing.T) {
	w := newAPIWorld(t)
	var out bytes.Buffer
	if err := (operatorAddCmd{Email: "Sre@Example.com", Name: "Rui", Role: "sre"}).run(
		t.Context(),
		w.App,
		&out,
	); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"email":"sre@example.com","password":%q}`, strings.TrimSpace(out.String()))
	resp, err := http.Post(w.server.URL+"/v1/auth/login", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("login: %d", resp.StatusCode)
	}
	out.Reset()
	if err := (operatorResetFactorCmd{Email: "SRE@example.com"}).run(t.Context(), w.App, &out); err != nil ||
		!strings.HasPrefix(out.String(), "0 authenticator apps") {
		t.Errorf("%v %s", err, out.String())
	}
	if err := (operatorResetFactorCmd{Email: "nobody@example.com"}).run(t.Context(), w.App, &out); err == nil {
		t.Error("nobody was reset")
	}
	access := w.token(tokenCmd{User: "sre@example.com", TTL: time.Hour})
	if me, list := w.get(access, "/v1/auth/me"), w.get(access, "/v1/tenants"); me != 200 ||
		list != 403 { // no reason given
		t.Errorf("me %d, list %d", me, list)
	}
}

// platformKey writes a JWK set and returns its path and a function that signs with its key.
func platformKey(t *testing.T) (path string, sign func(claims jwt.MapClaims) string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	set, err := json.Marshal(map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256",
		"n": text(key.N), "e": text(big.NewInt(int64(key.E))),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, set, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, func(claims jwt.MapClaims) string {
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
		token.Header["kid"] = "k1"
		signed, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
}

func TestTheCommandEndsTheTokensOfThePlatform(t *testing.T) {
	t.Parallel()
	path, sign := platformKey(t)
	w := newAPIWorld(t, "PLATFORM_ISSUER=https://vet.example", "PLATFORM_JWKS="+path)
	token := func(subject, id string, issued time.Time) string {
		return sign(jwt.MapClaims{
			"iss": "https://vet.example", "aud": "patapay", "sub": subject, "jti": id, "iat": issued.Unix(), "sid": "s1",
			"exp": time.Now().Add(time.Hour).Unix(), "scope": "connection:read", "tenant": "ext:vida", "role": "admin",
		})
	}
	opens := func(token string) bool {
		got := w.get(token, "/v1/tenants/ext:vida/connection")
		if got != 200 && got != 401 {
			t.Fatal(got)
		}
		return got == 200
	}
	end := func(c tokenCmd) {
		t.Helper()
		for range 2 { // again is no fault
			if err := c.run(t.Context(), w.App, io.Discard); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := time.Now().Add(-time.Minute)
	one, two, other := token("ana", "j1", before), token("ana", "j2", before), token("bia", "j3", before)
	end(tokenCmd{EndToken: "j1"})
	if opens(one) || !opens(two) || !opens(other) {
		t.Error("j1 was ended, and it alone")
	}
	end(tokenCmd{EndSubject: "ana"})
	// Reads believe what they were answered for five seconds: this one asks for the first time.
	if opens(token("ana", "j4", before)) || !opens(other) {
		t.Error("ana's tokens were ended, and they alone")
	}
	if !opens(token("ana", "j5", time.Now().Add(2*time.Second))) { // the clocks of issuers may be apart
		t.Error("a token of after it is refused")
	}
	var log bytes.Buffer
	if err := verifyAudit(w.App, t.Context(), "", &log); err != nil || !strings.Contains(log.String(), "4 entries") {
		t.Errorf("%v %s", err, &log)
	}
}

func TestThePlatformsOwnTokensOpenItsClinics(t *testing.T) {
	path, sign := platformKey(t)
	w := newAPIWorld(t, "PLATFORM_ISSUER=https://vet.example", "PLATFORM_JWKS="+path)
	claims := func(change jwt.MapClaims) jwt.MapClaims {
		c := jwt.MapClaims{
			"iss":    "https://vet.example",
			"aud":    "patapay",
			"sub":    "user-7",
			"exp":    time.Now().Add(time.Hour).Unix(),
			"scope":  "connection:read tenants:read tenants:write",
			"tenant": "ext:vida",
			"role":   "admin",
			"sid":    "s1",
		}
		for name, value := range change {
			c[name] = value
		}
		return c
	}
	for _, row := range []struct {
		rule   string
		change jwt.MapClaims
		path   string
		want   int
	}{
		{"an admin of the clinic", nil, "/v1/tenants/ext:vida/connection", 200},
		{"of another clinic", jwt.MapClaims{"tenant": "ext:outra"}, "/v1/tenants/ext:vida/connection", 404},
		{"an admin sees no list, whatever the scope says", nil, "/v1/tenants", 403},
		{"another audience", jwt.MapClaims{"aud": "vet"}, "/v1/tenants/ext:vida/connection", 401},
		{"an operator of theirs is none of ours", jwt.MapClaims{"role": "sre"}, "/v1/tenants/ext:vida/connection", 401},
		{"past its end", jwt.MapClaims{"exp": time.Now().Add(-time.Hour).Unix()}, "/v1/tenants/ext:vida/connection", 401},
	} {
		if got := w.get(sign(claims(row.change)), row.path); got != row.want {
			t.Errorf("%s: %d, want %d", row.rule, got, row.want)
		}
	}
}
