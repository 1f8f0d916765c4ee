package v1_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	v1 "patapay/api/v1"
)

// mail waits for the next e-mail to somebody. Each is sent by a goroutine of its own, so that what came first for
// others is left for whoever asks for it.
func (m mailbox) mail(w *world, to string) string {
	w.t.Helper()
	for late := time.After(time.Minute); ; {
		select {
		case got := <-m:
			if got[0] == to {
				return got[2]
			}
			defer func() { m <- got }()
		case <-late:
			w.t.Fatalf("no e-mail came to %s", to)
		}
	}
}

var ownWords = regexp.MustCompile(`usr_[a-z0-9]+|"email":"[^"]+"|\d{4}-[^"]+`)

// TestAnInvitationTellsNobodyButItsMailboxWhoHasALogin: adding a person answered 409 for an e-mail of another clinic's,
// which told that it has a login, and an address that one clinic had added was no other's any more.
func TestAnInvitationTellsNobodyButItsMailboxWhoHasALogin(t *testing.T) {
	mails := make(mailbox, 10)
	w := newWorld(t, func(s *v1.Server) { s.Mailer = mails })
	_, known := w.tenant("conhecida")
	id, email := w.tenant("convida")
	admin, users := w.login(email), "/v1/tenants/"+id+"/users"
	invite := func(email string) (answer, string) {
		a := w.must(
			202, admin, "POST", users, map[string]any{"name": "Bia", "email": email, "role": "admin"},
			"X-Request-Id: same-request",
		)
		return a, mails.mail(w, email)
	}
	taken, told := invite(known)
	free, _ := invite("livre@example.com")
	if strings.Contains(told, "#") || !strings.Contains(told, "já tem um acesso") {
		t.Errorf("%s", told)
	}
	same := func(what string, a, b answer) {
		t.Helper()
		if ownWords.ReplaceAllString(a.raw, "") != ownWords.ReplaceAllString(b.raw, "") || len(a.header) != len(b.header) {
			t.Errorf("%s: %s %s", what, a.raw, b.raw)
		}
	}
	same("the answer", taken, free)
	same(
		"the person",
		w.must(200, admin, "GET", users+"/"+taken.text("id"), nil),
		w.must(200, admin, "GET", users+"/"+free.text("id"), nil),
	)
	same("again", w.must(200, admin, "POST", users+"/"+taken.text("id")+"/password", nil, "If-Match: *"),
		w.must(200, admin, "POST", users+"/"+free.text("id")+"/password", nil, "If-Match: *"))
	if strings.Contains(free.raw, "startPassword") {
		t.Errorf("an administrator could try whether it lets in: %s", free.raw)
	}
	mails.mail(w, known)
	invited := mails.mail(w, "livre@example.com")
	// Neither of the two is an administrator yet: who invited them is the last one.
	own := users + "/" + w.must(200, admin, "GET", "/v1/auth/me", nil).text("subject")
	w.must(409, admin, "PATCH", own, map[string]any{"role": "reader"}, "If-Match: *")
	w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": known, "password": password}) // theirs as before
	choose := func(mail string) int {
		link := secretOfLink.FindStringSubmatch(mail)
		return w.ask("", "POST", "/v1/auth/password-link/use", map[string]string{"link": link[2], "new": password}).status
	}
	// An address that was invited is no other clinic's loss: who comes first holds it.
	other, otherAdmin := w.tenant("outra")
	w.must(
		202,
		w.login(otherAdmin),
		"POST",
		"/v1/tenants/"+other+"/users",
		map[string]any{"name": "Bia", "email": "livre@example.com", "role": "reader"},
	)
	first := mails.mail(w, "livre@example.com")
	if got := [2]int{choose(first), choose(invited)}; got != [2]int{204, 422} {
		t.Errorf("of two invitations to one address: %v", got)
	}
	in := w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": "livre@example.com", "password": password})
	if me := w.must(200, in.text("accessToken"), "GET", "/v1/auth/me", nil); !strings.Contains(me.raw, other) {
		t.Errorf("%s", me.raw)
	}
	_, late := invite("tarde@example.com")
	w.later(7 * 24 * time.Hour)
	if got := choose(late); got != 422 {
		t.Errorf("after a week: %d", got)
	}
}

// TestWhoLeftKeepsTheirAddressForThirtyDaysAndNoLonger: an address stayed with a disabled person for ever.
func TestWhoLeftKeepsTheirAddressForThirtyDaysAndNoLonger(t *testing.T) {
	mails := make(mailbox, 10)
	w := newWorld(t, func(s *v1.Server) { s.Mailer = mails })
	id, email := w.tenant("deixa")
	other, otherEmail := w.tenant("recebe")
	const bia = "bia@example.com"
	invite := func(tenant, by string) string {
		w.must(
			202,
			w.login(by),
			"POST",
			"/v1/tenants/"+tenant+"/users",
			map[string]any{"name": "Bia", "email": bia, "role": "reader"},
		)
		return mails.mail(w, bia)
	}
	choose := func(mail string) {
		t.Helper()
		w.must(
			204,
			"",
			"POST",
			"/v1/auth/password-link/use",
			map[string]string{"link": secretOfLink.FindStringSubmatch(mail)[2], "new": password},
		)
	}
	choose(invite(id, email))
	admin := w.login(email)
	list := w.must(200, admin, "GET", "/v1/tenants/"+id+"/users", nil)
	var page struct{ Data []struct{ ID, Email string } }
	if err := json.Unmarshal([]byte(list.raw), &page); err != nil {
		t.Fatal(err)
	}
	path := "/v1/tenants/" + id + "/users/"
	for _, u := range page.Data {
		if u.Email == bia {
			path += u.ID
		}
	}
	w.must(200, admin, "PATCH", path, map[string]any{"disabled": true}, "If-Match: *")
	w.later(30*24*time.Hour - time.Minute)
	if told := invite(other, otherEmail); !strings.Contains(told, "já tem um acesso") {
		t.Errorf("freed too soon: %s", told)
	}
	w.later(time.Minute)
	choose(invite(other, otherEmail))
	w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": bia, "password": password})
	admin = w.login(email)
	if a := w.must(200, admin, "GET", path, nil); a.text("email") != bia || a.text("state") != "disabled" {
		t.Errorf("%s", a.raw)
	}
	// Let in again, they are invited like anybody, and their address is told to nobody.
	w.must(200, admin, "PATCH", path, map[string]any{"disabled": false}, "If-Match: *")
	if a := w.must(200, admin, "GET", path, nil); a.text("state") != "invited" {
		t.Errorf("%s", a.raw)
	}
}

// TestWithoutAMailServerAStartPasswordOpensOnlyWhatIsFree: the answer is the same; who tries the password learns
// more, as docs/limitations.md says.
func TestWithoutAMailServerAStartPasswordOpensOnlyWhatIsFree(t *testing.T) {
	w := newWorld(t)
	_, known := w.tenant("tem")
	id, email := w.tenant("sem")
	_, _, taken := invited(w, w.login(email), id, known, "reader")
	_, _, free := invited(w, w.login(email), id, "livre@example.com", "reader")
	if len(taken) != len(free) || taken == "" {
		t.Errorf("%q %q", taken, free)
	}
	w.must(401, "", "POST", "/v1/auth/login", map[string]string{"email": known, "password": taken})
	w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": known, "password": password})
	w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": "livre@example.com", "password": free})
}
