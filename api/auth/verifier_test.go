package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"patapay/domain"
)

const (
	platformName = "https://clinics.example"
	clinic       = "ten_01jd3v8m2x7k9q4r5s6t7v8w9x"
)

// noon is the clock of these tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// world has our keys, the platform's, and a verifier that believes both.
type world struct {
	own, older, stranger ed25519.PrivateKey
	rsa, rsaWeak         *rsa.PrivateKey
	ecdsa                *ecdsa.PrivateKey
	asked                []string // kids looked up at the platform
	verifier             *Verifier
}

// Key is the platform's key set; it notes what it is asked.
func (w *world) Key(kid, _ string) (any, bool) {
	w.asked = append(w.asked, kid)
	switch kid {
	case "rsa":
		return &w.rsa.PublicKey, true
	case "weak":
		return &w.rsaWeak.PublicKey, true
	case "ecdsa":
		return &w.ecdsa.PublicKey, true
	case "bytes":
		return []byte("a symmetric key in the platform's set"), true
	}
	return nil, false
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newWorld(t *testing.T) *world {
	t.Helper()
	// Keys of less than 2048 bits are what the test is about.
	t.Setenv("GODEBUG", "rsa1024min=0")
	w := &world{
		rsa: must(rsa.GenerateKey(rand.Reader, 2048)), rsaWeak: must(rsa.GenerateKey(rand.Reader, 1024)),
		ecdsa: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
	}
	for _, key := range []*ed25519.PrivateKey{&w.own, &w.older, &w.stranger} {
		_, *key, _ = ed25519.GenerateKey(rand.Reader)
	}
	w.verifier = NewVerifier(
		clock,
		Ours(public(w.own), public(w.older)),
		Platform(platformName, []string{"RS256", "ES256"}, w),
	)
	return w
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// ownClaims are those of a good access token of ours; change makes them bad.
func ownClaims(change map[string]any) jwt.MapClaims {
	claims := jwt.MapClaims{
		"iss":    Name,
		"aud":    Name,
		"sub":    "usr_1",
		"jti":    "j1",
		"typ":    "access",
		"iat":    noon.Unix(),
		"exp":    noon.Add(AccessLife).Unix(),
		"scope":  "invoices:read ledger:read",
		"tenant": clinic,
		"role":   "admin",
		"sid":    "1.s",
	}
	return changed(claims, change)
}

func platformClaims(change map[string]any) jwt.MapClaims {
	claims := ownClaims(map[string]any{"iss": platformName, "tenant": "ext:42", "jti": nil, "typ": nil})
	delete(claims, "jti")
	delete(claims, "typ")
	return changed(claims, change)
}

// absent as a value takes a claim or header away.
var absent = struct{}{}

func changed(m map[string]any, change map[string]any) jwt.MapClaims {
	maps.Copy(m, change)
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == absent })
	return m
}

func sign(method jwt.SigningMethod, key any, claims jwt.MapClaims, header map[string]any) string {
	token := jwt.NewWithClaims(method, claims)
	token.Header = changed(token.Header, header)
	return must(token.SignedString(key))
}

func (w *world) ownToken(claims, header map[string]any) string {
	h := map[string]any{"kid": KeyID(public(w.own))}
	maps.Copy(h, header)
	return sign(jwt.SigningMethodEdDSA, w.own, ownClaims(claims), h)
}

func (w *world) platformToken(claims, header map[string]any) string {
	h := map[string]any{"kid": "rsa"}
	maps.Copy(h, header)
	return sign(jwt.SigningMethodRS256, w.rsa, platformClaims(claims), h)
}

func TestGoodTokensAreBelieved(t *testing.T) {
	w := newWorld(t)
	for rule, token := range map[string]string{
		"ours": w.ownToken(nil, nil),
		"ours, by the older key": sign(
			jwt.SigningMethodEdDSA, w.older, ownClaims(nil), map[string]any{"kid": KeyID(public(w.older))},
		),
		"ours, for the platform": w.ownToken(map[string]any{"tenant": absent, "role": "sre"}, nil),
		"ours, a service":        w.ownToken(map[string]any{"typ": "service", "role": "service"}, nil),
		"ours, clocks 20 s apart": w.ownToken(
			map[string]any{"exp": noon.Add(-20 * time.Second).Unix(), "iat": noon.Add(-time.Hour).Unix()}, nil,
		),
		"ours, headers we do not look at": w.ownToken(
			nil, map[string]any{"jku": "https://evil.example", "jwk": map[string]any{}, "x5u": "https://evil.example"},
		),
		"the platform's, RS256": w.platformToken(nil, nil),
		"the platform's, ES256": sign(
			jwt.SigningMethodES256, w.ecdsa, platformClaims(nil), map[string]any{"kid": "ecdsa"},
		),
		"the platform's, typ Bearer":       w.platformToken(map[string]any{"typ": "Bearer"}, nil),
		"the platform's, a service of all": w.platformToken(map[string]any{"tenant": absent, "role": "service"}, nil),
		"an audience list of one":          w.platformToken(map[string]any{"aud": []string{Name}}, nil),
	} {
		p, err := w.verifier.Verify(token)
		if err != nil || p.Subject != "usr_1" || !slices.Equal(p.Scopes, []string{"invoices:read", "ledger:read"}) ||
			p.Platform != (p.Tenant == "") {
			t.Errorf("%s: %+v, %v", rule, p, err)
		}
	}
}

// TestNoBadTokenIsBelieved is the negative suite: algorithms, keys by header, claims, form.
func TestNoBadTokenIsBelieved(t *testing.T) {
	w := newWorld(t)
	publicPEM := pem.EncodeToMemory(
		&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(&w.rsa.PublicKey))},
	)
	good := w.ownToken(nil, nil)
	parts := strings.Split(good, ".")
	raw := func(header, claims string) string { return part(header) + "." + part(claims) + "." + parts[2] }
	claim := func(name string, value any) string { return w.ownToken(map[string]any{name: value}, nil) }
	header := func(name string, value any) string { return w.ownToken(nil, map[string]any{name: value}) }
	platform := func(name string, value any) string { return w.platformToken(map[string]any{name: value}, nil) }
	claimsJSON := string(must(json.Marshal(ownClaims(nil))))

	bad := map[string]string{
		// algorithms
		"alg none": sign(
			jwt.SigningMethodNone,
			jwt.UnsafeAllowNoneSignatureType,
			ownClaims(nil),
			map[string]any{"kid": KeyID(public(w.own))},
		),
		"alg none, platform": sign(
			jwt.SigningMethodNone,
			jwt.UnsafeAllowNoneSignatureType,
			platformClaims(nil),
			map[string]any{"kid": "rsa"},
		),
		"alg NONE in capitals":         raw(`{"alg":"NONE","kid":"`+KeyID(public(w.own))+`"}`, claimsJSON),
		"alg none without a signature": part(`{"alg":"none"}`) + "." + part(claimsJSON) + ".",
		"HS256 keyed with our public key": sign(
			jwt.SigningMethodHS256,
			[]byte(public(w.own)),
			ownClaims(nil),
			map[string]any{"kid": KeyID(public(w.own))},
		),
		"HS256 keyed with the RSA key in PEM": sign(
			jwt.SigningMethodHS256,
			publicPEM,
			platformClaims(nil),
			map[string]any{"kid": "rsa"},
		),
		"HS512 keyed with the RSA key in PEM": sign(
			jwt.SigningMethodHS512,
			publicPEM,
			platformClaims(nil),
			map[string]any{"kid": "rsa"},
		),
		"HS256 with a symmetric key of the set": sign(
			jwt.SigningMethodHS256,
			[]byte("a symmetric key in the platform's set"),
			platformClaims(nil),
			map[string]any{"kid": "bytes"},
		),
		"RS512, which the platform does not use": sign(
			jwt.SigningMethodRS512,
			w.rsa,
			platformClaims(nil),
			map[string]any{"kid": "rsa"},
		),
		"PS256, which nobody uses": sign(
			jwt.SigningMethodPS256,
			w.rsa,
			platformClaims(nil),
			map[string]any{"kid": "rsa"},
		),
		"RS256 in our name": sign(jwt.SigningMethodRS256, w.rsa, ownClaims(nil), map[string]any{"kid": "rsa"}),
		"EdDSA in the platform's name": sign(
			jwt.SigningMethodEdDSA,
			w.own,
			platformClaims(nil),
			map[string]any{"kid": KeyID(public(w.own))},
		),
		"ES256 naming an RSA key": sign(
			jwt.SigningMethodES256,
			w.ecdsa,
			platformClaims(nil),
			map[string]any{"kid": "rsa"},
		),
		"an RSA key of 1024 bits": sign(
			jwt.SigningMethodRS256,
			w.rsaWeak,
			platformClaims(nil),
			map[string]any{"kid": "weak"},
		),
		"a stranger's key under our kid": sign(
			jwt.SigningMethodEdDSA,
			w.stranger,
			ownClaims(nil),
			map[string]any{"kid": KeyID(public(w.own))},
		),
		"no alg at all":      raw(`{"kid":"`+KeyID(public(w.own))+`"}`, claimsJSON),
		"alg that is a list": raw(`{"alg":["EdDSA"],"kid":"`+KeyID(public(w.own))+`"}`, claimsJSON),
		// keys by header
		"no kid":                        header("kid", absent),
		"kid that is a number":          header("kid", 1),
		"kid that is a path":            header("kid", "../../../../dev/null"),
		"kid that is SQL":               header("kid", "x' UNION SELECT 'key' --"),
		"kid that is a URL":             header("kid", "https://evil.example/key"),
		"kid of 4,000 letters":          header("kid", strings.Repeat("k", 4000)),
		"kid that is unknown":           header("kid", "unknown"),
		"kid that is unknown, platform": w.platformToken(nil, map[string]any{"kid": "unknown"}),
		"kid that is a path, platform":  w.platformToken(nil, map[string]any{"kid": "../../../../dev/null"}),
		"kid that is SQL, platform":     w.platformToken(nil, map[string]any{"kid": "x' OR 1=1 --"}),
		"kid that is a URL, platform":   w.platformToken(nil, map[string]any{"kid": "https://evil.example/key"}),
		"its own key in jwk": sign(
			jwt.SigningMethodEdDSA,
			w.stranger,
			ownClaims(nil),
			map[string]any{
				"kid": "mine",
				"jwk": map[string]any{
					"kty": "OKP",
					"crv": "Ed25519",
					"kid": "mine",
					"x":   base64.RawURLEncoding.EncodeToString(public(w.stranger)),
				},
			},
		),
		"its own key by jku": sign(
			jwt.SigningMethodEdDSA,
			w.stranger,
			ownClaims(nil),
			map[string]any{"kid": "mine", "jku": "http://127.0.0.1:1/jwks"},
		),
		"its own key by x5u": sign(
			jwt.SigningMethodEdDSA,
			w.stranger,
			ownClaims(nil),
			map[string]any{"kid": "mine", "x5u": "http://127.0.0.1:1/cert"},
		),
		"a crit header": header("crit", []string{"exp"}),
		// claims
		"no iss":                          claim("iss", absent),
		"iss of nobody":                   claim("iss", "https://evil.example"),
		"iss that is a list":              claim("iss", []string{Name}),
		"the platform's iss by our key":   claim("iss", platformName),
		"no aud":                          claim("aud", absent),
		"aud of another":                  claim("aud", "billing"),
		"aud of us and another":           claim("aud", []string{Name, "billing"}),
		"aud that is a number":            claim("aud", 1),
		"no exp":                          claim("exp", absent),
		"exp that is past":                claim("exp", noon.Add(-2*time.Minute).Unix()),
		"exp past the leeway by a second": claim("exp", noon.Add(-leeway-time.Second).Unix()),
		"exp that is text":                claim("exp", "2099-01-01"),
		"exp that is a list":              claim("exp", []int64{noon.Add(time.Hour).Unix()}),
		"exp that is null":                claim("exp", nil),
		"exp that is negative":            claim("exp", -1),
		"the platform's exp in a week":    platform("exp", noon.Add(7*24*time.Hour).Unix()),
		"iat in the future":               claim("iat", noon.Add(10*time.Minute).Unix()),
		"nbf in the future":               claim("nbf", noon.Add(10*time.Minute).Unix()),
		"no sub":                          claim("sub", absent),
		"sub that is empty":               claim("sub", ""),
		"sub that is a list":              claim("sub", []string{"usr_1"}),
		"no scope":                        claim("scope", absent),
		"scope that is a list":            claim("scope", []string{"tenants:write"}),
		"no role":                         claim("role", absent),
		"a role that is none":             claim("role", "root"),
		"role that is a list":             claim("role", []string{"admin"}),
		"no sid":                          claim("sid", absent),
		"sid that is a number":            claim("sid", 1),
		"no typ":                          claim("typ", absent),
		"a refresh token as access":       claim("typ", "refresh"),
		"the platform's identity token":   platform("typ", "ID"),
		"the platform's refresh token":    platform("typ", "refresh"),
		"ours without jti":                claim("jti", absent),
		"a person who says service":       claim("typ", "service"),
		"tenant that is null":             claim("tenant", nil),
		"tenant that is empty":            claim("tenant", ""),
		"tenant that is a list":           claim("tenant", []string{clinic}),
		"tenant that is a path":           claim("tenant", "ten_../../x"),
		"tenant that is a wildcard":       claim("tenant", "*"),
		"a clinic's admin with no clinic": claim("tenant", absent),
		"an operator of one clinic":       claim("role", "support"),
		"an operator by the platform":     w.platformToken(map[string]any{"role": "sre", "tenant": absent}, nil),
		// size and form
		"nothing":                   "",
		"a megabyte of dots":        strings.Repeat(".", 1<<20),
		"9 KiB, otherwise good":     claim("note", strings.Repeat("x", 9<<10)),
		"another spelling of it":    good[:len(good)-1] + respell(good[len(good)-1]),
		"9 KiB of scope":            claim("scope", strings.Repeat("invoices:read ", 700)),
		"two parts":                 parts[0] + "." + parts[1],
		"four parts":                good + ".x",
		"a changed claim":           parts[0] + "." + part(strings.Replace(claimsJSON, "usr_1", "usr_2", 1)) + "." + parts[2],
		"a cut signature":           good[:len(good)-2],
		"no signature":              parts[0] + "." + parts[1] + ".",
		"a padded signature":        good + "==",
		"claims that are a list":    raw(`{"alg":"EdDSA","kid":"x"}`, `[]`),
		"claims that are not JSON":  raw(`{"alg":"EdDSA","kid":"x"}`, `{`),
		"a header that is not JSON": raw(`x`, claimsJSON),
		"a blank before it":         " " + good,
		"a line break behind it":    good + "\n",
	}
	if len(bad) < 40 {
		t.Fatalf("%d tokens, want 40 or more", len(bad))
	}
	if _, err := w.verifier.Verify(good); err != nil {
		t.Fatal("the token that the bad ones are made of:", err)
	}
	for rule, token := range bad {
		p, err := w.verifier.Verify(token)
		if domain.CodeOf(err) != domain.Unauthenticated || p.Subject != "" {
			t.Errorf("%s: %+v, %v", rule, p, err)
		}
	}
	for _, kid := range w.asked {
		if !plainKid.MatchString(kid) {
			t.Errorf("the key set was asked for %q", kid)
		}
	}
}

// respell changes the unused bits of the last letter of a 64-byte signature.
func respell(last byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, last)^1])
}

func part(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestOnlyARefreshTokenRefreshes(t *testing.T) {
	w := newWorld(t)
	if _, err := w.verifier.VerifyRefresh(w.ownToken(map[string]any{"typ": "refresh"}, nil)); err != nil {
		t.Error(err)
	}
	for rule, token := range map[string]string{
		"an access token": w.ownToken(nil, nil), "the platform's": w.platformToken(nil, nil),
	} {
		if _, err := w.verifier.VerifyRefresh(token); domain.CodeOf(err) != domain.Unauthenticated {
			t.Errorf("%s refreshes: %v", rule, err)
		}
	}
}

func TestWhatTheIssuerSignsIsBelieved(t *testing.T) {
	w := newWorld(t)
	issuer := NewIssuer(w.own, clock)
	want := Principal{
		Subject: "usr_1",
		Tenant:  clinic,
		Role:    RoleFinance,
		Scopes:  []string{"invoices:read"},
		Session: Session(3, "s"),
		Kind:    Access,
	}
	token, err := issuer.Sign(want, AccessLife)
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.verifier.Verify(token)
	if err != nil || got.TokenID == "" || got.Issuer != Name || got.Subject != want.Subject || got.Tenant != clinic ||
		got.Session != "3.s" ||
		got.Platform {
		t.Errorf("%+v, %v", got, err)
	}
	for rule, p := range map[string]Principal{
		"nobody": {},
		"a clinic's admin with no clinic": {
			Subject: "u", Role: RoleAdmin, Scopes: want.Scopes, Session: "1.s", Kind: Access, Platform: true,
		},
		"no clinic and not the platform": {Subject: "u", Role: RoleAdmin, Scopes: want.Scopes, Session: "1.s", Kind: Access},
	} {
		if _, err := issuer.Sign(p, AccessLife); err == nil {
			t.Errorf("%s was signed", rule)
		}
	}
	if _, err := issuer.Sign(want, 0); err == nil {
		t.Error("a token without life was signed")
	}
}

func TestAWeakAlgorithmCannotBeConfigured(t *testing.T) {
	for _, alg := range []string{"HS256", "none", "RS512", ""} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was configured", alg)
				}
			}()
			NewVerifier(clock, Platform(platformName, []string{alg}, fixedKeys{}))
		}()
	}
}
