package v1_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// send makes a request with a body.
func (r *reader) send(method, path, body string, headers ...string) reply {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.w.url+r.base+path, strings.NewReader(body))
	require.NoError(r.t, err)
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(r.t, err)
	held(r.t, method, r.base+path, res.StatusCode, res.Header, string(text))
	out := reply{status: res.StatusCode, header: res.Header, text: string(text)}
	require.NoError(r.t, json.Unmarshal(text, &out.body), "%s", text)
	return out
}

// balance returns the balance of a ledger account.
func (r *reader) balance(account string) float64 {
	for _, a := range r.ok("/ledger/balance").body["accounts"].([]any) {
		if a := a.(map[string]any); a["account"] == account {
			return amountOf(a["balance"])
		}
	}
	return 0
}

func TestUnexpectedMoneyIsAWorkItemUntilSomebodyDecidesWhatItWas(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix_unsolicited.made"))
	r := w.as(t, c, "finance")
	require.Equal(t, []float64{-3000, 0}, []float64{r.balance("suspense"), r.balance("sales")})
	list := r.ok("/work-items").data()
	require.Len(t, list, 1)
	item := list[0]
	require.Equal(
		t,
		[]any{"unexpected_money", "open", "Dinheiro sem cobrança conhecida", nil},
		[]any{item["kind"], item["state"], item["title"], item["owner"]},
	)
	require.Equal(t, 3000.0, amountOf(item["amount"]))
	path := "/work-items/" + item["id"].(string)

	require.Equal(t, 428, r.send("POST", path+"/assign", `{"owner":"Ana"}`).status)
	require.Equal(t, 412, r.send("POST", path+"/assign", `{"owner":"Ana"}`, "If-Match", `"7"`).status)
	owned := r.send("POST", path+"/assign", `{"owner":"Ana"}`, "If-Match", `"1"`)
	require.Equal(t, []any{200, "Ana"}, []any{owned.status, owned.body["owner"]})
	require.Len(t, r.ok("/work-items?owner=Ana&kind=unexpected_money").data(), 1)
	require.Empty(t, r.ok("/work-items?owner=Bia").data())

	// What a decision would book is told before, and is what it books.
	require.Nil(t, item["decisions"])
	legs := map[string][]float64{}
	for _, d := range r.ok(path).body["decisions"].([]any) {
		d := d.(map[string]any)
		sum := []float64{}
		for _, leg := range d["legs"].([]any) {
			sum = append(sum, amountOf(leg.(map[string]any)["amount"]))
		}
		legs[d["outcome"].(string)] = sum
	}
	moved := []float64{3000, -3000}
	require.Equal(
		t,
		map[string][]float64{"income": moved, "refunded": moved, "returned": moved, "expense": moved, "explained": {}},
		legs,
	)

	decision := `{"outcome":"income","note":"Consulta paga na recepção."}`
	require.Equal(t, 403, w.as(t, c, "reader").send("POST", path+"/resolve", decision, "If-Match", `"2"`).status)
	require.Equal(
		t,
		422,
		r.send("POST", path+"/resolve", `{"outcome":"gone","note":"de qualquer jeito"}`, "If-Match", `"2"`).status,
	)
	require.Equal(t, 422, r.send("POST", path+"/resolve", `{"outcome":"income","note":"curta"}`, "If-Match", `"2"`).status)
	done := r.send("POST", path+"/resolve", decision, "If-Match", `"2"`)
	require.Equal(
		t,
		[]any{200, "resolved", "income"},
		[]any{done.status, done.body["state"], done.body["outcome"]},
		done.text,
	)
	require.Equal(t, []float64{0, -3000}, []float64{r.balance("suspense"), r.balance("sales")})
	require.Nil(t, done.body["decisions"])
	again := r.send("POST", path+"/resolve", decision, "If-Match", `"3"`)
	require.Equal(t, 409, again.status, again.text)
	require.Contains(t, again.text, "já foi resolvido")
	require.Empty(t, r.ok("/work-items").data())
	require.Len(t, r.ok("/work-items?state=all").data(), 1)

	booked := r.ok("/ledger/entries?subject=" + item["id"].(string)).data()
	require.Len(t, booked, 1)
	require.Equal(
		t,
		[]any{"work_item", "adjust:income", nil},
		[]any{booked[0]["kind"], booked[0]["fact"], booked[0]["event"]},
	)
	require.NoError(t, w.api.In(t.Context(), c.ID, func(tx *tenants.Tx) error {
		p, err := ledger.Verify(tx, ledger.Chain{})
		require.Equal(t, ledger.Proof{Bookings: 3}, p)
		return err
	}))
	text, _ := r.file("/ledger/statement.csv?account=suspense")
	require.Contains(t, text, "Receita reconhecida")
	var actions []any
	for _, e := range w.as(t, c, "admin").ok("/audit").data() {
		actions = append(actions, e["action"])
	}
	require.Equal(t, []any{"work_item.resolve", "work_item.assign"}, actions)
}

func TestAnotherClinicsWorkItemIsNotThere(t *testing.T) {
	w := newReadWorld(t)
	c, other := w.clinic(t, "Vida"), w.clinic(t, "Sorriso")
	w.deliver(t, c, samples.Event("payment_received_pix_unsolicited.made"))
	id := w.as(t, c, "reader").ok("/work-items").data()[0]["id"].(string)
	r := w.as(t, other, "finance")
	require.Empty(t, r.ok("/work-items?state=all").data())
	require.Equal(t, 404, r.get("/work-items/"+id).status)
	require.Equal(t, 404, r.send("POST", "/work-items/"+id+"/assign", `{"owner":"x"}`, "If-Match", `"1"`).status)
	require.Equal(t, 404, r.get("/work-items/wki_x").status)
}

func TestTheSameExpectationAgainChangesNothing(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.as(t, c, "admin")
	require.Equal(t, 404, r.get("/expected-payments/orc-1").status)
	body := `{"value":{"amountCents":12990,"currency":"BRL"}}`
	require.Equal(t, 428, r.send("PUT", "/expected-payments/orc-1", body).status)
	first := r.send("PUT", "/expected-payments/orc-1", body, "If-Match", `"0"`)
	require.Equal(
		t,
		[]any{200, `"1"`, 12990.0},
		[]any{first.status, first.header.Get("ETag"), amountOf(first.body["value"])},
		first.text,
	)
	require.Equal(
		t,
		`"1"`,
		r.send("PUT", "/expected-payments/orc-1", body, "If-Match", `"0"`).header.Get("ETag"),
		"a repeat after a lost answer",
	)
	require.Equal(t, 412, r.send("PUT", "/expected-payments/orc-1", `{"cancelled":true}`, "If-Match", `"0"`).status)
	changed := r.send("PUT", "/expected-payments/orc-1", `{"cancelled":true}`, "If-Match", `"1"`)
	require.Equal(
		t,
		[]any{`"2"`, true, nil},
		[]any{changed.header.Get("ETag"), changed.body["cancelled"], changed.body["value"]},
	)
	require.Equal(t, 304, r.getStatus("/expected-payments/orc-1", "If-None-Match", `"2"`))
	require.Len(t, r.ok("/audit").data(), 2, "what changed nothing is not written down")
	for _, bad := range []string{
		`{"value":{"amountCents":0,"currency":"BRL"}}`, `{"value":{"amountCents":1.5,"currency":"BRL"}}`,
		`{"value":{"amountCents":1,"currency":"USD"}}`, `{"valor":1}`,
	} {
		require.Equal(t, 422, r.send("PUT", "/expected-payments/orc-1", bad, "If-Match", `"2"`).status, bad)
	}
	require.Equal(t, 403, w.as(t, c, "reader").send("PUT", "/expected-payments/orc-1", body).status)
}

// getStatus is get of what may have no body.
func (r *reader) getStatus(path string, headers ...string) int {
	r.t.Helper()
	return r.get(path, headers...).status
}

func TestALedgerThatWasNeverComparedSaysSo(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"))
	got := w.as(t, c, "reader").ok("/ledger/differences?from=2026-08-01&to=2026-08-31").body
	require.Equal(
		t,
		[]any{nil, nil, nil, "2026-08-08"},
		[]any{got["ledgerFrom"], got["checkedAt"], got["balance"], got["since"]},
	)
	day := got["days"].([]any)[0].(map[string]any)
	require.Equal(
		t,
		[]float64{0, 801, -801},
		[]float64{amountOf(day["statement"]), amountOf(day["ledger"]), amountOf(day["difference"])},
	)
	found := day["found"].([]any)
	require.Len(t, found, 1, "a day that differs says by what")
	one := found[0].(map[string]any)
	require.Equal(
		t,
		[]any{"payment", "pay_3h08j28ezvwv7s4h", nil, -801.0},
		[]any{one["kind"], one["subject"], one["type"], amountOf(one["difference"])},
	)
}
