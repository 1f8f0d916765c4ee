package simulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
)

var noon = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

// receiver is a webhook endpoint that keeps what comes in and answers status.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	bodies []*jsonobject.Object
	heads  []http.Header
}

func newReceiver(t *testing.T, status int) *receiver {
	t.Helper()
	r := &receiver{status: status}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := received(req)
		if err != nil {
			t.Errorf("delivery: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies, r.heads = append(r.bodies, body), append(r.heads, req.Header)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) got() []*jsonobject.Object {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bodies)
}

func (r *receiver) events() (names []string) {
	for _, b := range r.got() {
		names = append(names, strings.TrimPrefix(b.Text("event"), "PAYMENT_"))
	}
	return names
}

const goodToken = "kJ8sPq2LmN7rTvWxYzAbCdEfGhIjKlMnOpQrStUvWxYzAbCd"

// received reads the JSON object that a request brings.
func received(r *http.Request) (*jsonobject.Object, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return jsonobject.Parse(raw)
}

// started returns a simulator at noon with one account whose webhook points at r.
func started(t *testing.T, clock clock.Clock, r *receiver, opts ...func(*webhooks.Webhook)) (*Simulator,
	accounts.Account, string,
) {
	t.Helper()
	s := New(Options{Clock: clock, Seed: 7, DeliveryTimeout: time.Minute}) // a busy machine is no receiver that hangs
	t.Cleanup(s.Close)
	a := s.AddAccount(accounts.Account{})
	hook := webhooks.Webhook{URL: r.URL, Token: goodToken}
	for _, opt := range opts {
		opt(&hook)
	}
	id, err := s.AddWebhook(a.ID, hook)
	if err != nil {
		t.Fatal(err)
	}
	return s, a, id
}

func drain(t *testing.T, s *Simulator) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Fatalf("queues not empty: %v", err)
	}
}

func TestFlowsTellTheDocumentedEventsInOrder(t *testing.T) {
	want := map[flows.Flow]string{
		flows.FlowPix:            "CREATED RECEIVED",
		flows.FlowPixUnsolicited: "CREATED RECEIVED",
		flows.FlowBoleto:         "CREATED CONFIRMED RECEIVED",
		flows.FlowBoletoLate:     "CREATED OVERDUE RECEIVED",
		flows.FlowCard:           "CREATED CONFIRMED RECEIVED",
		flows.FlowCard3x:         "CREATED CREATED CREATED CONFIRMED CONFIRMED CONFIRMED",
		flows.FlowCash:           "CREATED RECEIVED RECEIVED_IN_CASH_UNDONE RECEIVED",
		flows.FlowRefund:         "CREATED RECEIVED REFUNDED",
		flows.FlowRefundPartial:  "CREATED RECEIVED PARTIALLY_REFUNDED PARTIALLY_REFUNDED",
		flows.FlowRefundCard:     "CREATED CONFIRMED REFUNDED",
		flows.FlowChargebackWon: "CREATED CONFIRMED CHARGEBACK_REQUESTED " +
			"CHARGEBACK_DISPUTE AWAITING_CHARGEBACK_REVERSAL CONFIRMED",
		flows.FlowChargebackLost: "CREATED CONFIRMED CHARGEBACK_REQUESTED CHARGEBACK_DISPUTE REFUNDED",
		flows.FlowDisputeWonReceived: "CREATED CONFIRMED RECEIVED CHARGEBACK_REQUESTED " +
			"CHARGEBACK_DISPUTE AWAITING_CHARGEBACK_REVERSAL RECEIVED",
		flows.FlowDisputeLostReceived: "CREATED CONFIRMED RECEIVED CHARGEBACK_REQUESTED CHARGEBACK_DISPUTE REFUNDED",
		flows.FlowAnticipationRefunded: "CREATED CONFIRMED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED " +
			"RECEIVABLE_ANTICIPATION_CREDITED REFUNDED RECEIVABLE_ANTICIPATION_DEBITED",
		flows.FlowDeleted:             "CREATED DELETED RESTORED DELETED",
		flows.FlowCheckoutPaid:        "CHECKOUT_CREATED CREATED RECEIVED CHECKOUT_PAID",
		flows.FlowCheckoutPaidFirst:   "CHECKOUT_CREATED CHECKOUT_PAID CREATED RECEIVED",
		flows.FlowCheckoutRecurrent:   "CHECKOUT_CREATED SUBSCRIPTION_CREATED CREATED CONFIRMED CHECKOUT_PAID",
		flows.FlowCheckoutBoletoLate:  "CHECKOUT_CREATED CREATED CHECKOUT_EXPIRED CONFIRMED RECEIVED CHECKOUT_PAID",
		flows.FlowCheckoutBoletoTwice: "CHECKOUT_CREATED CREATED CREATED RECEIVED CHECKOUT_PAID CONFIRMED RECEIVED",
		flows.FlowCheckoutBoletoPart:  "CHECKOUT_CREATED CREATED CONFIRMED RECEIVED CHECKOUT_PAID PARTIALLY_REFUNDED",
		flows.FlowCheckoutExpired:     "CHECKOUT_CREATED CHECKOUT_EXPIRED",
		flows.FlowCheckoutCanceled:    "CHECKOUT_CREATED CHECKOUT_CANCELED",
		flows.FlowAnticipationCredited: "CREATED CONFIRMED RECEIVABLE_ANTICIPATION_PENDING " +
			"ANTICIPATED RECEIVABLE_ANTICIPATION_CREDITED",
		flows.FlowAnticipationDebited: "CREATED CONFIRMED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED " +
			"RECEIVABLE_ANTICIPATION_CREDITED RECEIVED RECEIVABLE_ANTICIPATION_DEBITED",
		flows.FlowAnticipationDenied: "CREATED CONFIRMED RECEIVABLE_ANTICIPATION_PENDING RECEIVABLE_ANTICIPATION_DENIED",
		flows.FlowAdvancedBoletoPaid: "CREATED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED " +
			"RECEIVABLE_ANTICIPATION_CREDITED RECEIVED RECEIVABLE_ANTICIPATION_DEBITED",
		flows.FlowAdvancedBoletoUnpaid: "CREATED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED " +
			"RECEIVABLE_ANTICIPATION_CREDITED OVERDUE RECEIVABLE_ANTICIPATION_OVERDUE RECEIVABLE_ANTICIPATION_DEBITED",
		flows.FlowDisputeOpen:    "CREATED CONFIRMED CHARGEBACK_REQUESTED",
		flows.FlowDebitCard:      "CREATED CONFIRMED RECEIVED",
		flows.FlowCaptured:       "CREATED AUTHORIZED CONFIRMED",
		flows.FlowRiskApproved:   "CREATED AWAITING_RISK_ANALYSIS APPROVED_BY_RISK_ANALYSIS CONFIRMED",
		flows.FlowRiskReproved:   "CREATED AWAITING_RISK_ANALYSIS REPROVED_BY_RISK_ANALYSIS",
		flows.FlowDunning:        "CREATED OVERDUE DUNNING_REQUESTED DUNNING_RECEIVED",
		flows.FlowBoletoOverdue:  "CREATED OVERDUE",
		flows.FlowBoletoOpen:     "CREATED",
		flows.FlowBoletoViewed:   "CREATED CHECKOUT_VIEWED BANK_SLIP_VIEWED RECEIVED",
		flows.FlowRefundBoleto:   "CREATED CONFIRMED RECEIVED REFUND_IN_PROGRESS REFUNDED",
		flows.FlowRefundDenied:   "CREATED CONFIRMED RECEIVED REFUND_IN_PROGRESS REFUND_DENIED",
		flows.FlowTransfer:       "CREATED RECEIVED TRANSFER_CREATED TRANSFER_IN_BANK_PROCESSING TRANSFER_DONE",
		flows.FlowTransferFailed: "CREATED RECEIVED TRANSFER_CREATED TRANSFER_IN_BANK_PROCESSING TRANSFER_FAILED",
		flows.FlowBlocked:        "CREATED RECEIVED BALANCE_VALUE_BLOCKED",
		flows.FlowUnblocked:      "CREATED RECEIVED BALANCE_VALUE_BLOCKED BALANCE_VALUE_UNBLOCKED",
		flows.FlowInternal:       "CREATED RECEIVED INTERNAL_TRANSFER_DEBIT INTERNAL_TRANSFER_CREDIT",
		flows.FlowShared:         "CREATED RECEIVED SPLIT_DONE SPLIT_DONE",
	}
	if len(want) != len(flows.All()) {
		t.Errorf("%d flows are specified, %d exist", len(want), len(flows.All()))
	}
	for _, flow := range flows.All() {
		t.Run(string(flow), func(t *testing.T) {
			r := newReceiver(t, 200)
			s, a, _ := started(t, clock.NewManualClock(noon), r)
			if _, err := s.Play(a.ID, flow, flows.Variation{}); err != nil {
				t.Fatal(err)
			}
			drain(t, s)
			if got := strings.Join(r.events(), " "); got != want[flow] {
				t.Errorf("got  %s\nwant %s", got, want[flow])
			}
			checkEnvelopes(t, r.got(), a)
		})
	}
}

// checkEnvelopes proves what holds for the events of every flow.
func checkEnvelopes(t *testing.T, bodies []*jsonobject.Object, a accounts.Account) {
	t.Helper()
	last, lastAt := int64(0), ""
	for _, b := range bodies {
		e := asaas.Peek(b.Bytes())
		event, at := b.Text("event"), b.Text("dateCreated")
		if want := asaas.EventID(event, e.Seq); e.ID != want || e.Malformed+e.Ambiguous != "" {
			t.Errorf("id %s, want %s; %s%s", e.ID, want, e.Malformed, e.Ambiguous)
		}
		if e.Seq <= last {
			t.Errorf("counter %d after %d", e.Seq, last)
		}
		last = e.Seq
		if at < lastAt || at > "2026-11-22 12:00:00" {
			t.Errorf("%s dated %s, after %s and before %s expected", event, at, lastAt, noon)
		}
		lastAt = at
		if account, _ := b.Get("account").(*jsonobject.Object); account == nil || account.Text("id") != a.ID {
			t.Errorf("%s without its account", event)
		}
	}
}

// keysOf returns an object's keys in order.
func keysOf(o *jsonobject.Object) string {
	var keys []string
	for key := range o.All() {
		keys = append(keys, key)
	}
	return strings.Join(keys, " ")
}

func TestPayloadsHaveTheKeysOfRealCaptures(t *testing.T) {
	for _, c := range []struct {
		flow         flows.Flow
		at           int // of the event in the flow
		sample, word string
	}{
		{flows.FlowPix, 0, "payment_created_pix.real", "payment"},
		{flows.FlowPix, 1, "payment_received_pix.real", "payment"},
		{flows.FlowBoleto, 2, "payment_received_boleto_viewed.real", "payment"},
		{flows.FlowBoletoLate, 1, "payment_overdue_boleto.made", "payment"},
		{flows.FlowCard, 1, "payment_confirmed_credit_card_checkout.real", "payment"},
		{flows.FlowCard3x, 0, "payment_created_credit_card_installment_1of2.real", "payment"},
		{flows.FlowRefund, 2, "payment_refunded_pix.real", "payment"},
		{flows.FlowChargebackWon, 2, "payment_chargeback_requested.made", "payment"},
		{flows.FlowCheckoutPaid, 3, "checkout_paid_pix.real", "checkout"},
		{flows.FlowAnticipationCredited, 4, "receivable_anticipation_credited.doc", "anticipation"},
	} {
		t.Run(c.sample, func(t *testing.T) {
			r := newReceiver(t, 200)
			s, a, _ := started(t, clock.NewManualClock(noon), r)
			if _, err := s.Play(a.ID, c.flow, flows.Variation{}); err != nil {
				t.Fatal(err)
			}
			drain(t, s)
			sample, err := jsonobject.Parse(samples.Event(c.sample))
			if err != nil {
				t.Fatal(err)
			}
			want := keysOf(sample.Get(c.word).(*jsonobject.Object))
			if got := keysOf(r.got()[c.at].Get(c.word).(*jsonobject.Object)); got != want {
				t.Errorf("keys\n got %s\nwant %s", got, want)
			}
		})
	}
}

func TestACardChargeIsBornConfirmed(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, _ := started(t, clock.NewManualClock(noon), r)
	if _, err := s.Play(a.ID, flows.FlowCard3x, flows.Variation{AmountCents: 10_000}); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	days := map[string]bool{}
	for _, b := range r.got() {
		p := b.Get("payment").(*jsonobject.Object)
		if p.Text("status") != "CONFIRMED" || string(p.Bytes()) == "" {
			t.Errorf("%s says %s", b.Text("event"), p.Text("status"))
		}
		if net := string(writeValue(p.Get("netValue"))); net != "96.35" {
			t.Errorf("net of 100 in three is %s, want 96.35", net)
		}
		days[p.Text("creditDate")] = true
		if b.Text("dateCreated") != r.got()[0].Text("dateCreated") {
			t.Errorf("not all in one second")
		}
	}
	if len(days) != 3 {
		t.Errorf("credit days %v, want three", days)
	}
}

func TestTheBalanceOfASettledAnticipationIsWhatTheAdvancePaid(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, _ := started(t, clock.NewManualClock(noon), r)
	if _, err := s.Play(a.ID, flows.FlowAnticipationDebited, flows.Variation{AmountCents: 10_000}); err != nil {
		t.Fatal(err)
	}
	s.World.Lock()
	defer s.World.Unlock()
	books, err := s.World.Find(a.ID)
	if err != nil {
		t.Fatal(err)
	}
	n := books.Anticipations[0]
	if got, want := books.Balance(), n.Value-n.Fee; got != want || n.Value != 9_652 {
		t.Errorf("balance %d, want %d", got, want)
	}
}

func writeValue(v any) []byte {
	return jsonobject.Of("v", v).Bytes()[5 : len(jsonobject.Of("v", v).Bytes())-1]
}
