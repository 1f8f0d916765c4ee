package v1_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patapay/api/auth"
	v1 "patapay/api/v1"
	"patapay/domain"
	"patapay/tenants/tenantstest"
)

// credential is one that was issued in a clinic, and the sessions' cookie behind it, if any.
type credential struct {
	clinic, path, admin string // public id; address of the person or of the token; another administrator's token
	id, token           string // of a program; the token
	email               string
	browser             *browser
}

// aPerson issues a person's access token, by a log-in in a browser.
func aPerson(w *world, clinic, admin string) credential {
	path, _ := settled(w, admin, clinic, "bia@example.com", "admin")
	b := &browser{w: w}
	token := b.login("bia@example.com").text("accessToken")
	return credential{clinic: clinic, path: path, admin: admin, token: token, email: "bia@example.com", browser: b}
}

// aProgram issues a service token, made with another one.
func aProgram(w *world, clinic, admin string) credential {
	path := "/v1/tenants/" + clinic + "/service-tokens"
	parent, with := issued(w, admin, path, "tokens:write", "feed:read", "tokens:read")
	_, token := issued(w, with, path, "feed:read", "tokens:read", "tokens:write")
	return credential{clinic: clinic, path: path + "/" + parent, admin: admin, id: parent, token: token}
}

// endings is what ends the credentials of each kind of auth.Kinds: a new kind, or a new way out, is a row.
var endings = map[auth.Kind]map[string]func(*world, credential){
	auth.Access: {
		"logout": func(w *world, c credential) { c.browser.post("logout", nil) },
		"revoked from another session": func(w *world, c credential) {
			w.must(200, w.login(c.email), "DELETE", "/v1/auth/sessions", nil)
		},
		"another password of their own": func(w *world, c credential) {
			other := w.login(c.email)
			w.must(200, other, "POST", "/v1/auth/password", map[string]string{"current": password, "new": password + "!"})
		},
		"a start password from an administrator": func(w *world, c credential) {
			w.must(200, c.admin, "POST", c.path+"/password", nil, "If-Match: *")
		},
		"no access any more": func(w *world, c credential) {
			w.must(200, c.admin, "PATCH", c.path, map[string]any{"disabled": true}, "If-Match: *")
		},
		"another role": func(w *world, c credential) {
			w.must(200, c.admin, "PATCH", c.path, map[string]any{"role": "finance"}, "If-Match: *")
		},
		"a refresh token used twice": func(w *world, c credential) {
			old := *c.browser
			c.browser.post("refresh", nil)
			w.later(11 * time.Second)
			old.post("refresh", nil)
		},
		"the clinic's end": func(w *world, c credential) { w.endClinic(c.clinic) },
	},
	auth.Service: {
		"revoked": func(w *world, c credential) { w.must(200, c.admin, "DELETE", c.path, nil) },
		"its maker's maker lost access": func(w *world, c credential) {
			me := w.must(200, c.admin, "GET", "/v1/auth/me", nil).text("subject")
			_, other := settled(w, c.admin, c.clinic, "caio@example.com", "admin")
			w.must(
				200, other, "PATCH", "/v1/tenants/"+c.clinic+"/users/"+me,
				map[string]any{"disabled": true, "serviceTokens": "end"}, "If-Match: *",
			)
		},
		"the clinic's end": func(w *world, c credential) { w.endClinic(c.clinic) },
	},
	auth.Refresh: {}, // opens only the next pair: a column of the table below
}

func (w *world) endClinic(id string) {
	w.t.Helper()
	a := w.must(200, w.platform(), "GET", "/v1/tenants/"+id, nil)
	w.must(200, w.platform(), "DELETE", "/v1/tenants/"+id, map[string]any{"name": a.text("name")}, "If-Match: "+a.etag())
}

// countedReaders tells nothing, and counts who waits.
type countedReaders struct{ asked atomic.Int64 }

func (c *countedReaders) Next(domain.ClinicID) <-chan struct{} { c.asked.Add(1); return nil }

// waiting asks in the background, and returns a channel that gets the answer's status.
func (w *world) waiting(token, path string) <-chan int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "GET", w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	ended := make(chan int, 1)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return // the test is over
		}
		defer res.Body.Close()
		ended <- res.StatusCode
	}()
	return ended
}

func TestWhatACredentialOpenedClosesWithItWhateverEndedIt(t *testing.T) {
	t.Parallel()
	issue := map[auth.Kind]func(*world, string, string) credential{auth.Access: aPerson, auth.Service: aProgram}
	for _, kind := range auth.Kinds() {
		ways, known := endings[kind]
		if !known {
			t.Errorf("%s: nobody says what ends it", kind)
		}
		for name, end := range ways {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				readers := &countedReaders{}
				w := newWorld(t, func(s *v1.Server) { s.Changes = readers })
				clinic, email := w.tenant("fim")
				c := issue[kind](w, clinic, w.login(email))
				feed := "/v1/tenants/" + clinic + "/feed"
				w.must(200, c.token, "GET", feed, nil) // remembered as good
				poll := w.waiting(c.token, feed+"?wait=30")
				tenantstest.Eventually(t, time.Minute, "the long poll waits", func() bool { return readers.asked.Load() > 0 })
				stream := w.opened(c.token, feed+"/stream")
				end(w, c)
				w.later(5 * time.Second)
				if status := <-poll; status != http.StatusUnauthorized { // left alone it ends with 200
					t.Errorf("the long poll answered %d", status)
				}
				if !over(stream, 20*time.Second) {
					t.Error("the stream is open")
				}
				for _, ask := range []struct{ method, path string }{
					{"GET", feed},
					{"GET", "/v1/auth/me"},
					{"GET", "/v1/tenants/" + clinic + "/service-tokens"},
					{"POST", "/v1/tenants/" + clinic + "/service-tokens"},
				} {
					if a := w.ask(c.token, ask.method, ask.path, nil); a.status != http.StatusUnauthorized {
						t.Errorf("%s %s: %d", ask.method, ask.path, a.status)
					}
				}
				if c.browser != nil && c.browser.post("refresh", nil).status == http.StatusOK {
					t.Error("the cookie buys another token")
				}
			})
		}
	}
}

// TestEveryAnswerThatGoesOnIsARowOfTheEndings finds in the contract what stays open: an operation that streams or
// waits has to be one that the table above opens, or the same for the platform.
func TestEveryAnswerThatGoesOnIsARowOfTheEndings(t *testing.T) {
	w := newWorld(t)
	var contract struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
			Responses  map[string]struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(w.ask("", "GET", "/openapi.json", nil).raw), &contract); err != nil {
		t.Fatal(err)
	}
	var open []string
	for path, methods := range contract.Paths {
		for _, op := range methods {
			waits := slices.ContainsFunc(op.Parameters, func(p struct{ Name string }) bool { return p.Name == "wait" })
			if _, streams := op.Responses["200"].Content["text/event-stream"]; streams || waits {
				open = append(open, path)
			}
		}
	}
	slices.Sort(open)
	if got := strings.Join(
		open,
		" ",
	); got != "/v1/feed /v1/feed/stream /v1/tenants/{tenant}/feed /v1/tenants/{tenant}/feed/stream" {
		t.Errorf("%s", got)
	}
}

func TestWhoMadeTokensIsNotLetGoWithoutAWordAboutThem(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("dona")
	ana := w.login(email)
	path, bia := settled(w, ana, id, "bia@example.com", "admin")
	tokens := "/v1/tenants/" + id + "/service-tokens"
	parent, token := issued(w, bia, tokens, "tokens:write", "tokens:read", "feed:read")
	_, child := issued(w, token, tokens, "feed:read")
	_, own := issued(w, ana, tokens, "feed:read")
	w.must(200, child, "GET", "/v1/tenants/"+id+"/feed", nil)
	for _, change := range []map[string]any{{"disabled": true}, {"role": "reader"}} {
		a := w.must(409, ana, "PATCH", path, change, "If-Match: *")
		list, _ := a.body["serviceTokens"].([]any)
		if a.text("code") != "tokens_need_decision" || len(list) != 1 || list[0].(map[string]any)["id"] != parent {
			t.Errorf("%s", a.raw)
		}
	}
	w.must(200, bia, "GET", path, nil) // nothing of it happened
	w.must(200, ana, "PATCH", path, map[string]any{"name": "Beatriz"}, "If-Match: *")
	self := "/v1/tenants/" + id + "/users/" + w.must(200, ana, "GET", "/v1/auth/me", nil).text("subject")
	w.must(422, ana, "PATCH", self, map[string]any{"role": "reader", "serviceTokens": "transfer"}, "If-Match: *")
	w.must(200, ana, "PATCH", path, map[string]any{"disabled": true, "serviceTokens": "transfer"}, "If-Match: *")
	w.later(6 * time.Second)
	w.must(200, child, "GET", "/v1/tenants/"+id+"/feed", nil)
	_, caio := settled(w, ana, id, "caio@example.com", "admin")
	w.must(200, caio, "PATCH", self, map[string]any{"role": "reader", "serviceTokens": "end"}, "If-Match: *")
	for _, dead := range []string{token, child, own} {
		w.must(401, dead, "GET", "/v1/tenants/"+id+"/feed", nil)
	}
	list := w.must(200, caio, "GET", tokens, nil)
	for _, row := range list.body["data"].([]any) {
		if one := row.(map[string]any); one["revokedAt"] == nil {
			t.Errorf("shown as living: %v", one)
		}
	}
	if n := w.count(
		`SELECT count(*) FROM audit WHERE subject = $1 AND action IN ('token.transfer', 'token.revoke')`,
		parent,
	); n != 2 {
		t.Errorf("%d entries about what became of the token", n)
	}
}

func TestATokenThatWasMadeInTheMomentOfItsMakersEndLivesNoLonger(t *testing.T) {
	w := newWorld(t)
	id, with := issued(w, w.platform(), "/v1/service-tokens", "tokens:write", "tenants:read")
	child, token := issued(w, with, "/v1/service-tokens", "tenants:read")
	w.must(200, w.platform(), "DELETE", "/v1/service-tokens/"+id, nil)
	w.exec(
		`UPDATE service_tokens SET revoked_at = NULL WHERE token_id = $1`,
		child,
	) // as if it had been written an instant later
	w.must(401, token, "GET", "/v1/tenants", nil)
}

func TestOnAnUpgradeNothingEnds(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("antes")
	ana := w.login(email)
	path, bia := settled(w, ana, id, "bia@example.com", "admin")
	_, token := issued(w, bia, "/v1/tenants/"+id+"/service-tokens", "feed:read")
	w.exec(`UPDATE service_tokens SET created_by = '', parent = '', owner = ''`) // as rows from before
	w.must(200, ana, "PATCH", path, map[string]any{"disabled": true}, "If-Match: *")
	w.must(200, token, "GET", "/v1/tenants/"+id+"/feed", nil)
}
