package v1_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	v1 "patapay/api/v1"
	"patapay/domain/asaas/simulator/accounts"
)

// versioned are the writes whose object has a version: where its tag is read, below the
// tenant, and whether the write makes another version of it. A write of the contract that
// stands neither here nor in unversioned fails the test.
var versioned = map[string]struct {
	tag  string
	news bool
}{
	"suspendTenant": {"", true},
	"resumeTenant":  {"", true},
	"deleteTenant":  {"", true},
	"putConnection": {
		"/connection",
		true,
	},
	"deleteConnection":  {"/connection", true},
	"issueWebhookToken": {"/connection", true},
	"rotateWebhookToken": {
		"/connection",
		true,
	},
	"revokeWebhookTokens": {"/connection", true},
	"ensureWebhook":       {"/connection", false},
	"unpenalizeWebhook":   {"/connection", false},
	"reactivateWebhook": {
		"/connection",
		false,
	},
	"testConnection": {"/connection", false},
	"reconcile":      {"/connection", false},
	"assignWorkItem": {
		"/work-items/{id}",
		true,
	},
	"resolveWorkItem": {
		"/work-items/{id}",
		false,
	}, // without money there is nothing to decide here: TestUnexpectedMoney…
	"putExpectedPayment":     {"/expected-payments/{externalReference}", true},
	"changeEndpoint":         {"/endpoints/{id}", true},
	"changePlatformEndpoint": {"/v1/endpoints/{id}", true},
	"changeUser":             {"/users/{id}", true},
	"resetUserPassword":      {"/users/{id}", true},
}

// unversioned are the writes that overwrite nothing, and why.
var unversioned = map[string]string{
	"login":                        "makes a session",
	"logout":                       "ends it",
	"endSession":                   "ends it",
	"endOtherSessions":             "ends them",
	"createCalendar":               "makes one",
	"endCalendar":                  "ends it",
	"mailPasswordLink":             "makes",
	"mailLoginLink":                "makes",
	"choosePassword":               "its link is good once",
	"refresh":                      "its token is good once",
	"changeMe":                     "one's own name and settings, the last word counts",
	"changePassword":               "asks for the password before",
	"beginPasskey":                 "makes",
	"confirmPasskey":               "its challenge is good once",
	"askForPasskey":                "makes",
	"askForLoginPasskey":           "makes",
	"loginFactor":                  "its challenge is good once",
	"beginFactor":                  "makes",
	"confirmFactor":                "good once",
	"removeFactor":                 "asks for the password before",
	"newRecoveryCodes":             "asks for the password before",
	"showFactor":                   "its code is good once",
	"resetUserFactor":              "the same end from every state",
	"putFactorRule":                "one word, the last one counts",
	"createUser":                   "makes",
	"moveToProduction":             "a tenant moves once",
	"createTenant":                 "makes",
	"createExport":                 "makes",
	"createPlatformToken":          "makes",
	"createServiceToken":           "makes",
	"putOffReminder":               "one word, the last one counts",
	"takeUpReminder":               "the same end from every state",
	"previewAction":                "makes",
	"beginAction":                  "good once",
	"beginVisit":                   "makes",
	"endVisit":                     "the same end from every state",
	"stopAction":                   "the same end from every state",
	"closeShapes":                  "the same end from every state",
	"revokePlatformToken":          "the same end from every state",
	"revokeServiceToken":           "the same end from every state",
	"createEndpoint":               "makes",
	"createPlatformEndpoint":       "makes",
	"deleteEndpoint":               "the same end from every state",
	"deletePlatformEndpoint":       "the same end from every state",
	"pauseEndpoint":                "the same end from every state",
	"pausePlatformEndpoint":        "the same end from every state",
	"resumeEndpoint":               "the same end from every state",
	"resumePlatformEndpoint":       "the same end from every state",
	"rotateEndpointSecret":         "makes",
	"rotatePlatformEndpointSecret": "makes",
	"testEndpoint":                 "sends",
	"testPlatformEndpoint":         "sends",
	"replayEndpoint":               "sends again",
	"replayPlatformEndpoint":       "sends again",
	"runConnectionChecks":          "looks",
	"reconcileInvoice":             "reads what Asaas says",
	"matchLedger":                  "compares",
	"replayEvent":                  "a fold of the same events",
	"replayEvents":                 "a fold of the same events",
}

// write is an operation of the contract that may change something.
type write struct {
	id, method, path string
	key, ifMatch     bool // takes Idempotency-Key, If-Match
}

func writesOfTheContract(t *testing.T) (all []write) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(v1.Document, &doc); err != nil {
		t.Fatal(err)
	}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			w := write{id: op.OperationID, method: strings.ToUpper(method), path: path}
			for _, p := range op.Parameters {
				w.key, w.ifMatch = w.key || p.Name == "Idempotency-Key", w.ifMatch || p.Name == "If-Match"
			}
			if w.method != "GET" {
				all = append(all, w)
			}
		}
	}
	slices.SortFunc(all, func(a, b write) int { return strings.Compare(a.id, b.id) })
	return all
}

func TestEveryWriteEitherAsksForTheVersionOrSaysWhyNot(t *testing.T) {
	known := map[string]bool{}
	for _, w := range writesOfTheContract(t) {
		known[w.id] = true
		_, is := versioned[w.id]
		why, not := unversioned[w.id]
		if is == not || is != w.ifMatch {
			t.Errorf("%s %s: versioned %t, unversioned %q, If-Match in the contract %t", w.method, w.path, is, why, w.ifMatch)
		}
		if secured := !slices.Contains(
			[]string{
				"login",
				"loginFactor",
				"askForLoginPasskey",
				"logout",
				"refresh",
				"mailPasswordLink",
				"mailLoginLink",
				"choosePassword",
			},
			w.id,
		); secured &&
			w.key != (w.method == "POST") {
			t.Errorf("%s: a POST takes an Idempotency-Key, nothing else does; this one: %t", w.id, w.key)
		}
	}
	for id := range versioned {
		if !known[id] {
			t.Errorf("%s is not in the contract any more", id)
		}
	}
	for id := range unversioned {
		if !known[id] {
			t.Errorf("%s is not in the contract any more", id)
		}
	}
}

// owned is a connected clinic with a work item and an expected payment.
type owned struct {
	w            *world
	path, by     string
	account      accounts.Account
	item, clinic string
	user         string // another admin of it
	endpoint     string // of the clinic
	everywhere   string // endpoint of the platform
	writer       int
}

// needs are writes that change something only after another one.
var needs = map[string]write{
	"resumeTenant":        {id: "suspendTenant", method: "POST", path: "/v1/tenants/{tenant}/suspend"},
	"revokeWebhookTokens": {id: "issueWebhookToken", method: "POST", path: "/v1/tenants/{tenant}/connection/token"},
}

func newOwned(w *world, external string) owned {
	path, _, account, _ := connected(w, external)
	o := owned{
		w:       w,
		path:    strings.TrimSuffix(path, "/connection"),
		by:      w.platform(),
		account: account,
		item:    "wki_",
		clinic:  "Clínica " + external,
	}
	w.exec(
		`INSERT INTO work_items (clinic_id, id, kind, subject, amount, payment, detail, opened_at, updated_at)
		SELECT clinic_id, gen_random_uuid(), 'conflict', 'pay_1', 100, 'pay_1', '', now(), now() FROM clinics
		WHERE external_id = $1`,
		external,
	)
	o.item = w.must(200, o.by, "GET", o.path+"/work-items", nil).body["data"].([]any)[0].(map[string]any)["id"].(string)
	o.user = w.must(
		202,
		o.by,
		"POST",
		o.path+"/users",
		map[string]any{"name": "Bia", "email": "bia@" + external + ".example", "role": "admin"},
	).text("id")
	for path, id := range map[string]*string{o.path + "/endpoints": &o.endpoint, "/v1/endpoints": &o.everywhere} {
		*id = w.must(201, o.by, "POST", path, map[string]any{"url": "https://example.com/" + external}).text("id")
	}
	w.must(200, o.by, "PUT", o.path+"/expected-payments/orc-1", map[string]any{"cancelled": true}, `If-Match: "0"`)
	return o
}

// as returns o for another writer, who does not ask for the same as the others.
func (o owned) as(writer int) owned {
	o.writer = writer
	return o
}

func (o owned) fill(path string) string {
	return strings.NewReplacer(
		"/v1/tenants/{tenant}", o.path, "/users/{id}", "/users/"+o.user, "/v1/endpoints/{id}",
		"/v1/endpoints/"+o.everywhere, "/endpoints/{id}", "/endpoints/"+o.endpoint, "{id}", o.item,
		"{externalReference}", "orc-1",
	).Replace(path)
}

// tag returns the version that a write's object has now.
func (o owned) tag(op write) string {
	path := versioned[op.id].tag
	if !strings.HasPrefix(path, "/v1/") {
		path = "/v1/tenants/{tenant}" + path
	}
	return o.w.must(200, o.by, "GET", o.fill(path), nil).etag()
}

// send makes the write, with If-Match unless it is "".
func (o owned) send(op write, ifMatch string) answer {
	body := any(nil)
	switch text := bodies[op.id]; {
	case op.id == "putConnection":
		body = map[string]string{"apiKey": o.account.Key}
	case op.id == "deleteTenant":
		body = map[string]string{"name": o.clinic}
	case op.id == "putExpectedPayment": // the same twice is one thing: each needs another
		body = map[string]any{"value": map[string]any{"amountCents": 100 + o.writer, "currency": "BRL"}}
	case text != "":
		body = json.RawMessage(text)
	}
	var headers []string
	if ifMatch != "" {
		headers = []string{"If-Match: " + ifMatch}
	}
	return o.w.ask(o.by, op.method, o.fill(op.path), body, headers...)
}

// Two readers with one version, two writers at once: one is let through, the other one is
// told that the object changed. Without the version nobody is let through at all.
func TestNoWriteOverwritesWhatItsCallerHasNotSeen(t *testing.T) {
	w := newWorld(t)
	for _, op := range writesOfTheContract(t) {
		rule, is := versioned[op.id]
		if !is {
			continue
		}
		t.Run(op.id, func(t *testing.T) {
			o := newOwned(w, strings.ToLower(op.id))
			seen := o.tag(op)
			for given, want := range map[string]string{
				"": "precondition_required", `"4711"`: "precondition_failed", `W/` + seen: "precondition_failed",
			} {
				if a := o.send(op, given); a.text("code") != want {
					t.Errorf("If-Match %s: %d %s, want %s", given, a.status, a.raw, want)
				}
			}
			if now := o.tag(op); now != seen {
				t.Fatalf("a refused write made %s of %s", now, seen)
			}
			if !rule.news {
				return
			}
			if before := needs[op.id]; before.id != "" {
				o.send(before, seen)
				seen = o.tag(op)
			}
			answers := make([]answer, 2)
			var both sync.WaitGroup
			for i := range answers {
				both.Go(func() { answers[i] = o.as(i).send(op, seen) })
			}
			both.Wait()
			won := 0
			for _, a := range answers {
				if a.status < 300 {
					won++
				} else if gone := strings.HasPrefix(op.id, "delete"); a.status != 412 && a.text("code") != "webhook_busy" &&
					!(gone && a.status == 404) {
					t.Errorf("the one who lost: %d %s", a.status, a.raw)
				}
			}
			if won != 1 {
				t.Errorf("%d of two writers won: %s %s", won, answers[0].raw, answers[1].raw)
			}
		})
	}
}
