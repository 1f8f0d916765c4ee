package asaasapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/flows"
)

func TestTheStatementEndsInTheBalance(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	for _, flow := range flows.All() {
		for range 3 { // more than a page of lines in all
			if _, err := w.Play(w.account.ID, flow, flows.Variation{AmountCents: 12_345}); err != nil {
				t.Fatal(err)
			}
		}
	}
	lines, err := w.Statement(t.Context(), w.cred(), "2026-01-01", "2026-11-22")
	if err != nil || len(lines) <= 100 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	sum := domain.Money(0)
	for _, l := range lines {
		if sum += l.Value; l.Balance != sum {
			t.Fatalf("%+v stands behind %d", l, sum)
		}
		ofCharge := strings.HasPrefix(l.Type, "PAYMENT_") || strings.HasPrefix(l.Type, "RECEIVABLE_") ||
			strings.HasPrefix(l.Type, "CHARGEBACK")
		if ofCharge == (l.Payment == "") && l.Split == "" || l.Type == "" || l.Date == "" {
			t.Errorf("%+v", l)
		}
	}
	if balance, err := w.Balance(t.Context(), w.cred()); err != nil || balance != sum {
		t.Errorf("balance %d %v, want %d", balance, err, sum)
	}
	if lines, err := w.Statement(t.Context(), w.cred(), "2020-01-01", "2020-01-31"); err != nil || len(lines) != 0 {
		t.Errorf("a month before the account: %v %v", lines, err)
	}
}

// While pages are read, a new object pushes the last one of a page onto the next.
func TestAListWhosePagesShiftShowsEachObjectOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ids := map[string][]int{"0": {1, 2, 3}, "100": {3, 4}}[r.URL.Query().Get("offset")]
		var data []string
		for _, n := range ids {
			data = append(
				data,
				fmt.Sprintf(`{"id":"ftn_%d","value":-1.5,"balance":0,"type":"X","date":"2026-11-22","paymentId":null}`, n),
			)
		}
		fmt.Fprintf(w, `{"hasMore":%t,"data":[%s]}`, len(ids) == 3, strings.Join(data, ","))
	}))
	t.Cleanup(server.Close)
	lines, err := newClient(t, server.URL).Statement(t.Context(), credential("$aact_hmlg_x"), "2026-11-22", "2026-11-22")
	var ids []string
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	if got := strings.Join(ids, " "); err != nil || got != "ftn_1 ftn_2 ftn_3 ftn_4" || lines[0].Value != -150 {
		t.Errorf("%s, %v", got, err)
	}
}

func TestAnAmountThatIsNotExactIsRefused(t *testing.T) {
	server := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"balance":1.005}`) }),
	)
	t.Cleanup(server.Close)
	if m, err := newClient(t, server.URL).Balance(t.Context(), credential("$aact_hmlg_x")); err == nil {
		t.Errorf("read as %d", m)
	}
}

// What a method costs at most: the fixed amount, the share of a single payment, the share of the dearest plan.
func TestTheFeesAreWhatTheAccountPaysAtMost(t *testing.T) {
	w := newWorld(t, simulator.Options{})
	got, err := w.Fees(t.Context(), w.cred())
	if err != nil {
		t.Fatal(err)
	}
	want := domain.Fees{
		"BOLETO": {Fixed: 199}, "PIX": {Fixed: 199}, "DEBIT_CARD": {Fixed: 35, Percent: 189},
		"CREDIT_CARD": {Fixed: 49, Percent: 299, Plan: 429},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
