package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"patapay/api/problem"
	"patapay/domain"
)

// store is a RevocationCheck and Users in memory.
type store struct {
	version int
	service error
	ended   map[string]time.Time // subjects of the platform whose tokens until an instant are ended
	down    error
	users   map[string]User
	asked   int
}

func (s *store) SessionVersion(context.Context, string, string) (int, error) {
	s.asked++
	return s.version, s.down
}

func (s *store) ServiceToken(context.Context, string) error { s.asked++; return s.service }

func (s *store) PlatformToken(_ context.Context, subject, _ string, issued time.Time) error {
	s.asked++
	if until, ended := s.ended[subject]; ended && !issued.After(until) {
		return domain.Errorf(domain.NotFound, "token")
	}
	return s.down
}

func (s *store) KnowsBrowser(context.Context, string, string) (bool, error) { return false, nil }
func (s *store) StandsLink(context.Context, string, string) (bool, error)   { return false, nil }

func (s *store) TakesCode(context.Context, string, string) (bool, error) { return false, nil }

func (s *store) Factor(context.Context, string, string) (bool, time.Time, error) {
	return false, time.Time{}, s.down
}

func (s *store) UserByEmail(_ context.Context, email string) (User, error) {
	if user, ok := s.users[email]; ok {
		return user, nil
	}
	return User{}, domain.Errorf(domain.NotFound, "user")
}

// door is a router behind an authenticator; now moves its clock.
func door(t *testing.T, w *world, s *store, now *time.Time) http.Handler {
	t.Helper()
	gin.SetMode(gin.TestMode)
	k := &Authenticator{Verifier: w.verifier, RevocationCheck: s, Now: func() time.Time { return *now }}
	router := gin.New()
	router.Use(func(c *gin.Context) {
		if _, err := k.Authenticate(c); err != nil {
			problem.Write(c, err)
		}
	})
	hello := func(c *gin.Context) { p, _ := From(c.Request.Context()); c.String(200, p.Subject) }
	router.GET("/invoices", requireScope("invoices:read"), hello)
	router.POST("/invoices", requireScope("invoices:read"), hello)
	router.GET("/tenants", requireScope("tenants:write"), hello)
	return router
}

// requireScope lets only principals with scope pass.
func requireScope(scope string) gin.HandlerFunc {
	return func(c *gin.Context) {
		p, err := From(c.Request.Context())
		if err == nil {
			err = p.Require(scope)
		}
		if err != nil {
			problem.Write(c, err)
		}
	}
}

func call(t *testing.T, h http.Handler, method, path string, authorization ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header["Authorization"] = authorization
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestTheDoorAsksForATokenAndAScope(t *testing.T) {
	w, now := newWorld(t), noon
	h := door(t, w, &store{version: 1}, &now)
	good := w.ownToken(nil, nil)
	for _, row := range []struct {
		rule, path string
		headers    []string
		want       int
	}{
		{"a good token", "/invoices", []string{"Bearer " + good}, 200},
		{"the scheme in small letters", "/invoices", []string{"bearer " + good}, 200},
		{"no header", "/invoices", nil, 401},
		{"an empty header", "/invoices", []string{""}, 401},
		{"two headers", "/invoices", []string{"Bearer " + good, "Bearer " + good}, 401},
		{"Basic", "/invoices", []string{"Basic " + good}, 401},
		{"no scheme", "/invoices", []string{good}, 401},
		{"a bad token", "/invoices", []string{"Bearer x"}, 401},
		{"two blanks", "/invoices", []string{"Bearer  " + good}, 401},
		{"a scope it does not hold", "/tenants", []string{"Bearer " + good}, 403},
	} {
		if a := call(t, h, "GET", row.path, row.headers...); a.Code != row.want {
			t.Errorf("%s: %d, want %d", row.rule, a.Code, row.want)
		}
	}
}

func TestEvery401IsTheSame(t *testing.T) {
	w, now := newWorld(t), noon
	h := door(t, w, &store{version: 1}, &now)
	want := call(t, h, "GET", "/invoices").Body.String()
	for _, token := range []string{
		"x", w.ownToken(map[string]any{"exp": 1}, nil), w.ownToken(nil, map[string]any{"kid": "other"}),
	} {
		if got := call(t, h, "GET", "/invoices", "Bearer "+token).Body.String(); got != want {
			t.Errorf("%s differs from %s", got, want)
		}
	}
}

func TestAnEndedSessionIsOutInFiveSecondsAndAtOnceForWrites(t *testing.T) {
	w, now := newWorld(t), noon
	s := &store{version: 1}
	h := door(t, w, s, &now)
	token := "Bearer " + w.ownToken(nil, nil)
	if a := call(t, h, "GET", "/invoices", token); a.Code != 200 {
		t.Fatal(a.Code)
	}
	s.version = 2 // the role changed, or somebody said “sair de todos”
	if a := call(t, h, "POST", "/invoices", token); a.Code != 401 {
		t.Errorf("a write after the end: %d", a.Code)
	}
	now = noon.Add(revocationAge)
	if a := call(t, h, "GET", "/invoices", token); a.Code != 401 {
		t.Errorf("a read five seconds after the end: %d", a.Code)
	}
}

func TestAReadWithinFiveSecondsDoesNotAskTheStore(t *testing.T) {
	w, now := newWorld(t), noon
	s := &store{version: 1}
	h := door(t, w, s, &now)
	for range 3 {
		call(t, h, "GET", "/invoices", "Bearer "+w.ownToken(nil, nil))
	}
	if s.asked != 1 {
		t.Errorf("the store was asked %d times, want once", s.asked)
	}
}

// slowStore answers when it may.
type slowStore struct {
	store
	answer chan struct{}
	asking atomic.Int64
}

func (s *slowStore) ServiceToken(ctx context.Context, _ string) error {
	s.asking.Add(1)
	select {
	case <-s.answer:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A thousand readers of one clinic, whose tokens' five seconds were over at once, stood before the database with a
// question each, and every other clinic's question behind them.
func TestAThousandReadsOfOneTokenAskTheStoreOnceAndNoneForAnothersLeaving(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{answer: make(chan struct{})}
		k := &Authenticator{RevocationCheck: s, Now: time.Now}
		p := Principal{Issuer: Name, Kind: Service, TokenID: "one", Subject: "program"}
		first, leave := context.WithCancel(t.Context())
		answers := make(chan error, 1000)
		go func() { answers <- k.Stands(first, p, false) }()
		synctest.Wait()
		for range 999 {
			go func() { answers <- k.Stands(t.Context(), p, false) }()
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		if n := s.asking.Load(); n != 1 {
			t.Errorf("%d questions", n)
		}
		close(s.answer)
		for range 1000 {
			if err := <-answers; err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestARevokedServiceTokenIsOut(t *testing.T) {
	w, now := newWorld(t), noon
	s := &store{service: domain.Errorf(domain.NotFound, "token")}
	token := "Bearer " + w.ownToken(map[string]any{"typ": "service", "role": "service"}, nil)
	if a := call(t, door(t, w, s, &now), "GET", "/invoices", token); a.Code != 401 {
		t.Errorf("a revoked token: %d", a.Code)
	}
	s.service = nil
	if a := call(t, door(t, w, s, &now), "GET", "/invoices", token); a.Code != 200 {
		t.Errorf("a registered token: %d", a.Code)
	}
}

func TestASilentStoreIsOurFaultAndNoTokensEnd(t *testing.T) {
	w, now := newWorld(t), noon
	s := &store{down: &domain.Error{Code: domain.Unavailable, Err: errors.New("away")}}
	h := door(t, w, s, &now)
	if a := call(t, h, "GET", "/invoices", "Bearer "+w.ownToken(nil, nil)); a.Code != 503 {
		t.Errorf("ours: %d, want 503", a.Code)
	}
	if a := call(t, h, "GET", "/invoices", "Bearer "+w.platformToken(nil, nil)); a.Code != 503 {
		t.Errorf("the platform's: %d, want 503", a.Code)
	}
}

// TestThePlatformsTokensAreEndedInFiveSecondsAndAtOnceForWrites: nothing of ours was asked about them until their exp.
func TestThePlatformsTokensAreEndedInFiveSecondsAndAtOnceForWrites(t *testing.T) {
	w, now := newWorld(t), noon
	s := &store{ended: map[string]time.Time{}}
	h := door(t, w, s, &now)
	issued := func(at time.Time) string {
		return "Bearer " + w.platformToken(map[string]any{"iat": at.Unix()}, nil)
	}
	silent := "Bearer " + w.platformToken(map[string]any{"iat": absent}, nil)
	before, other := issued(noon), "Bearer "+w.platformToken(map[string]any{"sub": "usr_2"}, nil)
	answers := func(method, token string, want int) {
		t.Helper()
		if a := call(t, h, method, "/invoices", token); a.Code != want {
			t.Errorf("%s: %d, want %d", method, a.Code, want)
		}
	}
	for _, token := range []string{before, silent, other} {
		answers("GET", token, 200)
		answers("GET", token, 200)
	}
	if s.asked != 3 {
		t.Errorf("the store was asked %d times, want once a token", s.asked)
	}
	s.ended["usr_1"] = noon
	answers("POST", before, 401)
	answers("POST", silent, 401)
	now = noon.Add(revocationAge)
	answers("GET", before, 401)
	answers("GET", silent, 401)
	answers("GET", other, 200)
	answers("GET", issued(now), 200) // of a login after it
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	now := noon
	k := &Authenticator{Now: func() time.Time { return now }}
	for i := range 30_000 {
		now = now.Add(time.Millisecond)
		k.remember(Principal{TokenID: time.Duration(i).String()})
	}
	if len(k.known) > 20_000 {
		t.Errorf("%d tokens remembered", len(k.known))
	}
}
