package v1_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	v1 "patapay/api/v1"
	"patapay/tenants"
)

// namedKey is a key of the platform's as its set tells it.
type namedKey struct {
	kid string
	key ed25519.PrivateKey
}

func newNamedKey(kid string) namedKey {
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	return namedKey{kid, key}
}

// setOf is the JWK set of these keys.
func setOf(keys ...namedKey) []byte {
	list := []bag{}
	for _, k := range keys {
		x := base64.RawURLEncoding.EncodeToString(k.key.Public().(ed25519.PublicKey))
		list = append(list, bag{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": k.kid, "x": x})
	}
	text, _ := json.Marshal(bag{"keys": list})
	return text
}

// token is one of the platform's, for c's admin.
func (k namedKey) token(t testing.TB, c tenants.Clinic) string {
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss":    "https://platform.test",
		"aud":    "patapay",
		"sub":    "usr_1",
		"sid":    "s1",
		"role":   "admin",
		"scope":  "invoices:read",
		"tenant": c.PublicID.Public("ten"),
		"iat":    noon.Unix(),
		"exp":    noon.Add(time.Hour).Unix(),
	})
	token.Header["kid"] = k.kid
	text, err := token.SignedString(k.key)
	require.NoError(t, err)
	return text
}

// keysAt are the two ways to publish a set: each returns the keys as the program reads
// them, and how another set is published.
var keysAt = map[string]func(*testing.T, []byte) (auth.Keys, func([]byte)){
	"a URL": func(t *testing.T, set []byte) (auth.Keys, func([]byte)) {
		var body atomic.Value
		body.Store(set)
		server := httptest.NewServer(
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body.Load().([]byte)) }),
		)
		t.Cleanup(server.Close)
		keys, err := auth.JWKSURL(t.Context(), server.URL, 20*time.Millisecond, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		return keys, func(set []byte) { body.Store(set) }
	},
	"a file": func(t *testing.T, set []byte) (auth.Keys, func([]byte)) {
		path := filepath.Join(t.TempDir(), "jwks.json")
		publish := func(set []byte) { require.NoError(t, os.WriteFile(path, set, 0o600)) } // in place: half of it may be read
		publish(set)
		keys, err := auth.JWKSFile(t.Context(), path, 20*time.Millisecond, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		return keys, publish
	},
}

// docs/reliability.md, T-27: the platform's set goes from the old key over both to the new one while eight
// readers ask with tokens of whichever is in force; nobody is refused, and soon after a key
// is taken out its tokens open nothing.
func TestKeysRotateWhileRequestsRun(t *testing.T) {
	t.Parallel()
	for name, keysAt := range keysAt {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, next := newNamedKey("old"), newNamedKey("next")
			keys, publish := keysAt(t, setOf(old))
			w := newReadWorld(t, func(s *v1.Server, w *readWorld) {
				s.Authenticator.Verifier = auth.NewVerifier(
					w.clock,
					auth.Platform("https://platform.test", []string{"EdDSA"}, keys),
				)
			})
			c := w.clinic(t, "Vida")
			tenant := c.PublicID.Public("ten")
			status := func(k namedKey) int { s, _, _ := w.knock(t, tenant, "Bearer "+k.token(t, c)); return s }
			require.Equal(t, 401, status(next), "the next key before it is published")

			r := readers{w: w, c: c}
			r.start(t, 8, old)
			r.round(t)
			publish(setOf(old, next))
			until(t, "the next key is read", func() bool { return status(next) == 200 })
			require.Equal(t, 200, status(old), "the old key beside the next one")
			r.inForce.Store(&next)
			r.round(t) // no request with the old key is on its way any more
			publish(setOf(next))
			until(t, "the old key is forgotten", func() bool { return status(old) == 401 })
			r.round(t)
			r.stop()
			require.Empty(t, r.refused, "of %d requests", r.sent.Load())
		})
	}
}

// readers ask without a pause, each with a fresh token of the key in force.
type readers struct {
	w       *readWorld
	c       tenants.Clinic
	inForce atomic.Pointer[namedKey]
	rounds  []atomic.Int64 // requests answered, by reader
	sent    atomic.Int64
	end     atomic.Bool
	group   sync.WaitGroup
	mu      sync.Mutex
	refused []string
}

func (r *readers) start(t *testing.T, n int, key namedKey) {
	r.inForce.Store(&key)
	r.rounds = make([]atomic.Int64, n)
	for i := range n {
		r.group.Go(func() {
			for !r.end.Load() {
				key := r.inForce.Load()
				status, _, body := r.w.knock(t, r.c.PublicID.Public("ten"), "Bearer "+key.token(t, r.c))
				if status == 401 || status == 403 {
					r.mu.Lock()
					r.refused = append(r.refused, key.kid+": "+body)
					r.mu.Unlock()
				}
				r.sent.Add(1)
				r.rounds[i].Add(1)
			}
		})
	}
	t.Cleanup(r.stop)
}

func (r *readers) stop() {
	r.end.Store(true)
	r.group.Wait()
}

// round waits until every reader has begun and ended another request.
func (r *readers) round(t *testing.T) {
	for i := range r.rounds {
		want := r.rounds[i].Load() + 2
		until(t, "another request of each reader", func() bool { return r.rounds[i].Load() >= want })
	}
}

// until asks again and again for what must become true.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("a minute passed, and not: %s", what)
		}
	}
}
