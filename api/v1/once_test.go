package v1_test

import (
	"strings"
	"sync"
	"testing"
	"time"
)

const tokensPath = "/v1/service-tokens"

func tokenBody(name string) map[string]any {
	return map[string]any{"name": name, "scopes": []string{"invoices:read"}}
}

func TestTheSameKeyTwiceDoesItOnceAndAnswersAlike(t *testing.T) {
	w := newWorld(t)
	by, key := w.platform(), "Idempotency-Key: pedido 1"
	first := w.must(201, by, "POST", tokensPath, tokenBody("once"), key)
	again := w.must(201, by, "POST", tokensPath, tokenBody("once"), key)
	if first.raw != again.raw || first.text("token") == "" {
		t.Errorf("first %s, again %s", first.raw, again.raw)
	}
	if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" ||
		again.header.Get("Content-Type") != first.header.Get("Content-Type") {
		t.Errorf("headers: first %v, again %v", first.header, again.header)
	}
	if n := w.count(`SELECT count(*) FROM service_tokens WHERE name = 'once'`); n != 1 {
		t.Errorf("%d tokens were made", n)
	}
	if n := w.count(
		`SELECT count(*) FROM idempotency_keys WHERE position(convert_to($1, 'UTF8') IN answer) > 0`,
		first.text("token")[:40],
	); n != 0 {
		t.Error("the kept answer shows the token")
	}
}

func TestTheSameKeyAtOnceDoesItOnce(t *testing.T) {
	w := newWorld(t)
	by := w.platform()
	var mu sync.Mutex
	seen := map[string]int{}
	var group sync.WaitGroup
	for range 24 {
		group.Go(func() {
			a := w.ask(by, "POST", tokensPath, tokenBody("race"), "Idempotency-Key: same")
			name := a.text("code")
			if a.status == 201 {
				name = "201" + a.header.Get("Idempotency-Replayed")
			} else if a.status != 409 || a.header.Get("Retry-After") != "1" {
				t.Errorf("%d %s %v", a.status, a.raw, a.header)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[name]++
		})
	}
	group.Wait()
	if seen["201"] != 1 || seen["201true"]+seen["idempotency_in_progress"] != 23 {
		t.Errorf("%v", seen)
	}
	if n := w.count(`SELECT count(*) FROM service_tokens WHERE name = 'race'`); n != 1 {
		t.Errorf("%d tokens were made", n)
	}
}

func TestAKeyIsOfOneTokenOneRequestAndOneDay(t *testing.T) {
	w := newWorld(t)
	by, other, key := w.platform(), w.platform(), "Idempotency-Key: k"
	w.must(201, by, "POST", tokensPath, tokenBody("a"), key)
	if a := w.must(422, by, "POST", tokensPath, tokenBody("b"), key); a.text("code") != "idempotency_key_reused" {
		t.Errorf("another body: %s", a.raw)
	}
	elsewhere := map[string]any{
		"externalId": "x",
		"name":       "X",
		"taxId":      "19131243000197",
		"admin":      map[string]any{"name": "A", "email": "x@example.com"},
	}
	for path, body := range map[string]any{"/v1/tenants": elsewhere, tokensPath + "?": tokenBody("a")} {
		if a := w.must(422, by, "POST", path, body, key); a.text("code") != "idempotency_key_reused" {
			t.Errorf("another route: %s", a.raw)
		}
	}
	if n := w.count(`SELECT count(*) FROM clinics WHERE external_id = 'x'`); n != 0 {
		t.Error("the other route did something")
	}
	if a := w.must(201, other, "POST", tokensPath, tokenBody("b"), key); a.header.Get("Idempotency-Replayed") != "" {
		t.Error("another token got this one's answer")
	}
	w.later(23 * time.Hour)
	if n := w.count(`SELECT count(*) FROM idempotency_keys`); n != 2 {
		t.Fatalf("%d keys are kept", n)
	}
	w.later(time.Hour + time.Minute)
	w.must(201, w.platform(), "POST", tokensPath, tokenBody("c"), key)
	if n := w.count(`SELECT count(*) FROM idempotency_keys`); n != 1 {
		t.Errorf("%d keys are kept after a day", n)
	}
}

func TestARefusedRequestDidNothingAndItsKeyIsFree(t *testing.T) {
	w := newWorld(t)
	by, key := w.platform(), "Idempotency-Key: again"
	w.must(403, by, "POST", tokensPath, map[string]any{"name": "x", "scopes": []string{"no:such"}}, key)
	w.must(422, by, "POST", tokensPath, map[string]any{"name": "x"}, key)
	if a := w.must(201, by, "POST", tokensPath, tokenBody("x"), key); a.header.Get("Idempotency-Replayed") != "" {
		t.Error("the refusal was kept")
	}
}

func TestARequestThatDiedWithItsProcessMayBeRepeatedAfterTwoMinutes(t *testing.T) {
	w := newWorld(t)
	by, key := w.platform(), "Idempotency-Key: died"
	w.must(201, by, "POST", tokensPath, tokenBody("died"), key)
	w.exec(`UPDATE idempotency_keys SET answer = NULL`)
	if a := w.must(
		409, by, "POST", tokensPath, tokenBody("died"), key,
	); a.text("code") != "idempotency_in_progress" ||
		a.body["retryable"] != true {
		t.Errorf("%s", a.raw)
	}
	w.later(2 * time.Minute)
	w.must(201, by, "POST", tokensPath, tokenBody("died"), key)
}

func TestWhatWouldBeSeenTwiceNeedsAKeyAndAKeyIsPlainText(t *testing.T) {
	w := newWorld(t)
	path, admin, _, conn := connected(w, "chave")
	for _, rest := range []string{"/webhook/reactivate", "/token/rotate"} {
		a := w.ask(admin, "POST", path+rest, nil, "If-Match: "+conn.etag(), "-Idempotency-Key")
		if a.status != 400 || a.text("code") != "idempotency_key_required" || !strings.Contains(a.raw, "Idempotency-Key") {
			t.Errorf("%s without a key: %d %s", rest, a.status, a.raw)
		}
	}
	for _, bad := range []string{" ", "ç", strings.Repeat("k", 256)} {
		if a := w.ask(w.platform(), "POST", tokensPath, tokenBody("x"), "Idempotency-Key: "+bad); a.status != 400 ||
			strings.Contains(a.raw, "kkk") {
			t.Errorf("%q: %d %s", bad, a.status, a.raw)
		}
	}
	w.must(201, w.platform(), "POST", tokensPath, tokenBody("none"), "-Idempotency-Key")
}

func TestAClinicsAnswersAreKeptUnderItsOwnKey(t *testing.T) {
	w := newWorld(t)
	tenant, email := w.tenant("minha")
	admin, path := w.login(email), "/v1/tenants/"+tenant+"/service-tokens"
	first := w.must(201, admin, "POST", path, tokenBody("x"), "Idempotency-Key: k")
	again := w.must(201, w.login(email), "POST", path, tokenBody("x"), "Idempotency-Key: k")
	if again.raw == first.raw {
		t.Error("another session got this one's answer")
	}
	if again := w.must(201, admin, "POST", path, tokenBody("x"), "Idempotency-Key: k"); again.raw != first.raw {
		t.Errorf("%s", again.raw)
	}
	if n := w.count(
		`SELECT count(*) FROM idempotency_keys k JOIN clinics c USING (clinic_id) WHERE c.external_id = 'minha'`,
	); n != 2 {
		t.Errorf("%d of the clinic's", n)
	}
}
