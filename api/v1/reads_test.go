package v1_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
)

func TestAnObjectIsReadAsItsSampleTellsIt(t *testing.T) {
	for _, row := range []struct{ sample, path, want string }{
		{"payment_received_pix.real", "/invoices/pay_3h08j28ezvwv7s4h", "invoice_pix"},
		{"payment_received_credit_card_full.doc", "/invoices/pay_080225913252", "invoice_card_full"},
		{"checkout_created_recurrent.doc", "/checkouts/2bd251f0-09b2-44ff-8a0c-a5cb29e5bbda", "checkout_recurrent"},
		{
			"receivable_anticipation_credited.doc",
			"/anticipations/29ad50e9-64ee-427e-a00c-a3999510ca0a", "anticipation_credited",
		},
	} {
		t.Run(row.want, func(t *testing.T) {
			w := newReadWorld(t)
			c := w.clinic(t, "Vida")
			w.deliver(t, c, samples.Event(row.sample))
			got := strings.ReplaceAll(w.as(t, c, "admin").ok(row.path).text, c.PublicID.Public("ten"), "{tenant}")
			want, err := os.ReadFile(filepath.Join("testdata", row.want+".json"))
			require.NoError(t, err)
			require.JSONEq(t, string(want), got)
		})
	}
}

func TestOurIDAndTheGatewaysNameTheSameObject(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		samples.Event("payment_received_pix.real"),
		samples.Event("checkout_paid_pix.real"),
		samples.Event("receivable_anticipation_pending.made"),
	)
	r := w.as(t, c, "reader")
	for _, noun := range []string{"/invoices", "/checkouts", "/anticipations", "/events"} {
		for _, row := range r.ok(noun).data() {
			ours, theirs := r.ok(noun+"/"+row["id"].(string)),
				r.ok(noun+"/"+strings.ReplaceAll(row["asaasId"].(string), "&", "%26"))
			require.Equal(t, ours.text, theirs.text)
			for key := range row {
				require.Equal(t, row[key], ours.body[key], "%s: list and detail tell the same %s", noun, key)
			}
		}
	}
}

func TestAnotherClinicsObjectAndAnAbsentOneAreTheSame404(t *testing.T) {
	w := newReadWorld(t)
	vida, sorriso := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	w.deliver(
		t,
		vida,
		samples.Event("payment_received_pix.real"),
		samples.Event("checkout_paid_pix.real"),
		samples.Event("receivable_anticipation_pending.made"),
	)
	owner, stranger := w.as(t, vida, "admin"), w.as(t, sorriso, "admin")
	same := func(path string, id string) string {
		out := stranger.get(strings.ReplaceAll(path, "{id}", id))
		require.Equal(t, 404, out.status, path)
		text := strings.ReplaceAll(out.text, out.body["requestId"].(string), "")
		return strings.ReplaceAll(text, strings.ReplaceAll(id, "%26", "&"), "")
	}
	for noun, absent := range map[string]string{
		"/invoices": "ivc", "/checkouts": "chk", "/anticipations": "ant", "/events": "rev",
	} {
		id := owner.ok(noun).data()[0]["id"].(string)
		asaasID := strings.ReplaceAll(owner.ok(noun).data()[0]["asaasId"].(string), "&", "%26")
		nobody := absent + "_" + strings.Repeat("0", len(id)-4)
		want := same(noun+"/{id}", nobody)
		require.NotContains(t, want, "not_found\":")
		for _, foreign := range []string{id, asaasID, "pay_absent", absent + "_", strings.Repeat("z", 300)} {
			require.Equal(t, want, same(noun+"/{id}", foreign), "%s of %s", foreign, noun)
		}
		require.Equal(t, 404, stranger.get(noun+"/x%00y").status)
		require.Empty(t, stranger.ok(noun).data())
		require.Equal(t, 404, stranger.get(owner.base+noun).status, "another clinic's list")
		require.Equal(t, stranger.get(owner.base + noun + "/" + id).body["code"], "not_found")
	}
	event := owner.ok("/events").data()[0]["id"].(string)
	require.Equal(t, same("/events/{id}/payload", "rev_"+strings.Repeat("0", 42)), same("/events/{id}/payload", event))
}

func TestADeletedUnpaidInvoiceIsRemovedAndAPaidOneIsNot(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		samples.Event("payment_deleted_boleto.real"),
		edited("payment_received_pix.real", `"deleted": false`, `"deleted": true`),
	)
	r := w.as(t, c, "reader")
	status := map[string]any{}
	for _, i := range r.ok("/invoices").data() {
		require.Equal(t, true, i["deleted"])
		status[i["asaasStatus"].(string)] = i["status"]
	}
	require.Equal(t, map[string]any{"PENDING": "removed", "RECEIVED": "received"}, status)
	require.Len(t, r.ok("/invoices?status=removed").data(), 1)
	require.Empty(t, r.ok("/invoices?status=pending").data(), "a removed one is pending no more")
	require.Len(t, r.ok("/invoices?status=received,removed").data(), 2)
}

func TestTheStatusesOfTheContractAreTheDomains(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	doc := w.as(t, c, "reader").ok("/openapi.json")
	var words []string
	for _, s := range domain.InvoiceStatuses() {
		words = append(words, string(s))
	}
	schema := doc.body["components"].(map[string]any)["schemas"].(map[string]any)["InvoiceView"].(map[string]any)
	text, err := json.Marshal(schema["properties"].(map[string]any)["status"].(map[string]any)["enum"])
	require.NoError(t, err)
	want, err := json.Marshal(words)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(text))
}

// edited returns a sample with one text replaced; the test fails if it is not there.
func edited(sample string, pairs ...string) []byte {
	text := string(samples.Event(sample))
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			panic("no " + pairs[i] + " in " + sample)
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return []byte(text)
}

func TestATagOfTheVersionSavesTheAnswer(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_created_pix.real"))
	r := w.as(t, c, "reader")
	path := "/invoices/" + r.ok("/invoices").data()[0]["id"].(string)
	for _, path := range []string{path, "/invoices", "/events", "/events/" + r.ok("/events").data()[0]["id"].(string)} {
		first := r.ok(path)
		tag := first.header.Get("ETag")
		require.NotEmpty(t, tag)
		require.Equal(
			t,
			strings.Contains(first.text, `"data"`),
			strings.HasPrefix(tag, "W/"),
			"strong on objects, weak on lists",
		)
		again := r.get(path, "If-None-Match", tag)
		require.Equal(t, 304, again.status)
		require.Empty(t, again.text)
		require.Equal(t, tag, again.header.Get("ETag"))
		require.Contains(t, again.header.Get("Cache-Control"), "no-store")
	}
	old := r.ok(path).header.Get("ETag")
	w.deliver(t, c, samples.Event("payment_received_pix.real"))
	require.Equal(t, "received", r.ok(path, "If-None-Match", old).body["status"])
	old = r.ok(path).header.Get("ETag")
	w.deliver(
		t,
		c,
		edited("receivable_anticipation_pending.made", "pay_4310966350068380", r.ok(path).body["asaasId"].(string)),
	)
	require.NotNil(
		t,
		r.ok(path, "If-None-Match", old).body["anticipation"],
		"an anticipation changes what its invoice shows",
	)
}
