package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// fleet is many clinics on one program, whose gateway and whose clock are simulated: both
// stand still until the test moves them, so days pass in seconds and nothing is skipped.
type fleet struct {
	*app.App
	t       *testing.T
	sim     *simulator.Simulator
	clock   *clock.SteeredClock
	rand    *rand.Rand
	clinics []sailing
	away    atomic.Int32 // what the door answers instead of receiving; 0: it receives
	played  int
	url     string // of the database, its owner's
}

// sailing is one clinic of the fleet.
type sailing struct {
	account accounts.Account
	clinic  tenants.Clinic
	hook    string
}

func newFleet(t *testing.T, clinics int) *fleet {
	t.Helper()
	f := &fleet{t: t, clock: clock.NewManualClock(time.Now()), rand: rand.New(rand.NewPCG(fleetSeed(t), 0))}
	f.sim = simulator.New(simulator.Options{Clock: f.clock, Seed: 29})
	t.Cleanup(f.sim.Close)
	gate := httptest.NewServer(f.sim)
	t.Cleanup(gate.Close)
	f.url = tenantstest.New(t).URL(tenantstest.Owner)
	cfg, err := app.Load(
		[]string{"ENVIRONMENT=development", "NOTIFICATIONS=off", "DATABASE_URL=" + f.url, "ASAAS_SIMULATOR_URL=" + gate.URL},
	)
	if err != nil {
		t.Fatal(err)
	}
	if f.App, err = app.New(cfg, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	f.Now = f.clock.Now
	door := f.open()
	for i := range clinics {
		f.join(i, door)
	}
	return f
}

// fleetSeed prints what to run again with.
func fleetSeed(t *testing.T) uint64 {
	seed := rand.Uint64()
	if text := os.Getenv("PATAPAY_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("PATAPAY_SEED=%d", seed)
	return seed
}

// open serves the door, with an outage in front of it, and works until the test ends.
func (f *fleet) open() string {
	ctx, end := context.WithCancel(context.Background())
	worker, err := f.NewWorker()
	if err != nil {
		f.t.Fatal(err)
	}
	handler, done, err := f.Router(ctx, worker)
	if err != nil {
		f.t.Fatal(err)
	}
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch away := int(f.away.Load()); away {
		case 0:
			handler.ServeHTTP(w, r)
		case -1:
			panic(http.ErrAbortHandler) // the connection breaks without an answer
		default:
			w.WriteHeader(away)
		}
	}))
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	f.t.Cleanup(func() { door.Close(); end(); <-ended; done() })
	return door.URL + "/financial/gateway-payments/webhook/asaas"
}

// join makes an account, its clinic, the connection of the two and the webhook.
func (f *fleet) join(i int, door string) {
	f.t.Helper()
	now := f.Now()
	s := sailing{account: f.sim.AddAccount(accounts.Account{Name: fmt.Sprintf("Clínica %03d", i)})}
	secret := asaasapi.NewWebhookToken().Reveal()
	c, _, err := f.APIDB.AddClinic(
		f.t.Context(),
		tenants.Clinic{Name: s.account.Name, ExternalID: "fleet-" + s.account.ID, Sandbox: true},
		f.Vault,
		now,
	)
	if err == nil {
		s.clinic = c
		err = f.APIDB.In(f.t.Context(), c.ID, func(tx *tenants.Tx) error {
			made := connection.Connection{
				PublicID:     tenants.NewID(now),
				Environment:  domain.Sandbox,
				Account:      s.account.ID,
				State:        "active",
				Since:        now,
				FirstEventAt: now,
				KeySetAt:     now,
				Version:      1,
			}
			if err := connection.Save(tx, made, vault.NewSecret(s.account.Key), f.Vault, now); err != nil {
				return err
			}
			return connection.AddToken(tx, f.Config.Peppers.Digest(secret), domain.Sandbox, secret[44:], now)
		})
	}
	if err == nil {
		s.hook, err = f.sim.AddWebhook(s.account.ID, webhooks.Webhook{URL: door, Token: secret, Email: "avisos@example.com"})
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.clinics = append(f.clinics, s)
}

// happening is something that happens while the fleet is tested.
type happening struct {
	at time.Time
	do func()
}

// sail lets the given days pass, with two flows a day and clinic and, when rough, an
// outage of the receiver of 1 min to 6 h a day.
func (f *fleet) sail(days int, rough bool) {
	f.t.Helper()
	begin := f.Now()
	var list []happening
	within := func(from, span time.Duration) time.Time {
		return begin.Add(from + time.Duration(f.rand.Int64N(int64(span))))
	}
	kinds := slices.DeleteFunc(
		flows.All(),
		func(flow flows.Flow) bool { return flow == flows.FlowDeleted },
	) // lists leave deleted charges out
	for range 2 * days * len(f.clinics) {
		s, flow := f.clinics[f.rand.IntN(len(f.clinics))], kinds[f.rand.IntN(len(kinds))]
		list = append(list, happening{within(0, time.Duration(days)*24*time.Hour), func() { f.play(s, flow) }})
	}
	for d := range days {
		if !rough {
			break
		}
		lasts := []time.Duration{6 * time.Hour, time.Minute, 3 * time.Hour, 5 * time.Minute, time.Hour, 30 * time.Minute}[d%6]
		from := within(time.Duration(d)*24*time.Hour, 17*time.Hour)
		answer := []int32{
			http.StatusServiceUnavailable, http.StatusInternalServerError, http.StatusForbidden, -1,
		}[f.rand.IntN(4)]
		list = append(
			list,
			happening{from, func() { f.away.Store(answer); f.play(f.clinics[d%len(f.clinics)], flows.FlowPix) }},
			happening{from.Add(lasts), func() { f.away.Store(0) }},
		)
	}
	slices.SortStableFunc(list, func(a, b happening) int { return a.at.Compare(b.at) })
	for _, h := range list {
		f.until(h.at)
		h.do()
	}
	f.until(begin.Add(time.Duration(days) * 24 * time.Hour))
}

func (f *fleet) play(s sailing, flow flows.Flow) {
	f.t.Helper()
	if _, err := f.sim.Play(s.account.ID, flow, flows.Variation{AmountCents: 1_000 + f.rand.Int64N(90_000)}); err != nil {
		f.t.Fatal(err)
	}
	f.played++
}

// until moves the clock to t, attempt by attempt: at each instant everything that is due is
// delivered before the next.
func (f *fleet) until(t time.Time) {
	f.t.Helper()
	for {
		next, err := f.sim.Settle(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		if f.Now().Before(t) && (next.IsZero() || next.After(t)) {
			next = t
		}
		if !f.Now().Before(t) {
			return
		}
		f.clock.Advance(
			min(max(next.Sub(f.Now()), 10*time.Second), t.Sub(f.Now())),
		) // attempts of many clinics at nearly one time
	}
}

// pause interrupts or resumes every queue, as the gateway's panel does.
func (f *fleet) pause(interrupted bool) {
	f.t.Helper()
	client := f.App.GatewayClient
	for _, s := range f.clinics {
		cred := asaasapi.Credential{Environment: domain.Sandbox, Key: vault.NewSecret(s.account.Key)}
		if _, err := client.UpdateWebhook(
			f.t.Context(),
			cred,
			s.hook,
			asaasapi.WebhookChange{Interrupted: &interrupted},
		); err != nil {
			f.t.Fatal(err)
		}
	}
}
