package v1_test

import (
	"strings"
	"testing"
	"time"

	"patapay/tenants/tenantstest"
)

// issued makes a service token and returns its id and the token.
func issued(w *world, by, path string, scopes ...string) (id, token string) {
	w.t.Helper()
	a := w.must(201, by, "POST", path, map[string]any{"name": "billing", "scopes": scopes, "expiresInDays": 30})
	return a.text("id"), a.text("token")
}

func TestATokenOfAClinicOpensThatClinicWithItsScopesAndNothingElse(t *testing.T) {
	w := newWorld(t)
	mine, email := w.tenant("minha")
	other, _ := w.tenant("alheia")
	admin := w.login(email)
	id, token := issued(w, admin, "/v1/tenants/"+mine+"/service-tokens", "invoices:read", "invoices:read", "events:read")
	for path, want := range map[string]int{
		"/v1/tenants/" + mine + "/invoices":  200,
		"/v1/tenants/" + mine + "/events":    200,
		"/v1/tenants/" + mine + "/checkouts": 403,
		"/v1/tenants/" + other + "/invoices": 404, "/v1/feed": 403,
	} {
		if a := w.ask(token, "GET", path, nil); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	list := w.must(200, admin, "GET", "/v1/tenants/"+mine+"/service-tokens", nil)
	row := list.body["data"].([]any)[0].(map[string]any)
	if row["id"] != id || row["name"] != "billing" || len(row["scopes"].([]any)) != 2 || row["createdBy"] == nil ||
		row["token"] != nil ||
		strings.Contains(list.raw, token) {
		t.Errorf("%s", list.raw)
	}
	if a := w.ask(admin, "DELETE", "/v1/tenants/"+other+"/service-tokens/"+id, nil); a.status != 404 {
		t.Errorf("by another clinic's path: %d", a.status)
	}
	if n := w.count(
		`SELECT count(*) FROM service_tokens WHERE token_id = $1 AND position($2 in service_tokens::text) > 0`,
		id,
		token,
	); n != 0 {
		t.Error("the token itself is stored")
	}
}

func TestNobodyGivesATokenMoreThanTheyHold(t *testing.T) {
	w := newWorld(t)
	mine, email := w.tenant("minha")
	clinic, platform := "/v1/tenants/"+mine+"/service-tokens", "/v1/service-tokens"
	admin, few, clinicService := w.login(email), w.service("", "tokens:write", "invoices:read"),
		w.service(mine, "tokens:write", "invoices:read")
	for _, row := range []struct {
		rule, token, path string
		scopes            []string
		want              int
	}{
		{"an admin gives what an admin has", admin, clinic, []string{"connection:write", "personal:read"}, 201},
		{"an admin makes no tenants", admin, clinic, []string{"invoices:read", "tenants:write"}, 403},
		{"an admin makes no token of the platform", admin, platform, []string{"invoices:read"}, 403},
		{"a program gives what it has", few, platform, []string{"invoices:read"}, 201},
		{"and no more", few, platform, []string{"feed:read"}, 403},
		{"also not to a clinic", few, clinic, []string{"feed:read"}, 403},
		{"a clinic's program makes no token of the platform", clinicService, platform, []string{"invoices:read"}, 403},
		{"a scope that nobody has", w.platform(), platform, []string{"root"}, 403},
		{"no scope at all", w.platform(), platform, []string{}, 422},
		{"without the scope for tokens", w.service("", "invoices:read"), platform, []string{"invoices:read"}, 403},
	} {
		if a := w.ask(row.token, "POST", row.path, map[string]any{"name": "x", "scopes": row.scopes}); a.status != row.want {
			t.Errorf("%s: %d, want %d: %s", row.rule, a.status, row.want, a.raw)
		}
	}
	for _, body := range []map[string]any{
		{"name": "", "scopes": []string{"invoices:read"}},
		{"name": "a\nb", "scopes": []string{"invoices:read"}},
		{"name": "x", "scopes": []string{"invoices:read"}, "expiresInDays": 367},
	} {
		if a := w.ask(admin, "POST", clinic, body); a.status != 422 {
			t.Errorf("%v: %d %s", body, a.status, a.raw)
		}
	}
}

func TestARevokedTokenOpensNothingWithinFiveSecondsAndItsEndIsAudited(t *testing.T) {
	w := newWorld(t)
	id, token := issued(w, w.platform(), "/v1/service-tokens", "tenants:read")
	w.must(200, token, "GET", "/v1/tenants", nil)
	a := w.must(200, w.platform(), "DELETE", "/v1/service-tokens/"+id, nil)
	if a.body["revokedAt"] == nil {
		t.Errorf("%s", a.raw)
	}
	w.later(5 * time.Second)
	w.must(401, token, "GET", "/v1/tenants", nil)
	again := w.must(200, w.platform(), "DELETE", "/v1/service-tokens/"+id, nil)
	if again.body["revokedAt"] != a.body["revokedAt"] {
		t.Errorf("revoked again: %s", again.raw)
	}
	w.must(404, w.platform(), "DELETE", "/v1/service-tokens/tok_absent", nil)
	if n := w.count(
		`SELECT count(*) FROM audit WHERE clinic_id = 0 AND subject = $1 AND action IN ('token.issue', 'token.revoke')`,
		id,
	); n != 3 {
		t.Errorf("%d audit entries", n)
	}
}

func TestATokenDiesWhenItExpires(t *testing.T) {
	w := newWorld(t)
	_, token := issued(w, w.platform(), "/v1/service-tokens", "tenants:read")
	w.later(30*24*time.Hour - time.Minute)
	w.must(200, token, "GET", "/v1/tenants", nil)
	w.later(2 * time.Minute)
	w.must(401, token, "GET", "/v1/tenants", nil)
}

func TestTheLastUseOfATokenIsWrittenOnceAMinute(t *testing.T) {
	w := newWorld(t)
	path := "/v1/service-tokens"
	id, token := issued(w, w.platform(), path, "tenants:read")
	writes := func() int {
		return w.count(`SELECT count(*) FROM service_tokens WHERE token_id = $1 AND last_used_at IS NOT NULL`, id)
	}
	if writes() != 0 {
		t.Fatal("used before it was")
	}
	version := func() int { return w.count(`SELECT xmin::text::bigint FROM service_tokens WHERE token_id = $1`, id) }
	w.must(200, token, "GET", "/v1/tenants", nil)
	for end := time.Now().Add(time.Minute); writes() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("its use is not written")
		}
	}
	first := version()
	for range 20 {
		w.must(200, token, "GET", "/v1/tenants", nil)
	}
	other, second := issued(w, w.platform(), path, "tenants:read")
	w.must(200, second, "GET", "/v1/tenants", nil) // waits together with what waits of the first
	tenantstest.Eventually(t, time.Minute, "the other's use is written", func() bool {
		return w.count(`SELECT count(*) FROM service_tokens WHERE token_id = $1 AND last_used_at IS NOT NULL`, other) == 1
	})
	if version() != first {
		t.Error("twenty uses of the same minute were written")
	}
	w.later(time.Minute)
	w.must(200, token, "GET", "/v1/tenants", nil)
	for end := time.Now().Add(time.Minute); version() == first; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the use of the next minute is not written")
		}
	}
}

func TestATokenWithoutAScopeIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, scopes := range []any{nil, []string{}} {
		if a := w.ask(
			w.platform(),
			"POST",
			tokensPath,
			map[string]any{"name": "x", "scopes": scopes},
		); a.status != 422 ||
			!strings.Contains(a.raw, `"pointer":"/scopes"`) {
			t.Errorf("%v: %d %s", scopes, a.status, a.raw)
		}
	}
}
