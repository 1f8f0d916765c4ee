package v1_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A reference is billing's own text: a slash or anything else in it is no part of our address.
func TestAReferenceWithASlashCanBeToldToUs(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, "finance")
	references := []string{
		"OS/2026/0012",
		"a+b c",
		"50% + 1?x=1#y",
		`"aspas" e 'outras'`,
		"ção/ñ/日本",
		"//",
		"a//b/",
		"x%2Fy",
		"..x/../y",
		"&;=,:@",
		strings.Repeat("é/", 250),
	}
	rng := rand.New(rand.NewPCG(12, 5))
	const signs = "abcXYZ019/%+?#&=;:@ .,_-~!$'()*\"<>[]{}|\\^`éãç"
	for range 40 {
		text := make([]rune, 1+rng.IntN(40))
		for i := range text {
			text[i] = []rune(signs)[rng.IntN(len([]rune(signs)))]
		}
		if ref := strings.Trim(string(text), "."); ref != "" { // . and .. are steps of an address to every client
			references = append(references, ref)
		}
	}
	for _, ref := range references {
		path := "/expected-payments/" + url.PathEscape(ref)
		put := r.send("PUT", path, `{"value":{"amountCents":31000,"currency":"BRL"}}`, "If-Match", `"0"`)
		require.Equal(t, 200, put.status, "%q %s", ref, put.text)
		require.Equal(t, ref, put.body["externalReference"])
		require.Equal(t, ref, r.ok(path).body["externalReference"], "%q", ref)
	}
	require.Equal(t, 422, r.get("/expected-payments/"+strings.Repeat("x", 501)).status)
}

// What is read is matched letter by letter, and so is what is checked: a name in another case
// would reach the operation without having been looked at.
func TestANameInAnotherCaseDoesNotSlipPastValidation(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, "finance")
	for _, body := range []string{
		`{"Value":{"amountCents":-5,"currency":"BRL"}}`, `{"VALUE":{"amountCents":5,"currency":"BRL"}}`,
		`{"value":{"AmountCents":-5,"amountCents":5,"currency":"BRL"}}`,
		`{"value":{"amountcents":5,"currency":"BRL"}}`, `{"Cancelled":"yes"}`,
	} {
		got := r.send("PUT", "/expected-payments/orc-1", body, "If-Match", `"0"`)
		require.Equal(t, 422, got.status, "%s: %s", body, got.text)
	}
	require.Equal(t, 404, r.get("/expected-payments/orc-1").status)
}

// The largest body that we promise to read is read; one byte more is not.
func TestABodyOfExactlyTheGreatestSizeIsRead(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, "finance")
	const most = 64 << 10
	body := `{"cancelled":true}`
	body += strings.Repeat(" ", most-len(body))
	require.Equal(t, 200, r.send("PUT", "/expected-payments/orc-1", body, "If-Match", `"0"`).status)
	require.Equal(t, 413, r.send("PUT", "/expected-payments/orc-1", body+" ", "If-Match", `"1"`).status)
}

// A body that is nested however deep is refused as any other that does not fit, before anything reads it by calling
// itself without end.
func TestABodyNestedHoweverDeepIsRefusedAndTheNextOneIsRead(t *testing.T) {
	w := newReadWorld(t)
	r := w.as(t, w.clinic(t, "Vida"), "finance")
	for _, depth := range []int{1_000, 10_000, 30_000, 1_000_000} {
		for _, bracket := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
			deep := strings.Repeat(bracket[0], depth)
			for _, body := range []string{
				deep, `{"value":` + deep + "1" + strings.Repeat(bracket[1], depth) + "}",
			} {
				want := []int{400, 422}
				if len(body) > 64<<10 {
					want = []int{413}
				}
				got := r.send("PUT", "/expected-payments/orc-1", body, "If-Match", `"0"`)
				require.Contains(t, want, got.status, "%d of %s: %.200s", depth, bracket[0], got.text)
				require.Less(t, len(got.text), 2_000, "%d of %s: it is said again", depth, bracket[0])
			}
		}
	}
	require.Equal(t, 200, r.send("PUT", "/expected-payments/orc-1", `{"cancelled":true}`, "If-Match", `"0"`).status)
}

// TestNoRequestTakesAMemberThatTheContractDoesNotName: what only the program decides, whose clinic something is, a hash
// or a version of sessions, is nobody's to send along.
func TestNoRequestTakesAMemberThatTheContractDoesNotName(t *testing.T) {
	var contract struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema map[string]any }
			}
		}
		Components struct{ Schemas map[string]map[string]any }
	}
	text, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &contract))
	seen, objects := map[string]bool{}, 0
	var closed func(at string, schema map[string]any)
	closed = func(at string, schema map[string]any) {
		if ref, ok := schema["$ref"].(string); ok {
			name := ref[strings.LastIndex(ref, "/")+1:]
			if !seen[name] {
				seen[name] = true
				closed(at+" "+name, contract.Components.Schemas[name])
			}
			return
		}
		members, _ := schema["properties"].(map[string]any)
		if len(members) > 0 {
			objects++
			require.Equal(t, false, schema["additionalProperties"], at)
		}
		for name, member := range members {
			closed(at+"."+name, member.(map[string]any))
		}
		if items, ok := schema["items"].(map[string]any); ok {
			closed(at+"[]", items)
		}
	}
	for path, methods := range contract.Paths {
		for method, op := range methods {
			for _, content := range op.RequestBody.Content {
				closed(method+" "+path, content.Schema)
			}
		}
	}
	require.Greater(t, objects, 30)
	w := newReadWorld(t)
	r := w.as(t, w.clinic(t, "Vida"), "finance")
	got := r.send("PUT", "/expected-payments/orc-1", `{"cancelled":true,"clinic_id":1}`, "If-Match", `"0"`)
	require.Equal(t, 422, got.status, got.text)
	require.Contains(t, got.text, "unknown_property")
}

// A proxy that compresses makes strong tags weak: If-None-Match is compared weakly, If-Match is not.
func TestAWeakTagOfAProxyIsAnswered304(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, edited("payment_received_pix.real"))
	r := w.as(t, c, "reader")
	for _, path := range []string{
		"", "/invoices", "/events", "/invoices/pay_3h08j28ezvwv7s4h", "/invoices/pay_3h08j28ezvwv7s4h/timeline",
	} {
		got := r.get(path)
		tag := got.header.Get("ETag")
		if got.status != http.StatusOK || tag == "" {
			continue
		}
		weak := "W/" + strings.TrimPrefix(tag, "W/")
		for _, given := range []string{tag, weak, strings.TrimPrefix(tag, "W/"), `"x", ` + weak, "*"} {
			require.Equal(t, 304, r.getStatus(path, "If-None-Match", given), "%s %s", path, given)
		}
		require.Equal(t, 200, r.getStatus(path, "If-None-Match", `W/"x"`), path)
	}
}

// A refusal says what would have been right, and a 403 which scope it would have taken.
func TestARefusalSaysWhatIsAllowed(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, "reader")
	first := func(got reply) map[string]any {
		return got.body["errors"].([]any)[0].(map[string]any)
	}
	day := first(r.get("/invoices?paidAt[gte]=2026-11-01"))
	require.Equal(t, "wrong_format", day["code"], "a day is no wrong type where an instant is asked for")
	require.Contains(t, day["detail"], "2026-11-01T00:00:00-03:00")
	word := first(r.get("/invoices?status=bezahlt"))
	require.Equal(t, "not_one_of_allowed", word["code"])
	require.Contains(t, word["allowed"], "overdue")
	require.Contains(t, word["detail"], "overdue")
	require.NotContains(t, word["detail"], "bezahlt")
	require.Contains(t, first(r.get("/invoices?limit=101"))["detail"], "<= 100")
	require.Contains(t, first(r.get("/invoices?stat=x"))["allowed"], "status")
	require.Contains(t, first(r.get("/invoices?fields=idd"))["allowed"], "id")
	require.Equal(t, "wrong_type", first(r.get("/invoices?amountCents[gte]=much"))["code"])
	denied := r.send("PUT", "/expected-payments/orc-1", `{}`, "If-Match", `"0"`)
	require.Equal(t, []any{403, "ledger:write"}, []any{denied.status, denied.body["scope"]})
	var raw bytes.Buffer
	require.NoError(t, json.Compact(&raw, []byte(denied.text)))
	require.NotContains(t, raw.String(), "allowed")
}

// Asaas's newer words for a share that was cancelled reach the reader as they are.
func TestTheNewWordsForACancelledSplitAreReadable(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, "reader")
	for _, word := range []string{"EXTERNAL_AUTHORIZATION_REFUSED", "PAYMENT_SPLIT_VALIDATION_FAILED"} {
		id := "pay_1_" + word[:14]
		w.deliver(t, c, edited(
			"payment_received_pix.real",
			"pay_3h08j28ezvwv7s4h",
			id,
			`"id": "evt_`,
			`"id": "evt_`+word[:4],
			`"refunds": null`,
			`"split": [{"id":"`+word[:8]+`","walletId":"0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e","fixedValue":2.5,`+
				`"status":"CANCELLED","cancellationReason":"`+word+`"}], "refunds": null`,
		))
		split := r.ok("/invoices/" + id).body["split"].([]any)[0].(map[string]any)
		require.Equal(t, []any{"CANCELLED", word}, []any{split["status"], split["cancellationReason"]})
	}
}
