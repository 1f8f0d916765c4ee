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
func started(t *testing.T, clock Clock, r *receiver, opts ...func(*Webhook)) (*Simulator, Account, string) {
	t.Helper()
	s := New(Options{Clock: clock, Seed: 7, DeliveryTimeout: 300 * time.Millisecond})
	t.Cleanup(s.Close)
	a := s.AddAccount(Account{})
	hook := Webhook{URL: r.URL, Token: goodToken}
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
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Fatalf("queues not empty: %v", err)
	}
}

func TestFlowsTellTheDocumentedEventsInOrder(t *testing.T) {
	want := map[Flow]string{
		FlowPix:                  "CREATED RECEIVED",
		FlowPixUnsolicited:       "CREATED RECEIVED",
		FlowBoleto:               "CREATED CONFIRMED RECEIVED",
		FlowBoletoLate:           "CREATED OVERDUE RECEIVED",
		FlowCard:                 "CREATED CONFIRMED RECEIVED",
		FlowCard3x:               "CREATED CREATED CREATED CONFIRMED CONFIRMED CONFIRMED",
		FlowCash:                 "CREATED RECEIVED RECEIVED_IN_CASH_UNDONE RECEIVED",
		FlowRefund:               "CREATED RECEIVED REFUNDED",
		FlowRefundPartial:        "CREATED RECEIVED PARTIALLY_REFUNDED PARTIALLY_REFUNDED",
		FlowRefundCard:           "CREATED CONFIRMED REFUNDED",
		FlowChargebackWon:        "CREATED CONFIRMED CHARGEBACK_REQUESTED CHARGEBACK_DISPUTE AWAITING_CHARGEBACK_REVERSAL CONFIRMED",
		FlowChargebackLost:       "CREATED CONFIRMED CHARGEBACK_REQUESTED CHARGEBACK_DISPUTE REFUNDED",
		FlowDisputeWonReceived:   "CREATED CONFIRMED RECEIVED CHARGEBACK_REQUESTED CHARGEBACK_DISPUTE AWAITING_CHARGEBACK_REVERSAL RECEIVED",
		FlowDisputeLostReceived:  "CREATED CONFIRMED RECEIVED CHARGEBACK_REQUESTED CHARGEBACK_DISPUTE REFUNDED",
		FlowAnticipationRefunded: "CREATED CONFIRMED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED RECEIVABLE_ANTICIPATION_CREDITED REFUNDED RECEIVABLE_ANTICIPATION_DEBITED",
		FlowDeleted:              "CREATED DELETED RESTORED DELETED",
		FlowCheckoutPaid:         "CHECKOUT_CREATED CREATED RECEIVED CHECKOUT_PAID",
		FlowCheckoutPaidFirst:    "CHECKOUT_CREATED CHECKOUT_PAID CREATED RECEIVED",
		FlowCheckoutRecurrent:    "CHECKOUT_CREATED SUBSCRIPTION_CREATED CREATED CONFIRMED CHECKOUT_PAID",
		FlowCheckoutExpired:      "CHECKOUT_CREATED CHECKOUT_EXPIRED",
		FlowCheckoutCanceled:     "CHECKOUT_CREATED CHECKOUT_CANCELED",
		FlowAnticipationCredited: "CREATED CONFIRMED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED RECEIVABLE_ANTICIPATION_CREDITED",
		FlowAnticipationDebited:  "CREATED CONFIRMED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED RECEIVABLE_ANTICIPATION_CREDITED RECEIVED RECEIVABLE_ANTICIPATION_DEBITED",
		FlowAnticipationDenied:   "CREATED CONFIRMED RECEIVABLE_ANTICIPATION_PENDING RECEIVABLE_ANTICIPATION_DENIED",
		FlowAdvancedBoletoPaid:   "CREATED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED RECEIVABLE_ANTICIPATION_CREDITED RECEIVED RECEIVABLE_ANTICIPATION_DEBITED",
		FlowAdvancedBoletoUnpaid: "CREATED RECEIVABLE_ANTICIPATION_PENDING ANTICIPATED RECEIVABLE_ANTICIPATION_CREDITED OVERDUE RECEIVABLE_ANTICIPATION_OVERDUE RECEIVABLE_ANTICIPATION_DEBITED",
		FlowDisputeOpen:          "CREATED CONFIRMED CHARGEBACK_REQUESTED",
		FlowDebitCard:            "CREATED CONFIRMED RECEIVED",
		FlowCaptured:             "CREATED AUTHORIZED CONFIRMED",
		FlowRiskApproved:         "CREATED AWAITING_RISK_ANALYSIS APPROVED_BY_RISK_ANALYSIS CONFIRMED",
		FlowRiskReproved:         "CREATED AWAITING_RISK_ANALYSIS REPROVED_BY_RISK_ANALYSIS",
		FlowDunning:              "CREATED OVERDUE DUNNING_REQUESTED DUNNING_RECEIVED",
		FlowBoletoOverdue:        "CREATED OVERDUE",
		FlowBoletoOpen:           "CREATED",
		FlowBoletoViewed:         "CREATED CHECKOUT_VIEWED BANK_SLIP_VIEWED RECEIVED",
		FlowRefundBoleto:         "CREATED CONFIRMED RECEIVED REFUND_IN_PROGRESS REFUNDED",
		FlowRefundDenied:         "CREATED CONFIRMED RECEIVED REFUND_IN_PROGRESS REFUND_DENIED",
		FlowTransfer:             "CREATED RECEIVED TRANSFER_CREATED TRANSFER_IN_BANK_PROCESSING TRANSFER_DONE",
		FlowTransferFailed:       "CREATED RECEIVED TRANSFER_CREATED TRANSFER_IN_BANK_PROCESSING TRANSFER_FAILED",
		FlowBlocked:              "CREATED RECEIVED BALANCE_VALUE_BLOCKED",
		FlowUnblocked:            "CREATED RECEIVED BALANCE_VALUE_BLOCKED BALANCE_VALUE_UNBLOCKED",
		FlowInternal:             "CREATED RECEIVED INTERNAL_TRANSFER_DEBIT INTERNAL_TRANSFER_CREDIT",
		FlowShared:               "CREATED RECEIVED SPLIT_DONE SPLIT_DONE",
	}
	if len(want) != len(Flows()) {
		t.Errorf("%d flows are specified, %d exist", len(want), len(Flows()))
	}
	for _, flow := range Flows() {
		t.Run(string(flow), func(t *testing.T) {
			r := newReceiver(t, 200)
			s, a, _ := started(t, NewManualClock(noon), r)
			if _, err := s.Play(a.ID, flow, Story{}); err != nil {
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
func checkEnvelopes(t *testing.T, bodies []*jsonobject.Object, a Account) {
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
		flow         Flow
		at           int // of the event in the flow
		sample, word string
	}{
		{FlowPix, 0, "payment_created_pix.real", "payment"},
		{FlowPix, 1, "payment_received_pix.real", "payment"},
		{FlowBoleto, 2, "payment_received_boleto_viewed.real", "payment"},
		{FlowBoletoLate, 1, "payment_overdue_boleto.made", "payment"},
		{FlowCard, 1, "payment_confirmed_credit_card_checkout.real", "payment"},
		{FlowCard3x, 0, "payment_created_credit_card_installment_1of2.real", "payment"},
		{FlowRefund, 2, "payment_refunded_pix.real", "payment"},
		{FlowChargebackWon, 2, "payment_chargeback_requested.made", "payment"},
		{FlowCheckoutPaid, 3, "checkout_paid_pix.real", "checkout"},
		{FlowAnticipationCredited, 4, "receivable_anticipation_credited.doc", "anticipation"},
	} {
		t.Run(c.sample, func(t *testing.T) {
			r := newReceiver(t, 200)
			s, a, _ := started(t, NewManualClock(noon), r)
			if _, err := s.Play(a.ID, c.flow, Story{}); err != nil {
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
	s, a, _ := started(t, NewManualClock(noon), r)
	if _, err := s.Play(a.ID, FlowCard3x, Story{AmountCents: 10_000}); err != nil {
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
	s, a, _ := started(t, NewManualClock(noon), r)
	if _, err := s.Play(a.ID, FlowAnticipationDebited, Story{AmountCents: 10_000}); err != nil {
		t.Fatal(err)
	}
	s.World.Lock()
	defer s.World.Unlock()
	books, err := s.World.find(a.ID)
	if err != nil {
		t.Fatal(err)
	}
	n := books.anticipations[0]
	if got, want := books.balance(), n.value-n.fee; got != want || n.value != 9_652 {
		t.Errorf("balance %d, want %d", got, want)
	}
}

func writeValue(v any) []byte {
	return jsonobject.Of("v", v).Bytes()[5 : len(jsonobject.Of("v", v).Bytes())-1]
}
