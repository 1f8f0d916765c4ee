package v1_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants/tenantstest"
)

// connected returns a tenant whose connection stands, its admin's token and the account.
func connected(w *world, external string) (path, token string, account accounts.Account, first answer) {
	w.t.Helper()
	account = w.sim.AddAccount(accounts.Account{Name: "Clínica Sorriso"})
	id, email := w.tenant(external)
	path, token = "/v1/tenants/"+id+"/connection", w.login(email)
	first = w.must(
		200,
		token,
		"PUT",
		path,
		map[string]string{"apiKey": account.Key, "notificationEmail": "fin@example.com"},
		`If-Match: "0"`,
	)
	return path, token, account, first
}

func TestAClinicConnectsAndItsHandMadeWebhookIsTakenIn(t *testing.T) {
	w := newWorld(t)
	path, token, account, a := connected(w, "sorriso")
	secret := a.text("webhookToken")
	if a.text("state") != "awaiting_first_event" || a.text("accountId") != account.ID ||
		a.text("walletId") != account.WalletID || len(secret) != 48 ||
		a.text("apiKey") != "$aact_hmlg_••••••"+account.Key[len(account.Key)-4:] ||
		a.text("ownerTaxId") != "••.625.514/0001-••" ||
		a.text("environment") != "sandbox" {
		t.Fatalf("connected: %s", a.raw)
	}
	hook := a.body["webhook"].(map[string]any)
	if hook["name"] != "PataPay – Faturas" || hook["url"] != w.url+"/financial/gateway-payments/webhook/asaas" ||
		hook["email"] != "fin@example.com" ||
		hook["apiVersion"] != "v3" ||
		hook["sendType"] != "SEQUENTIALLY" ||
		len(hook["events"].([]any)) < 40 {
		t.Errorf("values for the panel: %v", hook)
	}
	again := w.must(200, token, "GET", path, nil)
	if again.text("webhookToken") != "" || strings.Contains(again.raw, secret) ||
		strings.Contains(again.raw, account.Key) ||
		again.etag() != a.etag() {
		t.Errorf("read again: %s", again.raw)
	}
	var events []string
	for _, e := range hook["events"].([]any) {
		events = append(events, e.(string))
	}
	if _, err := w.sim.AddWebhook(
		account.ID,
		webhooks.Webhook{URL: hook["url"].(string), Token: secret, Events: events},
	); err != nil {
		t.Fatal(err)
	}
	if _, err := w.sim.Play(account.ID, flows.All()[0], flows.Variation{}); err != nil {
		t.Fatal(err)
	}
	tenantstest.Eventually(t, 5*time.Second, "an event in the inbox", func() bool {
		var n int
		err := w.owner.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE outcome = 'received'`).Scan(&n)
		return err == nil && n > 0
	})
}

func TestEveryKeyMessageHasItsCodeAndItsText(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("chaves")
	path, token := "/v1/tenants/"+id+"/connection", w.login(email)
	own := w.sim.AddAccount(accounts.Account{})
	stranger := w.sim.AddAccount(accounts.Account{TaxID: "11222333000181"})
	taken := w.sim.AddAccount(accounts.Account{})
	otherID, otherEmail := w.tenant("outra")
	w.must(
		200,
		w.login(otherEmail),
		"PUT",
		"/v1/tenants/"+otherID+"/connection",
		map[string]string{"apiKey": taken.Key},
		`If-Match: "0"`,
	)
	production := w.sim.AddAccount(accounts.Account{Environment: domain.Production})
	key := func(b accounts.Behaviour, lacks ...string) string {
		value, err := w.sim.AddKey(own.ID, b, lacks...)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	pasted := func(key string) map[string]any { return map[string]any{"apiKey": key} }
	for _, row := range []struct {
		rule   string
		body   map[string]any
		status int
		code   string
		detail string
		place  string
	}{
		{"nothing", map[string]any{}, 422, "required", "Cole a chave de API gerada no Asaas.", "/apiKey"},
		{"an empty key", pasted(" \u200b"), 422, "required", "Cole a chave de API gerada no Asaas.", "/apiKey"},
		{
			"a break in the middle", pasted(own.Key[:20] + "\n" + own.Key[20:]), 422, "inner_whitespace",
			"A chave tem espaços ou quebras de linha no meio. Copie de novo pelo botão do Asaas.", "/apiKey",
		},
		{"a wallet", pasted(own.WalletID), 422, "looks_like_wallet", "Isto parece o ID da carteira, não a chave.", "/apiKey"},
		{"something else", pasted("sk_live_1234"), 422, "not_asaas_key", "Chaves do Asaas começam com $aact_.", "/apiKey"},
		{
			"a production key in a sandbox tenant", pasted(production.Key), 422, "wrong_environment",
			"Esta chave é de Produção, mas você escolheu Sandbox.", "/apiKey",
		},
		{
			"the other environment chosen",
			map[string]any{"apiKey": own.Key, "environment": "production"},
			422, "wrong_environment",
			"Esta chave é de Produção, mas você escolheu Sandbox.", "/apiKey",
		},
		{
			"a revoked key", pasted(key(accounts.KeyRevoked)), 422, "key_refused",
			"O Asaas recusou a chave. Ela pode ter sido desabilitada, vencida ou excluída.", "/apiKey",
		},
		{
			"a key of the other side by Asaas's word", pasted(key(accounts.KeyOtherSide)), 422, "wrong_environment",
			"Esta chave é de Produção, mas você escolheu Sandbox.", "/apiKey",
		},
		{
			"a blocked address", pasted(key(accounts.KeyBlockedIP)), 422, "ip_blocked",
			"O Asaas bloqueou nosso endereço. Libere os IPs abaixo em Mecanismos de segurança.", "/apiKey",
		},
		{
			"an address blocked at the edge", pasted(key(accounts.KeyBlockedEdge)), 422, "ip_blocked",
			"O Asaas bloqueou nosso endereço. Libere os IPs abaixo em Mecanismos de segurança.", "/apiKey",
		},
		{
			"too many calls", pasted(key(accounts.KeyLimited)), 503, "asaas_rate_limited",
			"O Asaas pediu para aguardar 42 s. Continuaremos sozinhos.", "",
		},
		{
			"no answer", pasted(key(accounts.KeySlow)), 504, "asaas_timeout",
			"Não conseguimos falar com o Asaas. A chave não foi salva.", "",
		},
		{
			"server errors", pasted(key(accounts.KeyBroken)), 504, "asaas_timeout",
			"Não conseguimos falar com o Asaas. A chave não foi salva.", "",
		},
		{
			"an answer that is no JSON", pasted(key(accounts.KeyGarbage)), 502, "asaas_error",
			"O Asaas respondeu com um erro.", "",
		},
		{
			"an account of another clinic", pasted(taken.Key), 409, "account_in_use",
			"Esta conta Asaas já está conectada a outra clínica.", "/apiKey",
		},
		{
			"an account of another CNPJ", pasted(stranger.Key), 422, "cnpj_differs",
			"A conta Asaas é de outro CNPJ. Confirme que está certo.", "/confirmTaxId",
		},
		{
			"a wallet of nobody",
			map[string]any{"apiKey": own.Key, "walletId": "0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e"},
			422, "wallet_differs",
			"Este ID não é da conta desta chave. O correto é " + own.WalletID + ".", "/walletId",
		},
		{
			"no wallet at all",
			map[string]any{"apiKey": own.Key, "walletId": "carteira"},
			422, "invalid_wallet",
			"O ID tem 36 caracteres, como 0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e.", "/walletId",
		},
	} {
		t.Run(row.rule, func(t *testing.T) {
			a := w.ask(token, "PUT", path, row.body, `If-Match: "0"`)
			if a.status != row.status || a.text("code") != row.code || a.text("detail") != row.detail {
				t.Fatalf("%d %s, want %d %s %s", a.status, a.raw, row.status, row.code, row.detail)
			}
			if row.place != "" && !strings.Contains(a.raw, `"pointer":"`+row.place+`"`) {
				t.Errorf("no place %s in %s", row.place, a.raw)
			}
			if row.code == "asaas_rate_limited" && a.header.Get("Retry-After") != "42" {
				t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
			}
			if k, _ := row.body["apiKey"].(string); len(k) > 12 && row.code != "looks_like_wallet" &&
				strings.Contains(a.raw, k[12:]) {
				t.Errorf("the key is in %s", a.raw)
			}
		})
	}
	if a := w.must(200, token, "GET", path, nil); a.text("state") != "disconnected" || a.etag() != `"0"` {
		t.Errorf("something was saved: %s", a.raw)
	}
	a := w.must(
		200,
		token,
		"PUT",
		path,
		map[string]any{"apiKey": strings.TrimPrefix(stranger.Key, "$"), "confirmTaxId": true},
		`If-Match: "0"`,
	)
	if a.text("state") != "awaiting_first_event" ||
		!strings.Contains(a.raw, `"code":"dollar_completed","detail":"Faltava o cifrão no início; completamos para você."`) {
		t.Errorf("confirmed, with a lost dollar: %s", a.raw)
	}
}

func TestAKeyThatLacksAPermissionSaysWhich(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("permissao")
	account := w.sim.AddAccount(accounts.Account{})
	key, err := w.sim.AddKey(account.ID, accounts.KeyNoPermission)
	if err != nil {
		t.Fatal(err)
	}
	a := w.ask(w.login(email), "PUT", "/v1/tenants/"+id+"/connection", map[string]string{"apiKey": key}, `If-Match: "0"`)
	const lacks = "A chave funciona, mas falta a permissão: Cobranças (ler), Antecipações (ler), Webhooks (ler), " +
		"Financeiro (ler), Clientes (ler). Edite a chave no Asaas e verifique de novo."
	if a.status != 422 || a.text("code") != "permission_missing" || a.text("detail") != lacks {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

func TestAnotherAccountNeedsADisconnectionFirst(t *testing.T) {
	w := newWorld(t)
	path, token, account, a := connected(w, "troca")
	other := w.sim.AddAccount(accounts.Account{})
	refused := w.ask(token, "PUT", path, map[string]string{"apiKey": other.Key}, "If-Match: "+a.etag())
	if refused.status != 409 || refused.text("code") != "account_differs" ||
		refused.text("detail") != "A chave nova é de outra conta. Desconecte antes." {
		t.Fatalf("%d %s", refused.status, refused.raw)
	}
	same, err := w.sim.AddKey(account.ID, accounts.KeyGood)
	if err != nil {
		t.Fatal(err)
	}
	b := w.must(200, token, "PUT", path, map[string]string{"apiKey": same}, "If-Match: "+a.etag())
	if b.text("webhookToken") != "" || b.text("apiKey") != "$aact_hmlg_••••••"+same[len(same)-4:] ||
		b.text("notificationEmail") != "fin@example.com" ||
		b.text("id") != a.text("id") {
		t.Errorf("a new key of the same account: %s", b.raw)
	}
	if _, err := w.sim.AddWebhook(
		account.ID,
		webhooks.Webhook{URL: w.url + "/Financial/gateway-payments/webhook/asaas/", Token: a.text("webhookToken")},
	); err != nil {
		t.Fatal(err)
	}
	gone := w.must(200, token, "DELETE", path, nil, "If-Match: "+b.etag())
	if gone.text("webhook") != "deleted" || len(w.sim.State().Accounts[0].Webhooks) != 0 {
		t.Errorf("disconnected: %s", gone.raw)
	}
	left := w.must(200, token, "GET", path, nil)
	if left.text("state") != "disconnected" || left.text("apiKey") != "" || left.text("accountId") != "" ||
		!strings.Contains(left.raw, `"endsAt"`) {
		t.Errorf("after it: %s", left.raw)
	}
	var keys int
	if err := w.owner.QueryRow(
		t.Context(),
		`SELECT count(*) FROM connections WHERE key_sealed IS NOT NULL`,
	).Scan(&keys); err != nil ||
		keys != 0 {
		t.Errorf("%d keys left (%v)", keys, err)
	}
	c := w.must(200, token, "PUT", path, map[string]string{"apiKey": other.Key}, "If-Match: "+left.etag())
	if c.text("accountId") != other.ID || len(c.text("webhookToken")) != 48 ||
		c.text("webhookToken") == a.text("webhookToken") {
		t.Errorf("connected anew: %s", c.raw)
	}
}

func TestAWebhookThatStaysAtAsaasIsTold(t *testing.T) {
	w := newWorld(t)
	path, token, account, a := connected(w, "fica")
	if err := w.sim.SetKey(account.Key, accounts.KeyRevoked); err != nil {
		t.Fatal(err)
	}
	gone := w.must(200, token, "DELETE", path, nil, "If-Match: "+a.etag())
	if gone.text("webhook") != "unknown" || gone.text("code") != "key_refused" {
		t.Errorf("%s", gone.raw)
	}
	if again := w.ask(token, "DELETE", path, nil, "If-Match: *"); again.status != 404 {
		t.Errorf("a second time: %d %s", again.status, again.raw)
	}
}

func TestANewTokenComesBesideTheOldOne(t *testing.T) {
	w := newWorld(t)
	path, token, _, a := connected(w, "token")
	b := w.must(200, token, "POST", path+"/token", nil, "If-Match: "+a.etag())
	if len(b.text("webhookToken")) != 48 || b.text("webhookToken") == a.text("webhookToken") || b.etag() == a.etag() {
		t.Fatalf("%s", b.raw)
	}
	deliver := func(token string) int {
		return w.ask(
			"",
			"POST",
			"/financial/gateway-payments/webhook/asaas",
			`{"id":"evt_1","event":"PAYMENT_CREATED"}`,
			"asaas-access-token: "+token,
		).status
	}
	if old, fresh, wrong := deliver(a.text("webhookToken")), deliver(b.text("webhookToken")),
		deliver(strings.Repeat("x", 48)); old != 200 || fresh != 200 ||
		wrong != 401 {
		t.Errorf("old %d, new %d, wrong %d", old, fresh, wrong)
	}
	w.later(14*24*time.Hour + time.Minute)
	if old, fresh := deliver(a.text("webhookToken")), deliver(b.text("webhookToken")); old != 401 || fresh != 200 {
		t.Errorf("after 14 days: old %d, new %d", old, fresh)
	}
}

func TestAChangeNeedsTheVersionThatWasSeen(t *testing.T) {
	w := newWorld(t)
	path, token, account, a := connected(w, "versao")
	body := map[string]string{"notificationEmail": "outro@example.com"}
	if none := w.ask(token, "PUT", path, body); none.status != 428 || none.text("code") != "precondition_required" {
		t.Errorf("without If-Match: %d %s", none.status, none.raw)
	}
	if old := w.ask(
		token,
		"PUT",
		path,
		body,
		`If-Match: "0"`,
	); old.status != 412 ||
		old.text("code") != "precondition_failed" {
		t.Errorf("an old version: %d %s", old.status, old.raw)
	}
	if same := w.ask(token, "GET", path, nil, "If-None-Match: "+a.etag()); same.status != 304 || same.raw != "" {
		t.Errorf("the version I have: %d %s", same.status, same.raw)
	}
	var wait sync.WaitGroup
	codes := make([]int, 6)
	for i := range codes {
		wait.Go(func() {
			codes[i] = w.ask(token, "PUT", path, map[string]string{"apiKey": account.Key}, "If-Match: "+a.etag()).status
		})
	}
	wait.Wait()
	won := 0
	for _, code := range codes {
		if code == 200 {
			won++
		} else if code != 412 {
			t.Errorf("a loser got %d", code)
		}
	}
	if won != 1 {
		t.Errorf("%d of six saves won: %v", won, codes)
	}
}

func TestTwoClinicsCannotHaveOneAccountHoweverFastTheyAre(t *testing.T) {
	w := newWorld(t)
	account := w.sim.AddAccount(accounts.Account{})
	codes := make([]answer, 2)
	var wait sync.WaitGroup
	for i, name := range []string{"um", "dois"} {
		id, email := w.tenant(name)
		token := w.login(email)
		wait.Go(func() {
			codes[i] = w.ask(
				token,
				"PUT",
				"/v1/tenants/"+id+"/connection",
				map[string]string{"apiKey": account.Key},
				`If-Match: "0"`,
			)
		})
	}
	wait.Wait()
	if codes[0].status+codes[1].status != 200+409 {
		t.Errorf("%d and %d", codes[0].status, codes[1].status)
	}
}
