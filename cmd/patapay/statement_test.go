package main

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants"
	"patapay/tenants/connect"
	"patapay/tenants/ledger"
	"patapay/tenants/tenantstest"
)

// today is the day in São Paulo by the world's clock.
func (w *programWorld) today() domain.Day {
	return domain.Day(w.Now().In(asaas.SaoPaulo).Format(time.DateOnly))
}

// match compares the ledger with the statement of the last days.
func (w *programWorld) match(t *testing.T, days int) connect.Match {
	t.Helper()
	s, err := w.APIServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from := domain.Day(w.Now().In(asaas.SaoPaulo).AddDate(0, 0, -days).Format(time.DateOnly))
	m, err := s.Connector.MatchStatement(t.Context(), w.clinic, from)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// applyAll waits until nothing of the clinic waits to be delivered, applied or read.
func (w *programWorld) applyAll(t *testing.T) {
	t.Helper()
	tenantstest.Eventually(t, 2*time.Minute, "all is applied and read", func() bool {
		w.ahead.Add(int64(time.Second)) // confirmations are read half a minute later
		if w.sim.Backlog(w.account.ID) > 0 {
			return false
		}
		var waiting int
		err := w.APIDB.In(
			context.Background(),
			w.clinic,
			func(tx *tenants.Tx) (err error) { waiting, err = ledger.Waiting(tx); return err },
		)
		if err != nil {
			t.Error(err)
		}
		return waiting == 0
	})
}

// level fails the test unless ledger and gateway agree: in the balance, on every day, for
// every entity.
func (w *programWorld) level(t *testing.T, when string) connect.Match {
	t.Helper()
	w.applyAll(t)
	w.match(t, 90)
	w.ahead.Add(int64(61 * time.Second)) // what it asked for is read at most once a minute
	w.applyAll(t)
	m := w.match(t, 90)
	if m.Difference() != 0 {
		t.Errorf("%s: the gateway holds %s, the ledger %s", when, m.Balance, m.Available)
	}
	for _, d := range m.Days {
		if d.Difference() != 0 {
			t.Errorf("%s: on %s the statement moved %s, the ledger %s", when, d.Day, d.Statement, d.Ledger)
		}
	}
	for _, u := range m.Unmatched {
		t.Errorf("%s: %s %s: the statement moved %s, the ledger %s", when, u.Kind, u.ID, u.Statement, u.Ledger)
	}
	return m
}

// balance returns what stands on a ledger account.
func (w *programWorld) balance(t *testing.T, account domain.Account) (sum domain.Money) {
	t.Helper()
	err := w.APIDB.In(t.Context(), w.clinic, func(tx *tenants.Tx) error {
		list, err := ledger.TrialBalance(tx)
		for _, a := range list {
			if a.Account == account {
				sum = a.Balance()
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// An account with two years behind it is connected while plans and advances run, and lives
// on for 60 days.
func TestAnAccountWithAHistoryIsLevelOnItsFirstDayAndSixtyDaysLater(t *testing.T) {
	t.Parallel()
	w := newHistoryWorld(t, func(w *programWorld) {
		kinds := flows.All()
		w.ahead.Store(int64(-2*365*24*time.Hour - 66*24*time.Hour))
		for n := range 24 {
			w.play(t, kinds[n%len(kinds)])
			w.play(t, flows.FlowCard)
			w.ahead.Add(int64(30 * 24 * time.Hour))
		}
		w.play(t, flows.FlowCard3x)
		w.play(t, flows.FlowAnticipationCredited)
		w.ahead.Add(int64(10 * 24 * time.Hour))
		w.play(t, flows.FlowAnticipationCredited)
		w.play(t, flows.FlowPix)
	})
	if _, err := w.sim.AddWebhook(w.account.ID, webhooks.Webhook{Name: "PataPay", URL: w.url, Token: token}); err != nil {
		t.Fatal(err)
	}
	first := w.level(t, "day 1")
	if w.count(t, `SELECT count(*) FROM clinic_heads WHERE fees LIKE '%CREDIT_CARD%' AND fees_read_at IS NOT NULL`) != 1 {
		t.Error("what the account pays for its charges was not kept")
	}
	if opening := w.balance(
		t,
		domain.AccountOpening,
	); first.From != w.today() || opening == 0 || w.balance(t, domain.AccountReceivable) == 0 ||
		w.balance(t, domain.AccountAdvance) == 0 {
		t.Fatalf("begun on %s with %s: nothing stood open", first.From, opening)
	}
	if sales := w.balance(t, domain.AccountSales); sales != 0 {
		t.Errorf("%s of income is of before", sales)
	}
	for day := range 60 {
		w.ahead.Add(int64(24 * time.Hour))
		w.play(
			t,
			[]flows.Flow{
				flows.FlowPix, flows.FlowCard3x, flows.FlowRefundPartial, flows.FlowCheckoutPaid, flows.FlowPixUnsolicited,
			}[day%5],
		)
		if day%20 == 19 {
			w.level(t, "day "+string(w.today()))
		}
	}
	last := w.level(t, "day 61")
	if last.Balance <= first.Balance || w.balance(t, domain.AccountSales) == 0 ||
		w.balance(t, domain.AccountSuspense) == 0 {
		t.Errorf("the clinic did not live: %+v", last.StatementCheck)
	}
	if owed := w.balance(t, domain.AccountAdvance); owed != 0 {
		t.Errorf("%s of the advances is owed still, their charges were credited", owed)
	}
}

// matchByCommand expects the command to say the same, and to end with 5 once a line of the
// statement is missing from the ledger.
func (w *programWorld) matchByCommand(t *testing.T) {
	t.Helper()
	var clinic tenants.Clinic
	if err := w.APIDB.In(
		t.Context(),
		w.clinic,
		func(tx *tenants.Tx) (err error) { clinic, err = tx.Self(); return err },
	); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	name := clinic.PublicID.Public("ten")
	if err := matchLedger(w.App, t.Context(), name, 3, &out); err != nil ||
		!strings.Contains(out.String(), "difference 0.00") {
		t.Errorf("%v: %s", err, &out)
	}
	for _, h := range w.sim.State().Accounts[0].Webhooks { // nobody is told of the next payment
		w.silence(t, h.ID)
	}
	w.play(t, flows.FlowPix)
	out.Reset()
	if err := matchLedger(w.App, t.Context(), name, 3, &out); err != unhealthy(1) ||
		!strings.Contains(out.String(), "WRONG "+string(w.today())) {
		t.Errorf("a payment that nobody told of: %v: %s", err, &out)
	}
}

// silence interrupts a webhook's queue.
func (w *programWorld) silence(t *testing.T, hook string) {
	t.Helper()
	r := httptest.NewRequest("PUT", "/v3/webhooks/"+hook, strings.NewReader(`{"interrupted":true}`))
	r.Header.Set("access_token", w.account.Key)
	answer := httptest.NewRecorder()
	if w.sim.ServeHTTP(answer, r); answer.Code != 200 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
}

// Everything that the simulator can tell, at once.
func TestEveryFlowEndsLevelWithTheGatewaysStatement(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	if _, err := w.sim.AddWebhook(w.account.ID, webhooks.Webhook{Name: "PataPay", URL: w.url, Token: token}); err != nil {
		t.Fatal(err)
	}
	w.match(t, 1)
	w.ahead.Add(int64(80 * 24 * time.Hour)) // the longest flow begins after the connection
	for _, flow := range flows.All() {
		w.play(t, flow)
	}
	m := w.level(t, "the end")
	if m.Balance == 0 || m.Fresh != 0 {
		t.Errorf("%+v", m.StatementCheck)
	}
	if clearing := w.balance(t, domain.AccountDispute); clearing != 0 {
		t.Errorf("%s of the disputes is not cleared by the statement", clearing)
	}
	w.matchByCommand(t)
}

// A process killed while it opened a ledger left the money of before the cut-off counted twice, in the opening and in
// its own bookings: the next comparison took the ledger for opened and never looked at them again.
func TestALedgerWhoseOpeningWasCutShortIsPutRightByTheNextComparison(t *testing.T) {
	t.Parallel()
	w := newHistoryWorld(t, func(*programWorld) {})
	if _, err := w.sim.AddWebhook(w.account.ID, webhooks.Webhook{Name: "PataPay", URL: w.url, Token: token}); err != nil {
		t.Fatal(err)
	}
	w.play(t, flows.FlowCard) // begun a month ago, received yesterday at the latest
	w.play(t, flows.FlowBoleto)
	w.ahead.Add(int64(24 * time.Hour))
	w.applyAll(t)
	s, err := w.APIServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	killed := false
	s.Connector.Crash = func(point string) {
		if point == "opening-rebook" {
			killed = true
			panic("killed")
		}
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = s.Connector.MatchStatement(t.Context(), w.clinic, w.today())
	}()
	if s.Connector.Crash = nil; !killed {
		t.Fatal("the opening was not cut short")
	}
	w.level(t, "after the second comparison")
}
