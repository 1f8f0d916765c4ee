package v1_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

// calendarWorld is a clinic with one deadline, and its administrator's session.
func calendarWorld(t *testing.T) (w *world, email string) {
	w = newWorld(t)
	id, email := w.tenant("agenda")
	public, ok := domain.ParseUUID("ten", id)
	require.True(t, ok)
	w.exec(
		`INSERT INTO deadlines (clinic_id, id, kind, subject, due_at, amount, count,
		  actor, action, ends, opened_at, updated_at)
		SELECT clinic_id, gen_random_uuid(), 'dispute_deadline', 'pay_1', '2026-12-01 02:59:00Z', 123456, 1, 'clinic',
		  'answer_dispute', 'documents_sent', $2, $2
		FROM clinics WHERE public_id = $1`,
		public,
		w.now(),
	)
	return w, email
}

// calendar asks as a calendar program does: without a token of ours.
func (w *world) calendar(address string) answer {
	w.t.Helper()
	return w.send(w.url, "GET", strings.TrimPrefix(address, w.url), nil)
}

func TestACalendarsAddressIsShownOnceAndOpensKindsAndDays(t *testing.T) {
	w, email := calendarWorld(t)
	token := w.login(email)
	made := w.must(201, token, "POST", "/v1/auth/calendars", nil)
	address := made.text("url")
	require.Regexp(t, `^http://[^/]+/agenda/[A-Za-z0-9_-]{43}\.ics$`, address)
	a := w.calendar(address)
	require.Equal(t, []any{200, "text/calendar; charset=utf-8"}, []any{a.status, a.header.Get("Content-Type")})
	for name, value := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex",
	} {
		require.Equal(t, value, a.header.Get(name))
	}
	require.Contains(t, a.raw, "DTSTART;VALUE=DATE:20261130\r\n")
	for _, secret := range []string{"pay_1", "1234", "1.234"} {
		require.NotContains(t, a.raw, secret)
	}
	list := w.must(200, token, "GET", "/v1/auth/calendars", nil)
	require.NotContains(t, list.raw, "agenda/", "the address is in the answer that made it only")
	require.Contains(t, list.raw, `"lastUsedAt":"20`)
	secret := strings.TrimSuffix(address[strings.LastIndex(address, "/")+1:], ".ics")
	require.Zero(t, w.count(`SELECT count(*) FROM calendars k WHERE k::text LIKE '%' || $1 || '%'`, secret))
	require.NotContains(t, w.logs.String(), secret, "logs hold the route's template")
	require.Contains(t, w.logs.String(), "/agenda/:file")
}

func TestWhateverOpensNoCalendarIsOneAndTheSame404(t *testing.T) {
	w, email := calendarWorld(t)
	token := w.login(email)
	address := func() string { return w.must(201, token, "POST", "/v1/auth/calendars", nil).text("url") }
	refused := func(name, address string) {
		t.Helper()
		a := w.calendar(address)
		a.header.Del("X-Request-Id")
		a.header.Del("Date")
		require.Equal(t, answer{status: 404, raw: "", header: http.Header{
			"Cache-Control": {
				"no-store",
			},
			"Referrer-Policy": {"no-referrer"},
			"X-Robots-Tag":    {"noindex"},
			"Content-Length":  {"0"},
		}}, answer{status: a.status, raw: a.raw, header: a.header}, name)
	}
	one := address()
	require.Equal(t, 200, w.calendar(one).status)
	refused("no secret", w.url+"/agenda/x.ics")
	refused("another secret", w.url+"/agenda/"+strings.Repeat("A", 43)+".ics")
	refused("without its end", strings.TrimSuffix(one, ".ics"))
	list := w.must(200, token, "GET", "/v1/auth/calendars", nil)
	id := list.body["data"].([]any)[0].(map[string]any)["id"].(string)
	w.must(204, token, "DELETE", "/v1/auth/calendars/"+id, nil)
	refused("revoked", one)
	two := address()
	w.exec(`UPDATE users SET role = 'reader' WHERE email = $1`, email)
	refused("another role", two)
	w.exec(`UPDATE users SET role = 'admin', disabled_at = $2 WHERE email = $1`, email, w.now())
	refused("its person is disabled", two)
	w.exec(`UPDATE users SET disabled_at = NULL WHERE email = $1`, email)
	require.Equal(t, 200, w.calendar(two).status)
	w.later(180 * 24 * time.Hour)
	refused("180 days without use", two)
	for range 30 {
		w.calendar(two)
	}
	require.Equal(t, 429, w.calendar(two).status, "too many from one address")
}
