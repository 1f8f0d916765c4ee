package v1_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"patapay/api/auth"
	v1 "patapay/api/v1"
)

// mailbox keeps what was mailed.
type mailbox chan [3]string // to, subject, body

func (m mailbox) Send(_ context.Context, _ string, to []string, subject, body string) error {
	m <- [3]string{strings.Join(to, ","), subject, body}
	return nil
}

var secretOfLink = regexp.MustCompile(`/app/(senha|entrar)#([a-z2-7]{26})\n`)

// link waits for the next e-mail and returns the secret of its link.
func (m mailbox) link(w *world, to string) string {
	w.t.Helper()
	text := m.mail(w, to)
	found := secretOfLink.FindStringSubmatch(text)
	if found == nil {
		w.t.Fatalf("%q", text)
	}
	return found[2]
}

func TestAForgottenPasswordIsChosenAnewByAMailedLinkOnce(t *testing.T) {
	mails := make(mailbox, 10)
	w := newWorld(t, func(s *v1.Server) { s.Mailer = mails })
	_, email := w.tenant("esqueci")
	old := w.login(email)
	known := w.must(
		202, "", "POST", "/v1/auth/password-link", map[string]string{"email": " " + strings.ToUpper(email)},
		"X-Request-Id: same-request",
	)
	nobody := w.must(
		202, "", "POST", "/v1/auth/password-link", map[string]string{"email": "nobody@example.com"},
		"X-Request-Id: same-request",
	)
	if known.raw != nobody.raw || len(known.header) != len(nobody.header) {
		t.Errorf("%v %v", known, nobody)
	}
	link := mails.link(w, email)
	use := func(link, password string) answer {
		return w.ask("", "POST", "/v1/auth/password-link/use", map[string]string{"link": link, "new": password})
	}
	if a := use("forged", "a new password"); a.status != 422 || !strings.Contains(a.raw, "link_over") {
		t.Errorf("%s", a.raw)
	}
	if a := use(link, "a new password"); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.raw)
	}
	if a := use(link, "another password"); a.status != 422 {
		t.Errorf("used twice: %d", a.status)
	}
	w.must(401, old, "GET", "/v1/auth/me", nil)
	if n := w.count(`SELECT count(*) FROM known_browsers`); n != 0 {
		t.Errorf("%d browsers are known to a password that nobody typed there", n)
	}
	w.must(401, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password})
	w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": "a new password"})
	w.must(202, "", "POST", "/v1/auth/password-link", map[string]string{"email": email})
	late := mails.link(w, email)
	w.must(202, "", "POST", "/v1/auth/login-link", map[string]string{"email": email})
	if a := use(mails.link(w, email), "by another link"); a.status != 422 {
		t.Errorf("a link for logging in chose a password: %d", a.status)
	}
	w.later(30 * time.Minute)
	if a := use(late, "too late for it"); a.status != 422 {
		t.Errorf("after half an hour: %d", a.status)
	}
	if len(mails) != 0 {
		t.Errorf("%d e-mails nobody asked for", len(mails))
	}
	for _, secret := range []string{link, late} {
		if strings.Contains(w.logs.String(), secret) ||
			w.count(`SELECT count(*) FROM mailed_links l WHERE position($1 in l::text) > 0`, secret) != 0 {
			t.Error("the link's secret is written somewhere")
		}
	}
}

func TestWithoutAMailServerNoLinkIsPromised(t *testing.T) {
	w := newWorld(t)
	if a := w.must(
		409,
		"",
		"POST",
		"/v1/auth/password-link",
		map[string]string{"email": "ana@example.com"},
	); a.text(
		"code",
	) != "mail_not_set_up" {
		t.Errorf("%s", a.raw)
	}
}

// TestAnOwnersLoginPassesWhileStrangersGuess: one bad password each two seconds for somebody's e-mail, from
// changing places, kept the right one out of the owner's own browser.
func TestAnOwnersLoginPassesWhileStrangersGuess(t *testing.T) {
	mails := make(mailbox, 10)
	w := newWorld(t, func(s *v1.Server) {
		s.Mailer = mails
		s.Logins.PerAddress, s.Logins.PerBrowser = auth.NewLimiter(nil, 1000, time.Second),
			auth.NewLimiter(nil, 25, time.Hour)
	})
	_, email := w.tenant("cercada")
	in := w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password})
	device := ""
	for _, set := range in.header.Values("Set-Cookie") {
		if strings.HasPrefix(set, "patapay-device=") {
			device, _, _ = strings.Cut(set, ";")
			if !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "Max-Age=15552000") ||
				!strings.Contains(set, "SameSite=Strict") {
				t.Errorf("%s", set)
			}
		}
	}
	if device == "" ||
		w.count(
			`SELECT count(*) FROM known_browsers b WHERE position($1 in b::text) > 0`,
			strings.TrimPrefix(device, "patapay-device="),
		) != 0 {
		t.Fatalf("%v", in.header)
	}
	guess := func(headers ...string) answer {
		return w.ask("", "POST", "/v1/auth/login", map[string]string{"email": email, "password": "wrong wrong"}, headers...)
	}
	for range 8 {
		if a := guess("Cookie: patapay-device=forged"); len(a.header.Values("Set-Cookie")) != 0 {
			t.Errorf("a failed login makes a browser known: %v", a.header)
		}
	}
	for range 20 {
		w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password}, "Cookie: "+device)
	}
	refused := w.must(429, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password})
	if !strings.Contains(refused.raw, `"/link"`) {
		t.Errorf("%s", refused.raw)
	}
	link := mails.link(w, email)
	body := map[string]string{"email": email, "password": "wrong wrong", "link": link}
	w.must(401, "", "POST", "/v1/auth/login", body) // the link alone opens nothing
	body["password"] = password
	w.must(200, "", "POST", "/v1/auth/login", body)
	if a := w.ask("", "POST", "/v1/auth/login", body); a.status != http.StatusTooManyRequests {
		t.Errorf("the link a second time: %d", a.status)
	}
	if len(mails) != 0 {
		t.Errorf("mailed %d times more", len(mails))
	}
	w.must(202, "", "POST", "/v1/auth/login-link", map[string]string{"email": email})
	body["link"] = mails.link(w, email)
	w.later(30 * time.Minute)
	w.must(429, "", "POST", "/v1/auth/login", body) // half an hour later
	w.must(202, "", "POST", "/v1/auth/password-link", map[string]string{"email": email})
	body["link"] = mails.link(w, email)
	w.must(429, "", "POST", "/v1/auth/login", body) // it is for another purpose
	delete(body, "link")
	w.later(180 * 24 * time.Hour)
	w.must(429, "", "POST", "/v1/auth/login", body, "Cookie: "+device) // nobody knows the browser any more
}

// TestABrowserThatIsKnownToOnePersonIsAStrangerToAnother: their share of the other's account is that of all strangers.
func TestABrowserThatIsKnownToOnePersonIsAStrangerToAnother(t *testing.T) {
	w := newWorld(t, func(s *v1.Server) { s.Logins.PerAccount = auth.NewLimiter(nil, 1, time.Hour) })
	_, email := w.tenant("conhecida")
	_, other := w.tenant("vizinha")
	in := w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password})
	device := "Cookie: " + strings.Split(in.header.Values("Set-Cookie")[1], ";")[0]
	guess := map[string]string{"email": other, "password": "wrong wrong"}
	w.must(401, "", "POST", "/v1/auth/login", guess, device)
	w.must(429, "", "POST", "/v1/auth/login", guess, device)
	w.must(200, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password}, device)
}
