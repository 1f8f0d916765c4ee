package main

import (
	"errors"
	"slices"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

func TestAForgedReceiptIsUndoneByTheGatewaysAnswer(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	id := w.play(t, flows.FlowDeleted).Payments[0] // PENDING and deleted at the gateway
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
	w := newProgramWorld(t)
	id := w.play(t, flows.FlowDeleted).Payments[0]
	body, err := samples.Edit{
		Set: []string{"dateCreated=2099-01-01 00:00:00"},
	}.Apply(w.forge(t, "payment_received_pix.real", id))
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
func (w *programWorld) denied(t *testing.T, id string) {
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
func (w *programWorld) forged(t *testing.T) int64 {
	t.Helper()
	var n int64
	err := w.APIDB.In(t.Context(), w.clinic, func(tx *tenants.Tx) error {
		list, err := alarm.Alarms(
			tx,
			alarm.AlarmFilter{Kinds: []string{string(domain.AlarmForged)}, Open: true},
			tenants.Page{Limit: 10},
		)
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
	w := newProgramWorld(t)
	id := w.play(t, flows.FlowPix).Payments[0]
	body, err := samples.Edit{Set: []string{"payment.value=100.0"}}.Apply(w.forge(t, "payment_received_pix.real", id))
	if err != nil {
		t.Fatal(err)
	}
	w.post(t, token, body)
	tenantstest.Eventually(
		t,
		10*time.Second,
		"applied",
		func() bool { return w.invoice(t, id).Status == domain.InvoiceReceived },
	)
	w.ahead.Add(int64(31 * time.Second))
	tenantstest.Eventually(t, 15*time.Second, "confirmed", func() bool {
		i := w.invoice(t, id)
		return i.Status == domain.InvoiceReceived && i.ConfirmedBy == domain.ConfirmedByAPI &&
			i.Value == domain.Some(domain.Money(10_000))
	})
	if n := w.forged(t); n != 0 {
		t.Errorf("the truth is called forged %d times", n)
	}
}

func TestAClinicWhoseReadsHangHoldsUpNobodyElses(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	w.hang.Store(w.account.Key)
	unverified := func() string {
		id := w.play(t, flows.FlowPix).Payments[0]
		w.post(t, "", w.forge(t, "payment_received_pix.real", id))
		return id
	}
	unverified()
	tenantstest.Eventually(t, 40*time.Second, "the read that hangs", func() bool { return w.hanging.Load() > 0 })
	unverified()
	w.account = w.sim.AddAccount(accounts.Account{Name: "Clínica Nova"})
	w.connect(t, token+"2")
	mine := unverified()
	tenantstest.Eventually(
		t,
		40*time.Second,
		"another clinic's read",
		func() bool { return w.invoice(t, mine).Status == domain.InvoiceReceived },
	)
	if n := w.hanging.Load(); n != 1 {
		t.Errorf("the clinic under way was asked %d times at once", n)
	}
}

func TestAnUnverifiedDeliveryBecomesOnlyWhatTheGatewaySays(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	id := w.play(t, flows.FlowPix).Payments[0]
	w.post(t, "", w.forge(t, "payment_refunded_pix.real", id)) // no token, and a lie
	tenantstest.Eventually(t, 10*time.Second, "the payment as the gateway has it", func() bool {
		i := w.invoice(t, id)
		return i.Status == domain.InvoiceReceived && i.ConfirmedBy == domain.ConfirmedByAPI && i.RefundedAmount == 0
	})
	if at := w.invoice(t, id); at.RawStatus != "RECEIVED" || at.Value != domain.Some(domain.Money(10_000)) {
		t.Errorf("%+v", at)
	}
}

func TestAnUnverifiedDeliveryOfANonexistentPaymentLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	w.post(t, "", w.forge(t, "payment_received_pix.real", "pay_0000000000000000"))
	real := w.play(t, flows.FlowPix).Payments[0]
	w.ahead.Add(int64(time.Second)) // behind the first in the queue of reads
	w.post(t, "", w.forge(t, "payment_received_pix.real", real))
	tenantstest.Eventually(t, 10*time.Second, "the later hint is read", func() bool { return w.invoice(t, real).ID != "" })
	if i := w.invoice(t, "pay_0000000000000000"); i.ID != "" {
		t.Errorf("an invoice came of nothing: %+v", i)
	}
}

func TestAPaidPaymentProvesItsCheckoutPaid(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	made := w.play(t, flows.FlowCheckoutPaid)
	w.post(t, "", w.forge(t, "checkout_expired.made", made.Checkouts[0])) // a lie; the delivery names a checkout
	tenantstest.Eventually(t, 10*time.Second, "PAID by its payment", func() bool {
		var c query.Stored[domain.Checkout]
		err := w.APIDB.In(
			t.Context(),
			w.clinic,
			func(tx *tenants.Tx) (err error) { c, err = query.CheckoutByAsaasID(tx, made.Checkouts[0]); return err },
		)
		return err == nil && c.Value.Status == domain.CheckoutPaid &&
			w.invoice(t, made.Payments[0]).Status == domain.InvoiceReceived
	})
}

func TestAReadOfWhatCannotBeReadProvesNothing(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	open := w.play(t, flows.FlowCheckoutExpired).Checkouts[0]
	reader, key := jobs.GatewayReader{Client: w.GatewayClient}, vault.NewSecret(w.account.Key)
	for name, ask := range map[string]struct {
		kind domain.Kind
		id   string
	}{
		"a checkout without a paid payment": {domain.KindCheckout, open},
		"an id with a slash":                {domain.KindPayment, "pay_1/../x"}, "another family": {domain.KindOther, "x"},
	} {
		got, err := reader.Read(t.Context(), domain.Sandbox, key, ask.kind, ask.id, "hint")
		if err != nil || !got.Nothing || got.Found || len(got.Payments) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	got, err := reader.Read(
		t.Context(), domain.Sandbox, key, domain.KindAnticipation, "4f3f2b1a-0000-4000-8000-000000000000", "hint",
	)
	if err != nil || got.Nothing || got.Found || got.Clock.IsZero() {
		t.Errorf("404: %+v, %v", got, err)
	}
}

func TestADeadKeyIsARefusalAndAskedToWaitIsHeard(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	for behaviour, want := range map[accounts.Behaviour]struct {
		refused bool
		after   time.Duration
	}{accounts.KeyRevoked: {true, 0}, accounts.KeyBlockedIP: {false, 0}, accounts.KeyLimited: {false, 42 * time.Second}} {
		key, err := w.sim.AddKey(w.account.ID, behaviour)
		if err != nil {
			t.Fatal(err)
		}
		_, err = jobs.GatewayReader{
			Client: w.GatewayClient,
		}.Read(t.Context(), domain.Sandbox, vault.NewSecret(key), domain.KindPayment, "pay_1", "hint")
		var refusal jobs.Refusal
		if !errors.As(err, &refusal) || refusal.KeyRefused() != want.refused || refusal.RetryAfter() != want.after {
			t.Errorf("%s: %v", behaviour, err)
		}
	}
}

// An answer that could not be read ended the round, and came first in every later one.
func TestAnAnswerWithoutSenseDoesNotHoldUpTheClinicsOtherReads(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	bad := w.play(t, flows.FlowPix).Payments[0]
	w.garble.Store(bad)
	var good []string
	w.post(t, "", w.forge(t, "payment_received_pix.real", bad))
	for range 5 { // at once, so that most wait behind the bad one in its round
		good = append(good, w.play(t, flows.FlowPix).Payments[0])
		w.post(t, "", w.forge(t, "payment_received_pix.real", good[len(good)-1]))
	}
	for _, id := range good {
		tenantstest.Eventually(
			t,
			10*time.Second,
			"the others are read",
			func() bool { return w.invoice(t, id).Status == domain.InvoiceReceived },
		)
	}
	if i := w.invoice(t, bad); i.ID != "" {
		t.Errorf("an invoice came of nonsense: %+v", i)
	}
}
