package asaasapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants/vault"
)

// callEverything makes each of the client's calls that is answered.
func (w world) callEverything(t *testing.T) {
	t.Helper()
	ctx, cred := t.Context(), w.cred()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	payments, _, err := w.Payments(ctx, cred, PaymentQuery{By: Created, From: "2026-01-01", To: "2026-12-31"})
	must(err)
	for _, by := range []DateField{Paid, Credited, DueWithin} {
		_, _, err = w.Payments(ctx, cred, PaymentQuery{By: by, From: "2026-01-01", To: "2027-12-31", Status: "RECEIVED"})
		must(err)
	}
	no := false
	_, _, err = w.Payments(
		ctx,
		cred,
		PaymentQuery{Checkout: "x", Plan: "x", Subscription: "x", Anticipated: &no, Reference: "x"},
	)
	must(err)
	var advance, customer string
	for _, o := range payments {
		var p struct{ ID, Customer string }
		must(decode(&reply{body: o.Body}, &p))
		_, err = w.Payment(ctx, cred, p.ID)
		must(err)
		_, err = w.Refunds(ctx, cred, p.ID)
		must(err)
		customer = p.Customer
	}
	advances, _, err := w.Anticipations(ctx, cred, "")
	must(err)
	_, _, err = w.Anticipations(ctx, cred, "CREDITED")
	must(err)
	var named struct{ ID string }
	must(decode(&reply{body: advances[0].Body}, &named))
	advance = named.ID
	_, err = w.Anticipation(ctx, cred, advance)
	must(err)
	_, err = w.Customer(ctx, cred, customer)
	must(err)
	w.callAccount(t, must)
	w.callWebhooks(t, must)
}

func (w world) callAccount(t *testing.T, must func(error)) {
	ctx, cred := t.Context(), w.cred()
	_, err := w.Verify(ctx, cred, "")
	must(err)
	_, err = w.Balance(ctx, cred)
	must(err)
	_, err = w.Statement(ctx, cred, "2026-01-01", "2026-12-31")
	must(err)
	page, err := w.CreateCheckout(
		ctx,
		cred,
		NewCheckout{Name: "Teste", Value: 500, Minutes: 10, Reference: "r", Back: "https://example.com/"},
	)
	must(err)
	must(w.CancelCheckout(ctx, cred, page))
	_, _ = w.AccountStatus(ctx, credential("$aact_hmlg_nobody")) // 401
}

func (w world) callWebhooks(t *testing.T, must func(error)) {
	ctx, cred := t.Context(), w.cred()
	made, err := w.CreateWebhook(
		ctx,
		cred,
		NewWebhook{
			Name:   "PataPay – Faturas",
			URL:    "https://example.com/x",
			Email:  "a@example.com",
			Token:  NewWebhookToken(),
			Events: []string{"PAYMENT_RECEIVED"},
		},
	)
	must(err)
	_, err = w.CreateWebhook(
		ctx,
		cred,
		NewWebhook{
			Name:   "fraca",
			URL:    "https://example.com/y",
			Email:  "a@example.com",
			Token:  vault.NewSecret("curta"),
			Events: []string{"PAYMENT_RECEIVED"},
		},
	)
	if failure(t, err).Code != Unexpected { // 400
		t.Error("a weak token was taken")
	}
	_, err = w.Webhook(ctx, cred, made.ID)
	must(err)
	_, err = w.Webhooks(ctx, cred)
	must(err)
	off, name, send, link, token := false, "outro", NonSequentially, "https://example.com/z", NewWebhookToken()
	_, err = w.UpdateWebhook(
		ctx,
		cred,
		made.ID,
		WebhookChange{
			Name:        &name,
			URL:         &link,
			SendType:    &send,
			Enabled:     &off,
			Interrupted: &off,
			Token:       &token,
			Events:      []string{"PAYMENT_CREATED"},
		},
	)
	must(err)
	must(w.RemoveBackoff(ctx, cred, made.ID))
	must(w.DeleteWebhook(ctx, cred, made.ID))
}

// ownersCalls makes the calls of the account's owner, which our client has no use for: the
// simulator's answers have to be right all the same.
func (w world) ownersCalls(t *testing.T, through http.RoundTripper) {
	t.Helper()
	call := func(status int, method, path, body string) (made struct{ ID, Payment string }) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, w.url+"/v3"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body == "" {
			req.Body, req.ContentLength = nil, 0
		}
		req.Header.Set("access_token", w.account.Key)
		req.Header.Set("Content-Type", "application/json")
		res, err := through.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(res.Body)
		if res.StatusCode != status {
			t.Errorf("%s %s: %d %s", method, path, res.StatusCode, raw)
		}
		json.Unmarshal(raw, &made)
		return made
	}
	payer := call(
		200,
		"POST",
		"/customers",
		`{"name":"Ana","cpfCnpj":"24971563792","email":"ana@example.com","externalReference":"tutor-1"}`,
	).ID
	charge := func(method string) string {
		return call(
			200,
			"POST",
			"/payments",
			`{"customer":"`+payer+`","billingType":"`+method+
				`","value":120.5,"dueDate":"2026-12-10","description":"Banho","externalReference":"orc-2"}`,
		).ID
	}
	slip := charge("BOLETO")
	call(200, "PUT", "/payments/"+slip, `{"billingType":"BOLETO","value":130,"dueDate":"2026-12-12"}`)
	call(200, "DELETE", "/payments/"+slip, "")
	call(200, "POST", "/payments/"+slip+"/restore", "")
	call(200, "POST", "/sandbox/payment/"+slip+"/overdue", "")
	call(
		200,
		"POST",
		"/payments/"+slip+"/receiveInCash",
		`{"paymentDate":"2026-11-22","value":130,"notifyCustomer":false}`,
	)
	call(200, "POST", "/payments/"+slip+"/undoReceivedInCash", "")
	call(200, "POST", "/sandbox/payment/"+slip+"/confirm", "")
	call(200, "POST", "/payments/"+slip+"/bankSlip/refund", "")
	pix := charge("PIX")
	call(200, "POST", "/sandbox/payment/"+pix+"/confirm", "")
	call(200, "POST", "/payments/"+pix+"/refund", `{"value":10,"description":"Desconto"}`)
	call(400, "POST", "/payments/"+pix+"/captureAuthorizedPayment", "")
	card := charge("CREDIT_CARD")
	call(200, "POST", "/sandbox/payment/"+card+"/confirm", "")
	call(200, "POST", "/anticipations", `{"payment":"`+card+`"}`)
	w.ownersPlans(call, payer)
	w.ownersAdvances(t, call)
	w.ownersMoney(call, payer)
	w.ownersForms(call, slip, pix, card)
}

// ownersMoney sends money out of the account and shares it with other wallets.
func (w world) ownersMoney(call func(int, string, string, string) struct{ ID, Payment string }, payer string) {
	shared := call(
		200,
		"POST",
		"/payments",
		`{"customer":"`+payer+`","billingType":"PIX","value":500,"dueDate":"2026-12-10",`+
			`"split":[{"walletId":"48548710-9baa-4ec1-a11f-9010193527c6","percentualValue":20}]}`,
	).ID
	call(
		400,
		"POST",
		"/payments",
		`{"customer":"`+payer+`","billingType":"PIX","value":500,"dueDate":"2026-12-10",`+
			`"split":[{"walletId":"48548710-9baa-4ec1-a11f-9010193527c6"}]}`,
	)
	call(200, "POST", "/sandbox/payment/"+shared+"/confirm", "")
	sent := call(
		200,
		"POST",
		"/transfers",
		`{"value":50,"pixAddressKey":"chave-pix@example.com","pixAddressKeyType":"EMAIL","description":"Fornecedor"}`,
	).ID
	call(200, "GET", "/transfers?dateCreated[ge]=2026-01-01", "")
	call(200, "GET", "/transfers/"+sent, "")
	call(200, "DELETE", "/transfers/"+sent+"/cancel", "")
	call(400, "DELETE", "/transfers/"+sent+"/cancel", "")
	call(
		400,
		"POST",
		"/transfers",
		`{"value":5000000,"pixAddressKey":"chave-pix@example.com","pixAddressKeyType":"EMAIL"}`,
	)
	call(200, "GET", "/finance/payment/statistics?status=RECEIVED", "")
	call(200, "GET", "/finance/split/statistics", "")
	call(
		200,
		"POST",
		"/payments/simulate",
		`{"value":100,"installmentCount":2,"billingTypes":["CREDIT_CARD","BOLETO","PIX"]}`,
	)
}

// ownersForms reads what the panel shows beside charges and account.
func (w world) ownersForms(
	call func(int, string, string, string) struct{ ID, Payment string },
	slip, pix, card string,
) {
	call(200, "GET", "/payments/limits", "")
	call(200, "GET", "/payments/"+pix+"/pixQrCode", "")
	call(200, "GET", "/payments/"+slip+"/identificationField", "")
	call(200, "GET", "/payments/"+slip+"/viewingInfo", "")
	for _, p := range []string{slip, pix, card} {
		call(200, "GET", "/payments/"+p+"/billingInfo", "")
	}
	call(404, "GET", "/payments/"+pix+"/escrow", "")
	call(200, "GET", "/myAccount/documents", "")
	call(200, "POST", "/sandbox/myAccount/approve", "")
	child := call(
		200,
		"POST",
		"/accounts",
		`{"name":"Filial","email":"filial@example.com","cpfCnpj":"66625514000140","mobilePhone":"47999999999",`+
			`"incomeValue":10000,"address":"Av. Rolf Wiest","addressNumber":"659",`+
			`"province":"Bom retiro","postalCode":"89223005"}`,
	).ID
	call(200, "GET", "/accounts?name=Filial", "")
	call(200, "GET", "/accounts/"+child, "")
}

func (w world) ownersPlans(call func(int, string, string, string) struct{ ID, Payment string }, payer string) {
	plan := call(
		200,
		"POST",
		"/installments",
		`{"customer":"`+payer+`","billingType":"BOLETO","totalValue":350,"installmentCount":12,"dueDate":"2026-12-10"}`,
	).ID
	call(200, "GET", "/installments?limit=10", "")
	call(200, "GET", "/installments/"+plan, "")
	call(200, "GET", "/installments/"+plan+"/payments", "")
	call(200, "DELETE", "/installments/"+plan+"/payments", "")
	call(200, "POST", "/installments/"+plan+"/refund", "")
	call(200, "DELETE", "/installments/"+plan, "")
	sub := call(
		200,
		"POST",
		"/subscriptions",
		`{"customer":"`+payer+`","billingType":"BOLETO","value":19.9,"nextDueDate":"2026-12-10",`+
			`"cycle":"MONTHLY","description":"Plano"}`,
	).ID
	call(200, "GET", "/subscriptions?customer="+payer, "")
	call(200, "GET", "/subscriptions/"+sub, "")
	call(200, "GET", "/subscriptions/"+sub+"/payments", "")
	call(200, "DELETE", "/subscriptions/"+sub, "")
}

func (w world) ownersAdvances(t *testing.T, call func(int, string, string, string) struct{ ID, Payment string }) {
	call(200, "PUT", "/anticipations/configurations", `{"creditCardAutomaticEnabled":false}`)
	call(200, "GET", "/anticipations/configurations", "")
	list, _, err := w.Anticipations(t.Context(), w.cred(), "PENDING")
	var waiting struct{ ID string }
	if err != nil || len(list) == 0 || decode(&reply{body: list[0].Body}, &waiting) != nil {
		t.Fatalf("no advance waits: %v", err)
	}
	call(200, "POST", "/anticipations/"+waiting.ID+"/cancel", "")
	call(404, "POST", "/chargebacks/nobody/dispute", "")
	open, _, err := w.list(t.Context(), w.cred(), "/chargebacks", url.Values{"status": {"REQUESTED"}}, ReadPayments)
	var dispute struct{ ID, Payment string }
	if err != nil || len(open) == 0 || json.Unmarshal(open[0], &dispute) != nil {
		t.Fatalf("no dispute is open: %v", err)
	}
	call(200, "GET", "/payments/"+dispute.Payment+"/chargeback", "")
	call(200, "POST", "/chargebacks/"+dispute.ID+"/dispute", "")
	call(200, "GET", "/myAccount/accountNumber", "")
	call(200, "GET", "/myAccount/fees", "")
	call(200, "GET", "/anticipations/limits", "")
	captured := w.happen(t, flows.FlowCaptured).Payments[0]
	call(200, "POST", "/anticipations/simulate", `{"payment":"`+captured+`"}`)
	call(200, "GET", "/payments/"+captured+"/status", "")
	call(404, "GET", "/payments/"+captured+"/chargeback", "")
	call(200, "GET", "/customers?externalReference=tutor-1", "")
}
