package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/asaastest"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// truthWorld is the program's own graph on a test database, with the simulated gateway
// behind it and a clock that can be advanced.
type truthWorld struct {
	*app
	sim     *asaastest.Simulator
	account asaastest.Account
	clinic  domain.ClinicID
	ahead   atomic.Int64 // nanoseconds that our clock and the gateway's are ahead of the wall
	url     string
	garble  atomic.Value // string: the payment whose reads make no sense
	hang    atomic.Value // vault.Secret: the key whose reads do not end before the test
	hanging atomic.Int32
}

// Read makes the world a gateway between ours and the simulator.
func (w *truthWorld) Read(ctx context.Context, env domain.Environment, key vault.Secret, kind domain.Kind, id, why string) (jobs.Reading, error) {
	if w.hang.Load() == key {
		w.hanging.Add(1)
		<-ctx.Done()
	}
	got, err := truthReader{w.gateway}.Read(ctx, env, key, kind, id, why)
	if w.garble.Load() == id {
		got.Body = []byte(`{"id":7}`)
	}
	return got, err
}

// Now and After make the world a clock of the simulator.
func (w *truthWorld) Now() time.Time { return time.Now().UTC().Add(time.Duration(w.ahead.Load())) }

func (w *truthWorld) After(d time.Duration) <-chan time.Time { return time.After(d) }

// token is what the clinic's webhook sends.
const token = "whsec_truth-kQzMwxRtbYpcVnd-hJgFsLuEaT"

func newTruthWorld(t *testing.T) *truthWorld {
	t.Helper()
	return newHistoryWorld(t, func(*truthWorld) {})
}

// newHistoryWorld is newTruthWorld whose account has lived before it is connected.
func newHistoryWorld(t *testing.T, before func(*truthWorld)) *truthWorld {
	t.Helper()
	w := &truthWorld{}
	db := tenantstest.New(t)
	w.sim = asaastest.New(asaastest.Options{Clock: w, Seed: 11})
	t.Cleanup(w.sim.Close)
	gate := httptest.NewServer(w.sim)
	t.Cleanup(gate.Close)
	w.account = w.sim.AddAccount(asaastest.Account{Name: "Clínica Vida"})
	cfg, err := Load([]string{"ENVIRONMENT=development", "DOORBELL=off", "DATABASE_URL=" + db.URL(tenantstest.Owner), "ASAAS_SIMULATOR_URL=" + gate.URL})
	if err != nil {
		t.Fatal(err)
	}
	if w.app, err = newApp(cfg, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	w.now = w.Now
	before(w)
	w.connect(t, token)
	w.start(t)
	return w
}

// connect makes the clinic with the account's key and a token.
func (w *truthWorld) connect(t *testing.T, token string) {
	t.Helper()
	c, _, err := w.api.AddClinic(t.Context(), tenants.Clinic{Name: "Vida", Sandbox: true}, w.vault, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.clinic = c.ID
	err = w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		made := tenants.Connection{PublicID: tenants.NewID(w.Now()), Environment: domain.Sandbox, Account: w.account.ID, State: "active", Since: w.Now(), Confirm: true, Version: 1}
		return errors.Join(tx.SaveConnection(made, vault.Secret(w.account.Key), w.vault, w.Now()),
			tx.AddToken(tenants.Digest(w.cfg.Pepper, token), domain.Sandbox, token[len(token)-4:], w.Now()))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// start serves the door and works until the test ends.
func (w *truthWorld) start(t *testing.T) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	worker := w.newWorker()
	worker.Truth.Gateway = w
	handler, done, err := w.router(ctx, worker)
	if err != nil {
		t.Fatal(err)
	}
	door := httptest.NewServer(handler)
	w.url = door.URL + "/financial/gateway-payments/webhook/asaas"
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	t.Cleanup(func() { door.Close(); end(); <-ended; done() })
}

// post delivers body and fails the test for any answer but 200.
func (w *truthWorld) post(t *testing.T, token string, body []byte) {
	t.Helper()
	if got := asaastest.Send(t.Context(), w.url, token, body); got.Status != 200 {
		t.Fatalf("answer %d %s", got.Status, got.Failure)
	}
}

// invoice returns the clinic's invoice, or its zero value while there is none.
func (w *truthWorld) invoice(t *testing.T, id string) domain.Invoice {
	t.Helper()
	var i tenants.Stored[domain.Invoice]
	err := w.api.In(t.Context(), w.clinic, func(tx *tenants.Tx) (err error) { i, err = tx.InvoiceByAsaasID(id); return err })
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		t.Fatal(err)
	}
	return i.Value
}

// play makes a flow happen at the gateway and returns what it made; nobody is told.
func (w *truthWorld) play(t *testing.T, flow asaastest.Flow) asaastest.Played {
	t.Helper()
	made, err := w.sim.Play(w.account.ID, flow, asaastest.Story{})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// forge returns a sample that names another entity of the account and is dated now.
func (w *truthWorld) forge(t *testing.T, sample, entity string) []byte {
	t.Helper()
	kind := asaastest.EntityOf(asaastest.EventName(sample))
	body, err := asaastest.Edit{Fresh: true, Counter: 19_000_000 + w.Now().Unix()%1_000_000, Now: w.Now(), Account: w.account.ID, Entity: map[string]string{kind: entity}}.Apply(asaastest.Event(sample))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAForgedReceiptIsUndoneByTheGatewaysAnswer(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	id := w.play(t, asaastest.FlowDeleted).Payments[0] // PENDING and deleted at the gateway
	w.post(t, token, w.forge(t, "payment_received_pix.real", id))
	tenantstest.Eventually(t, 10*time.Second, "the forged receipt is applied, unconfirmed", func() bool {
		i := w.invoice(t, id)
		return i.Status == domain.InvoiceReceived && i.ConfirmedBy == domain.ConfirmedByWebhook
	})
	w.ahead.Add(int64(31 * time.Second))
	w.denied(t, id)
}

func TestAForgedReceiptFromTheFutureIsUndoneByTheGatewaysAnswer(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	id := w.play(t, asaastest.FlowDeleted).Payments[0]
	body, err := asaastest.Edit{Set: []string{"dateCreated=2099-01-01 00:00:00"}}.Apply(w.forge(t, "payment_received_pix.real", id))
	if err != nil {
		t.Fatal(err)
	}
	w.post(t, token, body)
	tenantstest.Eventually(t, 10*time.Second, "applied, its date not believed", func() bool {
		return slices.Contains(w.invoice(t, id).Flags, domain.AnomalyUndated)
	})
	w.ahead.Add(int64(6 * time.Second))
	w.denied(t, id)
}

// denied waits until the gateway's answer stands and the alarm is raised: in one
// transaction, so that neither is seen without the other.
func (w *truthWorld) denied(t *testing.T, id string) {
	t.Helper()
	tenantstest.Eventually(t, 15*time.Second, "the gateway's answer stands", func() bool {
		i := w.invoice(t, id)
		return i.Status == domain.InvoicePending && i.Deleted && i.ConfirmedBy == domain.ConfirmedByAPI && len(i.Flags) == 0
	})
	if n := w.forged(t); n != 1 {
		t.Errorf("the alarm counts %d contradictions, want 1", n)
	}
}

// forged returns how often the alarm of the forged event was raised, 0 when it is not open.
func (w *truthWorld) forged(t *testing.T) int64 {
	t.Helper()
	var n int64
	err := w.api.In(t.Context(), w.clinic, func(tx *tenants.Tx) error {
		list, err := tx.Alarms(tenants.AlarmFilter{Kinds: []string{tenants.ForgedAlarm}, Open: true}, tenants.Page{Limit: 10})
		for _, a := range list.Rows {
			n += a.Count
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestARealReceiptIsConfirmedByARead(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	id := w.play(t, asaastest.FlowPix).Payments[0]
	body, err := asaastest.Edit{Set: []string{"payment.value=100.0"}}.Apply(w.forge(t, "payment_received_pix.real", id))
	if err != nil {
		t.Fatal(err)
	}
	w.post(t, token, body)
	tenantstest.Eventually(t, 10*time.Second, "applied", func() bool { return w.invoice(t, id).Status == domain.InvoiceReceived })
	w.ahead.Add(int64(31 * time.Second))
	tenantstest.Eventually(t, 15*time.Second, "confirmed", func() bool {
		i := w.invoice(t, id)
		return i.Status == domain.InvoiceReceived && i.ConfirmedBy == domain.ConfirmedByAPI && i.Value == domain.Some(domain.Money(10_000))
	})
	if n := w.forged(t); n != 0 {
		t.Errorf("the truth is called forged %d times", n)
	}
}

func TestAClinicWhoseReadsHangHoldsUpNobodyElses(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	w.hang.Store(vault.Secret(w.account.Key))
	hint := func() string {
		id := w.play(t, asaastest.FlowPix).Payments[0]
		w.post(t, "", w.forge(t, "payment_received_pix.real", id))
		return id
	}
	hint()
	tenantstest.Eventually(t, 40*time.Second, "the read that hangs", func() bool { return w.hanging.Load() > 0 })
	hint()
	w.account = w.sim.AddAccount(asaastest.Account{Name: "Clínica Nova"})
	w.connect(t, token+"2")
	mine := hint()
	tenantstest.Eventually(t, 40*time.Second, "another clinic's read", func() bool { return w.invoice(t, mine).Status == domain.InvoiceReceived })
	if n := w.hanging.Load(); n != 1 {
		t.Errorf("the clinic under way was asked %d times at once", n)
	}
}

func TestAHintBecomesOnlyWhatTheGatewaySays(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	id := w.play(t, asaastest.FlowPix).Payments[0]
	w.post(t, "", w.forge(t, "payment_refunded_pix.real", id)) // no token, and a lie
	tenantstest.Eventually(t, 10*time.Second, "the payment as the gateway has it", func() bool {
		i := w.invoice(t, id)
		return i.Status == domain.InvoiceReceived && i.ConfirmedBy == domain.ConfirmedByAPI && i.RefundedAmount == 0
	})
	if at := w.invoice(t, id); at.RawStatus != "RECEIVED" || at.Value != domain.Some(domain.Money(10_000)) {
		t.Errorf("%+v", at)
	}
}

func TestAHintOfANonexistentPaymentLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	w.post(t, "", w.forge(t, "payment_received_pix.real", "pay_0000000000000000"))
	real := w.play(t, asaastest.FlowPix).Payments[0]
	w.ahead.Add(int64(time.Second)) // behind the first in the queue of reads
	w.post(t, "", w.forge(t, "payment_received_pix.real", real))
	tenantstest.Eventually(t, 10*time.Second, "the later hint is read", func() bool { return w.invoice(t, real).ID != "" })
	if i := w.invoice(t, "pay_0000000000000000"); i.ID != "" {
		t.Errorf("an invoice came of nothing: %+v", i)
	}
}

func TestAPaidPaymentProvesItsCheckoutPaid(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	made := w.play(t, asaastest.FlowCheckoutPaid)
	w.post(t, "", w.forge(t, "checkout_expired.made", made.Checkouts[0])) // a lie; the hint names a checkout
	tenantstest.Eventually(t, 10*time.Second, "PAID by its payment", func() bool {
		var c tenants.Stored[domain.Checkout]
		err := w.api.In(t.Context(), w.clinic, func(tx *tenants.Tx) (err error) { c, err = tx.CheckoutByAsaasID(made.Checkouts[0]); return err })
		return err == nil && c.Value.Status == domain.CheckoutPaid && w.invoice(t, made.Payments[0]).Status == domain.InvoiceReceived
	})
}

func TestAReadOfWhatCannotBeReadProvesNothing(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	open := w.play(t, asaastest.FlowCheckoutExpired).Checkouts[0]
	reader, key := truthReader{w.gateway}, vault.Secret(w.account.Key)
	for name, ask := range map[string]struct {
		kind domain.Kind
		id   string
	}{"a checkout without a paid payment": {domain.KindCheckout, open}, "an id with a slash": {domain.KindPayment, "pay_1/../x"}, "another family": {domain.KindOther, "x"}} {
		got, err := reader.Read(t.Context(), domain.Sandbox, key, ask.kind, ask.id, "hint")
		if err != nil || !got.Nothing || got.Found || len(got.Payments) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	got, err := reader.Read(t.Context(), domain.Sandbox, key, domain.KindAnticipation, "4f3f2b1a-0000-4000-8000-000000000000", "hint")
	if err != nil || got.Nothing || got.Found || got.Clock.IsZero() {
		t.Errorf("404: %+v, %v", got, err)
	}
}

func TestADeadKeyIsARefusalAndAskedToWaitIsHeard(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	for behaviour, want := range map[asaastest.Behaviour]struct {
		refused bool
		after   time.Duration
	}{asaastest.KeyRevoked: {true, 0}, asaastest.KeyBlockedIP: {false, 0}, asaastest.KeyLimited: {false, 42 * time.Second}} {
		key, err := w.sim.AddKey(w.account.ID, behaviour)
		if err != nil {
			t.Fatal(err)
		}
		_, err = truthReader{w.gateway}.Read(t.Context(), domain.Sandbox, vault.Secret(key), domain.KindPayment, "pay_1", "hint")
		var refusal jobs.Refusal
		if !errors.As(err, &refusal) || refusal.KeyRefused() != want.refused || refusal.RetryAfter() != want.after {
			t.Errorf("%s: %v", behaviour, err)
		}
	}
}

// An answer that could not be read ended the round, and came first in every later one.
func TestAnAnswerWithoutSenseDoesNotHoldUpTheClinicsOtherReads(t *testing.T) {
	t.Parallel()
	w := newTruthWorld(t)
	bad := w.play(t, asaastest.FlowPix).Payments[0]
	w.garble.Store(bad)
	var good []string
	w.post(t, "", w.forge(t, "payment_received_pix.real", bad))
	for range 5 { // at once, so that most wait behind the bad one in its round
		good = append(good, w.play(t, asaastest.FlowPix).Payments[0])
		w.post(t, "", w.forge(t, "payment_received_pix.real", good[len(good)-1]))
	}
	for _, id := range good {
		tenantstest.Eventually(t, 10*time.Second, "the others are read", func() bool { return w.invoice(t, id).Status == domain.InvoiceReceived })
	}
	if i := w.invoice(t, bad); i.ID != "" {
		t.Errorf("an invoice came of nonsense: %+v", i)
	}
}
