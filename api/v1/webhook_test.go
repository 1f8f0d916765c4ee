package v1_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants/tenantstest"
)

// hooks returns the configurations of an account, as the simulator has them.
func hooks(w *world, account accounts.Account) []map[string]any {
	w.t.Helper()
	var list []map[string]any
	for _, item := range w.gate(account.Key, "GET", "/v3/webhooks?limit=100", nil).body["data"].([]any) {
		list = append(list, item.(map[string]any))
	}
	return list
}

// lines returns the report's lines by field.
func lines(a answer) map[string]map[string]any {
	by := map[string]map[string]any{}
	list, _ := a.body["lines"].([]any)
	for _, l := range list {
		line := l.(map[string]any)
		by[line["field"].(string)] = line
	}
	return by
}

func TestTheWebhookIsMadeAndItsFirstEventIsTakenIn(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "avisos")
	a := w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	list := hooks(w, account)
	if len(list) != 1 || list[0]["name"] != "PataPay – Faturas" ||
		list[0]["url"] != w.url+"/financial/gateway-payments/webhook/asaas" || list[0]["email"] != "fin@example.com" ||
		list[0]["enabled"] != true || list[0]["interrupted"] != false ||
		list[0]["sendType"] != "SEQUENTIALLY" ||
		list[0]["hasAuthToken"] != true {
		t.Fatalf("at the gateway: %v", list)
	}
	if a.body["ok"] != true || a.body["created"] != true || a.body["newToken"] != true || a.text("id") != list[0]["id"] ||
		len(lines(a)) != 9 {
		t.Errorf("report: %s", a.raw)
	}
	for field, line := range lines(a) {
		if line["ok"] != true || line["wanted"] != line["got"] {
			t.Errorf("%s: %v", field, line)
		}
	}
	carried := w.sim.Token(a.text("id"))
	if len(carried) != 48 || carried == first.text("webhookToken") || strings.Contains(a.raw, carried) {
		t.Error("the configuration carries no token of its own, or it is shown")
	}
	if _, err := w.sim.Play(account.ID, flows.All()[0], flows.Variation{}); err != nil {
		t.Fatal(err)
	}
	tenantstest.Eventually(t, 5*time.Second, "an event in the inbox", func() bool {
		return w.count(`SELECT count(*) FROM events WHERE outcome = 'received'`) > 0
	})
}

func TestOldTokensCountFor14DaysAfterAnEnsure(t *testing.T) {
	w := newWorld(t)
	path, token, _, first := connected(w, "graca")
	w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	now := w.must(200, token, "GET", path, nil)
	list := now.body["webhookTokens"].([]any)
	if len(list) != 2 || list[0].(map[string]any)["endsAt"] != nil {
		t.Fatalf("tokens: %v", list)
	}
	end, err := time.Parse(time.RFC3339, list[1].(map[string]any)["endsAt"].(string))
	if left := time.Until(end); err != nil || left < 14*24*time.Hour-time.Minute || left > 14*24*time.Hour {
		t.Errorf("the old token ends in %s", left)
	}
}

func TestASecondEnsureChangesNothing(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "repetida")
	one := w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	carried := w.sim.Token(one.text("id"))
	two := w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+one.etag())
	if two.body["created"] != false || two.body["newToken"] != false || two.text("id") != one.text("id") ||
		two.etag() != one.etag() {
		t.Errorf("again: %s %s", two.raw, two.etag())
	}
	if len(hooks(w, account)) != 1 || w.sim.Token(two.text("id")) != carried {
		t.Error("another configuration, or another token")
	}
}

func TestEnsuresAtOnceMakeOneWebhook(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "duas")
	var all sync.WaitGroup
	answers := make([]answer, 6)
	for i := range answers {
		all.Go(func() { answers[i] = w.ask(token, "POST", path+"/webhook", nil, "If-Match: "+first.etag()) })
	}
	all.Wait()
	done := 0
	for _, a := range answers {
		switch {
		case a.status == 200:
			done++
		case a.status == 409 && a.text("code") == "webhook_busy":
		case a.status == 412: // came after the first was done
		default:
			t.Errorf("%d %s", a.status, a.raw)
		}
	}
	if done == 0 || len(hooks(w, account)) != 1 {
		t.Errorf("%d done, %d configurations", done, len(hooks(w, account)))
	}
}

func TestAnEnsureUnderWayKeepsOthersOutUntilItsLeaseEnds(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "arrendada")
	w.exec(
		`INSERT INTO leases SELECT clinic_id, 'webhook', 'a process that died', $1 FROM connections`,
		w.now().Add(3*time.Minute),
	)
	if a := w.ask(
		token,
		"POST",
		path+"/webhook",
		nil,
		"If-Match: "+first.etag(),
	); a.status != 409 || a.text("code") != "webhook_busy" ||
		len(hooks(w, account)) != 0 {
		t.Errorf("%d %s, %d configurations", a.status, a.raw, len(hooks(w, account)))
	}
	w.exec(`UPDATE leases SET until = $1`, w.now().Add(-time.Second))
	w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	if n := w.count(`SELECT count(*) FROM leases`); n != 0 {
		t.Errorf("%d leases left", n)
	}
}

func TestAHandMadeWebhookIsAdoptedAndPutRight(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "adotada")
	url := first.body["webhook"].(map[string]any)["url"].(string)
	id, err := w.sim.AddWebhook(account.ID, webhooks.Webhook{
		Name: "feito à mão", URL: url, Email: "fin@example.com", Token: first.text("webhookToken"), Parallel: true,
		Events: []string{"PAYMENT_RECEIVED", "BILL_PAID"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.gate(account.Key, "PUT", "/v3/webhooks/"+id, map[string]any{"enabled": false, "interrupted": true})
	a := w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	list := hooks(w, account)
	if len(list) != 1 || a.text("id") != id || a.body["created"] != false || a.body["ok"] != true {
		t.Fatalf("%s\n%v", a.raw, list)
	}
	kept := false
	for _, event := range list[0]["events"].([]any) {
		kept = kept || event == "BILL_PAID"
	}
	if !kept || list[0]["name"] != "PataPay – Faturas" || list[0]["enabled"] != true || list[0]["interrupted"] != false ||
		list[0]["sendType"] != "SEQUENTIALLY" {
		t.Errorf("at the gateway: %v", list[0])
	}
}

func TestWhatCannotBeRepairedIsReportedLineByLine(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "linhas")
	url := first.body["webhook"].(map[string]any)["url"].(string)
	if _, err := w.sim.AddWebhook(
		account.ID,
		webhooks.Webhook{Name: "x", URL: url, Email: "outro@example.com", Token: first.text("webhookToken")},
	); err != nil {
		t.Fatal(err)
	}
	a := w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	email := lines(a)["email"]
	if a.body["ok"] != false || email["ok"] != false || email["wanted"] != "fin@example.com" ||
		email["got"] != "outro@example.com" {
		t.Errorf("%s", a.raw)
	}
	for field, line := range lines(a) {
		if field != "email" && line["ok"] != true {
			t.Errorf("%s: %v", field, line)
		}
	}
}

func TestDuplicateAndStaleConfigurationsAreReportedAndOneIsKeptOnDemand(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "copias")
	url := first.body["webhook"].(map[string]any)["url"].(string)
	for _, at := range []string{
		url, strings.Replace(url, "/financial", "//financial", 1), "https://old.example.com/hook",
	} {
		if _, err := w.sim.AddWebhook(
			account.ID,
			webhooks.Webhook{Name: "PataPay – Faturas", URL: at, Email: "fin@example.com", Token: first.text("webhookToken")},
		); err != nil {
			t.Fatal(err)
		}
	}
	a := w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	if a.body["ok"] != false || len(a.body["duplicates"].([]any)) != 1 || len(a.body["stale"].([]any)) != 1 ||
		len(hooks(w, account)) != 3 {
		t.Errorf("%s", a.raw)
	}
	a = w.must(200, token, "POST", path+"/webhook", map[string]any{"keepOne": true}, "If-Match: "+a.etag())
	if a.body["ok"] != true || a.body["deleted"] != 1.0 || len(a.body["duplicates"].([]any)) != 0 ||
		len(hooks(w, account)) != 2 {
		t.Errorf("kept one: %s, %d left", a.raw, len(hooks(w, account)))
	}
}

func TestTheEleventhWebhookIsExplainedAndItsTokenEnds(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "onze")
	for range 10 {
		if _, err := w.sim.AddWebhook(
			account.ID,
			webhooks.Webhook{URL: "https://example.com/x", Token: first.text("webhookToken")},
		); err != nil {
			t.Fatal(err)
		}
	}
	a := w.ask(token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	if a.status != 409 || a.text("code") != "webhook_limit" ||
		a.text("detail") != "Você já tem 10 webhooks no Asaas, o limite. Exclua um e tente de novo." {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if n := w.count(`SELECT count(*) FROM webhook_tokens WHERE ends_at IS NULL`); n != 1 {
		t.Errorf("%d tokens without an end, want the one shown at first", n)
	}
}

func TestAKeyThatMayNotWriteWebhooksIsToldSoAndASilentGatewayDoesNotSpeakOfTheKey(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "negada")
	weak, err := w.sim.AddKey(account.ID, accounts.KeyNoPermission, "WEBHOOK:WRITE")
	if err != nil {
		t.Fatal(err)
	}
	first = w.must(200, token, "PUT", path, map[string]string{"apiKey": weak}, "If-Match: "+first.etag())
	a := w.ask(token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	if a.status != 422 || a.text("code") != "permission_missing" ||
		!strings.Contains(a.text("detail"), "Webhooks (escrever)") ||
		len(hooks(w, account)) != 0 {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if err := w.sim.SetKey(weak, accounts.KeyBroken); err != nil {
		t.Fatal(err)
	}
	a = w.ask(token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	if a.status != 504 || strings.Contains(a.text("detail"), "chave") {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

// A key that may not write webhooks is found in the set-up, also when nothing has to be written: the configuration is
// put back as it was read. What it may not read is named in the same answer.
func TestAKeyThatMayNotWriteIsFoundThoughTheWebhookIsRightAndAllThatLackAreNamed(t *testing.T) {
	w := newWorld(t)
	path, token, account, first := connected(w, "completa")
	a := w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+first.etag())
	before := hooks(w, account)
	a = w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+a.etag())
	if after := hooks(w, account); !reflect.DeepEqual(before, after) {
		t.Errorf("put back as it was read: %+v, was %+v", after, before)
	}
	weak, err := w.sim.AddKey(account.ID, accounts.KeyNoPermission, "WEBHOOK:WRITE", "CUSTOMER:READ")
	if err != nil {
		t.Fatal(err)
	}
	a = w.must(200, token, "PUT", path, map[string]string{"apiKey": weak}, "If-Match: "+a.etag())
	a = w.ask(token, "POST", path+"/webhook", nil, "If-Match: "+a.etag())
	if a.status != 422 || !strings.Contains(a.text("detail"), "Webhooks (escrever), Clientes (ler)") {
		t.Errorf("%d %s", a.status, a.raw)
	}
}
