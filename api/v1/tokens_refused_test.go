package v1_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	stdmaps "maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	v1 "patapay/api/v1"
	"patapay/tenants"
	"patapay/tenants/people"
)

// forger knows how tokens are made, and holds keys that are believed and one that is not.
type forger struct {
	own, stranger ed25519.PrivateKey
	rsa           *rsa.PrivateKey
	tenant, user  string
	now           time.Time
	evil          string // a URL that nobody must ask
	good          string // the token that bad ones are made of
}

// Key is the platform's key set, of one key.
func (f *forger) Key(kid, _ string) (any, bool) { return &f.rsa.PublicKey, kid == "rsa" }

func (f *forger) kid() string { return auth.KeyID(f.own.Public().(ed25519.PublicKey)) }

type bag = map[string]any

// leftOut as a value takes a claim or a header away.
var leftOut = struct{}{}

func with(m, change bag) bag {
	m = stdmaps.Clone(m)
	stdmaps.Copy(m, change)
	stdmaps.DeleteFunc(m, func(_ string, v any) bool { return v == leftOut })
	return m
}

func (f *forger) claims() bag {
	return bag{
		"iss":    auth.Name,
		"aud":    auth.Name,
		"sub":    f.user,
		"jti":    "j1",
		"typ":    "access",
		"iat":    f.now.Unix(),
		"exp":    f.now.Add(auth.AccessLife).Unix(),
		"scope":  "invoices:read",
		"tenant": f.tenant,
		"role":   "admin",
		"sid":    "1.cli",
	}
}

func (f *forger) sign(method jwt.SigningMethod, key any, claims, header bag) string {
	token := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	token.Header = with(with(token.Header, bag{"kid": f.kid()}), header)
	text, err := token.SignedString(key)
	if err != nil {
		panic(err)
	}
	return text
}

// ours is a token by our own key, with claims and headers changed.
func (f *forger) ours(claims, header bag) string {
	return f.sign(jwt.SigningMethodEdDSA, f.own, with(f.claims(), claims), header)
}

// theirs is a token by the platform's key.
func (f *forger) theirs(claims, header bag) string {
	return f.sign(
		jwt.SigningMethodRS256,
		f.rsa,
		with(with(f.claims(), bag{"iss": "https://platform.test", "typ": leftOut, "jti": leftOut}), claims),
		with(bag{"kid": "rsa"}, header),
	)
}

func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// algorithms are docs/reliability.md, T-23: a signature that proves nothing.
func (f *forger) algorithms() map[string]string {
	text, _ := json.Marshal(f.claims())
	body, signature := part(string(text)), strings.Split(f.good, ".")[2]
	named := func(alg string) string { return part(`{"typ":"JWT","kid":"` + f.kid() + `"` + alg + `}`) }
	der, _ := x509.MarshalPKIXPublicKey(&f.rsa.PublicKey)
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	platform, rsaKid := with(f.claims(), bag{"iss": "https://platform.test"}), bag{"kid": "rsa"}
	return map[string]string{
		"alg none, unsigned":        named(`,"alg":"none"`) + "." + body + ".",
		"alg None":                  named(`,"alg":"None"`) + "." + body + "." + signature,
		"alg NONE":                  named(`,"alg":"NONE"`) + "." + body + "." + signature,
		"alg nOnE":                  named(`,"alg":"nOnE"`) + "." + body + "." + signature,
		"alg none, by the platform": f.sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, platform, rsaKid),
		"no alg":                    named("") + "." + body + "." + signature,
		"alg empty":                 named(`,"alg":""`) + "." + body + "." + signature,
		"alg that is a list":        named(`,"alg":["EdDSA"]`) + "." + body + "." + signature,
		"alg twice":                 named(`,"alg":"EdDSA","alg":"none"`) + "." + body + "." + signature,
		"HS256 by our public key": f.sign(
			jwt.SigningMethodHS256,
			[]byte(f.own.Public().(ed25519.PublicKey)),
			f.claims(),
			nil,
		),
		"HS256 by the RSA public key PEM": f.sign(jwt.SigningMethodHS256, public, platform, rsaKid),
		"HS256 by the RSA public key DER": f.sign(jwt.SigningMethodHS256, der, platform, rsaKid),
		"HS512 by the RSA public key PEM": f.sign(jwt.SigningMethodHS512, public, platform, rsaKid),
		"RS512, which is not allowed":     f.sign(jwt.SigningMethodRS512, f.rsa, platform, rsaKid),
		"PS256, which is not allowed":     f.sign(jwt.SigningMethodPS256, f.rsa, platform, rsaKid),
		"the platform's key in our name":  f.sign(jwt.SigningMethodRS256, f.rsa, f.claims(), rsaKid),
		"our key in the platform's name":  f.sign(jwt.SigningMethodEdDSA, f.own, platform, nil),
		"a stranger's key under our kid":  f.sign(jwt.SigningMethodEdDSA, f.stranger, f.claims(), nil),
	}
}

// headers are docs/reliability.md, T-24: a token that names the key that it is to be verified with.
func (f *forger) headers() map[string]string {
	x := base64.RawURLEncoding.EncodeToString(f.stranger.Public().(ed25519.PublicKey))
	mine := func(header bag) string {
		return f.sign(jwt.SigningMethodEdDSA, f.stranger, f.claims(), with(bag{"kid": "mine"}, header))
	}
	return map[string]string{
		"no kid":               f.ours(nil, bag{"kid": leftOut}),
		"kid that is a number": f.ours(nil, bag{"kid": 1}),
		"kid that is unknown":  f.ours(nil, bag{"kid": "unknown"}),
		"kid that is a path":   f.ours(nil, bag{"kid": "../../../../dev/null"}),
		"kid that is SQL":      f.ours(nil, bag{"kid": "x' UNION SELECT 'key' --"}),
		"kid that is a URL":    f.theirs(nil, bag{"kid": f.evil}),
		"kid of 4,000 letters": f.ours(nil, bag{"kid": strings.Repeat("k", 4000)}),
		"its own key in jwk":   mine(bag{"jwk": bag{"kty": "OKP", "crv": "Ed25519", "kid": "mine", "x": x}}),
		"its own key by jku":   mine(bag{"jku": f.evil + "/jwks"}),
		"its own key by x5u":   mine(bag{"x5u": f.evil + "/cert"}),
		"its own key in x5c":   mine(bag{"x5c": []string{x}}),
		"a crit header":        f.ours(nil, bag{"crit": []string{"exp"}}),
	}
}

// contents are docs/reliability.md, T-25: a good signature over claims that are not for us, now,
// or this.
func (f *forger) contents() map[string]string {
	claim := func(name string, value any) string { return f.ours(bag{name: value}, nil) }
	in := func(d time.Duration) int64 { return f.now.Add(d).Unix() }
	return map[string]string{
		"no iss":                        claim("iss", leftOut),
		"iss of nobody":                 claim("iss", "https://evil.example"),
		"iss that is a list":            claim("iss", []string{auth.Name}),
		"no aud":                        claim("aud", leftOut),
		"aud of another":                claim("aud", "billing"),
		"aud of us and another":         claim("aud", []string{auth.Name, "billing"}),
		"no exp":                        claim("exp", leftOut),
		"exp that is past":              claim("exp", in(-time.Minute)),
		"exp that is text":              claim("exp", "2099-01-01"),
		"exp that is a list":            claim("exp", []int64{in(time.Hour)}),
		"iat in the future":             claim("iat", in(10*time.Minute)),
		"nbf in the future":             claim("nbf", in(10*time.Minute)),
		"the platform's, for a year":    f.theirs(bag{"exp": in(365 * 24 * time.Hour)}, nil),
		"no sub":                        claim("sub", leftOut),
		"no scope":                      claim("scope", leftOut),
		"scope that is a list":          claim("scope", []string{"invoices:read"}),
		"no role":                       claim("role", leftOut),
		"a role that is none":           claim("role", "root"),
		"no sid":                        claim("sid", leftOut),
		"tenant that is null":           claim("tenant", nil),
		"tenant that is a wildcard":     claim("tenant", "*"),
		"tenant that is a path":         claim("tenant", "ten_../../x"),
		"tenant that is a list":         claim("tenant", []string{f.tenant}),
		"a clinic's admin of no clinic": claim("tenant", leftOut),
		"an operator by the platform":   f.theirs(bag{"role": "sre", "tenant": leftOut}, nil),
		"no typ":                        claim("typ", leftOut),
		"a refresh token as access":     claim("typ", "refresh"),
		"an identity token":             f.theirs(bag{"typ": "ID"}, nil),
		"a person who says service":     claim("typ", "service"),
		"a program nobody registered":   f.ours(bag{"typ": "service", "role": "service", "jti": "unregistered"}, nil),
	}
}

// shapes are tokens that are none.
func (f *forger) shapes() map[string]string {
	parts := strings.Split(f.good, ".")
	others := strings.Split(f.ours(bag{"role": "finance"}, nil), ".")
	return map[string]string{
		"cut by two letters":       f.good[:len(f.good)-2],
		"two parts":                parts[0] + "." + parts[1],
		"four parts":               f.good + ".x",
		"no signature":             parts[0] + "." + parts[1] + ".",
		"padded":                   f.good + "==",
		"claims of another":        parts[0] + "." + others[1] + "." + parts[2],
		"a letter that is nothing": "x",
		"claims that are a list":   parts[0] + "." + part("[]") + "." + parts[2],
		"over 8 KiB":               f.ours(bag{"note": strings.Repeat("x", 9<<10)}, nil),
		"a token in JSON":          `{"token":"` + f.good + `"}`,
	}
}

// user adds an admin of c, without a password that opens, and returns the public id.
func (w *readWorld) user(t testing.TB, c tenants.Clinic, email string) string {
	t.Helper()
	id := tenants.NewID(w.now)
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		return people.AddUser(tx, people.User{ID: id, Email: email, PasswordHash: "no login", Role: auth.RoleAdmin}, w.now)
	}))
	return id.Public("usr")
}

// newForger starts a world that believes the forger's keys.
func newForger(t *testing.T) (*forger, *readWorld, tenants.Clinic) {
	f := &forger{now: noon}
	_, f.own, _ = ed25519.GenerateKey(rand.Reader)
	_, f.stranger, _ = ed25519.GenerateKey(rand.Reader)
	var err error
	f.rsa, err = rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	w := newReadWorld(t, func(s *v1.Server, w *readWorld) {
		s.Authenticator.Verifier = auth.NewVerifier(
			w.clock,
			auth.Ours(f.own.Public().(ed25519.PublicKey)),
			auth.Platform("https://platform.test", []string{"RS256"}, f),
		)
	})
	c := w.clinic(t, "Vida")
	f.tenant, f.user = c.PublicID.Public("ten"), w.user(t, c, "ana@example.com")
	f.good = f.ours(nil, nil)
	return f, w, c
}

// knock asks for the clinic's invoices with these Authorization headers.
func (w *readWorld) knock(t testing.TB, tenant string, headers ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", w.url+"/v1/tenants/"+tenant+"/invoices", nil)
	require.NoError(t, err)
	req.Header["Authorization"] = headers
	req.Header.Set("X-Request-Id", "req_forged01")
	return do(t, req)
}

// The threat model's suite (docs/reliability.md, T-23 to T-26): every forged token, at a real route of the running
// router, gets the same 401, byte for byte, and makes nobody ask anywhere.
func TestNoForgedTokenOpensARealRoute(t *testing.T) {
	t.Parallel()
	f, w, c := newForger(t)
	var asked atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(evil.Close)
	f.evil = evil.URL
	status, _, body := w.knock(t, f.tenant, "Bearer "+f.good)
	require.Equal(t, 200, status, "the token that the forged ones are made of: %s", body)
	status, _, _ = w.knock(t, f.tenant, "Bearer "+f.theirs(nil, nil))
	require.Equal(t, 200, status, "the platform's")
	_, _, want := w.knock(t, f.tenant)
	distinct, refused := map[string]bool{}, 0
	for _, group := range []map[string]string{f.algorithms(), f.headers(), f.contents(), f.shapes(), f.ended(t, w, c)} {
		for rule, token := range group {
			require.False(t, distinct[token], "%s is another's token again", rule)
			distinct[token] = true
			status, header, body := w.knock(t, f.tenant, "Bearer "+token)
			if status != 401 || header.Get("WWW-Authenticate") != "Bearer" || body != want {
				t.Errorf("%s: %d %s", rule, status, body)
				continue
			}
			refused++
		}
	}
	for rule, headers := range map[string][]string{
		"the header twice":  {"Bearer " + f.good, "Bearer " + f.good},
		"two tokens in one": {"Bearer " + f.good + ", Bearer " + f.good},
		"Basic":             {"Basic " + f.good}, "no scheme": {f.good},
		"two blanks": {"Bearer  " + f.good}, "Bearer alone": {"Bearer"},
	} {
		if status, _, body := w.knock(t, f.tenant, headers...); status != 401 || body != want {
			t.Errorf("%s: %d %s", rule, status, body)
		}
	}
	t.Logf("%d of %d refused; 40 are asked for", refused, len(distinct))
	require.GreaterOrEqual(t, refused, 40)
	require.Zero(t, asked.Load(), "a header of a token made us ask a stranger")
}

// ended are tokens that were good once: of a user who is gone, of a session that was ended,
// of a program that was revoked, of a clinic that was deleted.
func (f *forger) ended(t *testing.T, w *readWorld, c tenants.Clinic) map[string]string {
	gone := w.clinic(t, "Extinta")
	of := func(user, tenant string) string {
		return f.ours(bag{"sub": user, "tenant": tenant, "jti": rand.Text()}, nil)
	}
	disabled, logged := w.user(t, c, "fora@example.com"), w.user(t, c, "saiu@example.com")
	last := w.user(t, gone, "ultima@example.com")
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		return people.AddServiceToken(
			tx,
			people.ServiceToken{ID: "tok-revoked", Name: "x", Scopes: []string{"invoices:read"}, EndsAt: w.now.Add(time.Hour)},
			w.now,
		)
	}))
	service := f.ours(
		bag{"sub": "billing", "typ": "service", "role": "service", "jti": "tok-revoked", "sid": "service"},
		nil,
	)
	w.exec(t, `UPDATE users SET disabled_at = now() WHERE email = 'fora@example.com'`)
	w.exec(t, `UPDATE users SET session_version = 2 WHERE email = 'saiu@example.com'`)
	w.exec(t, `UPDATE clinics SET state = 'deleted' WHERE clinic_id = $1`, gone.ID)
	w.exec(t, `UPDATE service_tokens SET revoked_at = now() WHERE token_id = 'tok-revoked'`)
	return map[string]string{
		"of a user who is disabled":     of(disabled, f.tenant),
		"of a user nobody knows":        of(tenants.NewID(noon).Public("usr"), f.tenant),
		"of a session that was ended":   of(logged, f.tenant),
		"of a clinic that was deleted":  of(last, gone.PublicID.Public("ten")),
		"of a program that was revoked": service,
	}
}

// docs/reliability.md, T-26: what was accepted just now is refused for reads within 5 s and for writes at once.
func TestWhatIsRevokedBetweenTwoRequestsOpensNothing(t *testing.T) {
	t.Parallel()
	f, w, _ := newForger(t)
	other := w.clinic(t, "Sorriso")
	status, _, _ := w.knock(t, f.tenant, "Bearer "+f.good)
	require.Equal(t, 200, status)
	status, _, _ = w.knock(t, other.PublicID.Public("ten"), "Bearer "+f.good)
	require.Equal(t, 404, status, "another clinic's is absent, not forbidden")
	w.exec(t, `UPDATE users SET session_version = 2 WHERE email = 'ana@example.com'`)
	write := &reader{t, w, "/v1/tenants/" + f.tenant, f.ours(bag{"scope": "tokens:write", "jti": "j2"}, nil)}
	require.Equal(t, 401, write.post("/service-tokens", bag{"name": "x", "scopes": []string{"invoices:read"}}).status)
	w.now = noon.Add(5 * time.Second)
	status, _, body := w.knock(t, f.tenant, "Bearer "+f.good)
	require.Equal(t, 401, status, body)
}

// do sends a request and reads its answer.
func do(t testing.TB, req *http.Request) (int, http.Header, string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, string(text)
}
