package simulator

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
)

// customerID makes a payer.
func (a client) customerID(name, reference string) string {
	return a.want(
		200,
		"POST",
		"/v3/customers",
		fmt.Sprintf(`{"name":%q,"cpfCnpj":"24971563792","externalReference":%q}`, name, reference),
	).Text("id")
}

// count returns how many objects a list has.
func (a client) count(path string) int { return len(a.want(200, "GET", path, "").Get("data").([]any)) }

func TestAPlanDividesToTheCentavoAndTheRestStaysWithTheLast(t *testing.T) {
	a := newAPI(t, Options{})
	customer := a.customerID("Ana", "")
	for _, c := range []struct {
		total, count string
		each, last   string
	}{
		{"350", "12", "29.16", "29.24"},
		{"2504.15", "2", "1252.07", "1252.08"},
		{"300", "3", "100.0", "100.0"},
	} { // docs/gateway.md, instalment plans
		plan := a.want(
			200,
			"POST",
			"/v3/installments",
			`{"customer":"`+customer+`","billingType":"CREDIT_CARD","totalValue":`+c.total+`,"installmentCount":`+c.count+
				`,"dueDate":"2026-12-01"}`,
		)
		id := plan.Text("id")
		data := a.want(200, "GET", "/v3/installments/"+id+"/payments?limit=100", "").Get("data").([]any)
		first, last := data[0].(*jsonobject.Object), data[len(data)-1].(*jsonobject.Object)
		if fmt.Sprint(len(data)) != c.count || fmt.Sprint(first.Get("value")) != c.each ||
			fmt.Sprint(last.Get("value")) != c.last {
			t.Errorf("%s in %s: %d of %v, the last %v", c.total, c.count, len(data), first.Get("value"),
				last.Get("value"))
		}
		if n := a.count("/v3/payments?limit=100&installment=" + id); fmt.Sprint(n) != c.count {
			t.Errorf("the list of charges has %d of the plan", n)
		}
	}
	if a.count("/v3/installments") != 3 {
		t.Error("not every plan is listed")
	}
	a.want(
		400,
		"POST",
		"/v3/installments",
		`{"customer":"`+customer+`","billingType":"PIX","totalValue":10,"installmentCount":1,"dueDate":"2026-12-01"}`,
	)
	a.want(
		400,
		"POST",
		"/v3/installments",
		`{"customer":"cus_x","billingType":"PIX","totalValue":10,"installmentCount":2,"dueDate":"2026-12-01"}`,
	)
	a.want(404, "GET", "/v3/installments/nobody", "")
}

func TestAPlanIsRemovedAndGivenBackChargeByCharge(t *testing.T) {
	r := newReceiver(t, 200)
	s, account, _ := started(t, clock.NewManualClock(noon), r)
	a := serve(t, s, account)
	play(t, s, account, flows.FlowCard3x)
	id := a.want(200, "GET", "/v3/installments", "").Get("data").([]any)[0].(*jsonobject.Object).Text("id")
	a.want(200, "POST", "/v3/installments/"+id+"/refund", "")
	a.want(200, "DELETE", "/v3/installments/"+id, "") // nothing is open any more
	drain(t, s)
	if got := strings.Join(r.events()[6:], " "); got != "REFUNDED REFUNDED REFUNDED" {
		t.Errorf("told %s", got)
	}
}

func TestASubscriptionIsReadListedAndEnded(t *testing.T) {
	r := newReceiver(t, 200)
	clock := clock.NewManualClock(noon)
	s, account, _ := started(t, clock, r)
	a := serve(t, s, account)
	customer := a.customerID("Ana", "")
	id := a.want(
		200,
		"POST",
		"/v3/subscriptions",
		`{"customer":"`+customer+`","billingType":"BOLETO","value":19.9,"nextDueDate":"2026-11-30",`+
			`"cycle":"WEEKLY","endDate":"2026-12-10"}`,
	).Text("id")
	clock.Advance(3 * accounts.Day)
	got := a.want(200, "GET", "/v3/subscriptions/"+id, "")
	if got.Text("status") != "EXPIRED" || got.Text("nextDueDate") != "2026-12-14" ||
		a.count("/v3/subscriptions/"+id+"/payments") != 2 || a.count("/v3/payments?subscription="+id) != 2 {
		t.Errorf("after two weeks' charges: %s", got.Bytes())
	}
	if a.count("/v3/subscriptions?customer="+customer) != 1 || a.count("/v3/subscriptions?customer=nobody") != 0 {
		t.Error("the list does not filter by customer")
	}
	a.want(200, "DELETE", "/v3/subscriptions/"+id, "")
	drain(t, s)
	if got := strings.Join(
		r.events(),
		" ",
	); got != "SUBSCRIPTION_CREATED CREATED CREATED SUBSCRIPTION_DELETED DELETED DELETED" {
		t.Errorf("told %s", got)
	}
	a.want(
		400,
		"POST",
		"/v3/subscriptions",
		`{"customer":"`+customer+`","billingType":"BOLETO","value":19.9,"nextDueDate":"2026-11-30","cycle":"HOURLY"}`,
	)
}

func TestADisputeIsListedContestedAndWonOnTheClock(t *testing.T) {
	clock := clock.NewManualClock(noon)
	a := newAPI(t, Options{Clock: clock})
	account := a.State().Accounts[0].Account
	made := play(t, a.Simulator, account, flows.FlowDisputeOpen)
	found := a.want(200, "GET", "/v3/payments/"+made.Payments[0]+"/chargeback", "")
	id := found.Text("id")
	if found.Text("status") != "REQUESTED" || a.count("/v3/chargebacks?status=REQUESTED") != 1 ||
		a.count("/v3/chargebacks?status=DONE") != 0 ||
		a.count("/v3/chargebacks?originDisputeDate[ge]=2026-11-21") != 1 ||
		a.count("/v3/chargebacks?originDisputeDate[ge]=2026-11-22") != 0 {
		t.Errorf("the dispute: %s", found.Bytes())
	}
	a.want(200, "POST", "/v3/chargebacks/"+id+"/dispute", "")
	a.want(400, "POST", "/v3/chargebacks/"+id+"/dispute", "")
	a.want(404, "POST", "/v3/chargebacks/nobody/dispute", "")
	clock.Advance(22 * accounts.Day)
	if p := a.want(200, "GET", "/v3/payments/"+made.Payments[0], ""); p.Text("status") != "CONFIRMED" ||
		p.Get("chargeback").(*jsonobject.Object).Text("status") != "DONE" {
		t.Errorf("after the verdict: %s", p.Bytes())
	}
	a.want(404, "GET", "/v3/payments/pay_x/chargeback", "")
}

func TestLimitsShrinkByWhatIsAdvanced(t *testing.T) {
	a := newAPI(t, Options{})
	account := a.State().Accounts[0].Account
	before := a.want(200, "GET", "/v3/anticipations/limits", "").Get("creditCard").(*jsonobject.Object)
	play(t, a.Simulator, account, flows.FlowAnticipationCredited)
	play(t, a.Simulator, account, flows.FlowAnticipationDebited) // settled: counts no more
	after := a.want(200, "GET", "/v3/anticipations/limits", "").Get("creditCard").(*jsonobject.Object)
	if got := reais(t, before.Get("available")) - reais(t, after.Get("available")); got != 10_000 {
		t.Errorf("the limit shrank by %d, want 10000", got)
	}
}

func TestAutomaticAdvancesNeedNoCall(t *testing.T) {
	clock := clock.NewManualClock(noon)
	a := newAPI(t, Options{Clock: clock})
	if on := a.want(200, "PUT", "/v3/anticipations/configurations",
		`{"creditCardAutomaticEnabled":true}`); on.Get("creditCardAutomaticEnabled") != true {
		t.Errorf("answer %s", on.Bytes())
	}
	customer := a.customerID("Ana", "")
	id := a.want(
		200,
		"POST",
		"/v3/payments",
		`{"customer":"`+customer+`","billingType":"CREDIT_CARD","value":100,"dueDate":"2026-11-25"}`,
	).Text("id")
	a.want(200, "POST", "/v3/sandbox/payment/"+id+"/confirm", "")
	clock.Advance(3 * accounts.Day)
	if p := a.want(200, "GET", "/v3/payments/"+id, ""); p.Get("anticipated") != true {
		t.Errorf("not advanced: %s", p.Bytes())
	}
}

func TestAChargeMovedToALaterDayIsPendingAgain(t *testing.T) {
	clock := clock.NewManualClock(noon)
	a := newAPI(t, Options{Clock: clock})
	customer := a.customerID("Ana", "")
	id := a.want(
		200,
		"POST",
		"/v3/payments",
		`{"customer":"`+customer+`","billingType":"BOLETO","value":100,"dueDate":"2026-11-24"}`,
	).Text("id")
	status := func() string { return a.want(200, "GET", "/v3/payments/"+id+"/status", "").Text("status") }
	clock.Advance(5 * accounts.Day)
	if status() != "OVERDUE" {
		t.Errorf("five days on: %s", status())
	}
	a.want(200, "PUT", "/v3/payments/"+id, `{"billingType":"BOLETO","value":120.5,"dueDate":"2026-12-10"}`)
	if p := a.want(200, "GET", "/v3/payments/"+id, ""); p.Text("status") != "PENDING" ||
		reais(t, p.Get("value")) != 12_050 || p.Text("originalDueDate") != "2026-11-24" {
		t.Errorf("moved: %s", p.Bytes())
	}
	clock.Advance(20 * accounts.Day)
	if status() != "OVERDUE" {
		t.Errorf("the new date passed: %s", status())
	}
}

func TestABoletoIsGivenBackAfterThePayerNamedABank(t *testing.T) {
	clock := clock.NewManualClock(noon)
	a := newAPI(t, Options{Clock: clock})
	id := play(t, a.Simulator, a.State().Accounts[0].Account, flows.FlowBoleto).Payments[0]
	if got := a.want(200, "POST", "/v3/payments/"+id+"/bankSlip/refund", ""); got.Text("requestUrl") == "" {
		t.Errorf("no page for the payer: %s", got.Bytes())
	}
	a.want(400, "POST", "/v3/payments/"+id+"/bankSlip/refund", "")
	for _, want := range []string{"REFUND_IN_PROGRESS", "REFUNDED"} {
		if got := a.want(200, "GET", "/v3/payments/"+id+"/status", "").Text("status"); got != want {
			t.Errorf("status %s, want %s", got, want)
		}
		clock.Advance(49 * time.Hour)
	}
}

func TestCustomersAreFoundByWhatTheyAre(t *testing.T) {
	a := newAPI(t, Options{})
	a.customerID("Ana", "tutor-1")
	a.customerID("Bia", "")
	for query, want := range map[string]int{
		"": 2, "?externalReference=tutor-1": 1, "?cpfCnpj=24971563792": 2,
		"?name=Bia": 1, "?name=Caio": 0,
	} {
		if got := a.count("/v3/customers" + query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}

func TestACapturedCardIsConfirmed(t *testing.T) {
	a := newAPI(t, Options{})
	account := a.State().Accounts[0].Account
	made := play(t, a.Simulator, account, flows.FlowBoletoOpen).Payments[0]
	a.want(400, "POST", "/v3/payments/"+made+"/captureAuthorizedPayment", "")
	a.World.Lock()
	books, err := a.World.Find(account.ID)
	if err != nil {
		t.Fatal(err)
	}
	a.World.Scene(books).Authorize(books.Payments[0])
	a.World.Unlock()
	if got := a.want(200, "POST", "/v3/payments/"+made+"/captureAuthorizedPayment",
		""); got.Text("status") != "CONFIRMED" {
		t.Errorf("captured: %s", got.Bytes())
	}
}

func TestRefusalsTellTheirCause(t *testing.T) {
	a := newAPI(t, Options{})
	id, good := a.State().Accounts[0].ID, a.key
	for behaviour, want := range map[accounts.Behaviour]struct {
		status int
		code   string // "": no JSON
		reset  string
	}{
		accounts.KeyNoPermission: {403, "insufficient_permission", ""},
		accounts.KeyBlockedIP:    {403, "not_allowed_ip", ""},
		accounts.KeyBlockedEdge:  {403, "", ""},
		accounts.KeyLimited:      {429, "too_many_requests", "42"},
		accounts.KeyBroken:       {500, "", ""},
	} {
		value, err := a.AddKey(id, behaviour)
		if err != nil {
			t.Fatal(err)
		}
		a.key = value
		status, body, head := a.call("GET", "/v3/payments", "")
		code := ""
		if list, ok := body.Get("errors").([]any); ok {
			code = list[0].(*jsonobject.Object).Text("code")
		}
		if status != want.status || code != want.code || head.Get("RateLimit-Reset") != want.reset {
			t.Errorf("%s: %d %q reset %q", behaviour, status, code, head.Get("RateLimit-Reset"))
		}
	}
	a.key = good
	hook := `{"name":"x","url":"https://example.com","email":"a@example.com","sendType":"SEQUENTIALLY","authToken":"` +
		goodToken + `","events":["PAYMENT_CREATED"]}`
	for range 10 {
		a.want(200, "POST", "/v3/webhooks", hook)
	}
	a.want(400, "POST", "/v3/webhooks", hook) // the eleventh
}

// serve returns a client of a world that stands already.
func serve(t *testing.T, s *Simulator, account accounts.Account) client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return client{s, t, server.URL, account.Key}
}
