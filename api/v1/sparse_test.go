package v1_test

import (
	"encoding/json"
	stdmaps "maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	v1 "patapay/api/v1"
	"patapay/domain/asaas/samples"
)

// sparseRoutes are the operations of the contract that take fields=.
func sparseRoutes(t *testing.T) (paths []string) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
		}
	}
	require.NoError(t, json.Unmarshal(v1.Document, &doc))
	for path, operations := range doc.Paths {
		for _, p := range operations["get"].Parameters {
			if p.Name == "fields" {
				paths = append(paths, path)
			}
		}
	}
	require.GreaterOrEqual(t, len(paths), 12)
	return paths
}

func TestFieldsLeaveOfEachObjectWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		samples.Event("payment_received_pix.real"),
		samples.Event("checkout_paid_pix.real"),
		samples.Event("receivable_anticipation_pending.made"),
	)
	r := w.as(t, c, "admin")
	for _, noun := range []string{"/invoices", "/checkouts", "/anticipations", "/events"} {
		whole := r.ok(noun).data()[0]
		list := r.ok(noun + "?fields=id,asaasId&include=count")
		require.Equal(t, []map[string]any{{"id": whole["id"], "asaasId": whole["asaasId"]}}, list.data()[:1])
		require.Contains(t, list.body, "page")
		require.Contains(t, list.body, "count")
		one := r.ok(noun + "/" + whole["id"].(string) + "?fields=links,id")
		require.Equal(t, map[string]any{"id": whole["id"], "links": whole["links"]}, one.body)
		require.NotEmpty(t, one.header.Get("ETag"))
		require.Equal(
			t,
			304,
			r.getStatus(noun+"/"+whole["id"].(string)+"?fields=id", "If-None-Match", one.header.Get("ETag")),
		)
		require.NotEqual(t, list.header.Get("ETag"), "")
		for _, name := range slices.Sorted(stdmaps.Keys(whole)) { // each member alone
			require.Equal(t, []map[string]any{{name: whole[name]}}, r.ok(noun+"?limit=1&fields="+name).data())
		}
	}
}

func TestAFieldThatIsNotThereIsRefusedOnEveryRoute(t *testing.T) {
	w := newWorld(t)
	o := newOwned(w, "campos")
	for _, path := range sparseRoutes(t) {
		for _, fields := range []string{"id,satus", "", "id,", "value.amountCents", "ID", "$aact_prod_1234"} {
			a := w.ask(o.by, "GET", o.fill(path)+"?fields="+fields, nil)
			if a.status != 400 || a.text("code") != "unknown_parameter" || !strings.Contains(a.raw, `"parameter":"fields"`) ||
				strings.Contains(a.raw, "aact_prod") {
				t.Errorf("%s of %s: %d %s", fields, path, a.status, a.raw)
			}
		}
	}
}

func TestTheNextPageHasTheSameFields(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, received(3)...)
	r := w.as(t, c, "admin")
	first := r.ok("/invoices?fields=asaasId&limit=2")
	link, _, _ := strings.Cut(strings.TrimPrefix(first.header.Get("Link"), "<"), ">")
	require.Contains(t, link, "fields=asaasId")
	last := r.ok("/invoices" + link).data()
	require.Len(t, last, 1)
	require.Len(t, last[0], 1)
}
