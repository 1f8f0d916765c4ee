package v1_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
)

func TestAVisitOpensOneClinicToReadUntilItEnds(t *testing.T) {
	w := newWorld(t)
	path, admin, _, _ := connected(w, "visitada")
	tenant := strings.TrimSuffix(path, "/connection")
	_, _ = w.tenant("outra")
	support, sre := w.operator(auth.RoleSupport), w.operator(auth.RoleSRE)
	id := strings.TrimPrefix(tenant, "/v1/tenants/")
	const reason = "chamado 4711: faltam avisos"
	begin := func() (visit, header string) {
		a := w.must(201, support, "POST", "/v1/ops/visits", map[string]string{"tenantId": id, "reason": reason})
		return a.text("id"), "X-Access-Visit: " + a.text("id")
	}
	refused := func(token, method, path, header string) {
		t.Helper()
		a := w.ask(token, method, path, nil, header, "If-Match: *")
		require.Equal(t, []any{403, "visit_over"}, []any{a.status, a.text("code")}, a.raw)
	}
	require.Equal(t, 422, w.ask(
		support, "POST", "/v1/ops/visits", map[string]string{"tenantId": id, "reason": "curto"},
	).status)
	require.Equal(t, 403, w.ask(
		admin, "POST", "/v1/ops/visits", map[string]string{"tenantId": id, "reason": reason},
	).status)
	visit, header := begin()
	w.must(200, support, "GET", path, nil, header)
	refused(support, "GET", "/v1/tenants/ext:outra", header)
	refused(sre, "GET", path, header) // another person's
	of := map[string]string{"tenantId": id, "reason": reason}
	replaying := "X-Access-Visit: " + w.must(201, sre, "POST", "/v1/ops/visits", of).text("id")
	dry := map[string]any{"events": []string{"rev_x"}, "dryRun": true}
	changed := w.ask(sre, "POST", tenant+"/events/replays", dry, replaying)
	require.Equal(t, []any{403, "visit_over"}, []any{changed.status, changed.text("code")}, "a visit only reads")

	w.must(204, sre, "DELETE", "/v1/ops/visits/"+visit, nil)
	w.must(200, support, "GET", path, nil, header) // nobody else ends it
	w.must(204, support, "DELETE", "/v1/ops/visits/"+visit, nil)
	refused(support, "GET", path, header)
	again := w.ask(support, "GET", path, nil, header, "X-Access-Reason: "+url.PathEscape(reason))
	require.Equal(t, 403, again.status, "an ended visit is none, whatever else is said")
	w.must(204, support, "DELETE", "/v1/ops/visits/"+visit, nil)

	log := w.must(200, admin, "GET", tenant+"/audit?limit=3", nil).body["data"].([]any)
	var actions []string
	for _, e := range log {
		actions = append(actions, e.(map[string]any)["action"].(string))
	}
	require.Equal(t, []string{"operator.visit_end", "operator.look", "operator.visit"}, actions)
	look := log[1].(map[string]any)["detail"].(map[string]any)
	require.Equal(t, []any{reason, visit, "getConnection"}, []any{look["reason"], look["visit"], look["route"]})

	_, header = begin()
	w.must(200, support, "GET", path, nil, header)
	w.exec(`UPDATE visits SET ends_at = ends_at - interval '30 minutes'`) // half an hour goes by
	refused(support, "GET", path, header)
}

// Whoever logs in at the command line has the same session: a visit is a person's nonetheless.
func TestAVisitIsOfThePersonWhoBeganIt(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	vida := w.clinic(t, "Vida")
	support, sre := w.operator(t, vida, auth.RoleSupport), w.operator(t, vida, auth.RoleSRE)
	header := w.visit(t, vida, support)
	support.ok("/invoices", header...)
	other := sre.get("/invoices", header...)
	require.Equal(t, []any{403, "visit_over"}, []any{other.status, other.body["code"]}, other.text)
}
