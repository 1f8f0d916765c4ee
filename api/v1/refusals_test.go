package v1_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A refused card was "same_state": no version, no entry of the feed, nothing to filter by.
func TestARefusedCardIsAVersionAFeedEntryAndAFilter(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, "finance")
	w.deliver(t, c, edited("payment_received_pix.real", "pay_3h08j28ezvwv7s4h", "pay_paid000000001"))
	created := edited("payment_created_pix.real", "&", "&77")
	w.deliver(t, c, created)
	id := r.ok("/invoices?status=pending").data()[0]["asaasId"].(string)
	entries := func() (n int) {
		for _, e := range r.ok("/feed?limit=100").data() {
			if e["type"] == "invoice.updated" {
				n++
			}
		}
		return n
	}
	before := entries()
	first := edited("payment_created_pix.real", `"PAYMENT_CREATED"`, `"PAYMENT_CREDIT_CARD_CAPTURE_REFUSED"`, "&", "&88")
	second := edited("payment_created_pix.real", `"PAYMENT_CREATED"`, `"PAYMENT_REPROVED_BY_RISK_ANALYSIS"`, "&", "&99")
	w.deliver(t, c, first)
	w.deliver(t, c, first, second)
	w.deliver(t, c, second, first)
	got := r.ok("/invoices/" + id)
	refusal := got.body["lastRefusal"].(map[string]any)
	require.Equal(t, "risk_analysis", refusal["kind"])
	require.EqualValues(t, 2, refusal["count"])
	require.Equal(t, "pending", got.body["status"])
	require.Equal(t, before+2, entries(), "one for each refusal, and none for a copy")
	at := refusal["at"].(string)
	require.Len(t, r.ok("/invoices?refusedSince="+at).data(), 1)
	require.Equal(t, id, r.ok("/invoices?refusedSince=" + at).data()[0]["asaasId"])
	require.Empty(t, r.ok("/invoices?refusedSince=2099-01-01T00:00:00Z").data())
	require.Len(
		t,
		r.table(r.made("invoices", map[string]string{"refusedSince": at})),
		1,
		"a file shows what the list does",
	)
}
