package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// programWorld is the program's own graph on a test database, with the simulated gateway
// behind it and a clock that can be advanced.
type programWorld struct {
	*app.App
	base    *tenantstest.Database
	sim     *simulator.Simulator
	account accounts.Account
	clinic  domain.ClinicID
	ahead   atomic.Int64 // nanoseconds that our clock and the gateway's are ahead of the wall
	url     string
	garble  atomic.Value // string: the payment whose reads make no sense
	hang    atomic.Value // string: the key whose reads do not end before the test
	hanging atomic.Int32
	asked   atomic.Pointer[func(path string)] // what happens while the gateway is asked
}

// Read makes the world a gateway between ours and the simulator.
func (w *programWorld) Read(
	ctx context.Context,
	env domain.Environment,
	key vault.Secret,
	kind domain.Kind,
	id string,
	why domain.ReadReason,
) (jobs.Reading, error) {
	if w.hang.Load() == key.Reveal() {
		w.hanging.Add(1)
		<-ctx.Done()
	}
	got, err := jobs.GatewayReader{Client: w.GatewayClient}.Read(ctx, env, key, kind, id, why)
	if w.garble.Load() == id {
		got.Body = []byte(`{"id":7}`)
	}
	return got, err
}

// Now and After make the world a clock of the simulator.
func (w *programWorld) Now() time.Time { return time.Now().UTC().Add(time.Duration(w.ahead.Load())) }

func (w *programWorld) After(d time.Duration) <-chan time.Time { return time.After(d) }

// token is what the clinic's webhook sends.
const token = "whsec_truth-kQzMwxRtbYpcVnd-hJgFsLuEaT"

func newProgramWorld(t *testing.T) *programWorld {
	t.Helper()
	return newHistoryWorld(t, func(*programWorld) {})
}

// newHistoryWorld is newProgramWorld whose account has lived before it is connected.
func newHistoryWorld(t *testing.T, before func(*programWorld)) *programWorld {
	t.Helper()
	w := newIdleWorld(t)
	before(w)
	w.connect(t, token)
	w.open(t)()
	return w
}

// newIdleWorld is the program before it serves and works, and before it has a clinic.
func newIdleWorld(t *testing.T) *programWorld {
	t.Helper()
	w := &programWorld{base: tenantstest.New(t)}
	w.sim = simulator.New(simulator.Options{Clock: w, Seed: 11})
	t.Cleanup(w.sim.Close)
	gate := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if meanwhile := w.asked.Load(); meanwhile != nil {
			(*meanwhile)(r.URL.Path)
		}
		w.sim.ServeHTTP(rw, r)
	}))
	t.Cleanup(gate.Close)
	w.account = w.sim.AddAccount(accounts.Account{Name: "Clínica Vida"})
	cfg, err := app.Load(w.base.Environ("NOTIFICATIONS=off", "ASAAS_SIMULATOR_URL="+gate.URL))
	if err != nil {
		t.Fatal(err)
	}
	if w.App, err = app.New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	w.App.Now = w.Now
	return w
}

// connect makes the clinic with the account's key and a token.
func (w *programWorld) connect(t *testing.T, token string) {
	t.Helper()
	c, _, err := w.APIDB.AddClinic(t.Context(), tenants.Clinic{Name: "Vida", Sandbox: true}, w.Vault, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.clinic = c.ID
	err = w.APIDB.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		made := connection.Connection{
			PublicID:    tenants.NewID(w.Now()),
			Environment: domain.Sandbox,
			Account:     w.account.ID,
			State:       "active",
			Since:       w.Now(),
			Confirm:     true,
			Version:     1,
		}
		return errors.Join(connection.Save(tx, made, vault.NewSecret(w.account.Key), w.Vault, w.Now()),
			connection.AddToken(tx, w.Config.Peppers.Digest(token), domain.Sandbox, token[len(token)-4:], w.Now()))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// open serves the door and returns what makes the worker work, both until the test ends.
func (w *programWorld) open(t *testing.T) (work func()) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	worker, err := w.NewWorker()
	if err != nil {
		t.Fatal(err)
	}
	worker.GatewayReads.Gateway = w
	handler, done, err := w.Router(ctx, worker)
	if err != nil {
		t.Fatal(err)
	}
	door := httptest.NewServer(handler)
	w.url = door.URL + "/financial/gateway-payments/webhook/asaas"
	var working sync.WaitGroup
	t.Cleanup(func() { door.Close(); end(); working.Wait(); done() })
	return func() { working.Go(func() { _ = worker.Run(ctx) }) }
}

// post delivers body and fails the test for any answer but 200.
func (w *programWorld) post(t *testing.T, token string, body []byte) {
	t.Helper()
	if got := webhooks.Send(t.Context(), w.url, token, body); got.Status != 200 {
		t.Fatalf("answer %d %s", got.Status, got.Failure)
	}
}

// invoice returns the clinic's invoice, or its zero value while there is none.
func (w *programWorld) invoice(t *testing.T, id string) domain.Invoice {
	t.Helper()
	var i query.Stored[domain.Invoice]
	err := w.APIDB.In(
		t.Context(),
		w.clinic,
		func(tx *tenants.Tx) (err error) { i, err = query.InvoiceByAsaasID(tx, id); return err },
	)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		t.Fatal(err)
	}
	return i.Value
}

// play makes a flow happen at the gateway and returns what it made; nobody is told.
func (w *programWorld) play(t *testing.T, flow flows.Flow) flows.Played {
	t.Helper()
	made, err := w.sim.Play(w.account.ID, flow, flows.Variation{})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// forge returns a sample that names another entity of the account and is dated now.
func (w *programWorld) forge(t *testing.T, sample, entity string) []byte {
	t.Helper()
	kind := samples.EntityOf(samples.EventName(sample))
	body, err := samples.Edit{
		Fresh:   true,
		Counter: 19_000_000 + w.Now().Unix()%1_000_000,
		Now:     w.Now(),
		Account: w.account.ID,
		Entity:  map[string]string{kind: entity},
	}.Apply(samples.Event(sample))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// secretKey returns an API key as it is saved.
func secretKey(key string) *vault.Secret {
	secret := vault.NewSecret(key)
	return &secret
}
