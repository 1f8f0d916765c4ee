package asaasapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/tenants/vault"
)

var noon = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

// world is a simulated gateway with one account, and a client that talks to it.
type world struct {
	*simulator.Simulator
	*Client
	url     string
	account accounts.Account
}

func newWorld(t *testing.T, opts simulator.Options) world {
	t.Helper()
	if opts.Clock == nil {
		opts.Clock = clock.NewManualClock(noon)
	}
	opts.Seed = 3
	sim := simulator.New(opts)
	server := httptest.NewServer(sim)
	t.Cleanup(sim.Close)
	t.Cleanup(server.Close)
	account := sim.AddAccount(accounts.Account{Name: "Clínica Sorriso", TaxID: "66625514000140"})
	return world{sim, newClient(t, server.URL), server.URL, account}
}

// newClient returns a client with a short time, and without a breaker in the way.
func newClient(t *testing.T, url string) *Client {
	t.Helper()
	c, err := New(Config{Simulator: url, Version: "test", Timeout: 2 * time.Second, BreakAfter: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (w world) cred() Credential { return credential(w.account.Key) }

func credential(key string) Credential { return Credential{domain.Sandbox, vault.NewSecret(key)} }

// key makes another key of the account that answers by behaviour.
func (w world) key(t *testing.T, behaviour accounts.Behaviour, lacks ...string) Credential {
	t.Helper()
	value, err := w.AddKey(w.account.ID, behaviour, lacks...)
	if err != nil {
		t.Fatal(err)
	}
	return credential(value)
}

// failure returns err as an Error and fails the test for anything else.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("error %v (%T), want a gateway.Error", err, err)
	}
	return failed
}

// fake is a hand-made gateway that counts what it is asked.
type fake struct {
	*httptest.Server
	calls atomic.Int32
}

func newFake(t *testing.T, answer http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.calls.Add(1)
		answer(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// answering writes the same answer always; header pairs are "Name: value".
func answering(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}
