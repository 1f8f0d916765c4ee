package v1_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	v1 "patapay/api/v1"
	"patapay/api/webhook"
	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants/tenantstest"
)

// ready returns a clinic whose webhook stands.
func ready(w *world, external string) (path, token string, account accounts.Account, last answer) {
	w.t.Helper()
	path, token, account, last = connected(w, external)
	return path, token, account, w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+last.etag())
}

// done waits for the end of an operation and returns it.
func done(w *world, token string, begun answer) answer {
	w.t.Helper()
	if begun.status != 202 || begun.header.Get("Location") != "/v1/operations/"+begun.text("id") {
		w.t.Fatalf("%d %s", begun.status, begun.raw)
	}
	var a answer
	tenantstest.Eventually(w.t, 30*time.Second, "the operation's end", func() bool {
		a = w.must(200, token, "GET", begun.header.Get("Location"), nil)
		return a.text("state") != "running"
	})
	return a
}

// named returns the member list's element with this name.
func named(a answer, list, name string) map[string]any {
	all, _ := a.body[list].([]any)
	for _, item := range all {
		if one := item.(map[string]any); one["name"] == name {
			return one
		}
	}
	return map[string]any{}
}

// checkUp runs the checks, a minute after the last ones.
func checkUp(w *world, path, token string) answer {
	w.t.Helper()
	w.later(time.Minute)
	return w.must(200, token, "POST", path+"/checks", nil)
}

func TestTheRoundTripSeesBothEventsAndLeavesNoCheckoutOpen(t *testing.T) {
	w := newWorld(t)
	path, token, _, last := ready(w, "ida")
	a := done(w, token, w.ask(token, "POST", path+"/test", nil, "If-Match: "+last.etag()))
	if a.text("state") != "done" || a.body["progress"] != 4.0 ||
		!strings.HasPrefix(named(a, "steps", "created_event")["detail"].(string), "Asaas avisou em ") {
		t.Fatalf("%s", a.raw)
	}
	for _, typ := range []string{"CHECKOUT_CREATED", "CHECKOUT_CANCELED"} {
		if n := w.count(`SELECT count(*) FROM events WHERE type = $1`, typ); n != 1 {
			t.Errorf("%d × %s", n, typ)
		}
	}
}

func TestTheLastDayIsToldByQuartersOfAnHour(t *testing.T) {
	w := newWorld(t)
	path, token, _, last := ready(w, "faixa")
	done(w, token, w.ask(token, "POST", path+"/test", nil, "If-Match: "+last.etag()))
	for _, row := range []string{
		`503, seq, id_hash, received_at - interval '3 hours', 2500000`,
		`200, seq, id_hash, received_at - interval '25 hours', 900`,
		`200, seq, id_hash, received_at, 900`,
	} { // the last one is the first delivery of an event: once, whether it has a row or not
		w.exec(
			`INSERT INTO deliveries SELECT clinic_id, environment, ` + row + `, source_ip
			FROM events WHERE source = 1 ORDER BY seq LIMIT 1`,
		)
	}
	w.exec(
		`INSERT INTO hints SELECT clinic_id, 'x', $1, 'PAYMENT_CREATED', 'payment', 'pay_1', '1.2.3.4', '' FROM connections`,
		w.now().Add(-time.Minute),
	)
	got := map[string]float64{}
	quarters := w.must(200, token, "GET", path+"/traffic", nil).body["quarters"].([]any)
	for _, raw := range quarters {
		for name, n := range raw.(map[string]any) {
			if n, is := n.(float64); is {
				got[name] += n
			}
		}
	}
	all := float64(
		w.count(
			`SELECT count(*) FROM events WHERE source = 1`,
		) + w.count(
			`SELECT count(*) FROM deliveries d WHERE NOT EXISTS (
		SELECT FROM events e WHERE e.clinic_id = d.clinic_id AND e.seq = d.seq AND e.id_hash = d.id_hash
		  AND e.received_at = d.at)`,
		),
	)
	if len(quarters) != 96 || got["deliveries"] != all-1 || got["refused"] != 2 || got["slow"] != 1 {
		t.Errorf("%d quarters of %v, of %v deliveries", len(quarters), got, all)
	}
}

func TestAnotherClinicDoesNotSeeAnOperation(t *testing.T) {
	w := newWorld(t)
	path, token, _, last := ready(w, "minha")
	begun := w.must(202, token, "POST", path+"/test", nil, "If-Match: "+last.etag())
	_, email := w.tenant("alheia")
	if a := w.ask(w.login(email), "GET", begun.header.Get("Location"), nil); a.status != 404 {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if a := w.ask(token, "POST", path+"/test", nil, "If-Match: "+last.etag()); a.status != 409 &&
		named(done(w, token, begun), "steps", "created_event")["state"] != "done" {
		t.Errorf("a second test while one runs: %d %s", a.status, a.raw)
	}
	done(w, token, begun)
}

func TestAnOperationWhoseProcessDiedIsDoneByAnother(t *testing.T) {
	w := newWorld(t)
	path, token, _, last := ready(w, "herdada")
	begun := w.must(202, token, "POST", path+"/test", nil, "If-Match: "+last.etag())
	done(w, token, begun)
	w.exec(
		`UPDATE operations SET state = 'running', holder = 'a process that is no more',
		  lease_until = now() + interval '30 seconds', attempts = 1`,
	)
	if a := w.must(200, token, "GET", begun.header.Get("Location"), nil); a.text("state") != "running" {
		t.Errorf("while its lease lasts: %s", a.raw)
	}
	w.later(time.Minute)
	if a := done(w, token, begun); a.text("state") != "done" || a.body["progress"] != 4.0 {
		t.Errorf("%s", a.raw)
	}
}

func TestAnOperationThatNeverGetsOnIsInterrupted(t *testing.T) {
	w := newWorld(t)
	path, token, _, last := ready(w, "morta")
	begun := w.must(202, token, "POST", path+"/test", nil, "If-Match: "+last.etag())
	done(w, token, begun)
	w.exec(`UPDATE operations SET state = 'running', attempts = 5`)
	w.later(time.Minute)
	if a := done(w, token, begun); a.text("state") != "failed" || a.text("code") != "interrupted" {
		t.Errorf("%s", a.raw)
	}
}

func TestAGoodConnectionPassesEveryCheckAndIsCheckedOnceAMinute(t *testing.T) {
	w := newWorld(t)
	path, token, _, _ := ready(w, "boa")
	if a := w.must(200, token, "GET", path+"/checks", nil); len(a.body["checks"].([]any)) != 0 ||
		a.body["checkedAt"] != nil {
		t.Errorf("before the first look: %s", a.raw)
	}
	a := checkUp(w, path, token)
	for _, name := range []string{
		"key_accepted", "permissions", "ip", "webhook", "webhook_enabled", "queue", "penalties", "webhook_settings",
		"processing", "commercial_data", "withdrawal_validation",
	} {
		if named(a, "checks", name)["status"] != "ok" {
			t.Errorf("%s: %v", name, named(a, "checks", name))
		}
	}
	if named(a, "checks", "key_expiry")["status"] != "unknown" {
		t.Errorf("nobody typed a date, and Asaas tells none: %v", named(a, "checks", "key_expiry"))
	}
	if named(a, "checks", "silence")["status"] != "unknown" {
		t.Errorf("nothing ever came, so nobody knows what is usual: %v", named(a, "checks", "silence"))
	}
	if b := w.ask(token, "POST", path+"/checks", nil); b.status != 429 || b.header.Get("Retry-After") == "" {
		t.Errorf("again at once: %d %s", b.status, b.raw)
	}
	since := named(a, "checks", "queue")["since"]
	if b := checkUp(w, path, token); named(b, "checks", "queue")["since"] == "" ||
		named(w.must(200, token, "GET", path+"/checks", nil), "checks", "queue")["since"] != since {
		t.Errorf("since moved without a change: %s", b.raw)
	}
	if got := w.must(200, token, "GET", path, nil).text("state"); got != "awaiting_first_event" {
		t.Errorf("state %s: nothing came yet", got)
	}
}

func TestWhatIsWrongMovesTheStateAndItsAlarmOpensOnceAndCloses(t *testing.T) {
	w := newWorld(t)
	path, token, account, last := ready(w, "fases")
	w.exec(`UPDATE connections SET state = 'active', first_event_at = $1`, w.now())
	hook := "/v3/webhooks/" + last.text("id")
	open := func(kind string) int {
		return w.count(`SELECT count(*) FROM alarms WHERE kind = $1 AND closed_at IS NULL`, kind)
	}
	state := func() answer { return w.must(200, token, "GET", path, nil) }
	w.gate(account.Key, "PUT", hook, map[string]any{"interrupted": true})
	checkUp(w, path, token)
	first := state()
	checkUp(w, path, token)
	if c := w.must(200, token, "GET", path+"/checks", nil); named(c, "checks", "queue")["cause"] != "manual" {
		t.Errorf("nothing failed before: %v", named(c, "checks", "queue"))
	}
	if a := state(); a.text("state") != "paused" || a.text("nextAction") != "reactivate" || a.text("lossAt") == "" ||
		a.text("lossAt") != first.text("lossAt") ||
		open("paused") != 1 ||
		w.count(`SELECT count FROM alarms WHERE kind = 'paused'`) != 1 {
		t.Errorf("paused: %s", a.raw)
	}
	w.gate(account.Key, "PUT", hook, map[string]any{"interrupted": false, "events": []string{"PAYMENT_CREATED"}})
	a := checkUp(w, path, token)
	if s := state(); s.text("state") != "attention" || s.text("reason") != "webhook_settings" || s.text("lossAt") != "" ||
		open("paused") != 0 ||
		!strings.HasPrefix(named(a, "checks", "webhook_settings")["detail"].(string), "Faltam ") {
		t.Errorf("attention: %s", s.raw)
	}
	if err := w.sim.SetKey(account.Key, accounts.KeyBroken); err != nil {
		t.Fatal(err)
	}
	checkUp(w, path, token)
	if s := state(); s.text("state") != "attention" {
		t.Errorf("a gateway that is down moved the state: %s", s.raw)
	}
	if err := w.sim.SetKey(account.Key, accounts.KeyRevoked); err != nil {
		t.Fatal(err)
	}
	checkUp(w, path, token)
	if s := state(); s.text("state") != "key_refused" || s.text("nextAction") != "replace_key" ||
		open("key_refused") != 1 {
		t.Errorf("key_refused: %s", s.raw)
	}
	if err := w.sim.SetKey(account.Key, ""); err != nil {
		t.Fatal(err)
	}
	w.must(200, token, "POST", path+"/webhook", nil, "If-Match: "+state().etag())
	checkUp(w, path, token)
	if s := state(); s.text("state") != "active" || open("key_refused") != 0 {
		t.Errorf("active again: %s", s.raw)
	}
}

// raised opens an alarm of the one clinic that was last raised some time ago.
func raised(w *world, kind domain.AlarmKind, ago time.Duration) {
	w.t.Helper()
	w.exec(`DELETE FROM alarms WHERE kind = $1`, kind)
	w.exec(`INSERT INTO alarms (clinic_id, kind, opened_at, last_at, next_action)
		SELECT clinic_id, $1, $2, $2, '' FROM connections`, kind, w.now().Add(-ago))
}

// An alarm that the door or the worker raised was closed by nobody.
func TestAnAlarmThatIsOnlyEverRaisedEndsOnceItWasQuietAndAForgedOneWithItsToken(t *testing.T) {
	w := newWorld(t)
	path, token, _, _ := ready(w, "calma")
	open := func(kind domain.AlarmKind) int {
		return w.count(`SELECT count(*) FROM alarms WHERE kind = $1 AND closed_at IS NULL`, kind)
	}
	each := func(ago time.Duration, left int, why string) {
		t.Helper()
		for _, kind := range domain.AlarmKinds() {
			if kind.Quiet() > 0 {
				raised(w, kind, kind.Quiet()+ago)
			}
		}
		checkUp(w, path, token) // a minute later
		for _, kind := range domain.AlarmKinds() {
			if kind.Quiet() > 0 && open(kind) != left {
				t.Errorf("%s: %s", kind, why)
			}
		}
	}
	w.exec(`UPDATE webhook_tokens SET created_at = created_at - interval '60 days'`) // older than what comes
	each(-2*time.Minute, 1, "it may come again")
	each(0, 0, "it is over")

	raised(w, domain.AlarmForged, time.Hour)
	checkUp(w, path, token)
	if open(domain.AlarmForged) != 1 {
		t.Error("the token is the one that was stolen")
	}
	w.must(200, token, "POST", path+"/token/rotate", nil, "If-Match: "+w.must(200, token, "GET", path, nil).etag())
	checkUp(w, path, token)
	if open(domain.AlarmForged) != 0 {
		t.Error("the token that was stolen is no more")
	}
}

// A clinic that disconnected while its queue was paused kept the alarm, and the rule that speaks of it fired for ever.
func TestADisconnectedClinicKeepsNoAlarmOfItsConnectionAndADeletedOneNone(t *testing.T) {
	w := newWorld(t)
	path, token, _, _ := ready(w, "fim")
	for _, kind := range domain.AlarmKinds() {
		raised(w, kind, time.Minute)
	}
	const open = `SELECT count(*) FROM alarms WHERE closed_at IS NULL`
	w.must(200, token, "DELETE", path, nil, "If-Match: "+w.must(200, token, "GET", path, nil).etag())
	const ofConnection = ` AND kind NOT IN ('dead_letters', 'agenda_failing', 'endpoint_paused')`
	if n, all := w.count(open+ofConnection), w.count(open); n != 0 || all != 3 {
		t.Errorf("disconnected: %d of %d", n, all)
	}
	clinic := strings.TrimSuffix(path, "/connection")
	w.must(200, w.platform(), "DELETE", clinic, map[string]any{"name": "Clínica fim"}, "If-Match: *")
	if n := w.count(open); n != 0 {
		t.Errorf("deleted: %d", n)
	}
}

func TestReactivatingTriesOurDoorThenResumesAndReceivesWhatWaited(t *testing.T) {
	w := newWorld(t)
	w.work()
	path, token, account, last := ready(w, "volta")
	hook := "/v3/webhooks/" + last.text("id")
	w.gate(account.Key, "PUT", hook, map[string]any{"interrupted": true})
	if _, err := w.sim.Play(account.ID, flows.All()[0], flows.Variation{}); err != nil {
		t.Fatal(err)
	}
	checkUp(w, path, token)
	waiting := w.sim.Backlog(account.ID)
	before := w.must(200, token, "GET", path, nil)
	a := done(w, token, w.ask(token, "POST", path+"/webhook/reactivate", nil, "If-Match: "+before.etag()))
	if a.text("state") != "done" || a.body["progress"] != 5.0 || waiting == 0 || w.sim.Backlog(account.ID) != 0 ||
		hooks(w, account)[0]["interrupted"] != false {
		t.Errorf("%d waited: %s", waiting, a.raw)
	}
	if s := w.must(200, token, "GET", path, nil); before.text("state") != "paused" || s.text("state") == "paused" ||
		s.text("lossAt") != "" {
		t.Errorf("before %s, after %s", before.raw, s.raw)
	}
	if n := w.count(
		`SELECT count(*) FROM events WHERE type <> 'PATAPAY_SELF_CHECK'`,
	); n < waiting ||
		w.count(`SELECT count(*) FROM events WHERE type = 'PATAPAY_SELF_CHECK'`) != 1 {
		t.Errorf("%d events of %d", n, waiting)
	}
	if n := w.count(
		`SELECT count(*) FROM certificates WHERE unexplained = 0 AND read > 0`,
	); n != 1 ||
		w.count(`SELECT count(*) FROM guard_rounds WHERE gap_since IS NOT NULL`) != 0 {
		t.Errorf("%d comparisons after the pause, and the gap must be closed", n)
	}
}

func TestAQueueIsNotResumedIntoABrokenDoor(t *testing.T) {
	broken := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }),
	)
	t.Cleanup(broken.Close)
	w := newWorld(t, func(s *v1.Server) { s.Connector.WebhookURL = broken.URL + webhook.Path })
	path, token, account, last := ready(w, "quebrada")
	w.gate(account.Key, "PUT", "/v3/webhooks/"+last.text("id"), map[string]any{"interrupted": true})
	a := done(w, token, w.ask(token, "POST", path+"/webhook/reactivate", nil, "If-Match: "+last.etag()))
	const ours = "O problema é do nosso lado; já avisamos a equipe. Reativar agora pausaria de novo."
	if a.text("state") != "failed" || a.text("code") != "self_check_failed" ||
		hooks(w, account)[0]["interrupted"] != true || named(a, "steps", "self_check")["detail"] != ours {
		t.Errorf("%s", a.raw)
	}
	if w.count(`SELECT count(*) FROM alarms WHERE kind = 'self_check' AND clinic_id = 0`) != 1 {
		t.Error("nobody was told")
	}
}

func TestARotatedTokenIsPutInAndTheOldOneIsWrongOnceRevoked(t *testing.T) {
	w := newWorld(t)
	path, token, account, last := ready(w, "troca")
	old := w.sim.Token(last.text("id"))
	post := func(secret string) int {
		return w.send(
			w.url,
			"POST",
			webhook.Path,
			map[string]any{"id": "evt_x&" + secret[:4], "event": "PAYMENT_CREATED", "account": map[string]any{"id": account.ID}},
			"asaas-access-token: "+secret,
		).status
	}
	a := w.must(200, token, "POST", path+"/token/rotate", nil, "If-Match: "+last.etag())
	fresh := w.sim.Token(last.text("id"))
	if a.body["newToken"] != true || a.text("id") != last.text("id") || fresh == old || strings.Contains(a.raw, fresh) {
		t.Fatalf("%s", a.raw)
	}
	if post(old) != 200 || post(fresh) != 200 {
		t.Error("both must count during the rotation")
	}
	b := w.must(200, token, "POST", path+"/token/revoke", nil, "If-Match: "+a.etag())
	w.later(5 * time.Second) // as long as the door remembers a token
	if b.body["revoked"] != 2.0 || post(old) != 401 || post(fresh) != 200 {
		t.Errorf("revoked: %s", b.raw)
	}
}

func TestAPenaltyIsLiftedAndTheWebhookIsShownAsItStands(t *testing.T) {
	w := newWorld(t)
	path, token, _, last := ready(w, "pena")
	a := w.must(200, token, "GET", path+"/webhook", nil)
	if a.text("id") != last.text("id") || a.body["ok"] != true || a.body["penalties"] != 0.0 {
		t.Errorf("%s", a.raw)
	}
	if b := w.ask(token, "POST", path+"/webhook/unpenalize", nil, `If-Match: "0"`); b.status != 412 {
		t.Errorf("of a version nobody saw: %d %s", b.status, b.raw)
	}
	if b := w.must(
		200, token, "POST", path+"/webhook/unpenalize", nil, "If-Match: "+last.etag(),
	); b.body["unpenalized"] != true {
		t.Errorf("%s", b.raw)
	}
}

func TestOneCallSetsUpAndTestsAndShowsNoToken(t *testing.T) {
	w := newWorld(t)
	w.work()
	account := w.sim.AddAccount(accounts.Account{Name: "Clínica Sorriso"})
	id, email := w.tenant("tudo")
	path, token := "/v1/tenants/"+id+"/connection", w.login(email)
	a := w.must(200, token, "PUT", path, map[string]any{"apiKey": account.Key, "setUp": true}, `If-Match: "0"`)
	if a.text("setUpOperation") == "" || a.text("webhookToken") != "" {
		t.Fatalf("%s", a.raw)
	}
	tenantstest.Eventually(
		t,
		10*time.Second,
		"an active clinic",
		func() bool { return w.must(200, token, "GET", path, nil).text("state") == "active" },
	)
	tenantstest.Eventually(t, 10*time.Second, "the operation's end", func() bool {
		return w.must(200, token, "GET", "/v1/operations/"+a.text("setUpOperation"), nil).text("state") == "done"
	})
	list := w.must(200, token, "GET", "/v1/tenants/"+id+"/operations", nil)
	if all := list.body["data"].([]any); len(all) != 1 || all[0].(map[string]any)["total"] != 5.0 {
		t.Errorf("%s", list.raw)
	}
}

func TestEMailsAreThePlatformsToRead(t *testing.T) {
	w := newWorld(t)
	path, token, account, _ := ready(w, "correio")
	if err := w.sim.SetKey(account.Key, accounts.KeyRevoked); err != nil {
		t.Fatal(err)
	}
	checkUp(w, path, token)
	if a := w.ask(token, "GET", "/v1/ops/mails", nil); a.status != 403 {
		t.Errorf("a clinic's token: %d %s", a.status, a.raw)
	}
	a := w.must(200, w.platform(), "GET", "/v1/ops/mails", nil)
	all := a.body["data"].([]any)
	if len(all) != 1 || all[0].(map[string]any)["kind"] != "key_refused" || all[0].(map[string]any)["phase"] != "opened" ||
		strings.Contains(a.raw, "correio@example.com") {
		t.Errorf("%s", a.raw)
	}
}
