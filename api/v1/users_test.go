package v1_test

import (
	"strings"
	"testing"
	"time"

	"patapay/api/auth"
)

// invited makes a person of a clinic and returns their path, their version's tag and their
// start password.
func invited(w *world, by, tenant, email, role string) (path, tag, start string) {
	w.t.Helper()
	a := w.must(
		202,
		by,
		"POST",
		"/v1/tenants/"+tenant+"/users",
		map[string]any{"name": "Bia", "email": email, "role": role},
	)
	return "/v1/tenants/" + tenant + "/users/" + a.text("id"), a.etag(), a.text("startPassword")
}

// settled is invited with a password of the person's own, and logged in.
func settled(w *world, by, tenant, email, role string) (path, token string) {
	w.t.Helper()
	path, _, start := invited(w, by, tenant, email, role)
	if w.sent != nil {
		w.must(
			204,
			"",
			"POST",
			"/v1/auth/password-link/use",
			map[string]string{"link": w.sent.link(w, email), "new": password},
		)
		return path, w.login(email)
	}
	first := w.must(
		200,
		"",
		"POST",
		"/v1/auth/login",
		map[string]string{"email": email, "password": start},
	).text("accessToken")
	return path, w.must(
		200,
		first,
		"POST",
		"/v1/auth/password",
		map[string]string{"current": start, "new": password},
	).text("accessToken")
}

func TestAStartPasswordLetsItsPersonChooseTheirOwnAndNothingElse(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("comeco")
	admin := w.login(email)
	path, _, start := invited(w, admin, id, "Bia@Example.com", "finance")
	if a := w.must(
		200,
		admin,
		"GET",
		path,
		nil,
	); a.text("state") != "invited" || a.text("email") != "bia@example.com" ||
		strings.Contains(a.raw, start) {
		t.Errorf("%s", a.raw)
	}
	in := w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": "bia@example.com", "password": start})
	if set := in.header.Values("Set-Cookie"); len(set) != 1 {
		t.Errorf("a browser is known by a password that somebody else gave: %v", set)
	}
	first := in.text("accessToken")
	if me := w.must(200, first, "GET", "/v1/auth/me", nil); me.body["mustChangePassword"] != true ||
		len(me.body["scopes"].([]any)) != 0 {
		t.Errorf("%s", me.raw)
	}
	w.must(403, first, "GET", "/v1/tenants/"+id+"/invoices", nil)
	w.must(422, first, "POST", "/v1/auth/password", map[string]string{"current": start, "new": start})
	if a := w.must(
		422,
		first,
		"POST",
		"/v1/auth/password",
		map[string]string{"current": "errada-errada", "new": password},
	); !strings.Contains(a.raw, "/current") {
		t.Errorf("%s", a.raw)
	}
	own := w.must(200, first, "POST", "/v1/auth/password", map[string]string{"current": start, "new": password})
	w.must(401, first, "GET", "/v1/auth/me", nil)
	w.must(200, own.text("accessToken"), "GET", "/v1/tenants/"+id+"/invoices", nil)
	w.must(401, "", "POST", "/v1/auth/login", map[string]string{"email": "bia@example.com", "password": start})
	if a := w.must(200, admin, "GET", path, nil); a.text("state") != "active" || a.text("lastLoginAt") == "" {
		t.Errorf("%s", a.raw)
	}
	if strings.Contains(w.logs.String(), start) ||
		w.count(`SELECT count(*) FROM audit WHERE detail::text LIKE '%' || $1 || '%'`, start) != 0 {
		t.Error("the start password is written somewhere")
	}
}

func TestAStartPasswordEndsAfterAWeekAndAnotherOneLetsIn(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("semana")
	path, tag, start := invited(w, w.login(email), id, "bia@example.com", "reader")
	w.later(7*24*time.Hour - time.Minute)
	w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": "bia@example.com", "password": start})
	w.later(2 * time.Minute)
	w.must(401, "", "POST", "/v1/auth/login", map[string]string{"email": "bia@example.com", "password": start})
	admin := w.login(email)
	again := w.must(200, admin, "POST", path+"/password", nil, "If-Match: "+tag)
	w.must(412, admin, "POST", path+"/password", nil, "If-Match: "+tag)
	w.must(
		200,
		"",
		"POST",
		"/v1/auth/login",
		map[string]string{"email": "bia@example.com", "password": again.text("startPassword")},
	)
}

func TestADisabledPersonsSessionsEndAtOnceAndComeBackWithTheirAccess(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("fora")
	admin := w.login(email)
	path, bia := settled(w, admin, id, "bia@example.com", "reader")
	w.must(200, bia, "GET", "/v1/tenants/"+id+"/invoices", nil) // remembered for five seconds
	tag := w.must(200, admin, "GET", path, nil).etag()
	off := w.must(200, admin, "PATCH", path, map[string]any{"disabled": true}, "If-Match: "+tag)
	if off.text("state") != "disabled" {
		t.Errorf("%s", off.raw)
	}
	w.must(401, bia, "GET", "/v1/tenants/"+id+"/invoices", nil)
	w.must(401, "", "POST", "/v1/auth/login", map[string]string{"email": "bia@example.com", "password": password})
	w.must(200, admin, "PATCH", path, map[string]any{"disabled": false}, "If-Match: "+off.etag())
	w.must(401, bia, "GET", "/v1/tenants/"+id+"/invoices", nil)
	w.login("bia@example.com")
}

func TestAnotherRoleEndsWhatTheOldOneOpened(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("troca")
	admin := w.login(email)
	path, bia := settled(w, admin, id, "bia@example.com", "admin")
	list := "/v1/tenants/" + id + "/users"
	w.must(200, bia, "GET", list, nil)
	w.must(
		200, admin, "PATCH", path, map[string]any{"role": "finance"},
		"If-Match: "+w.must(200, admin, "GET", path, nil).etag(),
	)
	w.must(401, bia, "GET", list, nil)
	w.must(403, w.login("bia@example.com"), "GET", list, nil)
	entry := w.must(200, admin, "GET", "/v1/tenants/"+id+"/audit?limit=1", nil).body["data"].([]any)[0].(map[string]any)
	if detail := entry["detail"].(map[string]any); entry["action"] != "user.change" ||
		detail["before"].(map[string]any)["role"] != "admin" ||
		detail["after"].(map[string]any)["role"] != "finance" {
		t.Errorf("%v", entry)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("ultima")
	admin := w.login(email)
	own := "/v1/tenants/" + id + "/users/" + w.must(200, admin, "GET", "/v1/auth/me", nil).text("subject")
	for _, change := range []map[string]any{{"disabled": true}, {"role": "reader"}} {
		if a := w.must(409, admin, "PATCH", own, change, "If-Match: *"); !strings.Contains(a.raw, "last_admin") {
			t.Errorf("%s", a.raw)
		}
	}
	w.must(200, admin, "GET", own, nil) // nothing of it happened
	_, bia := settled(w, admin, id, "bia@example.com", "admin")
	w.must(200, bia, "PATCH", own, map[string]any{"role": "reader"}, "If-Match: *")
	w.must(403, w.login(email), "GET", own, nil)
}

func TestRolesInTheAPI(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("papeis")
	admin := w.login(email)
	_, finance := settled(w, admin, id, "fin@example.com", "finance")
	_, reader := settled(w, admin, id, "ler@example.com", "reader")
	tenant := "/v1/tenants/" + id
	few, reads := w.service(id, "users:write", "users:read"), w.service(id, "ledger:read")
	person := func(email, role string) any {
		return map[string]any{"name": "X", "email": email, "role": role}
	}
	for _, row := range []struct {
		rule, token, method, path string
		body                      any
		want                      int
	}{
		{"finance takes files away", finance, "GET", tenant + "/ledger/statement.csv", nil, 200},
		{"a reader does not", reader, "GET", tenant + "/ledger/statement.csv", nil, 403},
		{"a program that reads the ledger does", reads, "GET", tenant + "/ledger/statement.csv", nil, 200},
		{"finance sets no key", finance, "PUT", tenant + "/connection", map[string]any{"apiKey": "$aact_hmlg_x"}, 403},
		{"finance lists nobody", finance, "GET", tenant + "/users", nil, 403},
		{"a reader lets nobody in", reader, "POST", tenant + "/users", person("x@example.com", "admin"), 403},
		{
			"a program makes nobody who may more than it",
			few, "POST", tenant + "/users", person("x@example.com", "admin"), 403,
		},
		{"a program has no profile", few, "PATCH", "/v1/auth/me", map[string]any{"theme": "dark"}, 403},
		{"a reader chooses a theme", reader, "PATCH", "/v1/auth/me", map[string]any{"theme": "dark"}, 200},
		{"an unknown kind of e-mail", reader, "PATCH", "/v1/auth/me", map[string]any{"mutedMails": []string{"all"}}, 422},
		{"somebody's e-mail", admin, "POST", tenant + "/users", person("fin@example.com", "reader"), 202},
		{"a name in the e-mail", admin, "POST", tenant + "/users", person("X <x@example.com>", "reader"), 422},
		{"an operator's role", admin, "POST", tenant + "/users", person("x@example.com", auth.RoleSupport), 422},
	} {
		if a := w.ask(row.token, row.method, row.path, row.body, "If-Match: *"); a.status != row.want {
			t.Errorf("%s: %d, want %d: %s", row.rule, a.status, row.want, a.raw)
		}
	}
	if a := w.must(200, finance, "GET", tenant, nil); a.text("taxId") != "66625514000140" {
		t.Errorf("finance sees %s", a.raw)
	}
	if a := w.must(200, reader, "GET", tenant, nil); !strings.Contains(a.text("taxId"), "•") {
		t.Errorf("a reader sees %s", a.raw)
	}
}

func TestWhatAPersonChoseIsThereAtTheNextLogin(t *testing.T) {
	w := newWorld(t)
	_, email := w.tenant("gosto")
	w.must(
		200,
		w.login(email),
		"PATCH",
		"/v1/auth/me",
		map[string]any{
			"name":       "Ana Lima",
			"theme":      "dark",
			"shortcuts":  true,
			"mutedMails": []string{"silent", "paused", "silent"},
		},
	)
	me := w.must(200, w.login(email), "GET", "/v1/auth/me", nil)
	want := map[string]any{"theme": "dark", "shortcuts": true}
	got := me.body["preferences"].(map[string]any)
	if me.text("name") != "Ana Lima" || got["theme"] != want["theme"] || got["shortcuts"] != want["shortcuts"] ||
		len(got["mutedMails"].([]any)) != 2 {
		t.Errorf("%s", me.raw)
	}
	w.must(200, w.login(email), "PATCH", "/v1/auth/me", map[string]any{"mutedMails": []string{}})
	if again := w.must(200, w.login(email), "GET", "/v1/auth/me", nil).body["preferences"].(map[string]any); len(
		again["mutedMails"].([]any),
	) != 0 ||
		again["theme"] != "dark" {
		t.Errorf("%v", again)
	}
}
