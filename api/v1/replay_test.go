package v1_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
)

// post sends a body with a fresh Idempotency-Key.
func (r *reader) post(path string, body any) reply {
	r.t.Helper()
	out := r.request("POST", r.base+path, body, "Idempotency-Key", rand.Text())
	require.NoError(r.t, json.Unmarshal([]byte(out.text), &out.body), "%s", out.text)
	return out
}

// request sends any request to a whole path.
func (r *reader) request(method, path string, body any, headers ...string) reply {
	r.t.Helper()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(r.t, err)
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.w.url+path, content)
	require.NoError(r.t, err)
	req.Header.Set("Authorization", "Bearer "+r.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(r.t, err)
	held(r.t, method, path, res.StatusCode, res.Header, string(text))
	return reply{status: res.StatusCode, header: res.Header, text: string(text)}
}

// fingerprint is everything of a clinic that a replay may touch.
func (w *readWorld) fingerprint(t testing.TB) (text string) {
	t.Helper()
	require.NoError(t, w.owner(t).QueryRow(t.Context(), `SELECT concat(
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM events e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM due e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM records e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM invoices e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM ledger_transactions e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM ledger_entries e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM changes e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM truth_wants e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM audit e),
		(SELECT md5(string_agg(e::text, '|' ORDER BY e::text)) FROM alarms e),
		(SELECT md5(string_agg(concat(clinic_id, feed_seq, ledger_no, ledger_hash), '|' ORDER BY clinic_id))
		  FROM clinic_heads))`).Scan(&text))
	return text
}

// dead stores events and gives them up, as apply does after its last try.
func (w *readWorld) dead(t testing.TB, c tenants.Clinic, bodies ...[]byte) (ids []string) {
	t.Helper()
	for _, key := range w.store(t, c, bodies...) {
		ids = append(ids, key.Public())
	}
	w.exec(t, `UPDATE due SET next_at = 'infinity', tries = 5, last_error = 'internal'`)
	w.exec(t, `UPDATE events SET outcome = 'dead', reason = 'failed'`)
	return ids
}

func TestAPreviewChangesNothingAndTellsExactlyWhatTheReplayDoes(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	id := w.dead(t, c, samples.Event("payment_received_pix.real"))[0]
	r := w.as(t, c, "admin")
	before := w.fingerprint(t)
	preview := r.post("/events/"+id+"/replay", map[string]any{"dryRun": true})
	require.Equal(t, 200, preview.status, preview.text)
	require.Equal(t, before, w.fingerprint(t), "a preview wrote something")
	require.Equal(t, 1.0, preview.body["changes"], preview.text)
	object := preview.body["objects"].([]any)[0].(map[string]any)
	require.Equal(
		t,
		[]any{0.0, 1.0, "pay_3h08j28ezvwv7s4h"},
		[]any{object["fromVersion"], object["toVersion"], object["asaasId"]},
	)
	require.Len(t, object["bookings"], 2)
	done := r.post("/events/"+id+"/replay", map[string]any{})
	require.Equal(t, 200, done.status, done.text)
	require.JSONEq(t, strings.Replace(preview.text, `"dryRun":true`, `"dryRun":false`, 1), done.text)
	require.Equal(t, "received", r.ok("/invoices/pay_3h08j28ezvwv7s4h").body["status"])
	require.Equal(t, "applied", r.ok("/events/" + id).body["outcome"])
	again := r.post("/events/"+id+"/replay", map[string]any{})
	require.Equal(t, 0.0, again.body["changes"], again.text)
	require.Equal(t, 1.0, r.ok("/invoices/pay_3h08j28ezvwv7s4h").body["version"])
	require.Contains(t, whats(r.ok("/invoices/pay_3h08j28ezvwv7s4h/timeline")), "person", "the replay stands in the story")
	require.Zero(t, w.count(t, `SELECT count(*) FROM due`))
}

func TestAReplayMendsAnObjectThatIsNotWhatItsEventsSay(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	key := w.deliver(t, c, samples.Event("payment_received_pix.real"))[0].Public()
	w.exec(t, `DELETE FROM event_bodies`) // kept 90 days; the record is enough
	r := w.as(t, c, "admin")
	require.Equal(t, 0.0, r.post("/events/"+key+"/replay", map[string]any{"dryRun": true}).body["changes"])
	w.exec(t, `UPDATE invoices SET status = 'pending', state = replace(state::text, '"received"', '"pending"')::json`)
	preview := r.post("/events/"+key+"/replay", map[string]any{"dryRun": true})
	object := preview.body["objects"].([]any)[0].(map[string]any)
	require.Equal(
		t,
		[]any{map[string]any{"field": "Status", "before": "pending", "after": "received"}},
		object["fields"],
		preview.text,
	)
	require.Equal(t, []any{1.0, 2.0}, []any{object["fromVersion"], object["toVersion"]})
	r.post("/events/"+key+"/replay", map[string]any{})
	require.Equal(t, "received", r.ok("/invoices/pay_3h08j28ezvwv7s4h").body["status"])
	require.Equal(t, "applied", r.ok("/events/" + key).body["outcome"], "an applied event stays applied without its body")
}

func TestWhatMayNotBeReplayedIsRefused(t *testing.T) {
	w := newReadWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	quarantined := w.quarantine(t, vida, samples.Event("payment_received_pix.real"), "foreign_account").Public()
	foreign := w.deliver(t, sorriso, samples.Event("payment_deleted_boleto.real"))[0].Public()
	r := w.as(t, vida, "admin")
	before := w.fingerprint(t)
	require.Equal(t, 409, r.post("/events/"+quarantined+"/replay", map[string]any{}).status)
	require.Equal(t, 404, r.post("/events/"+foreign+"/replay", map[string]any{}).status)
	require.Equal(t, 404, r.post("/events/replays", map[string]any{"events": []string{foreign}}).status)
	require.Equal(t, 403, w.as(t, vida, "finance").post("/events/"+quarantined+"/replay", map[string]any{}).status)
	for _, body := range []map[string]any{
		{},
		{"events": []string{quarantined}, "filter": map[string]any{}},
		{"filter": map[string]any{"outcome": []string{"quarantined"}}},
	} {
		require.Equal(t, 422, r.post("/events/replays", body).status, "%v", body)
	}
	preview := r.post("/events/replays", map[string]any{"events": []string{quarantined}, "dryRun": true})
	event := preview.body["preview"].(map[string]any)["events"].([]any)[0].(map[string]any)
	require.Equal(t, event["before"], event["after"], "a quarantined one is never applied")
	require.Equal(t, before, w.fingerprint(t))
	w.exec(t, `UPDATE clinics SET state = 'suspended'`)
	require.Equal(t, 409, r.post("/events/"+quarantined+"/replay", map[string]any{}).status)
}

// received returns n events, each of a payment of its own.
func received(n int) (bodies [][]byte) {
	body := string(samples.Event("payment_received_pix.real"))
	id := asaas.Peek([]byte(body)).ID
	for i := range n {
		text := strings.Replace(body, id, fmt.Sprintf("evt_many&%d", 700000000+i), 1)
		bodies = append(bodies, []byte(strings.ReplaceAll(text, "pay_3h08j28ezvwv7s4h", fmt.Sprintf("pay_many%d", i))))
	}
	return bodies
}

func TestABulkReplayIsLongWorkWithProgressAndItsPreviewIsExact(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.dead(t, c, received(120)...)
	r := w.as(t, c, "admin")
	before := w.fingerprint(t)
	preview := r.post(
		"/events/replays",
		map[string]any{"filter": map[string]any{"outcome": []string{"dead"}}, "dryRun": true},
	)
	require.Equal(t, 200, preview.status, preview.text)
	require.Equal(
		t,
		[]any{120.0, 120.0},
		[]any{preview.body["matched"], preview.body["preview"].(map[string]any)["changes"]},
	)
	require.Equal(t, before, w.fingerprint(t))
	begun := r.post("/events/replays", map[string]any{"filter": map[string]any{"outcome": []string{"dead"}}})
	require.Equal(t, 202, begun.status, begun.text)
	var op reply
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if op = r.ok(begun.header.Get("Location")); op.body["state"] != "running" {
			break
		}
		require.True(t, time.Now().Before(end), op.text)
	}
	require.Equal(t, "done", op.body["state"], op.text)
	require.Equal(t, []any{3.0, 3.0}, []any{op.body["progress"], op.body["total"]})
	require.Equal(t, map[string]any{"events": 120.0, "changes": 120.0, "failed": 0.0}, op.body["result"])
	require.Equal(t, 120, w.count(t, `SELECT count(*) FROM invoices WHERE status = 'received'`))
	require.Equal(t, 1, w.count(t, `SELECT count(*) FROM audit WHERE action = 'events.replay'`))
	again := map[string]any{"filter": map[string]any{"type": []string{"PAYMENT_RECEIVED"}}, "dryRun": true}
	preview = r.post("/events/replays", again)
	require.Equal(t, 0.0, preview.body["preview"].(map[string]any)["changes"])
}

func TestAReplayOfMoreThanFiveHundredEventsIsRefused(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.dead(t, c, received(501)...)
	r := w.as(t, c, "admin")
	out := r.post("/events/replays", map[string]any{"filter": map[string]any{"outcome": []string{"dead"}}, "dryRun": true})
	require.Equal(t, 422, out.status, out.text)
	require.Contains(t, out.text, "/filter")
	require.Equal(t, 422, r.post("/events/replays", map[string]any{"events": make([]string, 501)}).status)
}
