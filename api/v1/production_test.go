package v1_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants/tenantstest"
)

// paidOnce plays a paid Pix of 129.90 in an account, and waits until its clinic has it booked.
func paidOnce(w *world, token, tenant string, account accounts.Account) {
	w.t.Helper()
	if _, err := w.sim.Play(account.ID, "pix", flows.Variation{AmountCents: 12990}); err != nil {
		w.t.Fatal(err)
	}
	tenantstest.Eventually(w.t, 30*time.Second, "the payment", func() bool {
		paid := w.must(200, token, "GET", tenant+"/invoices?status=received", nil)
		return len(paid.body["data"].([]any)) == 1
	})
}

// booked are the lists of a clinic's money that no instant of reading stands in; told
// are those that grow by other news.
var (
	booked = []string{
		"/invoices",
		"/invoices/summary",
		"/checkouts",
		"/anticipations",
		"/ledger/entries",
		"/ledger/balance",
		"/ledger/summary",
	}
	told = []string{"/work-items", "/deadlines", "/feed"}
)

// listed is what a clinic is shown in lists.
func listed(w *world, token, tenant string, lists []string) (text string) {
	w.t.Helper()
	for _, list := range lists {
		text += list + " " + w.must(200, token, "GET", tenant+list, nil).raw
	}
	return text
}

func TestAClinicThatMovesToProductionTakesNoMoneyOfTheSandboxAlong(t *testing.T) {
	w := newWorld(t)
	w.work()
	sandboxPath, _, tried, _ := ready(w, "mudanca")
	sandbox := strings.TrimSuffix(sandboxPath, "/connection")
	b := &browser{w: w}
	token := b.login("mudanca@example.com").text("accessToken")
	paidOnce(w, token, sandbox, tried)
	before := listed(w, token, sandbox, booked)
	require.Contains(t, before, "12990")
	app := w.setUpFactor(token)
	account := w.sim.AddAccount(accounts.Account{Environment: domain.Production})

	moved := w.must(200, token, "POST", sandbox+"/connection/production", map[string]string{
		"apiKey": account.Key, "keyExpiresOn": "2027-03-01", "notificationEmail": "fin@example.com",
	})
	require.Equal(t, strings.TrimPrefix(sandbox, "/v1/tenants/"), moved.text("sandboxTenantId"))
	require.Equal(t, "deleted", moved.body["sandbox"].(map[string]any)["webhook"], "our webhook at the sandbox")
	live := "/v1/tenants/" + moved.text("tenantId")

	// The person's session goes on, in production; so does their second factor.
	again := b.post("refresh", nil)
	require.Equal(t, 200, again.status, again.raw)
	token = again.text("accessToken")
	require.Equal(t, moved.text("tenantId"), w.must(200, token, "GET", "/v1/auth/me", nil).text("tenantId"))
	in := w.must(200, "", "POST", "/v1/auth/login/factor", map[string]string{
		"challenge": w.challenge("mudanca@example.com"), "code": app.next(),
	})
	require.Equal(
		t,
		moved.text("tenantId"),
		w.must(200, in.text("accessToken"), "GET", "/v1/auth/me", nil).text("tenantId"),
	)
	require.Equal(t, 404, w.ask(token, "GET", sandbox+"/invoices", nil).status, "the sandbox is another tenant")

	// The webhook is made anew in production, by an operation that is looked at there.
	tenantstest.Eventually(t, 30*time.Second, "the set-up", func() bool {
		return w.must(200, token, "GET", "/v1/operations/"+moved.text("setUpOperation"), nil).text("state") == "done"
	})
	var conn answer
	tenantstest.Eventually(t, 30*time.Second, "the set-up's own events are applied", func() bool {
		conn = w.must(200, token, "GET", live+"/connection", nil)
		return conn.text("state") == "active"
	})
	require.Equal(t, []string{"production", account.ID, "2027-03-01"},
		[]string{conn.text("environment"), conn.text("accountId"), conn.text("keyExpiresOn")})
	for _, word := range []string{"pay_", "ivc_", "led_", "wki_", "12990", "12791"} {
		require.NotContains(t, listed(w, token, live, append(told, booked...)), word)
	}
	require.Equal(t, live, "/v1/tenants/"+w.must(200, w.platform(), "GET", "/v1/tenants/ext:mudanca", nil).text("id"))

	// What is paid from now on is all that counts, and the sandbox is as it was.
	paidOnce(w, token, live, account)
	sums := keyed(w.must(200, token, "GET", live+"/invoices/summary", nil).body)
	require.Len(t, sums, 1)
	require.Equal(t, 12990, amountIn(sums["received"]["value"]))
	require.EqualValues(t, 1, sums["received"]["count"])
	all := w.platform()
	require.Equal(t, before, listed(w, all, sandbox, booked), "what was tried out stays, apart")
	old := w.must(200, all, "GET", sandbox, nil)
	require.Equal(t, moved.text("tenantId"), old.text("productionTenantId"))
	require.Equal(t, "disconnected", w.must(200, all, "GET", sandbox+"/connection", nil).text("state"))
	for _, tenant := range []string{sandbox, live} { // both say who did it
		require.Contains(t, w.must(200, all, "GET", tenant+"/audit", nil).raw, `"tenant.production"`)
	}
	twice := w.ask(all, "POST", sandbox+"/connection/production", map[string]string{"apiKey": account.Key})
	require.Equal(t, 409, twice.status, twice.raw)
}

func TestAMoveToProductionThatIsRefusedChangesNothing(t *testing.T) {
	w := newWorld(t)
	path, token, tried, _ := ready(w, "recusa")
	tenant := strings.TrimSuffix(path, "/connection")
	stranger := w.sim.AddAccount(accounts.Account{Environment: domain.Production, TaxID: "11222333000181"})
	taken := w.sim.AddAccount(accounts.Account{Environment: domain.Production})
	other, email := w.tenant("ocupada", func(body map[string]any) { body["sandbox"] = false })
	w.must(
		200,
		w.login(email),
		"PUT",
		"/v1/tenants/"+other+"/connection",
		map[string]string{"apiKey": taken.Key},
		`If-Match: "0"`,
	)
	for name, row := range map[string]struct {
		key, code string
		status    int
	}{
		"a sandbox key":                      {tried.Key, "wrong_environment", 422},
		"an account of another CNPJ":         {stranger.Key, "cnpj_differs", 422},
		"an account of another clinic":       {taken.Key, "account_in_use", 409},
		"no key of Asaas's":                  {"sk_live_x", "not_asaas_key", 422},
		"a key that Asaas does not know yet": {"$aact_prod_" + strings.Repeat("x", 40), "key_refused", 422},
	} {
		a := w.ask(token, "POST", path+"/production", map[string]string{"apiKey": row.key})
		require.Equal(t, row.status, a.status, name+a.raw)
		require.Equal(t, row.code, a.text("code"), name+a.raw)
		require.Contains(t, a.raw, `"pointer":"/apiKey"`, name)
	}
	reader := w.service(strings.TrimPrefix(tenant, "/v1/tenants/"), "connection:read")
	require.Equal(t, 403, w.ask(reader, "POST", path+"/production", map[string]string{"apiKey": taken.Key}).status)
	require.Equal(
		t,
		409,
		w.ask(
			w.login(email),
			"POST",
			"/v1/tenants/"+other+"/connection/production",
			map[string]string{"apiKey": taken.Key},
		).status,
	)
	require.Equal(t, "awaiting_first_event", w.must(200, token, "GET", path, nil).text("state"))
	require.Equal(
		t,
		strings.TrimPrefix(tenant, "/v1/tenants/"),
		w.must(200, token, "GET", "/v1/auth/me", nil).text("tenantId"),
	)
	require.Equal(t, 2, w.count(`SELECT count(*) FROM clinics`))
}
