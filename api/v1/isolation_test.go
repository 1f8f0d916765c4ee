package v1_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/api/rest"
	v1 "patapay/api/v1"
	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/ledger"
	"patapay/tenants/vault"
)

// bodies are what the routes need that cannot do without one: with it the request reaches
// the door that is tried. A new route that needs a body needs a row here.
var bodies = map[string]string{
	"createExport":           `{"kind":"invoices"}`,
	"createEndpoint":         `{"url":"https://example.com/x"}`,
	"createPlatformEndpoint": `{"url":"https://example.com/x"}`,
	"changeEndpoint":         `{"description":"x"}`,
	"changePlatformEndpoint": `{"description":"x"}`,
	"replayEndpoint":         `{"since":"2026-01-01T00:00:00Z"}`,
	"replayPlatformEndpoint": `{"since":"2026-01-01T00:00:00Z"}`,
	"createPlatformToken":    `{"name":"x","scopes":["invoices:read"]}`,
	"createServiceToken":     `{"name":"x","scopes":["invoices:read"]}`,
	"createTenant": `{"externalId":"x","name":"X","taxId":"19131243000197",` +
		`"admin":{"name":"A","email":"x@example.com"}}`,
	"deleteTenant":       `{"name":"Vida-SEGREDO"}`,
	"putConnection":      `{"apiKey":"$aact_hmlg_x"}`,
	"moveToProduction":   `{"apiKey":"$aact_prod_x"}`,
	"replayEvents":       `{"events":["rev_x"],"dryRun":true}`,
	"createUser":         `{"name":"X","email":"x@example.com","role":"reader"}`,
	"changeUser":         `{"role":"reader"}`,
	"putFactorRule":      `{"required":false}`,
	"putOffReminder":     `{"days":7}`,
	"previewAction":      `{"kind":"check_connection"}`,
	"beginVisit":         `{"tenantId":"ten_00000000000000000000000000","reason":"olhei e está certo"}`,
	"beginAction":        `{"reason":"olhei e está certo"}`,
	"closeShapes":        `{"ids":["shp_06h2fqombltt7bfocs5o7qnee0"],"note":"known"}`,
	"putExpectedPayment": `{"value":{"amountCents":100,"currency":"BRL"}}`,
	"assignWorkItem":     `{"owner":"x"}`,
	"resolveWorkItem":    `{"outcome":"explained","note":"olhei e está certo"}`,
}

// unlisted are the routes that a clinic's token does not try, and why.
var unlisted = map[string]string{
	"login":              "open",
	"logout":             "open",
	"refresh":            "open",
	"streamFeed":         "endless for the clinic itself",
	"streamPlatformFeed": "endless",
	"changeMe":           "the person's own",
	"changePassword":     "the person's own",
	"listSessions":       "the person's own",
	"endSession":         "the person's own",
	"endOtherSessions":   "the person's own",
	"mailPasswordLink":   "open",
	"mailLoginLink":      "open",
	"choosePassword":     "open",
	"loginFactor":        "open",
	"askForLoginPasskey": "open",
	"askForPasskey":      "the person's own",
	"beginPasskey":       "the person's own",
	"confirmPasskey":     "the person's own",
	"listFactors":        "the person's own",
	"beginFactor":        "the person's own",
	"confirmFactor":      "the person's own",
	"removeFactor":       "the person's own",
	"newRecoveryCodes":   "the person's own",
	"showFactor":         "the person's own",
	"listCalendars":      "the person's own",
	"createCalendar":     "the person's own",
	"endCalendar":        "the person's own",
}

type route struct {
	id, method, path string
	needsBody        bool
	params           []string // query parameters of free text
}

// documentedRoutes are all of the document's operations: the matrix is made of them.
func documentedRoutes(t *testing.T, r *reader) (all []route) {
	t.Helper()
	for path, operations := range r.ok("/openapi.json").body["paths"].(map[string]any) {
		for method, raw := range operations.(map[string]any) {
			op := raw.(map[string]any)
			one := route{id: op["operationId"].(string), method: strings.ToUpper(method), path: path}
			if body, is := op["requestBody"].(map[string]any); is {
				one.needsBody = body["required"] == true
			}
			params, _ := op["parameters"].([]any)
			for _, raw := range params {
				p := raw.(map[string]any)
				schema := p["schema"].(map[string]any)
				if p["in"] == "query" && schema["type"] == "string" && schema["enum"] == nil && schema["format"] == nil &&
					p["name"] != "cursor" &&
					p["name"] != "fields" {
					one.params = append(one.params, p["name"].(string))
				}
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.id, b.id) })
	return all
}

// intruder is one caller who tries to reach another clinic's data.
type intruder struct {
	*reader
	mu      sync.Mutex
	sent    int
	secrets []string // of the other clinic
}

// ofRequest is what an answer repeats of the request itself.
var ofRequest = regexp.MustCompile(`"(requestId|instance)":"[^"]*"`)

// try sends one request and returns its answer without what belongs to the request: a
// foreign and an absent thing must leave the same.
func (x *intruder) try(rt route, path, named string) string {
	body := any(nil)
	if text := bodies[rt.id]; text != "" {
		body = json.RawMessage(text)
	}
	status, text := x.send(rt.method, path, body)
	text = ofRequest.ReplaceAllString(text, "")
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sent++
	for _, secret := range x.secrets {
		if secret != named && strings.Contains(text, secret) {
			x.t.Errorf("%s %s shows %q of another clinic: %s", rt.method, path, secret, text)
		}
	}
	if status == 500 {
		x.t.Errorf("%s %s: %d %s", rt.method, path, status, text)
	}
	return fmt.Sprint(status, " ", text)
}

// alike tries things that are not the caller's, foreign and absent ones: every answer must
// be the same.
func (x *intruder) alike(rt route, what string, paths map[string]string) (answer string) {
	first := ""
	for _, path := range slices.Sorted(mapKeys(paths)) {
		got := x.try(rt, path, paths[path])
		if first == "" {
			first, answer = path, got
		}
		if got != answer {
			x.t.Errorf("%s of %s can be told apart: %s answers %s, and %s %s", what, rt.id, first, answer, path, got)
		}
	}
	return answer
}

func mapKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Every route of the document, by every role of a clinic, with another clinic's ids in each
// place where an id goes.
func TestNoRouteTellsAClinicOfAnother(t *testing.T) {
	w := newReadWorld(t, func(s *v1.Server, w *readWorld) {
		client, err := asaasapi.New(
			asaasapi.Config{Simulator: "http://127.0.0.1:1", Version: "test", Timeout: time.Second, BreakAfter: 1000},
		)
		require.NoError(t, err)
		t.Cleanup(client.Close)
		s.Issuer, s.Connector = w.own, &connect.Connector{
			Client:     client,
			DB:         w.api,
			Worker:     w.worker,
			Vault:      w.vault,
			Peppers:    vault.Peppers{[]byte(strings.Repeat("p", 32))},
			Ledger:     ledger.NewChain([]byte(strings.Repeat("p", 32))),
			WebhookURL: "https://localhost/x",
			Now:        w.clock,
		}
	})
	vida, sorriso := w.clinic(t, "Vida-SEGREDO"), w.clinic(t, "Sorriso")
	foreign := belongings(t, w, vida)
	routes := documentedRoutes(t, w.as(t, sorriso, "admin"))
	secrets := []string{vida.PublicID.Public("ten"), "Vida-SEGREDO", "orc-alheio"}
	for _, ids := range foreign {
		secrets = append(secrets, ids...)
	}
	total := 0
	for _, role := range []string{auth.RoleAdmin, auth.RoleFinance, auth.RoleReader, auth.RoleService} {
		x := &intruder{reader: &reader{t, w, "", w.token(t, &sorriso, role, rest.AllScopes()...)}, secrets: secrets}
		var group sync.WaitGroup
		for part := range 4 {
			group.Go(func() {
				for i := part; i < len(routes); i += 4 {
					x.matrix(routes[i], foreign, vida, sorriso)
				}
			})
		}
		group.Wait()
		total += x.sent
	}
	t.Logf("%d requests on %d routes", total, len(routes))
	require.GreaterOrEqual(t, total, 10_000)
}

// belongings gives the clinic one of everything, and returns the ids by the kind of thing.
func belongings(t *testing.T, w *readWorld, c tenants.Clinic) map[string][]string {
	t.Helper()
	bodies := received(50)
	for n := range bodies {
		bodies[n] = []byte(strings.Replace(string(bodies[n]), `"REF-0002"`, fmt.Sprintf(`"orc-alheio%d"`, n), 1))
	}
	w.deliver(
		t,
		c,
		append(bodies, samples.Event("checkout_paid_pix.real"), samples.Event("receivable_anticipation_pending.made"))...)
	r := w.as(t, c, auth.RoleAdmin)
	require.Equal(
		t,
		201,
		r.post("/service-tokens", map[string]any{"name": "alheio", "scopes": []string{"invoices:read"}}).status,
	)
	require.Equal(
		t,
		202,
		r.post("/users", map[string]any{"name": "Alheia", "email": "alheia@example.com", "role": "reader"}).status,
	)
	require.Equal(t, 201, r.post("/endpoints", map[string]any{"url": "https://alheio.example.com/x"}).status)
	begun := r.post("/events/replays", map[string]any{"filter": map[string]any{"outcome": []string{"dead"}}})
	require.Equal(t, 202, begun.status, begun.text)
	w.exec(
		t,
		`INSERT INTO expected_payments (clinic_id, external_reference, amount, created_at, updated_at)
		VALUES ($1, 'orc-alheio', 100, now(), now())`,
		c.ID,
	)
	w.exec(
		t,
		`INSERT INTO work_items (clinic_id, id, kind, subject, amount, payment, detail, opened_at, updated_at)
		VALUES ($1, gen_random_uuid(), 'conflict', 'pay_many1', 31000, 'pay_many1', '', now(), now())`,
		c.ID,
	)
	export := r.made("invoices", nil)
	ids := map[string][]string{
		"exports":           {export["id"].(string)},
		"operations":        {strings.TrimPrefix(begun.header.Get("Location"), "/v1/operations/")},
		"expected-payments": {"orc-alheio"},
	}
	for _, noun := range []string{
		"invoices", "checkouts", "anticipations", "events", "service-tokens", "work-items", "users", "endpoints",
	} {
		for _, row := range r.ok("/" + noun + "?limit=50").data() {
			ids[noun] = append(ids[noun], row["id"].(string))
			if theirs, has := row["asaasId"].(string); has {
				ids[noun] = append(ids[noun], theirs)
			}
		}
		require.NotEmpty(t, ids[noun], noun)
	}
	return ids
}

// matrix tries one route: under the other clinic's path, under the own one with the other
// clinic's ids, and with those as filters.
func (x *intruder) matrix(rt route, foreign map[string][]string, vida, sorriso tenants.Clinic) {
	if unlisted[rt.id] != "" {
		return
	}
	if rt.needsBody && bodies[rt.id] == "" {
		x.t.Errorf("%s needs a body: give it a row in bodies", rt.id)
		return
	}
	own, noun := "/v1/tenants/"+sorriso.PublicID.Public("ten"), nounOf(rt.path)
	rest, ofTenant := strings.CutPrefix(rt.path, "/v1/tenants/{tenant}")
	ids := slices.Clone(foreign[noun])
	absent := absentLike(ids)
	if ofTenant {
		strangers := map[string]string{}
		for _, name := range []string{
			vida.PublicID.Public("ten"), "ext:" + vida.ExternalID, tenants.NewID(noon).Public("ten"), "ext:nobody", "ten_x",
		} {
			for _, id := range slices.Concat(ids[:min(len(ids), 8)], absent[:min(len(absent), 8)], []string{"x"}) {
				strangers["/v1/tenants/"+url.PathEscape(name)+filled(rest, id)] = id
			}
		}
		if answer := x.alike(rt, "a tenant", strangers); !strings.HasPrefix(answer, "404 ") &&
			!strings.HasPrefix(answer, "403 ") {
			x.t.Errorf("%s of another clinic: %s", rt.id, answer)
		}
	}
	base := strings.Replace(rt.path, "/v1/tenants/{tenant}", own, 1)
	switch {
	case strings.Contains(base, "{externalReference}") && rt.method != "GET":
		// A name that each clinic gives: the other's is simply free.
	case strings.Contains(base, "{externalReference}"):
		x.alike(
			rt,
			"a reference",
			map[string]string{filled(base, "orc-alheio"): "orc-alheio", filled(base, "orc-absent"): "orc-absent"},
		)
	case strings.Contains(base, "{id}"):
		for _, form := range []bool{true, false} { // ours have a prefix, Asaas's have none of ours
			paths := map[string]string{}
			for _, id := range slices.Concat(ids, absent) {
				if ours.MatchString(id) == form {
					paths[filled(base, id)] = id
				}
			}
			x.alike(rt, "an id", paths)
		}
	case rt.method == "GET":
		x.try(rt, base, "")
		for _, param := range rt.params {
			for _, ids := range foreign {
				paths := map[string]string{}
				for _, id := range slices.Concat(ids[:min(len(ids), 10)], absentLike(ids)[:min(len(ids), 10)]) {
					if ours.MatchString(id) {
						paths[base+"?"+url.Values{param: {id}}.Encode()] = id
					}
				}
				x.alike(rt, "a filter "+param, paths)
			}
		}
	case !ofTenant: // of the platform
		if answer := x.try(rt, base, ""); !strings.HasPrefix(answer, "403 ") {
			x.t.Errorf("%s by a clinic: %s", rt.id, answer)
		}
	}
}

var ours = regexp.MustCompile(`^(ivc|chk|ant|rev|tok|opr|wki|usr|exp|end)_`)

// nounOf is the kind of thing that a path's {id} names.
func nounOf(path string) string {
	part := strings.Split(path, "/")
	for i, p := range part {
		if p == "{id}" || p == "{externalReference}" {
			return part[i-1]
		}
	}
	return ""
}

func filled(path, id string) string {
	return strings.NewReplacer("{id}", url.PathEscape(id), "{externalReference}", url.PathEscape(id)).Replace(path)
}

// absentLike returns ids of the same forms that nobody has.
func absentLike(ids []string) (absent []string) {
	for n, id := range ids {
		prefix, _, _ := strings.Cut(id, "_")
		switch {
		case prefix == "rev":
			absent = append(
				absent,
				domain.EventKey{Environment: domain.Sandbox, Seq: int64(n + 1), Hash: [16]byte{byte(n), 1}}.Public(),
			)
		case ours.MatchString(id):
			absent = append(absent, tenants.NewID(noon).Public(prefix))
		default:
			absent = append(absent, id[:len(id)-1]+"absent")
		}
	}
	return absent
}

// send makes a request that lacks nothing of what the routes ask for.
func (x *intruder) send(method, path string, body any) (int, string) {
	out := x.request(method, path, body, "If-Match", "*", "Idempotency-Key", rand.Text())
	return out.status, out.text
}
