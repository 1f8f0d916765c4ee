package simulator

import (
	"strings"
	"testing"
	"time"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
)

func TestATransferGoesItsWayOnTheClock(t *testing.T) {
	clock := clock.NewManualClock(noon)
	a := newAPI(t, Options{Clock: clock})
	play(t, a.Simulator, a.State().Accounts[0].Account, flows.FlowPix)
	balance := func() accounts.Cents { return reais(t, a.want(200, "GET", "/v3/finance/balance", "").Get("balance")) }
	sent := a.want(200, "POST", "/v3/transfers", `{"value":40,"pixAddressKey":"a@example.com"}`).Text("id")
	if got := balance(); got != 9_801-4_000 {
		t.Errorf("balance %d: the money leaves at once", got)
	}
	status := func() string { return a.want(200, "GET", "/v3/transfers/"+sent, "").Text("status") }
	for _, step := range []struct {
		go_  time.Duration
		want string
	}{{time.Minute, "PENDING"}, {2 * time.Minute, "BANK_PROCESSING"}, {5 * time.Minute, "DONE"}} {
		clock.Advance(step.go_)
		if got := status(); got != step.want {
			t.Errorf("after %s more: %s, want %s", step.go_, got, step.want)
		}
	}
	again := a.want(200, "POST", "/v3/transfers",
		`{"value":10,"walletId":"48548710-9baa-4ec1-a11f-9010193527c6"}`).Text("id")
	a.want(200, "DELETE", "/v3/transfers/"+again+"/cancel", "")
	if got := balance(); got != 9_801-4_000 {
		t.Errorf("balance %d: what is cancelled comes back", got)
	}
	a.want(400, "POST", "/v3/transfers", `{"value":1000,"pixAddressKey":"a@example.com"}`)
}

func TestAShareOfAChargeMadeByTheAPIIsSettledWhenItIsPaid(t *testing.T) {
	clock := clock.NewManualClock(noon)
	a := newAPI(t, Options{Clock: clock})
	payer := a.want(200, "POST", "/v3/customers", `{"name":"Ana","cpfCnpj":"24971563792"}`).Text("id")
	body := `{"customer":"` + payer + `","billingType":"PIX","value":100,"dueDate":"2026-11-25",` +
		`"split":[{"walletId":"48548710-9baa-4ec1-a11f-9010193527c6","fixedValue":30}]}`
	made := a.want(200, "POST", "/v3/payments", body).Text("id")
	a.want(200, "POST", "/v3/sandbox/payment/"+made+"/confirm", "")
	clock.Advance(2 * time.Second)
	lines := a.statement(t)
	last := lines[len(lines)-1]
	if reais(t, last.Get("value")) != -3_000 || last.Text("splitId") == "" {
		t.Errorf("the share's line: %s", last.Bytes())
	}
	for name, split := range map[string]string{
		"to itself":  `[{"walletId":"` + a.State().Accounts[0].WalletID + `","fixedValue":30}]`,
		"of nothing": `[{"walletId":"w"}]`,
		"twice":      `[{"walletId":"w","fixedValue":1,"percentualValue":2}]`, "nowhere": `[{"fixedValue":1}]`,
	} {
		refusal := a.want(400, "POST", "/v3/payments",
			strings.Replace(body, body[strings.Index(body, "[{"):len(body)-1], split, 1))
		if !strings.Contains(string(refusal.Bytes()), "invalid_split") {
			t.Errorf("%s: %s", name, refusal.Bytes())
		}
	}
}
