package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/webhooks"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/dev"
)

// listener is a receiver that takes everything and remembers what it was told of.
type listener struct {
	sync.Mutex
	types map[string]int // by name of event
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var told struct{ Event string }
	_ = json.NewDecoder(r.Body).Decode(&told)
	l.Lock()
	defer l.Unlock()
	l.types[told.Event]++
	w.WriteHeader(http.StatusOK)
}

// seeded runs the seed against a simulator with one connected account and one that is not.
func seeded(t *testing.T, days int, seed uint64) (out string, requests *listener, passed time.Duration) {
	start := time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)
	clock := clock.NewScaledClock(start, 1)
	sim := simulator.New(simulator.Options{Clock: clock, Seed: 7})
	t.Cleanup(sim.Close)
	requests = &listener{types: map[string]int{}}
	door := httptest.NewServer(requests)
	t.Cleanup(door.Close)
	account := sim.AddAccount(accounts.Account{Name: "Clínica"})
	sim.AddAccount(accounts.Account{Name: "Sem webhook"})
	_, err := sim.AddWebhook(
		account.ID,
		webhooks.Webhook{Name: "w", URL: door.URL, Token: "um-token-de-teste-sem-digitos-repetidos-abcdefg"},
	)
	require.NoError(t, err)
	admin := httptest.NewServer(sim)
	t.Cleanup(admin.Close)
	var text bytes.Buffer
	require.NoError(
		t,
		dev.DemoSeedCmd{Sim: admin.URL, Days: days, Seed: seed, Wait: 20 * time.Second, Out: &text}.Run(t.Context()),
	)
	return text.String(), requests, clock.Now().Sub(start)
}

func TestTheSeedPlaysEveryFlowWhileTheDaysPass(t *testing.T) {
	out, requests, passed := seeded(t, 40, 1)
	require.Contains(t, out, " em 1 clínicas e 40 dias, R$\u00a0")
	require.InDelta(t, 40*24*time.Hour, passed, float64(time.Hour))
	for _, typ := range []string{
		"PAYMENT_RECEIVED", "PAYMENT_OVERDUE", "PAYMENT_CHARGEBACK_REQUESTED", "PAYMENT_DUNNING_RECEIVED",
		"CHECKOUT_EXPIRED", "CHECKOUT_PAID", "RECEIVABLE_ANTICIPATION_DENIED", "RECEIVABLE_ANTICIPATION_OVERDUE",
	} {
		require.Positive(t, requests.types[typ], typ)
	}
}

func TestTheSameSeedChargesTheSame(t *testing.T) {
	first, _, _ := seeded(t, 6, 3)
	again, _, _ := seeded(t, 6, 3)
	other, _, _ := seeded(t, 6, 4)
	require.Equal(t, first, again)
	require.NotEqual(t, first, other)
}

func TestASimulatorThatNobodyHearsIsNotSeeded(t *testing.T) {
	sim := simulator.New(simulator.Options{Clock: clock.NewScaledClock(time.Now(), 1)})
	t.Cleanup(sim.Close)
	sim.AddAccount(accounts.Account{Name: "Sem webhook"})
	admin := httptest.NewServer(sim)
	t.Cleanup(admin.Close)
	require.ErrorContains(
		t,
		dev.DemoSeedCmd{Sim: admin.URL, Days: 3, Seed: 1, Wait: time.Second}.Run(t.Context()),
		"no account has a webhook",
	)
}
