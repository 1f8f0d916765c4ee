package v1_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "patapay/api/v1"
)

// browser keeps the refresh cookie, as a browser does.
type browser struct {
	w      *world
	cookie string
}

func (b *browser) post(path string, body any, headers ...string) answer {
	b.w.t.Helper()
	if b.cookie != "" {
		headers = append(headers, "Cookie: "+b.cookie)
	}
	a := b.w.ask("", "POST", "/v1/auth/"+path, body, append([]string{"Origin: " + b.w.url}, headers...)...)
	if set := a.header.Get("Set-Cookie"); set != "" {
		b.cookie, _, _ = strings.Cut(set, ";")
	}
	return a
}

func (b *browser) login(email string) answer {
	b.w.t.Helper()
	a := b.post("login", map[string]string{"email": email, "password": password})
	if a.status != 200 {
		b.w.t.Fatalf("login: %d %s", a.status, a.raw)
	}
	return a
}

func TestALoginGivesAShortTokenAndACookieThatScriptsCannotRead(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("entrar")
	b := &browser{w: w}
	a := b.login(email)
	set := a.header.Get("Set-Cookie")
	if a.body["expiresIn"] != 900.0 || a.text("tokenType") != "Bearer" ||
		strings.Contains(a.raw, strings.TrimPrefix(b.cookie, "patapay=")) {
		t.Errorf("%s", a.raw)
	}
	for _, part := range []string{"patapay=", "Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=1800"} {
		if !strings.Contains(set, part) {
			t.Errorf("no %s in %s", part, set)
		}
	}
	if strings.Contains(set, "Secure") { // plain http on this machine
		t.Errorf("%s", set)
	}
	me := w.must(200, a.text("accessToken"), "GET", "/v1/auth/me", nil)
	if me.text("email") != email || me.text("role") != "admin" || me.text("tenantId") != id || me.text("name") != "Ana" ||
		!strings.Contains(me.raw, `"connection:write"`) ||
		strings.Contains(me.raw, "tenants:write") {
		t.Errorf("me: %s", me.raw)
	}
	w.later(15*time.Minute + time.Minute)
	if a := w.ask(a.text("accessToken"), "GET", "/v1/auth/me", nil); a.status != 401 {
		t.Errorf("after 16 minutes: %d", a.status)
	}
	if a := w.ask(strings.TrimPrefix(b.cookie, "patapay="), "GET", "/v1/auth/me", nil); a.status != 401 {
		t.Errorf("the refresh token opens /v1: %d", a.status)
	}
	if a := w.ask("", "GET", "/v1/auth/me", nil, "Cookie: "+b.cookie); a.status != 401 {
		t.Errorf("the cookie opens /v1: %d", a.status)
	}
}

func TestBehindHTTPSTheCookieIsBoundToTheHost(t *testing.T) {
	w := newWorld(t, func(s *v1.Server) { s.PublicURL = "https://clinica.example" })
	_, email := w.tenant("https")
	a := w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password})
	set := a.header.Get("Set-Cookie")
	if !strings.HasPrefix(set, "__Host-patapay=") || !strings.Contains(set, "Secure") ||
		!strings.Contains(set, "Path=/;") ||
		strings.Contains(set, "Domain") {
		t.Fatalf("%s", set)
	}
	_, value, _ := strings.Cut(strings.Split(set, ";")[0], "=")
	origin := "Origin: https://clinica.example"
	if a := w.ask("", "POST", "/v1/auth/refresh", nil, origin, "Cookie: patapay="+value); a.status != 401 {
		t.Errorf("the name that any neighbour can set: %d", a.status)
	}
	w.must(200, "", "POST", "/v1/auth/refresh", nil, origin, "Cookie: __Host-patapay="+value)
}

func TestAnUnknownPersonAndAWrongPasswordAnswerAlike(t *testing.T) {
	w := newWorld(t)
	_, email := w.tenant("senha")
	var raw []string
	for _, body := range []map[string]string{
		{"email": email, "password": "wrong password"},
		{"email": "nobody@example.com", "password": "wrong password"},
		{"email": "", "password": ""},
	} {
		a := w.must(401, "", "POST", "/v1/auth/login", body, "X-Request-Id: same-request")
		if a.text("detail") != "E-mail ou senha não conferem." {
			t.Errorf("%s", a.raw)
		}
		raw = append(raw, a.raw)
	}
	if raw[0] != raw[1] || raw[0] != raw[2] {
		t.Errorf("%v", raw)
	}
	for range 4 {
		w.ask("", "POST", "/v1/auth/login", map[string]string{"email": email, "password": "wrong"})
	}
	a := w.ask("", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password})
	if a.status != 429 || a.header.Get("Retry-After") == "" ||
		!strings.HasPrefix(a.text("detail"), "Muitas tentativas. Tente de novo em ") {
		t.Errorf("after five attempts: %d %s", a.status, a.raw)
	}
}

func TestARefreshTokenIsUsedOnce(t *testing.T) {
	w := newWorld(t)
	_, email := w.tenant("girar")
	b := &browser{w: w}
	b.login(email)
	stolen := b.cookie
	w.later(14 * time.Minute)
	next := b.post("refresh", nil)
	if next.status != 200 || b.cookie == stolen {
		t.Fatalf("%d %s", next.status, next.raw)
	}
	w.must(200, next.text("accessToken"), "GET", "/v1/tenants/ext:girar/connection", nil)
	w.later(11 * time.Second)
	if a := (&browser{w: w, cookie: stolen}).post("refresh", nil); a.status != 401 {
		t.Errorf("used again: %d %s", a.status, a.raw)
	}
	if a := b.post("refresh", nil); a.status != 401 {
		t.Errorf("the session went on: %d %s", a.status, a.raw)
	}
	if a := w.ask(next.text("accessToken"), "GET", "/v1/tenants/ext:girar/connection", nil); a.status != 401 {
		t.Errorf("its access token still opens settings: %d", a.status)
	}
}

func TestOneRefreshTokenBuysOneOtherHoweverOftenItIsSentAtOnce(t *testing.T) {
	w := newWorld(t)
	_, email := w.tenant("corrida")
	b := &browser{w: w}
	b.login(email)
	var wait sync.WaitGroup
	tabs := make([]browser, 5)
	for i := range tabs {
		tabs[i] = browser{w: w, cookie: b.cookie}
		wait.Go(func() {
			if a := tabs[i].post("refresh", nil); a.status != http.StatusOK {
				t.Errorf("a tab got %d %s", a.status, a.raw)
			}
		})
	}
	wait.Wait()
	for _, tab := range tabs {
		if tab.cookie == b.cookie || tab.cookie != tabs[0].cookie {
			t.Errorf("%s for %s, and %s for another tab", tab.cookie, b.cookie, tabs[0].cookie)
		}
	}
	w.later(20 * time.Minute)
	if a := tabs[0].post("refresh", nil); a.status != http.StatusOK {
		t.Errorf("the next exchange: %d %s", a.status, a.raw)
	}
}

// TestAnAnswerThatWasLostOnTheWayIsGivenAgain: a page that was left while its session was renewed had the next page
// answered 409 for ten seconds and then ended every session of the person, as a theft.
func TestAnAnswerThatWasLostOnTheWayIsGivenAgain(t *testing.T) {
	w := newWorld(t)
	_, email := w.tenant("perdida")
	b := &browser{w: w}
	b.login(email)
	lost := &browser{w: w, cookie: b.cookie}
	lost.post("refresh", nil)
	w.later(9 * time.Second)
	a := b.post("refresh", nil)
	if a.status != 200 || b.cookie != lost.cookie {
		t.Errorf("%d %s, and %s for %s", a.status, a.raw, b.cookie, lost.cookie)
	}
	w.must(200, a.text("accessToken"), "GET", "/v1/auth/me", nil)
	w.later(29 * time.Minute)
	if a := b.post("refresh", nil); a.status != 200 {
		t.Errorf("the session did not go on: %d %s", a.status, a.raw)
	}

	before := b.cookie
	b.post("refresh", nil)
	w.exec(`UPDATE users SET role = 'reader' WHERE email = $1`, email)
	again := &browser{w: w, cookie: before}
	a = again.post("refresh", nil)
	if a.status != 200 || again.cookie != b.cookie {
		t.Errorf("after another role: %d %s", a.status, a.raw)
	}
	if me := w.must(200, a.text("accessToken"), "GET", "/v1/auth/me", nil); me.text("role") != "reader" {
		t.Errorf("the answer says more than the person may now: %s", me.raw)
	}
	w.exec(`UPDATE sessions SET digest = sha256('signed by another key')`)
	if a := (&browser{w: w, cookie: before}).post("refresh", nil); a.status != 409 {
		t.Errorf("another token was given then: %d %s", a.status, a.raw)
	}
}

func TestASessionEndsWhenItIsIdleOrOldOrLeft(t *testing.T) {
	w := newWorld(t)
	_, email := w.tenant("ocioso")
	idle := &browser{w: w}
	idle.login(email)
	w.later(31 * time.Minute)
	if a := idle.post("refresh", nil); a.status != 401 {
		t.Errorf("idle for 31 minutes: %d", a.status)
	}
	old := &browser{w: w}
	old.login(email)
	refreshed := 0
	for range 26 {
		w.later(29 * time.Minute)
		if old.post("refresh", nil).status == 200 {
			refreshed++
		}
	}
	if refreshed != 24 { // 24 × 29 min < 12 h < 25 × 29 min
		t.Errorf("%d refreshes in 12 hours", refreshed)
	}
	left := &browser{w: w}
	left.login(email)
	kept := left.cookie
	if a := left.post("logout", nil); a.status != 204 || left.cookie != "patapay=" {
		t.Errorf("logout: %d %q", a.status, left.cookie)
	}
	if a := (&browser{w: w, cookie: kept}).post("refresh", nil); a.status != 401 {
		t.Errorf("after logout: %d", a.status)
	}
	if a := left.post("logout", nil); a.status != 204 {
		t.Errorf("logout twice: %d", a.status)
	}
}

func TestOnlyOurOwnPagesMayRefreshOrLogOut(t *testing.T) {
	w := newWorld(t)
	_, email := w.tenant("origem")
	b := &browser{w: w}
	b.login(email)
	for _, origin := range []string{
		"", "Origin: https://evil.example", "Origin: null",
		"Origin: " + w.url + ".evil.example", "Origin: http://127.0.0.1",
	} {
		for _, path := range []string{"refresh", "logout"} {
			if a := w.ask("", "POST", "/v1/auth/"+path, nil, origin, "Cookie: "+b.cookie); a.status != 403 {
				t.Errorf("%s from %q: %d", path, origin, a.status)
			}
		}
	}
	for path, body := range map[string]map[string]string{
		"login":             {"email": email, "password": password},
		"login/factor":      {"challenge": "x", "code": "000000"},
		"login/passkey":     {"challenge": "x"},
		"login-link":        {"email": email},
		"password-link":     {"email": email},
		"password-link/use": {"link": "x", "new": password},
	} {
		if a := w.ask("", "POST", "/v1/auth/"+path, body, "Origin: https://evil.example"); a.status != 403 {
			t.Errorf("%s from elsewhere: %d", path, a.status)
		}
	}
	if a := w.ask(
		"",
		"POST",
		"/v1/auth/login",
		`{"email":"`+email+`","password":"`+password+`"}`,
		"Content-Type: text/plain",
	); a.status != 415 {
		t.Errorf("a form's body: %d", a.status)
	}
	if a := w.ask(
		"", "POST", "/v1/auth/refresh", nil, "Origin: "+w.url, "Cookie: "+b.cookie+"; patapay=planted",
	); a.status != 401 {
		t.Errorf("two cookies of one name: %d", a.status)
	}
	if a := b.post("refresh", nil); a.status != 200 {
		t.Errorf("our own page: %d %s", a.status, a.raw)
	}
}
