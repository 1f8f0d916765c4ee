package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
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
		return map[string]any{"kty": "RSA", "kid": kid, "use": use, "n": b64(w.rsa.N.Bytes()), "e": b64(big.NewInt(int64(w.rsa.E)).Bytes())}
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
	keys, err := JWKSFile(jwkSet(w))
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier(clock, Platform(platformName, []string{"RS256", "ES256"}, keys))
	for rule, row := range map[string]struct {
		token string
		good  bool
	}{
		"RS256":             {w.platformToken(nil, nil), true},
		"ES256":             {sign(jwt.SigningMethodES256, w.ecdsa, platformClaims(nil), map[string]any{"kid": "ecdsa"}), true},
		"a key to encrypt":  {w.platformToken(nil, map[string]any{"kid": "enc"}), false},
		"a symmetric key":   {sign(jwt.SigningMethodHS256, []byte("a symmetric key in the platform's set"), platformClaims(nil), map[string]any{"kid": "bytes"}), false},
		"RS256 by that key": {w.platformToken(nil, map[string]any{"kid": "bytes"}), false},
		"no kid":            {w.platformToken(nil, map[string]any{"kid": absent}), false},
	} {
		if _, err := v.Verify(row.token); (err == nil) != row.good {
			t.Errorf("%s: %v", rule, err)
		}
	}
	if _, err := JWKSFile([]byte("not json")); err == nil {
		t.Error("a file that is not JSON passed")
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
	keys, err := JWKSURL(t.Context(), url, quiet())
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier(clock, Platform(platformName, []string{"RS256"}, keys))
	if _, err := v.Verify(w.platformToken(nil, nil)); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := v.Verify(w.platformToken(nil, map[string]any{"kid": "unknown", "jku": url, "x5u": url})); domain.CodeOf(err) != domain.Unauthenticated {
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
	keys, err := jwksURL(t.Context(), url, quiet(), 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	settle := func() { // two more reads: one may have begun before
		for until, end := calls.Load()+2, time.Now().Add(10*time.Second); calls.Load() < until; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the set is not read again")
			}
		}
	}
	body.Store([]byte(strings.Repeat(" ", 2*jwksLimit) + `{"keys":[]}`))
	settle()
	if _, ok := keys.Key("rsa"); !ok {
		t.Error("an answer that is too long took the keys away")
	}
	w.ecdsa = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	body.Store(bytes.ReplaceAll(jwkSet(w), []byte(`"kid":"ecdsa"`), []byte(`"kid":"next"`)))
	settle()
	settle()
	_, gone := keys.Key("ecdsa")
	if key, ok := keys.Key("next"); !ok || !w.ecdsa.PublicKey.Equal(key) || gone {
		t.Errorf("next %t, old still there %t", ok, gone)
	}
}

func TestAKeySetThatIsAwayIsNoReasonNotToStart(t *testing.T) {
	keys, err := JWKSURL(t.Context(), "http://127.0.0.1:1/jwks", quiet())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := keys.Key("rsa"); ok {
		t.Error("a key out of nothing")
	}
}
