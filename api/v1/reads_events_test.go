package v1_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/inbox"
)

func TestAnEventTellsItsWholeTimeline(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	key := w.deliver(t, c, samples.Event("payment_received_pix.real"))[0]
	log := inbox.NewDeliveryLog(w.ingest)
	for i := range 25 {
		log.Add(
			inbox.Delivery{
				Clinic:   c.ID,
				Key:      key,
				At:       noon.Add(time.Duration(i) * time.Second),
				Code:     200,
				Took:     1500 * time.Microsecond,
				SourceIP: "203.0.113.9",
			},
		)
	}
	log.Close()
	a := &inbox.InboundEvent{Clinic: c.ID, Key: key, BodyHash: [32]byte{1}, ReceivedAt: noon, Sealed: []byte("other body")}
	fresh, err := w.inbox.Variant(t.Context(), a)
	require.NoError(t, err)
	require.True(t, fresh)

	e := w.as(t, c, "reader").ok("/events/" + key.Public()).body
	deliveries := e["deliveries"].([]any)
	require.Len(t, deliveries, 20, "the last twenty")
	require.Equal(
		t,
		map[string]any{
			"at":       "2026-11-22T12:00:24Z",
			"code":     200.0,
			"micros":   1500.0,
			"timing":   "measured",
			"sourceIp": "203.0.113.9",
		},
		deliveries[0],
	)
	for name, want := range map[string]any{
		"id": key.Public(), "asaasId": "evt_d26e303b238e509335ac9ba210e51b0f&17877802",
		"environment": "sandbox", "source": "webhook", "type": "PAYMENT_RECEIVED",
		"kind": "payment", "entity": "pay_3h08j28ezvwv7s4h", "occurredAt": "2026-08-08T23:54:57Z",
		"receivedAt": "2026-11-22T12:00:00Z", "appliedAt": "2026-11-22T12:00:00Z",
		"outcome": "applied", "reason": nil, "notes": []any{"variant"}, "tries": 0.0,
		"nextTryAt": nil, "lastError": nil, "variants": 1.0, "hasPayload": true,
	} {
		require.Equal(t, want, e[name], name)
	}
	require.Equal(t, "RECEIVED", e["shows"].(map[string]any)["asaasStatus"])
	require.Equal(t, map[string]any{"amountCents": 801.0, "currency": "BRL"}, e["shows"].(map[string]any)["netValue"])
	links := e["links"].(map[string]any)
	r := w.as(t, c, "reader")
	require.Equal(t, "pay_3h08j28ezvwv7s4h", r.ok(links["entity"].(string)).body["asaasId"], "the links can be followed")
	require.Len(t, r.ok(links["related"].(string)).data(), 1)
	require.Equal(t, key.Public(), r.ok(links["payload"].(string)).body["eventId"])
}

// A plain delivery leaves no row: it is told of all the same, and of its time no more than is known.
func TestAPlainDeliveryIsToldOfByItsEvent(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	key := w.deliver(t, c, samples.Event("payment_received_pix.real"))[0]
	shown := func() []any { return w.as(t, c, "reader").ok("/events/" + key.Public()).body["deliveries"].([]any) }
	require.Empty(t, shown(), "one of before that was lost")
	w.exec(t, `UPDATE events SET source_ip = '203.0.113.7'`)
	first := map[string]any{
		"at":       "2026-11-22T12:00:00Z",
		"code":     200.0,
		"micros":   0.0,
		"timing":   "under_100_ms",
		"sourceIp": "203.0.113.7",
	}
	require.Equal(t, []any{first}, shown())

	row := func(at time.Time, code int, took time.Duration) {
		log := inbox.NewDeliveryLog(w.ingest)
		log.Add(inbox.Delivery{Clinic: c.ID, Key: key, At: at, Code: code, Took: took, SourceIP: "203.0.113.9"})
		log.Close()
	}
	row(noon.Add(time.Second), 200, time.Millisecond) // a copy, within the same second
	row(noon.Add(-time.Minute), 503, time.Second)     // and a try of before
	list := shown()
	require.Equal(t, first, list[1], "between the copy and the try")
	require.Len(t, list, 3)
	times := w.as(t, c, "reader").ok("/events/" + key.Public() + "/timeline").body["moments"].([]any)
	again := 0
	for _, m := range times {
		if m.(map[string]any)["what"] == "deduplicated" {
			again++
		}
	}
	require.Equal(t, 2, again, "the copy, and the try")

	w.exec(t, `INSERT INTO delivery_gaps VALUES ('2026-11-22 12:00+00', 3), ('2026-11-22 12:01+00', 3)`)
	require.Equal(t, "unknown", shown()[1].(map[string]any)["timing"], "the log lost rows of that minute")
	row(noon, 200, 150*time.Millisecond)
	require.Equal(
		t,
		map[string]any{
			"at":       "2026-11-22T12:00:00Z",
			"code":     200.0,
			"micros":   150000.0,
			"timing":   "measured",
			"sourceIp": "203.0.113.9",
		},
		shown()[1],
	)
	require.Len(t, shown(), 3)
}

func TestAnEventThatWaitsOrFailedTellsItsTries(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	waiting := w.store(t, c, samples.Event("payment_created_pix.real"))[0]
	r := w.as(t, c, "reader")
	e := r.ok("/events/" + waiting.Public()).body
	require.Equal(
		t,
		[]any{"received", nil, "2026-11-22T12:00:00Z", nil},
		[]any{e["outcome"], e["appliedAt"], e["nextTryAt"], e["shows"]},
	)
	require.Len(t, r.ok("/events?entity=pay_3h08j28ezvwv7s4h").data(), 1, "an event that waits is found by its entity")

	dead := w.deliver(t, c, []byte(`{"id":"evt_1","event":"PAYMENT_CREATED","payment":{"id":"pay_1"`))[0]
	e = r.ok("/events/" + dead.Public()).body
	require.Equal(
		t,
		[]any{"dead", "unreadable", nil, "unreadable"},
		[]any{e["outcome"], e["reason"], e["nextTryAt"], e["lastError"]},
	)
	alarms := r.ok("/alarms").data()
	require.Len(t, alarms, 1)
	require.Equal(t, "dead_letters", alarms[0]["kind"])
}

func TestTheGatewaysAnswerIsAnEventOfSourceAPI(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"))
	w.now = w.now.Add(time.Hour)
	object := decoded(t, samples.Event("payment_received_pix.real"))["payment"]
	body, err := json.Marshal(object)
	require.NoError(t, err)
	require.NoError(t, w.worker.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		tasks, err := apply.TakeReads(tx, w.now, 10)
		require.NoError(t, err)
		require.Len(t, tasks, 1)
		return apply.KeepAnswer(
			tx, tasks[0], apply.GatewayAnswer{Body: body, Clock: w.now, Found: true}, domain.Sandbox, w.vault, w.now,
		)
	}))
	w.apply(t, c)
	r := w.as(t, c, "reader")
	rows := r.ok("/events?entity=pay_3h08j28ezvwv7s4h").data()
	require.Len(t, rows, 2)
	require.Equal(t, []any{"api", "TRUTH", "no_effect"}, []any{rows[0]["source"], rows[0]["type"], rows[0]["outcome"]})
	require.Equal(t, "api", r.ok("/invoices/pay_3h08j28ezvwv7s4h").body["confirmedBy"])
}

// personal is what of the samples is about people, or opens a page about them.
var personal = []string{
	"Marcelo Almeida",
	"TITULAR DE TESTE",
	"chave-pix@example.com",
	"09413412375",
	"47999999999",
	"https://",
	"Plano de saúde pet",
	"Consulta de teste",
	"26544",
}

func TestAPayloadIsMaskedUnlessAnAdministratorReveals(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r, reader := w.as(t, c, "admin"), w.as(t, c, "reader")
	for _, name := range samples.Names() {
		body := samples.Event(name)
		own := bytes.Replace(body, []byte(`"id": "evt_`), []byte(`"id": "evt_`+name), 1)
		path := "/events/" + w.store(t, c, own)[0].Public() + "/payload"
		masked := reader.ok(path)
		require.Equal(t, true, masked.body["masked"])
		for _, secret := range personal {
			require.NotContains(t, masked.text, secret, name)
		}
		before, after := shape(decoded(t, body)), shape(masked.body["payload"])
		require.Equal(t, before, after, "%s: masking hides values, never members", name)
	}
	path := "/events/" + w.store(t, c, samples.Event("payment_received_credit_card_full.doc"))[0].Public() + "/payload"
	require.NotContains(t, r.ok(path).text, "Pedido 056984")
	require.Equal(t, 403, reader.get(path+"?reveal=true").status)
	require.Equal(t, 403, w.as(t, c, "finance").get(path+"?reveal=true").status)
	require.Empty(t, r.ok("/audit").data(), "nobody has revealed anything")
	revealed := r.ok(path + "?reveal=true")
	require.Equal(t, false, revealed.body["masked"])
	require.Contains(t, revealed.text, "Pedido 056984")
	require.NotContains(t, revealed.text, "a75a1d98-c52d-4a6b-a413-71e00b193c99", "a card's token is shown to nobody")
	entry := r.ok("/audit").data()[0]
	require.Equal(
		t,
		[]any{"event.reveal", strings.Split(path, "/")[2], "usr_1"},
		[]any{entry["action"], entry["subject"], entry["actor"]},
	)
}

// shape is a document with its texts and numbers taken out: "" of each.
func shape(v any) string {
	switch v := v.(type) {
	case map[string]any:
		parts := map[string]string{}
		for k, e := range v {
			parts[k] = shape(e)
		}
		return fmt.Sprint(parts)
	case []any:
		parts := []string{}
		for _, e := range v {
			parts = append(parts, shape(e))
		}
		return fmt.Sprint(parts)
	case bool, nil:
		return fmt.Sprint(v)
	}
	return ""
}

func TestAPayloadThatIsNotJSONIsShownOnlyRevealed(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	body := []byte(`{"id":"evt_1","event":"PAYMENT_CREATED","payment":{"name":"Maria"`)
	path := "/events/" + w.deliver(t, c, body)[0].Public() + "/payload"
	r := w.as(t, c, "admin")
	require.Equal(t, []any{nil, nil}, []any{r.ok(path).body["payload"], r.ok(path).body["text"]})
	require.Equal(t, string(body), r.ok(path + "?reveal=true").body["text"])
}

func TestADocumentKeepsItsMiddle(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	body := edited(
		"checkout_created_detached.made", `"customerData": null`,
		`"customerData": {"name": "Maria da Silva", "cpfCnpj": "123.456.789-01", "email": "m@example.com"}`,
	)
	key := w.deliver(t, c, body)[0]
	hidden := map[string]any{"name": "•••", "cpfCnpj": "•••.456.789-••", "email": "•••"}
	payload := w.as(t, c, "admin").ok("/events/" + key.Public() + "/payload").body["payload"].(map[string]any)
	require.Equal(t, hidden, payload["checkout"].(map[string]any)["customerData"])
	shown := func(role string) map[string]any {
		data := w.as(t, c, role).ok("/checkouts").data()[0]["customerData"].(map[string]any)
		return map[string]any{"name": data["name"], "cpfCnpj": data["cpfCnpj"], "email": data["email"]}
	}
	require.Equal(t, hidden, shown("reader"))
	require.Equal(
		t,
		map[string]any{"name": "Maria da Silva", "cpfCnpj": "123.456.789-01", "email": "m@example.com"},
		shown("finance"),
	)
}

func TestAlarmsAreTheClinicsOwnAndAllThePlatforms(t *testing.T) {
	w := newReadWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	for i, of := range []domain.ClinicID{vida.ID, vida.ID, sorriso.ID, 0} {
		require.NoError(t, w.inbox.Alarm(t.Context(), of, domain.AlarmPaused, noon.Add(time.Duration(i)*time.Minute)))
	}
	own := w.as(t, vida, "admin").ok("/alarms")
	require.Equal(t, []map[string]any{
		{
			"kind":       "paused",
			"tenantId":   vida.PublicID.Public("ten"),
			"tenantName": "Vida",
			"openedAt":   "2026-11-22T12:00:00Z",
			"lastAt":     "2026-11-22T12:01:00Z",
			"count":      2.0,
			"nextAction": domain.AlarmPaused.NextAction(),
			"closedAt":   nil,
		},
	}, own.data())
	require.Empty(t, w.as(t, vida, "admin").ok("/alarms?state=closed").data())
	require.Equal(t, 403, w.as(t, vida, "admin").get("/v1/ops/alarms").status, "a clinic's token asks for all")

	platform := &reader{t, w, "/v1/ops", w.token(t, nil, "service")}
	var of []any
	for _, a := range platform.ok("/alarms").data() {
		of = append(of, a["tenantId"])
	}
	require.Equal(
		t,
		[]any{nil, sorriso.PublicID.Public("ten"), vida.PublicID.Public("ten")},
		of,
		"newest first; null is the platform",
	)
	first := platform.ok("/alarms?limit=2&include=count")
	require.Equal(t, map[string]any{"total": 3.0, "capped": false}, first.body["count"])
	require.Len(t, platform.ok("/alarms"+linked(t, first, "next")).data(), 1)
	require.Len(t, platform.ok("/alarms?kind=paused").data(), 3)
	require.Empty(t, platform.ok("/alarms?kind=silent").data())
}

func TestAnEventIsFoundByTheGatewaysIDInItsEnvironment(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	key := w.deliver(t, c, samples.Event("payment_received_pix.real"))[0]
	id := asaas.Peek(samples.Event("payment_received_pix.real")).ID
	r := w.as(t, c, "reader")
	require.Equal(t, key.Public(), r.ok("/events/" + id).body["id"], "the & needs no escape in a path")
	require.Equal(t, key.Public(), r.ok("/events?asaasId=" + strings.ReplaceAll(id, "&", "%26")).data()[0]["id"])
}

func TestAScopeIsNeededForEachNoun(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"))
	base := "/v1/tenants/" + c.PublicID.Public("ten")
	paths := map[string]string{
		"invoices:read":      "/invoices",
		"checkouts:read":     "/checkouts",
		"anticipations:read": "/anticipations",
		"events:read":        "/events",
		"alarms:read":        "/alarms",
	}
	for scope := range paths {
		r := &reader{t, w, base, w.token(t, &c, "service", scope)}
		for needed, path := range paths {
			want := 403
			if needed == scope {
				want = 200
			}
			require.Equal(t, want, r.get(path).status, "%s with %s", path, scope)
		}
	}
	nobody := &reader{t, w, base, "x"}
	require.Equal(t, 401, nobody.get("/invoices").status)
}

func TestAnOperatorSeesNoTextsAndLeavesATrace(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		samples.Event("payment_received_pix.real"),
		samples.Event("checkout_created_recurrent.doc"),
		samples.Event("receivable_anticipation_denied.made"),
	)
	support, admin := w.operator(t, c, auth.RoleSupport), w.as(t, c, "admin")
	require.Equal(t, 403, support.get("/invoices/pay_3h08j28ezvwv7s4h").status, "a look needs a reason")
	why := []string{"X-Access-Reason", "chamado 4711: baixa que falta"}
	for path, hidden := range map[string][]string{
		"/invoices/pay_3h08j28ezvwv7s4h":                      {"Consulta de teste", "https://sandbox.asaas.com"},
		"/checkouts/2bd251f0-09b2-44ff-8a0c-a5cb29e5bbda":     {"teste2", "https://google.com"},
		"/anticipations/29ad50e9-64ee-427e-a00c-a3999510ca0a": {"Documentação insuficiente"},
	} {
		seen, own := support.ok(path, why...), admin.ok(path)
		for _, text := range hidden {
			require.Contains(t, own.text, text)
			require.NotContains(t, seen.text, text)
		}
		require.Equal(t, own.body["status"], seen.body["status"])
		require.NotEqual(t, own.header.Get("ETag"), seen.header.Get("ETag"), "another view is another tag")
	}
	event := support.ok("/events", why...).data()[0]["id"].(string)
	require.Equal(t, 403, support.get("/events/"+event+"/payload?reveal=true", why...).status)
	entry := admin.ok("/audit").data()[1]
	require.Equal(t, []any{"operator.look", "support"}, []any{entry["action"], entry["role"]})
	require.Equal(t, map[string]any{"reason": why[1], "route": "listEvents"}, admin.ok("/audit").data()[0]["detail"])
}

// A connection is tried by a checkout that is thrown away, and by an event of our own: both are left out, or alone,
// wherever checkouts and events are listed or counted.
func TestWhatAConnectionIsTriedByIsLeftOutOrAlone(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		samples.Event("checkout_created_recurrent.doc"),
		samples.Event("checkout_paid_pix.real"),
		samples.Event("payment_received_pix.real"),
	)
	r := w.as(t, c, "reader")
	tried := r.ok("/checkouts").data()[0]
	w.exec(
		t,
		`UPDATE checkouts SET external_reference = 'patapay-teste' WHERE clinic_id = $1 AND asaas_id = $2`,
		c.ID,
		tried["asaasId"],
	)
	for query, n := range map[string]int{"": 2, "?tests=without": 1, "?tests=only": 1} {
		rows := r.ok("/checkouts" + query).data()
		require.Len(t, rows, n, query)
		require.Equal(
			t,
			query != "?tests=without",
			slices.ContainsFunc(rows, func(row map[string]any) bool { return row["id"] == tried["id"] }),
			query,
		)
		require.EqualValues(t, n, r.ok("/checkouts/summary" + query).body["total"].(map[string]any)["count"], query)
	}
	for query, n := range map[string]int{
		"": 3, "?tests=without": 2, "?tests=only": 1, "?tests=without&source=webhook": 2,
	} {
		rows := r.ok("/events" + query).data()
		require.Len(t, rows, n, query)
		require.Equal(
			t,
			!strings.Contains(query, "without"),
			slices.ContainsFunc(rows, func(row map[string]any) bool { return row["entity"] == tried["asaasId"] }),
			query,
		)
		require.EqualValues(t, n, r.ok("/events/summary" + query).body["received"], query)
	}
	require.Equal(t, 422, r.get("/events?tests=maybe").status)
}
