package v1_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"patapay/api/auth"
	v1 "patapay/api/v1"
)

// authenticator is an app on somebody's phone, and the paper with their recovery codes.
type authenticator struct {
	w          *world
	id, secret string
	codes      []string
}

// code returns what the app shows at an instant this far from now.
func (a authenticator) code(off time.Duration) string {
	a.w.t.Helper()
	text, err := totp.GenerateCode(a.secret, a.w.now().Add(off))
	if err != nil {
		a.w.t.Fatal(err)
	}
	return text
}

// next lets a step of the app go by, since a code is right once, and returns the next one.
func (a authenticator) next() string {
	a.w.later(30 * time.Second)
	return a.code(0)
}

// setUpFactor sets an app up for the person of a token.
func (w *world) setUpFactor(token string) authenticator {
	w.t.Helper()
	a := w.must(201, token, "POST", "/v1/auth/factors", map[string]string{"password": password})
	app := authenticator{w: w, id: a.text("id"), secret: a.text("secret")}
	w.must(422, token, "POST", "/v1/auth/factors/"+app.id+"/confirm", map[string]string{"code": "12345"})
	done := w.must(200, token, "POST", "/v1/auth/factors/"+app.id+"/confirm", map[string]string{"code": app.code(0)})
	for _, code := range done.body["recoveryCodes"].([]any) {
		app.codes = append(app.codes, code.(string))
	}
	return app
}

// challenge is the first step of a login, which must ask for the second one.
func (w *world) challenge(email string, headers ...string) string {
	w.t.Helper()
	a := w.must(409, "", "POST", "/v1/auth/login", map[string]string{"email": email, "password": password}, headers...)
	if a.text("code") != "second_factor_required" || len(a.header.Values("Set-Cookie")) != 0 {
		w.t.Fatalf("%s", a.raw)
	}
	return a.body["challenge"].(map[string]any)["token"].(string)
}

func (w *world) meet(challenge, code string) answer {
	w.t.Helper()
	return w.ask("", "POST", "/v1/auth/login/factor", map[string]string{"challenge": challenge, "code": code})
}

// protected is a person with a second factor, in a clinic of theirs with another admin who has none.
type protected struct {
	*world
	app                               authenticator
	clinic, email, token, path, other string
	mails                             mailbox
}

func newProtected(t *testing.T, change ...func(*v1.Server)) *protected {
	p := &protected{mails: make(mailbox, 20)}
	p.world = newWorld(t, func(s *v1.Server) {
		for _, f := range change {
			f(s)
		}
		s.Mailer = p.mails
		s.Logins.PerAccount, s.Logins.PerBrowser = auth.NewLimiter(nil, 50, time.Minute),
			auth.NewLimiter(nil, 50, time.Minute)
	})
	p.sent = p.mails
	var admin string
	p.clinic, admin = p.tenant("fator")
	p.other = p.login(admin)
	p.email = "bia@example.com"
	p.path, p.token = settled(p.world, p.other, p.clinic, p.email, "admin")
	p.app = p.setUpFactor(p.token)
	p.mailed("foi ligado")
	return p
}

// mailed waits for an e-mail that says something.
func (p *protected) mailed(what string) {
	p.t.Helper()
	select {
	case got := <-p.mails:
		if !strings.Contains(got[1]+got[2], what) {
			p.t.Fatalf("%q", got)
		}
	case <-time.After(time.Minute):
		p.t.Fatal("no e-mail says " + what)
	}
}

// refused expects an answer that is not 2xx and has a code.
func (p *protected) refused(a answer, code string) {
	p.t.Helper()
	if a.status < 400 || !strings.Contains(a.raw, `"`+code+`"`) {
		p.t.Errorf("want %s: %d %s", code, a.status, a.raw)
	}
}

// waysIn are the ways past the second step of a login: each is refused, or is the one that is meant.
var waysIn = map[string]func(*protected){
	"a code of the app": func(p *protected) {
		in := p.must(
			200,
			"",
			"POST",
			"/v1/auth/login/factor",
			map[string]string{"challenge": p.challenge(p.email), "code": p.app.next()},
		)
		p.must(200, in.text("accessToken"), "GET", p.path, nil)
		if n := p.count(`SELECT count(*) FROM audit WHERE action = 'session.factor'`); n != 1 {
			p.t.Errorf("%d entries", n)
		}
	},
	"a code a step early or late, with blanks": func(p *protected) {
		p.stand() // between making a code and meeting it a step might end
		p.later(5 * time.Minute)
		for _, off := range []time.Duration{-30 * time.Second, 30 * time.Second} {
			code := p.app.code(off)
			if a := p.meet(p.challenge(p.email), code[:3]+" "+code[3:]); a.status != 200 {
				p.t.Errorf("%s: %s", off, a.raw)
			}
		}
		p.later(5 * time.Minute)
		for _, off := range []time.Duration{-60 * time.Second, 60 * time.Second} {
			p.refused(p.meet(p.challenge(p.email), p.app.code(off)), "wrong_code")
		}
	},
	"a step that was accepted, and an older one": func(p *protected) {
		code := p.app.next()
		if a := p.meet(p.challenge(p.email), code); a.status != 200 {
			p.t.Fatal(a.raw)
		}
		p.refused(p.meet(p.challenge(p.email), code), "wrong_code")
		p.refused(p.meet(p.challenge(p.email), p.app.code(-30*time.Second)), "wrong_code")
	},
	"the code of the set-up": func(p *protected) {
		p.refused(p.meet(p.challenge(p.email), p.app.code(0)), "wrong_code")
	},
	"a recovery code once": func(p *protected) {
		typed := " " + strings.ToUpper(p.app.codes[3]) + " "
		if a := p.meet(p.challenge(p.email), typed); a.status != 200 {
			p.t.Fatal(a.raw)
		}
		p.refused(p.meet(p.challenge(p.email), p.app.codes[3]), "wrong_code")
		if n := p.count(
			`SELECT count(*) FROM recovery_codes r WHERE position($1 in r::text) > 0`,
			strings.ReplaceAll(p.app.codes[4], "-", ""),
		); n != 0 {
			p.t.Error("a recovery code is kept")
		}
	},
	"a challenge that was met": func(p *protected) {
		c := p.challenge(p.email)
		p.meet(c, p.app.next())
		code := p.app.next()
		p.refused(p.meet(c, code), "challenge_over")
		if a := p.meet(p.challenge(p.email), code); a.status != 200 {
			p.t.Errorf("what was refused took the code: %s", a.raw)
		}
	},
	"a sixth try": func(p *protected) {
		c := p.challenge(p.email)
		for range 4 {
			p.refused(p.meet(c, "000000"), "wrong_code")
		}
		p.refused(p.meet(c, "000000"), "challenge_over")
		p.mailed("errou o código")
		p.refused(p.meet(c, p.app.next()), "challenge_over")
	},
	"more codes than the account's share": func(p *protected) {
		for range 6 {
			c := p.challenge(p.email)
			for range 5 {
				p.meet(c, "000000")
			}
		}
		p.refused(p.meet(p.challenge(p.email), p.app.next()), "rate_limited")
	},
	"more codes than the share of those who know nothing, beside a known browser": func(p *protected) {
		in := p.must(200, "", "POST", "/v1/auth/login",
			map[string]string{"email": p.email, "password": password, "code": p.app.next()})
		known := "Cookie: " + strings.Split(in.header.Values("Set-Cookie")[1], ";")[0]
		waits := p.challenge(p.email, known)
		for range 6 {
			c := p.challenge(p.email)
			for range 5 {
				p.meet(c, "000000")
			}
		}
		p.refused(p.meet(p.challenge(p.email), p.app.next()), "rate_limited")
		if a := p.meet(waits, p.app.next()); a.status != 200 {
			p.t.Errorf("the second step: %s", a.raw)
		}
		body := map[string]string{"email": p.email, "password": password, "code": p.app.next()}
		p.must(200, "", "POST", "/v1/auth/login", body, known)
	},
	"a challenge of six minutes ago": func(p *protected) {
		c := p.challenge(p.email)
		p.later(6 * time.Minute)
		p.refused(p.meet(c, p.app.next()), "challenge_over")
	},
	"a challenge from before their sessions ended": func(p *protected) {
		c := p.challenge(p.email)
		p.must(200, p.other, "POST", p.path+"/password", nil, "If-Match: *")
		p.refused(p.meet(c, p.app.next()), "challenge_over")
	},
	"a person who was disabled meanwhile": func(p *protected) {
		c := p.challenge(p.email)
		p.must(200, p.other, "PATCH", p.path, map[string]any{"disabled": true}, "If-Match: *")
		p.refused(p.meet(c, p.app.next()), "challenge_over")
	},
	"somebody else's code": func(p *protected) {
		_, email := p.tenant("vizinha")
		theirs := p.setUpFactor(p.login(email))
		p.mailed("foi ligado")
		p.refused(p.meet(p.challenge(p.email), theirs.next()), "wrong_code")
		p.refused(p.meet(p.challenge(p.email), theirs.codes[0]), "wrong_code")
		colleagues := p.setUpFactor(p.other)
		p.refused(p.meet(p.challenge(p.email), colleagues.next()), "wrong_code")
		p.refused(p.meet(p.challenge(p.email), colleagues.codes[0]), "wrong_code")
	},
	"an app that was begun and shows no code yet": func(p *protected) {
		begun := p.must(201, p.token, "POST", "/v1/auth/factors", map[string]string{"password": password}).text("secret")
		p.refused(p.meet(p.challenge(p.email), authenticator{w: p.world, secret: begun}.code(0)), "wrong_code")
	},
	"a browser that is known": func(p *protected) {
		in := p.must(
			200,
			"",
			"POST",
			"/v1/auth/login",
			map[string]string{"email": p.email, "password": password, "code": p.app.next()},
		)
		p.challenge(p.email, "Cookie: "+strings.Split(in.header.Values("Set-Cookie")[1], ";")[0])
	},
	"a mailed link to log in": func(p *protected) {
		p.must(202, "", "POST", "/v1/auth/login-link", map[string]string{"email": p.email})
		body := map[string]string{"email": p.email, "password": password, "link": p.mails.link(p.world, p.email)}
		p.must(409, "", "POST", "/v1/auth/login", body)
	},
	"a password that was chosen by a mailed link": func(p *protected) {
		p.must(202, "", "POST", "/v1/auth/password-link", map[string]string{"email": p.email})
		p.must(
			204,
			"",
			"POST",
			"/v1/auth/password-link/use",
			map[string]string{"link": p.mails.link(p.world, p.email), "new": password},
		)
		p.challenge(p.email)
	},
	"a start password that an admin gave": func(p *protected) {
		start := p.must(200, p.other, "POST", p.path+"/password", nil, "If-Match: *").text("startPassword")
		p.must(409, "", "POST", "/v1/auth/login", map[string]string{"email": p.email, "password": start})
	},
	"a code and a wrong password": func(p *protected) {
		p.must(
			401,
			"",
			"POST",
			"/v1/auth/login",
			map[string]string{"email": p.email, "password": "wrong wrong", "code": p.app.next()},
		)
	},
	"a wrong code in the first step": func(p *protected) {
		a := p.must(
			409,
			"",
			"POST",
			"/v1/auth/login",
			map[string]string{"email": p.email, "password": password, "code": "000000"},
		)
		p.refused(a, "wrong_code")
	},
}

func TestEachWayPastTheSecondStepOfALogin(t *testing.T) {
	t.Parallel()
	for name, way := range waysIn {
		t.Run(name, func(t *testing.T) { way(newProtected(t)) })
	}
}

// Whoever tries codes of many people from one place is held up by the place, before a challenge's try is taken.
func TestCodesOfAnAddressAreCountedWhoeverTheyAreOf(t *testing.T) {
	w := newWorld(t, func(s *v1.Server) { s.Logins.PerAddress = auth.NewLimiter(nil, 6, time.Hour) })
	_, email := w.tenant("cercada")
	app := w.setUpFactor(w.login(email))
	challenge := w.challenge(email)
	for range 4 {
		w.meet("somebody else's", "000000")
	}
	if a := w.meet(challenge, app.next()); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if n := w.count(`SELECT count(*) FROM login_challenges WHERE tries > 0`); n != 0 {
		t.Errorf("%d challenges lost a try to an address", n)
	}
}

// waysOff are the ways to lose a second factor, and the ways around it once somebody is in.
var waysOff = map[string]func(*protected){
	"its person, by password and a code": func(p *protected) {
		remove := func(password, code string) answer {
			return p.ask(
				p.token,
				"POST",
				"/v1/auth/factors/"+p.app.id+"/remove",
				map[string]string{"password": password, "code": code},
			)
		}
		p.refused(remove("wrong wrong", p.app.next()), "wrong_credentials")
		p.refused(remove(password, "000000"), "wrong_code")
		if a := remove(password, p.app.next()); a.status != 204 {
			p.t.Fatal(a.raw)
		}
		p.mailed("foi removido")
		p.must(401, p.token, "GET", "/v1/auth/me", nil)
		p.login(p.email)
		if n := p.count(`SELECT (SELECT count(*) FROM recovery_codes) + (SELECT count(*) FROM factors)`); n != 0 {
			p.t.Errorf("%d rows are left", n)
		}
		if n := p.count(`SELECT count(*) FROM audit WHERE action IN ('factor.add', 'factor.remove')`); n != 2 {
			p.t.Errorf("%d entries", n)
		}
	},
	"the last one where one is required": func(p *protected) {
		p.must(200, p.token, "PUT", "/v1/tenants/"+p.clinic+"/factor-rule", map[string]any{"required": true})
		a := p.ask(
			p.token,
			"POST",
			"/v1/auth/factors/"+p.app.id+"/remove",
			map[string]string{"password": password, "code": p.app.next()},
		)
		p.refused(a, "second_factor_mandatory")
		p.challenge(p.email)
	},
	"another admin": func(p *protected) {
		version := p.must(200, p.other, "GET", p.path, nil)
		if version.body["secondFactor"] != true {
			p.t.Errorf("%s", version.raw)
		}
		after := p.must(200, p.other, "POST", p.path+"/factor-reset", nil)
		if after.body["secondFactor"] != false {
			p.t.Errorf("%s", after.raw)
		}
		p.mailed("foi redefinido")
		p.must(401, p.token, "GET", "/v1/auth/me", nil)
		p.login(p.email)
		if n := p.count(`SELECT count(*) FROM audit WHERE action = 'factor.reset'`); n != 1 {
			p.t.Errorf("%d entries", n)
		}
	},
	"an admin who did not just show theirs": func(p *protected) {
		p.later(11 * time.Minute)
		me := p.must(200, p.other, "GET", "/v1/auth/me", nil).text("subject")
		at := "/v1/tenants/" + p.clinic + "/users/" + me + "/factor-reset"
		p.refused(p.ask(p.token, "POST", at, nil), "fresh_factor_required")
		p.must(200, p.token, "POST", "/v1/auth/fresh-factor", map[string]string{"code": p.app.code(0)})
		p.must(200, p.token, "POST", at, nil)
	},
	"its person by the admins' way": func(p *protected) {
		p.must(403, p.token, "POST", p.path+"/factor-reset", nil)
	},
	"a program": func(p *protected) {
		p.must(403, p.service(p.clinic, "users:write", "users:read"), "POST", p.path+"/factor-reset", nil)
	},
	"a colleague who is no admin": func(p *protected) {
		_, reader := settled(p.world, p.other, p.clinic, "caio@example.com", "finance")
		p.must(403, reader, "POST", p.path+"/factor-reset", nil)
	},
	"an admin of another clinic": func(p *protected) {
		clinic, email := p.tenant("vizinha")
		their := p.login(email)
		p.must(404, their, "POST", p.path+"/factor-reset", nil)
		p.must(404, their, "POST", strings.Replace(p.path, p.clinic, clinic, 1)+"/factor-reset", nil)
	},
	"a stolen session and the thief's own app": func(p *protected) {
		p.refused(
			p.ask(p.token, "POST", "/v1/auth/factors", map[string]string{"password": "wrong wrong"}),
			"wrong_credentials",
		)
		p.later(11 * time.Minute) // and one whose thief has the password
		p.refused(
			p.ask(p.token, "POST", "/v1/auth/factors", map[string]string{"password": password}),
			"fresh_factor_required",
		)
	},
	"a stolen session of a person without one": func(p *protected) {
		p.refused(
			p.ask(p.other, "POST", "/v1/auth/factors", map[string]string{"password": "wrong wrong"}),
			"wrong_credentials",
		)
	},
	"somebody else's app by its id": func(p *protected) {
		id := p.must(201, p.other, "POST", "/v1/auth/factors", map[string]string{"password": password})
		mine := map[string]string{"code": authenticator{w: p.world, secret: id.text("secret")}.code(0)}
		p.must(404, p.token, "POST", "/v1/auth/factors/"+id.text("id")+"/confirm", mine)
		a := p.ask(
			p.token,
			"POST",
			"/v1/auth/factors/"+id.text("id")+"/remove",
			map[string]string{"password": password, "code": p.app.next()},
		)
		if a.status != 404 {
			p.t.Errorf("%s", a.raw)
		}
		counts := p.setUpFactor(p.other)
		a = p.ask(p.token, "POST", "/v1/auth/factors/"+counts.id+"/remove",
			map[string]string{"password": password, "code": p.app.next()})
		if a.status != 404 {
			p.t.Errorf("one that counts: %s", a.raw)
		}
	},
	"one more than a person may have, and one a second time": func(p *protected) {
		p.must(404, p.token, "POST", "/v1/auth/factors/"+p.app.id+"/confirm", map[string]string{"code": p.app.next()})
		p.exec(`INSERT INTO factors (clinic_id, factor_id, user_id, kind, name, secret, created_at, confirmed_at)
			SELECT clinic_id, gen_random_uuid(), user_id, kind, name, secret, created_at, confirmed_at
			FROM factors, generate_series(1, 4)`)
		p.must(409, p.token, "POST", "/v1/auth/factors", map[string]string{"password": password})
	},
	"more codes than a session may try for a new app": func(p *protected) {
		begun := p.must(201, p.other, "POST", "/v1/auth/factors", map[string]string{"password": password})
		confirm := func(code string) answer {
			return p.ask(p.other, "POST", "/v1/auth/factors/"+begun.text("id")+"/confirm", map[string]string{"code": code})
		}
		for range 30 {
			p.refused(confirm("000000"), "wrong_code")
		}
		p.refused(confirm(authenticator{w: p.world, secret: begun.text("secret")}.code(0)), "rate_limited")
	},
	"a session from before the app": func(p *protected) {
		old := p.other
		next := p.must(
			200,
			"",
			"POST",
			"/v1/auth/login",
			map[string]string{"email": "fator@example.com", "password": password},
		).text("accessToken")
		p.setUpFactor(next)
		p.must(401, old, "GET", "/v1/auth/me", nil)
	},
	"an app that shows no code for half an hour": func(p *protected) {
		a := p.must(201, p.other, "POST", "/v1/auth/factors", map[string]string{"password": password})
		p.login("fator@example.com") // nothing is asked for before the first code
		p.later(31 * time.Minute)
		token := p.login("fator@example.com")
		late := map[string]string{"code": authenticator{w: p.world, secret: a.text("secret")}.code(0)}
		p.must(404, token, "POST", "/v1/auth/factors/"+a.text("id")+"/confirm", late)
	},
	"new recovery codes": func(p *protected) {
		ask := func(code string) answer {
			return p.ask(p.token, "POST", "/v1/auth/recovery-codes", map[string]string{"password": password, "code": code})
		}
		p.refused(ask("000000"), "wrong_code")
		if a := ask(p.app.codes[0]); a.status != 200 || len(a.body["recoveryCodes"].([]any)) != 10 {
			p.t.Fatal(a.raw)
		}
		p.refused(p.meet(p.challenge(p.email), p.app.codes[1]), "wrong_code")
		list := p.must(200, p.token, "GET", "/v1/auth/factors", nil)
		if list.body["recoveryCodesLeft"] != 10.0 || len(list.body["data"].([]any)) != 1 ||
			strings.Contains(list.raw, p.app.secret) {
			p.t.Errorf("%s", list.raw)
		}
	},
}

func TestEachWayToLoseASecondFactorAndAroundIt(t *testing.T) {
	t.Parallel()
	for name, way := range waysOff {
		t.Run(name, func(t *testing.T) { way(newProtected(t)) })
	}
}

// TestAnOperatorSetsASecondFactorUpBeforeAnythingElse: those from before the release
// too, since nothing was asked of them.
func TestAnOperatorSetsASecondFactorUpBeforeAnythingElse(t *testing.T) {
	w := newWorld(t)
	w.tenant("olhada")
	w.operator(auth.RoleSRE) // who has one: only to make the person; forget it again
	w.exec(`DELETE FROM factors`)
	b := &browser{w: w}
	token := b.login("sre@patapay.example").text("accessToken")
	const reason = "X-Access-Reason: chamado 4711 da clínica"
	w.must(403, token, "GET", "/v1/tenants", nil, reason)
	if me := w.must(200, token, "GET", "/v1/auth/me", nil); me.body["mustSetUpFactor"] != true ||
		len(me.body["scopes"].([]any)) != 0 {
		t.Errorf("%s", me.raw)
	}
	token = b.post("refresh", nil).text("accessToken")
	w.must(403, token, "GET", "/v1/tenants", nil, reason)
	w.setUpFactor(token)
	w.must(403, token, "GET", "/v1/tenants", nil, reason) // the token is from before
	token = b.post("refresh", nil).text("accessToken")
	w.must(200, token, "GET", "/v1/tenants", nil, reason)
	if me := w.must(200, token, "GET", "/v1/auth/me", nil); me.body["mustSetUpFactor"] != nil {
		t.Errorf("%s", me.raw)
	}
}

func TestAClinicMayAskEverybodyForASecondFactorFromTheirNextLoginOn(t *testing.T) {
	w := newWorld(t)
	id, email := w.tenant("exigente")
	admin, rule := w.login(email), "/v1/tenants/"+id+"/factor-rule"
	_, reader := settled(w, admin, id, "bia@example.com", "reader")
	w.must(403, reader, "PUT", rule, map[string]any{"required": true})
	if a := w.must(200, admin, "GET", rule, nil); a.body["required"] != false || a.body["people"] != 2.0 ||
		a.body["without"] != 2.0 {
		t.Errorf("%s", a.raw)
	}
	w.must(200, admin, "PUT", rule, map[string]any{"required": true})
	w.must(200, reader, "GET", "/v1/tenants/"+id+"/invoices", nil) // who is in stays in
	again := w.login("bia@example.com")
	w.must(403, again, "GET", "/v1/tenants/"+id+"/invoices", nil)
	w.setUpFactor(again)
	if a := w.must(200, admin, "GET", rule, nil); a.body["required"] != true || a.body["without"] != 1.0 {
		t.Errorf("%s", a.raw)
	}
	other, their := w.tenant("outra")
	w.must(404, w.login(their), "PUT", rule, map[string]any{"required": false})
	if a := w.must(200, w.login(their), "GET", "/v1/tenants/"+other+"/factor-rule", nil); a.body["required"] != false {
		t.Errorf("%s", a.raw)
	}
}

// TestWhatMovesMoneyOrMakesKeysAsksForAFreshFactor has a row for each operation that does.
func TestWhatMovesMoneyOrMakesKeysAsksForAFreshFactor(t *testing.T) {
	w := newWorld(t)
	path, admin, _, _ := connected(w, "fresca")
	tenant := strings.TrimSuffix(path, "/connection")
	app := w.setUpFactor(admin)
	w.later(11 * time.Minute)
	rows := []struct {
		method, path string
		body         any
	}{
		{"PUT", path, map[string]any{"apiKey": "$aact_hmlg_000"}},
		{"POST", path + "/token", nil},
		{"POST", tenant + "/service-tokens", map[string]any{"name": "x", "scopes": []string{"invoices:read"}}},
		{"POST", tenant + "/endpoints", map[string]any{"url": "https://example.com/hook"}},
		{"POST", tenant + "/endpoints/end_00000000000000000000000000/secret/rotate", nil},
		{"PUT", tenant + "/factor-rule", map[string]any{"required": false}},
		{"POST", "/v1/auth/calendars", nil},
		{"DELETE", path, nil},
	}
	for _, r := range rows {
		if a := w.ask(admin, r.method, r.path, r.body, "If-Match: *"); a.status != 403 ||
			a.text("code") != "fresh_factor_required" {
			t.Errorf("%s %s: %d %s", r.method, r.path, a.status, a.raw)
		}
	}
	w.must(
		200, admin, "PUT", path, map[string]any{"notificationEmail": "x@example.com"}, "If-Match: *",
	) // no key of anybody's
	w.must(422, admin, "POST", "/v1/auth/fresh-factor", map[string]string{"code": "000000"})
	w.must(200, admin, "POST", "/v1/auth/fresh-factor", map[string]string{"code": app.next()})
	for _, r := range rows {
		if a := w.ask(admin, r.method, r.path, r.body, "If-Match: *"); a.text("code") == "fresh_factor_required" {
			t.Errorf("%s %s: %d %s", r.method, r.path, a.status, a.raw)
		}
	}
	w.must(
		201,
		w.service(strings.TrimPrefix(tenant, "/v1/tenants/"), "tokens:write", "invoices:read"),
		"POST",
		tenant+"/service-tokens",
		map[string]any{"name": "y", "scopes": []string{"invoices:read"}},
	) // a program has none to show
}
