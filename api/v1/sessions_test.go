package v1_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// agents are what browsers call themselves.
const (
	firefox = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	edge    = "User-Agent: Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/150.0 Safari/537.36 Edg/150.0"
	forged = "User-Agent: <script>alert(1)</script>"
)

func TestAPersonSeesTheirOpenSessionsAndEndsThem(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("sessoes")
	var at []string
	for _, agent := range []string{firefox, edge, forged} {
		in := w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password}, agent)
		at = append(at, in.text("accessToken"))
		w.later(time.Second)
	}
	_, bia := settled(w, at[0], id, "bia@example.com", "reader")
	list := w.must(200, at[1], "GET", "/v1/auth/sessions", nil)
	rows := list.body["data"].([]any)
	if len(rows) != 3 || strings.Contains(list.raw, "script") {
		t.Fatalf("%s", list.raw)
	}
	byBrowser := map[any]string{}
	for _, row := range rows {
		one := row.(map[string]any)
		byBrowser[one["browser"]] = one["id"].(string)
		if one["current"] != (one["browser"] == "Edge, Windows") || one["address"] != "127.0.0.1" {
			t.Errorf("%v", one)
		}
	}
	other := byBrowser["Firefox, Linux"]
	w.must(404, bia, "DELETE", "/v1/auth/sessions/"+other, nil)
	w.must(204, at[1], "DELETE", "/v1/auth/sessions/"+other, nil)
	w.must(404, at[1], "DELETE", "/v1/auth/sessions/"+other, nil)
	w.must(401, at[0], "GET", "/v1/auth/me", nil)
	if a := w.must(200, at[1], "DELETE", "/v1/auth/sessions", nil); a.body["ended"] != 1.0 {
		t.Errorf("%s", a.raw)
	}
	w.must(401, at[2], "GET", "/v1/auth/me", nil)
	w.must(200, at[1], "GET", "/v1/auth/me", nil)
	w.must(200, bia, "GET", "/v1/auth/me", nil)
	if n := w.count(`SELECT count(*) FROM audit WHERE action IN ('session.end', 'session.end_others')`); n != 2 {
		t.Errorf("%d entries", n)
	}
	if a := w.ask(w.service(id, "invoices:read"), "GET", "/v1/auth/sessions", nil); a.status != http.StatusForbidden {
		t.Errorf("a program has sessions: %d", a.status)
	}
	w.later(31 * time.Minute) // idle: shown no more
	if a := w.must(200, w.login(email), "GET", "/v1/auth/sessions", nil); len(a.body["data"].([]any)) != 1 {
		t.Errorf("%s", a.raw)
	}
}
