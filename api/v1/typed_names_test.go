package v1_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/domain/asaas/samples"
)

// TestATypedNameIsNoArgumentOfAStatement: what was typed into a search went to Postgres as it was, where a log of
// statements, or of slow ones, keeps it.
func TestATypedNameIsNoArgumentOfAStatement(t *testing.T) {
	t.Parallel()
	w, wire := newTappedWorld(t, 8)
	vida := w.clinic(t, "Vida")
	w.deliver(
		t,
		vida,
		edited("payment_received_pix.real", `"REF-0002"`, `"Canário da Silva"`),
		samples.Event("payment_overdue_boleto_subscription.real"),
	)
	r := w.as(t, vida, auth.RoleFinance)
	w.namePayers(
		t,
		vida,
		map[string]string{r.ok("/invoices/pay_49jucioh5v3tw85o").body["customer"].(string): "Canário da Silva"},
	)
	wire.Sent()
	for _, list := range []string{
		"/invoices", "/invoices/summary", "/events", "/events/summary", "/checkouts", "/anticipations",
	} {
		for _, typed := range []string{"Canário da Silva", "canário", "CANÁRIO d'ávila"} {
			r.ok(list + "?q=" + url.QueryEscape(typed))
			sent := wire.Sent()
			require.Contains(t, sent, "commit", "nothing was overheard")
			require.NotContains(t, strings.ToLower(sent), "can\u00e1rio", "%s %s", list, typed)
			require.NotContains(t, strings.ToLower(sent), "canario", "%s %s", list, typed)
		}
	}
	r.ok("/invoices?customerName=can%C3%A1rio")
	require.NotContains(t, strings.ToLower(wire.Sent()), "can")
	for list, want := range map[string]int{"/invoices": 2, "/events": 2} { // one by the reference, one by the payer
		require.Len(t, r.ok(list+"?q="+url.QueryEscape("Canário da Silva")).data(), want, list)
	}
	require.Contains(
		t,
		func() string { r.ok("/invoices?q=REF-0009"); return wire.Sent() }(),
		"REF-0009",
		"a reference with a number is no name",
	)
}
