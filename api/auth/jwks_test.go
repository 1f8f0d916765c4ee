package auth

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"patapay/domain"
)

// jwkSet is the platform's set: its RSA and EC keys, one only for encryption, and a
// symmetric one that has no place there.
func jwkSet(w *world) []byte {
	b64 := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	x, y := w.ecdsa.X.FillBytes(make([]byte, 32)), w.ecdsa.Y.FillBytes(make([]byte, 32))
	rsaKey := func(kid, use string) map[string]any {
		return map[string]any{
			"kty": "RSA",
			"kid": kid,
			"use": use,
			"n":   b64(w.rsa.N.Bytes()),
			"e":   b64(big.NewInt(int64(w.rsa.E)).Bytes()),
		}
	}
	return must(json.Marshal(map[string]any{"keys": []any{
		rsaKey("rsa", "sig"), rsaKey("enc", "enc"),
		map[string]any{"kty": "EC", "crv": "P-256", "kid": "ecdsa", "x": b64(x), "y": b64(y)},
		map[string]any{"kty": "oct", "kid": "bytes", "k": b64([]byte("a symmetric key in the platform's set"))},
	}}))
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestThePlatformsTokensAreBelievedByItsJWKSFile(t *testing.T) {
	w := newWorld(t)
	keys, err := JWKSFile(t.Context(), written(t, jwkSet(w)), time.Hour, quiet())
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier(clock, Platform(platformName, []string{"RS256", "ES256"}, keys))
	for rule, row := range map[string]struct {
		token string
		good  bool
	}{
		"RS256": {w.platformToken(nil, nil), true},
		"ES256": {
			sign(jwt.SigningMethodES256, w.ecdsa, platformClaims(nil), map[string]any{"kid": "ecdsa"}), true,
		},
		"a key to encrypt": {w.platformToken(nil, map[string]any{"kid": "enc"}), false},
		"a symmetric key": {
			sign(
				jwt.SigningMethodHS256, []byte("a symmetric key in the platform's set"),
				platformClaims(nil), map[string]any{"kid": "bytes"},
			),
			false,
		},
		"RS256 by that key": {w.platformToken(nil, map[string]any{"kid": "bytes"}), false},
		"no kid":            {w.platformToken(nil, map[string]any{"kid": absent}), false},
	} {
		if _, err := v.Verify(row.token); (err == nil) != row.good {
			t.Errorf("%s: %v", rule, err)
		}
	}
	for _, text := range []string{"not json", "{}", `{"keys":[]}`} {
		if _, err := JWKSFile(t.Context(), written(t, []byte(text)), time.Hour, quiet()); err == nil {
			t.Errorf("a file with %s passed", text)
		}
	}
}

// written returns the path of a file with this content.
func written(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileThatIsHalfWrittenOrGoneKeepsTheLastKeys(t *testing.T) {
	w := newWorld(t)
	path := written(t, jwkSet(w))
	f := &keySource{log: quiet(), fetch: func(context.Context) ([]byte, error) { return os.ReadFile(path) }}
	if err := f.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "{", "{}", `{"keys":[]}`, `{"keys":[{"kty":"RSA"}]}`, string(jwkSet(w)[:200])} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.read(t.Context()); err == nil {
			t.Errorf("%.20s was taken", text)
		}
		if _, ok := f.Key("rsa", "RS256"); !ok {
			t.Fatalf("%.20s took the keys away", text)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := f.read(t.Context()); err == nil {
		t.Error("a file that is gone is not told of")
	}
	if _, ok := f.Key("rsa", "RS256"); !ok {
		t.Error("the file is gone, and so are the keys")
	}
}

// jwksServer answers what body holds and counts.
func jwksServer(t *testing.T, body *atomic.Value) (url string, calls *atomic.Int64) {
	calls = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		_, _ = w.Write(body.Load().([]byte))
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

func TestNoTokenMakesTheVerifierCall(t *testing.T) {
	w := newWorld(t)
	var body atomic.Value
	body.Store(jwkSet(w))
	url, calls := jwksServer(t, &body)
	keys, err := JWKSURL(t.Context(), url, time.Hour, quiet())
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier(clock, Platform(platformName, []string{"RS256"}, keys))
	if _, err := v.Verify(w.platformToken(nil, nil)); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := v.Verify(
			w.platformToken(nil, map[string]any{"kid": "unknown", "jku": url, "x5u": url}),
		); domain.CodeOf(
			err,
		) != domain.Unauthenticated {
			t.Fatal(err)
		}
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("%d reads of the key set, want the one at the start", n)
	}
}

func TestARotatedKeyIsFoundAndAFailedReadKeepsTheLastKeys(t *testing.T) {
	w := newWorld(t)
	var body atomic.Value
	body.Store(jwkSet(w))
	url, calls := jwksServer(t, &body)
	keys, err := JWKSURL(t.Context(), url, 20*time.Millisecond, quiet())
	if err != nil {
		t.Fatal(err)
	}
	settle := func() { // two more reads: one may have begun before
		until, end := calls.Load()+2, time.Now().Add(time.Minute)
		for ; calls.Load() < until; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the set is not read again")
			}
		}
	}
	body.Store([]byte(strings.Repeat(" ", 2*jwksLimit) + `{"keys":[]}`))
	settle()
	if _, ok := keys.Key("rsa", "RS256"); !ok {
		t.Error("an answer that is too long took the keys away")
	}
	w.ecdsa = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	body.Store(bytes.ReplaceAll(jwkSet(w), []byte(`"kid":"ecdsa"`), []byte(`"kid":"next"`)))
	settle()
	settle()
	_, gone := keys.Key("ecdsa", "ES256")
	if key, ok := keys.Key("next", "ES256"); !ok || !w.ecdsa.PublicKey.Equal(key) || gone {
		t.Errorf("next %t, old still there %t", ok, gone)
	}
}

func TestAKeySetThatIsAwayIsNoReasonNotToStart(t *testing.T) {
	keys, err := JWKSURL(t.Context(), "http://127.0.0.1:1/jwks", time.Hour, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := keys.Key("rsa", "RS256"); ok {
		t.Error("a key out of nothing")
	}
}

// A platform's set may hold anything: one key that was not understood locked everybody out, and which of two keys of
// one kid counted was decided by their order.
func TestAKeyThatIsNotUnderstoodLocksNobodyOutInWhateverOrder(t *testing.T) {
	w := newWorld(t)
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(jwkSet(w), &set); err != nil {
		t.Fatal(err)
	}
	with := func(key json.RawMessage, pairs ...any) json.RawMessage {
		m := map[string]any{}
		_ = json.Unmarshal(key, &m)
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return must(json.Marshal(m))
	}
	rsaKey, ecKey := set.Keys[0], set.Keys[2]
	odd := map[string]json.RawMessage{
		"secp256k1":                    json.RawMessage(`{"kty":"EC","crv":"secp256k1","kid":"rsa","x":"AA","y":"AA"}`),
		"Ed448":                        json.RawMessage(`{"kty":"OKP","crv":"Ed448","kid":"rsa","x":"AA"}`),
		"ML-DSA":                       json.RawMessage(`{"kty":"AKP","alg":"ML-DSA-44","kid":"rsa","pub":"AA"}`),
		"a private use":                with(rsaKey, "use", "https://example.com/own"),
		"private key_ops":              with(rsaKey, "key_ops", []string{"https://example.com/own"}),
		"a certificate without an alg": with(rsaKey, "x5c", []string{"bm90IGEgY2VydGlmaWNhdGU="}, "kid", "other"),
		"the same kid, to encrypt":     with(rsaKey, "use", "enc"),
		"the same kid, another type":   with(ecKey, "kid", "rsa"),
		"another alg":                  with(rsaKey, "alg", "PS256"),
		"no kid":                       with(rsaKey, "kid", nil),
		"numbers in place of texts":    json.RawMessage(`{"kty":7,"kid":9}`),
		"no object":                    json.RawMessage(`null`),
	}
	for name, key := range odd {
		for _, keys := range [][]json.RawMessage{{key, rsaKey, ecKey}, {rsaKey, ecKey, key}, {ecKey, key, rsaKey}} {
			raw := must(json.Marshal(map[string]any{"keys": keys}))
			file, err := JWKSFile(t.Context(), written(t, raw), time.Hour, quiet())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var body atomic.Value
			body.Store(raw)
			address, _ := jwksServer(t, &body)
			byURL, err := JWKSURL(t.Context(), address, time.Hour, quiet())
			if err != nil {
				t.Fatal(err)
			}
			for from, found := range map[string]Keys{"file": file, "URL": byURL} {
				v := NewVerifier(clock, Platform(platformName, []string{"RS256", "ES256"}, found))
				for _, token := range []string{
					w.platformToken(nil, nil),
					sign(jwt.SigningMethodES256, w.ecdsa, platformClaims(nil), map[string]any{"kid": "ecdsa"}),
				} {
					if _, err := v.Verify(token); err != nil {
						t.Errorf("%s, by %s: %v", name, from, err)
					}
				}
			}
		}
	}
}

// RFC 9864 gives EdDSA with an Ed25519 key the name Ed25519; a platform may use either.
func TestBothNamesOfEd25519AreBelieved(t *testing.T) {
	w := newWorld(t)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set := must(json.Marshal(map[string]any{"keys": []any{map[string]any{
		"kty": "OKP", "crv": "Ed25519", "kid": "ed", "alg": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(public),
	}}}))
	keys, err := JWKSFile(t.Context(), written(t, set), time.Hour, quiet())
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier(clock, Platform(platformName, []string{"EdDSA"}, keys))
	for _, method := range []jwt.SigningMethod{jwt.SigningMethodEdDSA, ed25519Method{jwt.SigningMethodEdDSA}} {
		token := jwt.NewWithClaims(method, platformClaims(nil))
		token.Header["kid"] = "ed"
		text, err := token.SignedString(private)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(text); err != nil {
			t.Errorf("%s: %v", method.Alg(), err)
		}
	}
	if _, err := NewVerifier(
		clock,
		Platform(platformName, []string{"RS256"}, keys),
	).Verify(
		w.platformToken(nil, nil),
	); err == nil {
		t.Error("a key of another set")
	}
}
