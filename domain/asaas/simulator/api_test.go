package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
)

// api talks to a simulator as a client would.
type client struct {
	*Simulator
	t   *testing.T
	URL string
	key string
}

func newAPI(t *testing.T, opts Options) client {
	t.Helper()
	if opts.Clock == nil {
		opts.Clock = clock.NewManualClock(noon)
	}
	opts.Seed = 5
	s := New(opts)
	server := httptest.NewServer(s)
	t.Cleanup(s.Close)
	t.Cleanup(server.Close)
	return client{s, t, server.URL, s.AddAccount(accounts.Account{}).Key}
}

// call returns the status and the body of one request; body is JSON or "".
func (a client) call(method, path, body string) (int, *jsonobject.Object, http.Header) {
	a.t.Helper()
	req, err := http.NewRequest(method, a.URL+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	if body == "" {
		req.Body = http.NoBody
		req.ContentLength = 0
	}
	req.Header.Set("access_token", a.key)
	return a.send(req)
}

func (a client) send(req *http.Request) (int, *jsonobject.Object, http.Header) {
	a.t.Helper()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	o, err := jsonobject.Parse(raw)
	if err != nil {
		o = &jsonobject.Object{}
	}
	return res.StatusCode, o, res.Header
}

func (a client) want(status int, method, path, body string) *jsonobject.Object {
	a.t.Helper()
	got, o, _ := a.call(method, path, body)
	if got != status {
		a.t.Errorf("%s %s: %d %s, want %d", method, path, got, o.Bytes(), status)
	}
	return o
}

// compact returns a sample's JSON without the spaces of its file.
func compact(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheFour401Answers(t *testing.T) {
	a := newAPI(t, Options{})
	id := a.State().Accounts[0].ID
	other, _ := a.AddKey(id, accounts.KeyOtherSide)
	revoked, _ := a.AddKey(id, accounts.KeyRevoked)
	for key, want := range map[string]string{
		"": `{"errors":[{"code":"access_token_not_found",` +
			`"description":"O cabeçalho de autenticação 'access_token' é obrigatório e não foi encontrado na requisição"}]}`,
		"hello": `{"errors":[{"code":"invalid_access_token_format",` +
			`"description":"O valor fornecido não parece ser uma chave de API válida do Asaas. ` +
			`Verifique o formato da sua chave"}]}`,
		other: `{"errors":[{"code":"invalid_environment",` +
			`"description":"A chave de API informada não pertence a este ambiente"}]}`,
		revoked: `{"errors":[{"code":"invalid_access_token",` +
			`"description":"A chave de API fornecida é inválida"}]}`,
		"$aact_hmlg_nobody": `{"errors":[{"code":"invalid_access_token",` +
			`"description":"A chave de API fornecida é inválida"}]}`,
	} {
		a.key = key
		if got := string(a.want(401, "GET", "/v3/myAccount/status", "").Bytes()); got != compact(t, want) {
			t.Errorf("%q: %s", key, got)
		}
	}
}

func TestAGetWithABodyIsTurnedAwayAtTheEdge(t *testing.T) {
	a := newAPI(t, Options{})
	status, _, head := a.call("GET", "/v3/wallets", "{}")
	if status != 403 || !strings.Contains(head.Get("Content-Type"), "html") {
		t.Errorf("%d %s", status, head)
	}
}

func TestAnAccountSeesOnlyItsOwn(t *testing.T) {
	a := newAPI(t, Options{})
	stranger := a.AddAccount(accounts.Account{})
	made, err := a.Play(stranger.ID, flows.FlowAnticipationCredited, flows.Variation{})
	if err != nil {
		t.Fatal(err)
	}
	hook, err := a.AddWebhook(stranger.ID, webhooks.Webhook{URL: "http://127.0.0.1:1", Token: goodToken})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/payments/" + made.Payments[0], "/anticipations/" + made.Anticipations[0],
		"/webhooks/" + hook, "/payments/" + made.Payments[0] + "/status",
	} {
		a.want(404, "GET", "/v3"+path, "")
	}
	for _, path := range []string{"/payments", "/webhooks", "/anticipations", "/financialTransactions"} {
		if o := a.want(200, "GET", "/v3"+path, ""); string(writeValue(o.Get("totalCount"))) != "0" {
			t.Errorf("%s shows another account's: %s", path, o.Bytes())
		}
	}
	a.key = stranger.Key
	a.want(200, "GET", "/v3/payments/"+made.Payments[0]+"/", "") // a trailing slash makes no difference
}

func TestListsArePagedAndFiltered(t *testing.T) {
	a := newAPI(t, Options{})
	account := a.State().Accounts[0]
	for range 12 {
		play(t, a.Simulator, account.Account, flows.FlowPix)
	}
	made := play(t, a.Simulator, account.Account, flows.FlowCheckoutPaid)
	count := func(query string) string {
		return string(writeValue(a.want(200, "GET", "/v3/payments?"+query, "").Get("totalCount")))
	}
	first := a.want(200, "GET", "/v3/payments", "")
	if keysOf(first) != "object hasMore totalCount limit offset data" || first.Get("hasMore") != true ||
		len(first.Get("data").([]any)) != 10 {
		t.Errorf("first page %s", first.Bytes()[:100])
	}
	if newest := first.Get("data").([]any)[0].(*jsonobject.Object); newest.Text("id") != made.Payments[0] {
		t.Errorf("newest first: %s", newest.Text("id"))
	}
	if last := a.want(200, "GET", "/v3/payments?offset=10&limit=100", ""); last.Get("hasMore") != false ||
		len(last.Get("data").([]any)) != 3 {
		t.Errorf("last page %s", last.Bytes())
	}
	for query, want := range map[string]string{
		"checkoutSession=" + made.Checkouts[0]: "1", "status=RECEIVED": "13", "status=PENDING": "0",
		"dateCreated[ge]=2026-11-22&dateCreated[le]=2026-11-22": "13", "dateCreated[ge]=2026-11-23": "0",
		"paymentDate=2026-11-22": "13", "anticipated=true": "0",
	} {
		if got := count(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	a.want(400, "GET", "/v3/payments?limit=101", "")
}

func TestAChargeLivesThroughTheAPIAndTellsItsEvents(t *testing.T) {
	r := newReceiver(t, 200)
	a := newAPI(t, Options{})
	if _, err := a.AddWebhook(a.State().Accounts[0].ID, webhooks.Webhook{URL: r.URL, Token: goodToken}); err != nil {
		t.Fatal(err)
	}
	if got := a.want(
		400,
		"POST",
		"/v3/payments",
		"{}",
	); string(got.Bytes()) != `{"errors":[{"code":"invalid_customer",`+
		`"description":"Customer inválido ou não informado."}]}` {
		t.Errorf("%s", got.Bytes())
	}
	customer := a.want(200, "POST", "/v3/customers", `{"name":"Ana","cpfCnpj":"24971563792"}`).Text("id")
	body := `{"customer":"` + customer + `","billingType":"UNDEFINED","value":310,` +
		`"dueDate":"2026-11-30","externalReference":"orc-1"}`
	id := a.want(200, "POST", "/v3/payments", body).Text("id")
	a.want(200, "DELETE", "/v3/payments/"+id, "")
	a.want(200, "POST", "/v3/payments/"+id+"/restore", "")
	a.want(200, "POST", "/v3/payments/"+id+"/receiveInCash", "")
	a.want(400, "POST", "/v3/payments/"+id+"/receiveInCash", "")
	a.want(200, "POST", "/v3/payments/"+id+"/undoReceivedInCash", "")
	a.want(200, "POST", "/v3/sandbox/payment/"+id+"/overdue", "")
	paid := a.want(200, "POST", "/v3/sandbox/payment/"+id+"/confirm", "")
	if paid.Text("billingType") != "BOLETO" || paid.Text("status") != "RECEIVED" ||
		string(writeValue(paid.Get("netValue"))) != "308.01" {
		t.Errorf("an UNDEFINED charge takes the method used: %s", paid.Bytes())
	}
	if got := string(a.want(200, "GET", "/v3/finance/balance", "").Bytes()); got != `{"balance":308.01}` {
		t.Errorf("balance %s", got)
	}
	drain(t, a.Simulator)
	if got := strings.Join(
		r.events(),
		" ",
	); got != "CREATED DELETED RESTORED RECEIVED RECEIVED_IN_CASH_UNDONE OVERDUE RECEIVED" {
		t.Errorf("events %s", got)
	}
}

func TestARefundNeverExceedsTheCharge(t *testing.T) {
	a := newAPI(t, Options{})
	made := play(t, a.Simulator, a.State().Accounts[0].Account, flows.FlowPix)
	path := "/v3/payments/" + made.Payments[0]
	a.want(200, "POST", path+"/refund", `{"value":40}`)
	a.want(400, "POST", path+"/refund", `{"value":60.01}`)
	if o := a.want(200, "POST", path+"/refund", ""); o.Text("status") != "REFUNDED" {
		t.Errorf("the rest: %s", o.Bytes())
	}
	a.want(400, "POST", path+"/refund", "")
	if o := a.want(200, "GET", path+"/refunds", ""); len(o.Get("data").([]any)) != 2 {
		t.Errorf("refunds %s", o.Bytes())
	}
}

func TestACheckoutHasNoGet(t *testing.T) {
	a := newAPI(t, Options{})
	made := a.want(
		200,
		"POST",
		"/v3/checkouts",
		`{"billingTypes":["PIX"],"chargeTypes":["DETACHED"],"minutesToExpire":10,`+
			`"items":[{"name":"x","quantity":1,"value":5}]}`,
	)
	path := "/v3/checkouts/" + made.Text("id")
	if made.Text("status") != "ACTIVE" || !strings.Contains(made.Text("link"), made.Text("id")) {
		t.Errorf("%s", made.Bytes())
	}
	if status, _, _ := a.call("GET", path, ""); status == 200 {
		t.Error("a checkout can be read")
	}
	a.want(200, "POST", path+"/cancel", "")
	a.want(400, "POST", path+"/cancel", "")
	a.want(400, "POST", "/v3/checkouts", `{"minutesToExpire":5}`)
}

func TestAnAnticipationIsQuotedAskedForAndCancelled(t *testing.T) {
	a := newAPI(t, Options{})
	made := play(t, a.Simulator, a.State().Accounts[0].Account, flows.FlowCard3x)
	quote := a.want(200, "POST", "/v3/anticipations/simulate", `{"payment":"`+made.Payments[0]+`"}`)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	w.WriteField("payment", made.Payments[0])
	w.Close()
	req, _ := http.NewRequest("POST", a.URL+"/v3/anticipations", &form)
	req.Header.Set("access_token", a.key)
	req.Header.Set("Content-Type", w.FormDataContentType())
	status, asked, _ := a.send(req)
	if status != 200 || asked.Text("status") != "PENDING" || asked.Get("fee") != quote.Get("fee") ||
		asked.Text("object") != "receivableAnticipation" {
		t.Errorf("%d %s, quoted %s", status, asked.Bytes(), quote.Bytes())
	}
	a.want(200, "POST", "/v3/anticipations/"+asked.Text("id")+"/cancel", "")
	if o := a.want(200, "GET", "/v3/anticipations?status=CANCELLED",
		""); string(writeValue(o.Get("totalCount"))) != "1" {
		t.Errorf("%s", o.Bytes())
	}
}

func TestTheQuotaEndsInA429UntilTheWindowDoes(t *testing.T) {
	clock := clock.NewManualClock(noon)
	a := newAPI(t, Options{Clock: clock, Quota: 3})
	for range 3 {
		a.want(200, "GET", "/v3/wallets", "")
	}
	clock.Advance(11 * time.Hour)
	status, _, head := a.call("GET", "/v3/wallets", "")
	if status != 429 || head.Get("RateLimit-Reset") != "3600" || head.Get("RateLimit-Remaining") != "0" ||
		head.Get("RateLimit-Limit") != "3" {
		t.Errorf("%d %v", status, head)
	}
	clock.Advance(time.Hour)
	a.want(200, "GET", "/v3/wallets", "")
}

func TestWeakWebhookTokensAndUnknownEventsAreRefused(t *testing.T) {
	a := newAPI(t, Options{})
	body := func(token, event string) string {
		return `{"name":"x","url":"https://example.com","email":"a@example.com","sendType":"SEQUENTIALLY","authToken":"` +
			token + `","events":["` + event + `"]}`
	}
	for _, token := range []string{
		"short", goodToken[:31], strings.Repeat("ab", 128), goodToken + " x",
		goodToken + "12345", goodToken + "54321", goodToken + "aaaa", "$aact_" + goodToken,
	} {
		a.want(400, "POST", "/v3/webhooks", body(token, "PAYMENT_CREATED"))
	}
	a.want(400, "POST", "/v3/webhooks", body(goodToken, "PAYMENT_PAID"))
	made := a.want(200, "POST", "/v3/webhooks", body(goodToken+"1243", "PAYMENT_CREATED"))
	if keysOf(
		made,
	) != "id name url email enabled interrupted apiVersion hasAuthToken sendType penalizedRequestsCount events" {
		t.Errorf("keys %s", keysOf(made))
	}
	given := a.want(200, "POST", "/v3/webhooks", body("", "PAYMENT_CREATED")).Text("authToken")
	if !strings.HasPrefix(given, "whsec_") || len(given) != 49 {
		t.Errorf("made-up token %q, want whsec_ and 43 characters", given)
	}
}

func TestAReceiverMayCallTheAPIWhileItIsBeingDeliveredTo(t *testing.T) {
	a := newAPI(t, Options{})
	seen := make(chan int, 10)
	r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := received(req)
		status, _, _ := a.call("GET", "/v3/payments/"+body.Get("payment").(*jsonobject.Object).Text("id"), "")
		seen <- status
	}))
	defer r.Close()
	account := a.State().Accounts[0].Account
	if _, err := a.AddWebhook(account.ID, webhooks.Webhook{URL: r.URL, Token: goodToken}); err != nil {
		t.Fatal(err)
	}
	play(t, a.Simulator, account, flows.FlowPix)
	drain(t, a.Simulator)
	for range 2 {
		if status := <-seen; status != 200 {
			t.Errorf("read during delivery: %d", status)
		}
	}
}

func TestTheAdminAPIMakesAccountsKeysAndFlows(t *testing.T) {
	a := newAPI(t, Options{})
	made := a.want(200, "POST", "/admin/accounts", `{"name":"Clínica Vida","environment":1}`)
	if !strings.HasPrefix(made.Text("apiKey"), "$aact_prod_") {
		t.Errorf("%s", made.Bytes())
	}
	path := "/admin/accounts/" + made.Text("id")
	key := a.want(200, "POST", path+"/keys", `{"behaviour":"no_permission","lacks":["PAYMENT:READ"]}`)
	a.want(200, "POST", path+"/switches", `{"omitAccount":true}`)
	played := a.want(200, "POST", path+"/flows/checkout_paid", `{"amountCents":31000,"reference":"orc-9"}`)
	a.want(422, "POST", path+"/flows/nonsense", "")
	a.want(422, "POST", path+"/switches", `{"no_such":true}`)
	a.want(200, "POST", "/admin/keys", `{"apiKey":"`+made.Text("apiKey")+`","behaviour":"revoked"}`)
	a.key = made.Text("apiKey")
	a.want(401, "GET", "/v3/wallets", "")
	a.key = key.Text("apiKey")
	a.want(403, "GET", "/v3/payments", "")
	a.want(200, "GET", "/v3/wallets", "")
	if o := a.want(200, "GET", "/admin/state", ""); !bytes.Contains(o.Bytes(), []byte(`"balanceCents":30801`)) ||
		len(played.Get("payments").([]any)) != 1 {
		t.Errorf("%s", o.Bytes())
	}
	res, err := http.Get(a.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, _ := io.ReadAll(res.Body)
	if !bytes.Contains(page, []byte("Clínica Vida")) || !bytes.Contains(page, []byte("checkout_paid")) {
		t.Errorf("status page %s", page)
	}
}
