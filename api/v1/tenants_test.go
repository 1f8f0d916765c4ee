package v1_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants"
)

func TestTheSameExternalIDIsTheSameTenant(t *testing.T) {
	w := newWorld(t)
	token := w.platform()
	body := map[string]any{
		"externalId": "clinic-1",
		"name":       "Clínica Um",
		"taxId":      "12.abc.345/01de-35",
		"admin":      map[string]any{"name": "Ana", "email": "Ana@Example.com"},
	}
	var wait sync.WaitGroup
	answers := make([]answer, 4)
	for i := range answers {
		wait.Go(func() { answers[i] = w.ask(token, "POST", "/v1/tenants", body) })
	}
	wait.Wait()
	made := 0
	for _, a := range answers {
		if a.text("id") == "" || a.text("id") != answers[0].text("id") {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		if a.status == 201 {
			made++
			admin := a.body["admin"].(map[string]any)
			once := admin["oneTimePassword"].(string)
			if a.text("taxId") != "12ABC34501DE35" || admin["email"] != "ana@example.com" || a.text("state") != "active" {
				t.Errorf("%s", a.raw)
			}
			w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": " ana@example.com ", "password": once})
		} else if a.status != 200 || strings.Contains(a.raw, "oneTimePassword") {
			t.Errorf("again: %d %s", a.status, a.raw)
		}
	}
	if made != 1 {
		t.Errorf("made %d times", made)
	}
	byExternal := w.must(200, token, "GET", "/v1/tenants/ext:clinic-1", nil)
	if byExternal.text("id") != answers[0].text("id") {
		t.Errorf("by the platform's id: %s", byExternal.raw)
	}
}

func TestATenantIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	w := newWorld(t)
	w.tenant("primeira")
	admin := func(member, value string) func(map[string]any) {
		return func(b map[string]any) { b["admin"].(map[string]any)[member] = value }
	}
	for _, row := range []struct {
		rule          string
		change        func(map[string]any)
		status        int
		pointer, code string
	}{
		{"wrong check digits", func(b map[string]any) { b["taxId"] = "66625514000141" }, 422, "/taxId", "check_digit"},
		{"no name", func(b map[string]any) { delete(b, "name") }, 422, "/name", "required"},
		{"a name of blanks", func(b map[string]any) { b["name"] = "  " }, 422, "/name", "required"},
		{"a member we do not know", func(b map[string]any) { b["nome"] = "x" }, 422, "/nome", "unknown_property"},
		{"an e-mail that is none", admin("email", "ana"), 422, "/admin/email", "wrong_format"},
		{"a short password", admin("password", "short"), 422, "/admin/password", "wrong_length"},
		{"an e-mail of somebody else", admin("email", "primeira@example.com"), 409, "/admin/email", "email_in_use"},
	} {
		body := map[string]any{
			"externalId": "segunda",
			"name":       "Clínica",
			"taxId":      "66625514000140",
			"admin":      map[string]any{"name": "Ana", "email": "b@example.com", "password": password},
		}
		row.change(body)
		a := w.ask(w.platform(), "POST", "/v1/tenants", body)
		if a.status != row.status || !strings.Contains(a.raw, `"pointer":"`+row.pointer+`","code":"`+row.code+`"`) {
			t.Errorf("%s: %d %s", row.rule, a.status, a.raw)
		}
	}
	if a := w.ask(w.platform(), "GET", "/v1/tenants/ext:segunda", nil); a.status != 404 {
		t.Errorf("something was made: %s", a.raw)
	}
}

func TestASuspendedTenantCanBeReadAndNotChanged(t *testing.T) {
	w := newWorld(t)
	path, admin, _, conn := connected(w, "susp")
	tenant := strings.TrimSuffix(path, "/connection")
	platform := w.platform()
	seen := w.must(200, platform, "GET", tenant, nil)
	if a := w.ask(platform, "POST", tenant+"/suspend", nil); a.status != 428 {
		t.Errorf("without If-Match: %d", a.status)
	}
	held := w.must(200, platform, "POST", tenant+"/suspend", nil, "If-Match: "+seen.etag())
	if held.text("state") != "suspended" || held.etag() == seen.etag() {
		t.Errorf("%s", held.raw)
	}
	if a := w.ask(platform, "POST", tenant+"/resume", nil, "If-Match: "+seen.etag()); a.status != 412 {
		t.Errorf("an old version: %d %s", a.status, a.raw)
	}
	w.must(200, admin, "GET", path, nil)
	if a := w.ask(
		admin,
		"PUT",
		path,
		map[string]string{"notificationEmail": "x@example.com"},
		"If-Match: "+conn.etag(),
	); a.status != 409 ||
		!strings.Contains(a.text("detail"), "suspensa") {
		t.Errorf("a change: %d %s", a.status, a.raw)
	}
	back := w.must(200, platform, "POST", tenant+"/resume", nil, "If-Match: "+held.etag())
	if again := w.must(
		200, platform, "POST", tenant+"/resume", nil, "If-Match: "+back.etag(),
	); again.etag() != back.etag() {
		t.Errorf("resumed twice: %s", again.raw)
	}
}

func TestADeletedTenantIsGoneAndItsTokensCountAFortnight(t *testing.T) {
	w := newWorld(t)
	path, admin, account, conn := connected(w, "fim")
	tenant := strings.TrimSuffix(path, "/connection")
	platform := w.platform()
	if _, err := w.sim.AddWebhook(
		account.ID,
		webhooks.Webhook{URL: w.url + "/financial/gateway-payments/webhook/asaas", Token: conn.text("webhookToken")},
	); err != nil {
		t.Fatal(err)
	}
	if a := w.ask(
		platform,
		"DELETE",
		tenant,
		map[string]string{"name": "Clínica outra"},
		"If-Match: *",
	); a.status != 422 ||
		!strings.Contains(a.raw, "name_differs") {
		t.Fatalf("another name: %d %s", a.status, a.raw)
	}
	gone := w.must(200, platform, "DELETE", tenant, map[string]string{"name": "Clínica fim"}, "If-Match: *")
	if gone.text("webhook") != "deleted" || len(w.sim.State().Accounts[0].Webhooks) != 0 {
		t.Errorf("%s", gone.raw)
	}
	for token, want := range map[string]int{platform: 404, admin: 401} {
		if a := w.ask(token, "GET", path, nil); a.status != want {
			t.Errorf("after it: %d %s, want %d", a.status, a.raw, want)
		}
	}
	if a := w.ask(
		"",
		"POST",
		"/v1/auth/login",
		map[string]string{"email": "fim@example.com", "password": password},
	); a.status != 401 {
		t.Errorf("login: %d", a.status)
	}
	var keys, users int
	err := w.owner.QueryRow(
		t.Context(),
		`SELECT (SELECT count(*) FROM clinic_keys), (SELECT count(*) FROM users WHERE disabled_at IS NULL)`,
	).Scan(&keys, &users)
	if err != nil || keys != 0 || users != 0 {
		t.Errorf("%d keys and %d users left (%v)", keys, users, err)
	}
	deliver := func() int {
		return w.ask(
			"",
			"POST",
			"/financial/gateway-payments/webhook/asaas",
			`{"id":"evt_9","event":"PAYMENT_CREATED"}`,
			"asaas-access-token: "+conn.text("webhookToken"),
		).status
	}
	if code := deliver(); code != 200 {
		t.Errorf("a late delivery: %d", code)
	}
	w.later(14*24*time.Hour + time.Minute)
	if code := deliver(); code != 401 {
		t.Errorf("a delivery after 14 days: %d", code)
	}
	w.offset.Store(0)
	if id, _ := w.tenant(
		"fim",
		func(b map[string]any) { b["admin"].(map[string]any)["email"] = "novo@example.com" },
	); "/v1/tenants/"+id == tenant {
		t.Error("the platform's id still names the deleted clinic")
	}
}

func TestTheListOfTenantsGoesOnWithoutAGapOrARepeat(t *testing.T) {
	w := newWorld(t)
	want := map[string]bool{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		_, created, err := w.db.AddClinic(t.Context(), tenants.Clinic{Name: name, ExternalID: name}, w.vault, w.now())
		if err != nil || !created {
			t.Fatal(err)
		}
		want[name] = true
	}
	token, next, pages := w.platform(), "/v1/tenants?limit=2&state=active", 0
	for next != "" {
		a := w.must(200, token, "GET", next, nil)
		for _, row := range a.body["data"].([]any) {
			name := row.(map[string]any)["name"].(string)
			if !want[name] {
				t.Errorf("%s came twice", name)
			}
			delete(want, name)
		}
		pages++
		next = ""
		if link := a.header.Get("Link"); link != "" {
			next = "/v1/tenants" + link[1:strings.Index(link, ">")]
			if a.body["page"].(map[string]any)["hasMore"] != true {
				t.Errorf("a link without more: %s", a.raw)
			}
		}
	}
	if len(want) != 0 || pages != 3 {
		t.Errorf("%d pages, missing %v", pages, want)
	}
	first := w.must(200, token, "GET", "/v1/tenants?limit=2", nil)
	cursor := first.body["page"].(map[string]any)["nextCursor"].(string)
	for _, path := range []string{
		"/v1/tenants?state=active&cursor=" + cursor, "/v1/tenants?cursor=x", "/v1/tenants?cursor=%00",
	} {
		if a := w.ask(token, "GET", path, nil); a.status != 400 || a.text("code") != "cursor_mismatch" {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
}
