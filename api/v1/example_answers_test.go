package v1_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
)

// exampleAnswers are the operations that the document shows an answer of, with where each is asked for; {…} is the
// id of the first object of a list.
var exampleAnswers = map[string]string{
	"listInvoices":            "/invoices?limit=1&include=count",
	"getInvoice":              "/invoices/pay_3h08j28ezvwv7s4h",
	"getInvoiceTimeline":      "/invoices/pay_3h08j28ezvwv7s4h/timeline",
	"getInvoiceSummary":       "/invoices/summary?by=status",
	"listCheckouts":           "/checkouts?limit=1",
	"getCheckout":             "/checkouts/{/checkouts}",
	"getCheckoutTimeline":     "/checkouts/{/checkouts}/timeline",
	"getCheckoutSummary":      "/checkouts/summary",
	"listAnticipations":       "/anticipations?limit=1",
	"getAnticipation":         "/anticipations/{/anticipations}",
	"getAnticipationTimeline": "/anticipations/{/anticipations}/timeline",
	"getAnticipationSummary":  "/anticipations/summary",
	"listEvents":              "/events?limit=1",
	"getEvent":                "/events/{/events}",
	"getEventTimeline":        "/events/{/events}/timeline",
	"getEventSummary":         "/events/summary?receivedAt[gte]=2026-11-22T00:00:00Z&receivedAt[lte]=2026-11-22T23:59:59Z",
	"getFeed":                 "/feed?limit=1",
	"listLedgerEntries":       "/ledger/entries?limit=1",
	"getLedgerBalance":        "/ledger/balance",
	"getLedgerSummary":        "/ledger/summary?effective[gte]=2026-08-01",
	"getLedgerDifferences":    "/ledger/differences",
	"getGlance":               "/glance",
	"listAlarms":              "/alarms",
	"listWorkItems":           "/work-items?limit=1",
	"listDeadlines":           "/deadlines?limit=1",
}

// signedCursor is a place in a list, whose signature is another in each world.
var signedCursor = regexp.MustCompile(`"nextCursor":"[^"]+"`)

// The document's samples said "texto" for every text and null for all that may be:
// nobody saw what an answer looks like.
func TestTheAnswersThatTheDocumentShowsAreTheProgramsOwn(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t, c, samples.Event("checkout_paid_pix.real"), samples.Event("receivable_anticipation_credited.doc"),
		samples.Event("payment_received_pix.real"),
	)
	r := w.as(t, c, "admin")
	got := map[string]json.RawMessage{}
	for id, path := range exampleAnswers {
		if before, rest, found := strings.Cut(path, "{"); found {
			list, after, _ := strings.Cut(rest, "}")
			path = before + r.ok(list).data()[0]["id"].(string) + after
		}
		text := strings.ReplaceAll(r.ok(path).text, c.PublicID.Public("ten"), "ten_"+strings.Repeat("0", 26))
		got[id] = json.RawMessage(signedCursor.ReplaceAllString(text, `"nextCursor":"eyJrIjpbIjMiXX0"`))
	}
	raw, err := json.MarshalIndent(got, "", "  ")
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile("answers.json", append(raw, '\n'), 0o644))
	}
	var golden map[string]json.RawMessage
	raw, err = os.ReadFile("answers.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &golden))
	require.Len(t, golden, len(got))
	for id, text := range got {
		require.JSONEq(t, string(golden[id]), string(text), "%s: run this with -update, and the golden document after it", id)
	}
}
