package v1_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"patapay/api/auth"
	"patapay/api/rest"
	v1 "patapay/api/v1"
	"patapay/tenants"
	"patapay/tenants/people"
)

func TestAForeignTenantAndAnAbsentOneAnswerAlike(t *testing.T) {
	w := newWorld(t)
	_, email := w.tenant("minha")
	other, _ := w.tenant("alheia")
	token := w.login(email)
	absent := tenants.NewID(w.now()).Public("ten")
	var answers []string
	for _, name := range []string{other, "ext:alheia", absent, "ext:nenhuma", "ten_x", "x"} {
		for _, rest := range []string{"", "/connection", "/audit"} {
			a := w.ask(token, "GET", "/v1/tenants/"+name+rest, nil, "X-Request-Id: same-request")
			if a.status != 404 {
				t.Errorf("%s%s: %d %s", name, rest, a.status, a.raw)
			}
			answers = append(answers, strings.ReplaceAll(a.raw, "/v1/tenants/"+name+rest, ""))
		}
	}
	for _, a := range answers[1:] {
		if a != answers[0] {
			t.Errorf("%s is not %s", a, answers[0])
		}
	}
	w.must(200, token, "GET", "/v1/tenants/ext:minha", nil)
}

func TestATokenDoesWhatItsScopeAndItsRoleBothAllow(t *testing.T) {
	w := newWorld(t)
	path, admin, _, conn := connected(w, "papel")
	tenant := strings.TrimSuffix(path, "/connection")
	clinic, err := w.db.ClinicBy(t.Context(), [16]byte{}, "papel")
	if err != nil {
		t.Fatal(err)
	}
	hash, err := auth.HashPassword(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{auth.RoleFinance, auth.RoleReader} {
		err := w.db.In(t.Context(), clinic.ID, func(tx *tenants.Tx) error {
			return people.AddUser(
				tx,
				people.User{ID: tenants.NewID(w.now()), Email: role + "@example.com", PasswordHash: hash, Role: role},
				w.now(),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	finance, reader := w.login("finance@example.com"), w.login("reader@example.com")
	id := clinic.PublicID.Public("ten")
	for _, row := range []struct {
		rule, token, method, path string
		want                      int
	}{
		{"nobody", "", "GET", path, 401},
		{"an admin reads the connection", admin, "GET", path, 200},
		{"an admin reads the audit log", admin, "GET", tenant + "/audit", 200},
		{"an admin makes no tenants", admin, "POST", tenant + "/suspend", 403},
		{"an admin does not see the others", admin, "GET", "/v1/tenants", 403},
		{"finance reads the connection", finance, "GET", path, 200},
		{"finance does not set it", finance, "DELETE", path, 403},
		{"finance does not read the audit log", finance, "GET", tenant + "/audit", 403},
		{"a reader reads the tenant", reader, "GET", tenant, 200},
		{"a reader issues no token", reader, "POST", path + "/token", 403},
		{"a service of the clinic, with the scope", w.service(id, "connection:read"), "GET", path, 200},
		{"the same by the platform's id", w.service("ext:papel", "connection:read"), "GET", path, 200},
		{"a service of the clinic, without it", w.service(id, "invoices:read"), "GET", path, 403},
		{"a clinic's service never suspends", w.service(id, "tenants:write"), "POST", tenant + "/suspend", 403},
		{"nor lists the others", w.service(id, "tenants:read"), "GET", "/v1/tenants", 403},
		{"a service of the platform", w.service("", "connection:read"), "GET", path, 200},
	} {
		if a := w.ask(row.token, row.method, row.path, nil, "If-Match: "+conn.etag()); a.status != row.want {
			t.Errorf("%s: %d, want %d: %s", row.rule, a.status, row.want, a.raw)
		}
	}
	if a := w.must(200, reader, "GET", tenant, nil); a.text("taxId") != "••.625.514/0001-••" {
		t.Errorf("a reader sees %s", a.text("taxId"))
	}
	if a := w.must(200, finance, "GET", tenant, nil); a.text("taxId") != "66625514000140" {
		t.Errorf("finance sees %s", a.text("taxId"))
	}
}

func TestARevokedServiceTokenOpensNothing(t *testing.T) {
	w := newWorld(t)
	token := w.service("", "tenants:read", "tenants:write")
	w.must(200, token, "GET", "/v1/tenants", nil)
	_, err := w.owner.Exec(t.Context(), `UPDATE service_tokens SET revoked_at = now()`)
	if err != nil {
		t.Fatal(err)
	}
	if a := w.ask(token, "POST", "/v1/tenants/ext:x/suspend", nil); a.status != 401 {
		t.Errorf("%d %s", a.status, a.raw)
	}
}

// operator returns an access token of a person of the platform's team.
func (w *world) operator(role string) string {
	w.t.Helper()
	hash, err := auth.HashPassword(w.t.Context(), password)
	if err == nil {
		err = w.db.Platform(w.t.Context(), func(tx *tenants.Tx) error {
			return people.AddUser(
				tx,
				people.User{ID: tenants.NewID(w.now()), Email: role + "@patapay.example", PasswordHash: hash, Role: role},
				w.now(),
			)
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	email := role + "@patapay.example"
	app := w.setUpFactor(w.login(email)) // before it there is nothing that they may do
	return w.must(
		200,
		"",
		"POST",
		"/v1/auth/login",
		map[string]string{"email": email, "password": password, "code": app.codes[0]},
	).text("accessToken")
}

func TestAnOperatorsLookNeedsAReasonThatTheClinicSees(t *testing.T) {
	w := newWorld(t)
	path, admin, _, _ := connected(w, "olhar")
	tenant := strings.TrimSuffix(path, "/connection")
	support := w.operator(auth.RoleSupport)
	for _, given := range []string{
		"", "X-Access-Reason: curto", "X-Access-Reason:           ", "X-Access-Reason: %C3%A9%C3%A9%C3%A9%C3%A9%C3%A9",
	} {
		for _, address := range []string{path, "/v1/tenants"} {
			if a := w.ask(support, "GET", address, nil, given); a.status != 403 ||
				!strings.Contains(a.text("detail"), "motivo do acesso") {
				t.Errorf("%q on %s: %d %s", given, address, a.status, a.raw)
			}
		}
	}
	reason := "chamado 42, cobrança que não baixa"
	a := w.must(200, support, "GET", path, nil, "X-Access-Reason: "+url.PathEscape(reason))
	if a.text("apiKey") == "" {
		t.Errorf("%s", a.raw)
	}
	w.must(200, support, "GET", "/v1/tenants", nil, "X-Access-Reason: "+url.PathEscape(reason))
	if a := w.ask(
		support, "DELETE", path, nil, "If-Match: *", "X-Access-Reason: "+url.PathEscape(reason),
	); a.status != 403 {
		t.Errorf("support disconnects: %d", a.status)
	}
	log := w.must(200, admin, "GET", tenant+"/audit?limit=1", nil)
	entry := log.body["data"].([]any)[0].(map[string]any)
	detail := entry["detail"].(map[string]any)
	if entry["action"] != "operator.look" || entry["role"] != "support" || detail["reason"] != reason ||
		detail["route"] != "getConnection" ||
		entry["source"] != "127.0.0.1" {
		t.Errorf("the clinic's log says %v", entry)
	}
}

func TestAMistypedFilterIsRefused(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]string{
		"?stat=active": `"parameter":"stat"`, "?$aact_prod_1234=x": `"code":"unknown_parameter"`,
	} {
		a := w.ask(w.platform(), "GET", "/v1/tenants"+query, nil)
		if a.status != 400 || a.text("code") != "unknown_parameter" || !strings.Contains(a.raw, want) ||
			strings.Contains(a.raw, "aact") {
			t.Errorf("%s: %d %s", query, a.status, a.raw)
		}
	}
}

func TestEveryAnswerSaysHowManyRequestsAreLeft(t *testing.T) {
	w := newWorld(t)
	token := w.platform()
	a := w.must(200, token, "GET", "/v1/tenants", nil)
	for _, name := range []string{"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"} {
		if a.header.Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	if a.header.Get("Cache-Control") != "private, no-store" || a.header.Get("X-Request-Id") == "" {
		t.Errorf("%v", a.header)
	}
}

func TestWhoAsksTooOftenWaits(t *testing.T) {
	w := newWorld(t, func(s *v1.Server) { s.Limit = rest.NewRateLimit(2, 10*time.Minute) })
	one, other := w.platform(), w.service("ext:x", "tenants:read")
	for i, want := range []struct{ status, left int }{{200, 1}, {200, 0}, {429, 0}, {429, 0}} {
		a := w.ask(one, "GET", "/v1/tenants", nil)
		if a.status != want.status || a.header.Get("RateLimit-Limit") != "2" ||
			a.header.Get("RateLimit-Remaining") != strconv.Itoa(want.left) ||
			a.header.Get("RateLimit-Policy") != "2;w=1200" {
			t.Errorf("request %d: %d %v", i+1, a.status, a.header)
		}
		reset, wait := seconds(t, a, "RateLimit-Reset"), 0
		if want.status == 429 {
			wait = seconds(t, a, "Retry-After")
		} else if a.header.Get("Retry-After") != "" {
			t.Errorf("request %d is told to wait", i+1)
		}
		if reset < 590 || reset > 1200 ||
			want.status == 429 && (wait < 1 || wait > 600 || a.text("code") != "rate_limited" || a.body["retryable"] != true) {
			t.Errorf("request %d: all back in %d s, wait %d s: %s", i+1, reset, wait, a.raw)
		}
	}
	if a := w.ask(other, "GET", "/v1/auth/me", nil); a.status != 200 {
		t.Errorf("another caller: %d", a.status)
	}
}

// seconds reads a header that is a whole number.
func seconds(t *testing.T, a answer, name string) int {
	t.Helper()
	n, err := strconv.Atoi(a.header.Get(name))
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return n
}
