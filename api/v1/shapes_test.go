package v1_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	"patapay/api/rest"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants/radar"
)

// What Asaas sends that no list has is told to the platform, by its form, and to no clinic; closing it takes a note.
func TestWhatAsaasSendsAnewIsToldToThePlatformAndClosedWithANote(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.applier.Radar = &radar.Recorder{DB: w.worker, Now: w.clock}
	w.deliver(
		t,
		c,
		samples.Event("payment_received_pix_extra_attributes.made"),
		samples.Event("unknown_event_future.made"),
	)
	require.NoError(t, w.applier.Radar.Flush(t.Context()))

	platform := &reader{t, w, "/v1/ops", w.token(t, nil, auth.RoleService, rest.AllScopes()...)}
	var ids []any
	told := map[string]bool{}
	for _, row := range platform.ok("/shapes").data() {
		ids = append(ids, row["id"])
		told[row["kind"].(string)+" "+row["path"].(string)+" "+row["form"].(string)] = true
		require.NotContains(t, row, "note")
	}
	require.Equal(t, map[string]bool{
		"member payment.brandNewAttribute object": true, "member payment.brandNewAttribute.nested list": true,
		"member newTopLevel string": true, "event event SOMETHING_NEW_HAPPENED": true,
	}, told)
	require.Equal(t, "gateway_shapes", platform.ok("/alarms?kind=gateway_shapes").data()[0]["kind"])
	require.Equal(t, 403, w.as(t, c, "admin").get("/v1/ops/shapes").status)

	require.Equal(t, 422, platform.post("/shapes/close", map[string]any{"ids": ids, "note": ""}).status)
	require.Equal(t, 404, platform.post("/shapes/close", map[string]any{"ids": []string{"shp_1"}, "note": "known"}).status)
	closed := platform.post("/shapes/close", map[string]any{"ids": ids, "note": "in the changelog of November"})
	require.Equal(t, 200, closed.status, closed.text)
	require.EqualValues(t, 4, closed.body["closed"])
	require.Empty(t, platform.ok("/shapes").data())
	require.Empty(t, platform.ok("/alarms?kind=gateway_shapes").data(), "the alarm ends with the last of them")
	require.Equal(t, "in the changelog of November", platform.ok("/shapes?state=closed").data()[0]["note"])
}

// From one instant on half of Asaas's accounts have other ids, addresses and dates, as in November 2026: the platform
// is shown each new form once, with the number of times, and of the other half nothing.
func TestEachNewFormOfHalfTheAccountsIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	w.applier.Radar = &radar.Recorder{DB: w.worker, Now: w.clock}
	sim := simulator.New(simulator.Options{Seed: 11})
	defer sim.Close()
	told := map[string][][]byte{}
	sim.Listen(func(b *accounts.Books, e accounts.Event) { told[b.ID] = append(told[b.ID], e.Body) })
	before := sim.AddAccount(accounts.Account{})
	_, err := sim.Play(before.ID, flows.FlowPix, flows.Variation{})
	require.NoError(t, err)
	since := time.Now().UTC().Add(-time.Hour).Format(time.RFC3339) // a flow is played in the minutes before now
	order := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/admin/looks", strings.NewReader(
		`{"since":"`+since+`","id":"cob-{18}","address":"https://pagar.asaas.com/v2","date":"2006/01/02"}`))
	answer := httptest.NewRecorder()
	sim.ServeHTTP(answer, order)
	require.Equal(t, 200, answer.Code, answer.Body)
	changed := 0
	const accountsAdded = 24
	for range accountsAdded {
		a := sim.AddAccount(accounts.Account{})
		_, err := sim.Play(a.ID, flows.FlowPix, flows.Variation{})
		require.NoError(t, err)
		sim.Lock()
		if books, _ := sim.Find(a.ID); books.Changes() {
			changed++
		}
		sim.Unlock()
	}
	require.Greater(t, changed, 0)
	require.Less(t, changed, accountsAdded)
	c := w.clinic(t, "Vida")
	for _, bodies := range told {
		w.deliver(t, c, bodies...)
	}
	require.NoError(t, w.applier.Radar.Flush(t.Context()))
	platform := &reader{t, w, "/v1/ops", w.token(t, nil, auth.RoleService, rest.AllScopes()...)}
	shown := map[string]int{}
	for _, row := range platform.ok("/shapes").data() {
		shown[row["kind"].(string)+" "+row["path"].(string)+" "+row["form"].(string)] = int(row["count"].(float64))
	}
	want := map[string]int{ // of the two events of each payment, by hand
		"id payment.id a{3}-x{18}": 2 * changed, "address payment.invoiceUrl https://{host}/*/i/*": 2 * changed,
		"address payment.transactionReceiptUrl https://{host}/*/comprovantes/h/*": changed,
	}
	for member, n := range map[string]int{
		"dateCreated": 2, "dueDate": 2, "originalDueDate": 2, "paymentDate": 1, "clientPaymentDate": 1, "creditDate": 1,
		"estimatedCreditDate": 1, "confirmedDate": 1,
	} {
		want["date payment."+member+" 9999/99/99"] = n * changed
	}
	require.Equal(t, want, shown)
}

// personalValues returns values that a person could be known by: names, numbers, addresses, keys.
func personalValues(rng *rand.Rand, n int) (values []string) {
	names := []string{"João", "Márcia", "Antônio", "Fabíola", "Zuleide", "Quitéria"}
	surnames := []string{"Siqueira", "Albuquerque", "Tupinambá", "Werneck", "Uchôa"}
	for i := range n {
		name, surname, digits := names[rng.IntN(len(names))], surnames[rng.IntN(len(surnames))], fmt.Sprintf(
			"%011d",
			rng.Int64N(1e11),
		)
		values = append(values, []string{
			name + " " + surname + " " + digits[:4], digits,
			digits[:3] + "." + digits[3:6] + "." + digits[6:9] + "-" + digits[9:],
			strings.ToLower(surname) + digits[:5] + "@clinica.example", "+55" + digits,
			"Rua " + surname + ", " + digits[:4], "pay_" + surname + digits[:4],
			"https://www.asaas.com/i/" + surname + digits[:5], surname + digits[:6],
		}[i%9])
	}
	return values
}

// Deliveries full of personal values, as values, as names of members and as words, leave none of them where the new
// forms of all clinics are kept and shown.
func TestOfTwoHundredPersonalValuesTheRadarShowsNone(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	w.applier.Radar = &radar.Recorder{DB: w.worker, Now: w.clock}
	values := personalValues(rand.New(rand.NewPCG(12, 5)), 200)
	for part := range slices.Chunk(values, 20) {
		c := w.clinic(t, "C"+part[0])
		for i, v := range part {
			body := fmt.Appendf(
				nil,
				`{"id":"evt_05b708f961d739ea7eba7e4db318f621&%d","event":"PAYMENT_UPDATED",
				"dateCreated":"2026-11-22 08:00:00","payment":{"object":"payment","id":"pay_%d","value":10.0,
				"status":%q,"billingType":%q,"dueDate":%q,"invoiceUrl":%q,"customer":%q,"novo":{%q:{%q:%q}},%q:[%q]}}`,
				i+1,
				i,
				v,
				v,
				v,
				v,
				v,
				v,
				v,
				v,
				v,
				v,
			)
			w.deliver(
				t,
				c,
				body,
				fmt.Appendf(nil, `{"id":"evt_15b708f961d739ea7eba7e4db318f621&%d","event":%q,"payment":{"id":%q}}`, i+1, v, v),
			)
		}
	}
	require.NoError(t, w.applier.Radar.Flush(t.Context()))
	require.Greater(t, w.count(t, `SELECT count(*) FROM gateway_shapes`), 8, "something was told of")
	var kept string
	require.NoError(
		t,
		w.owner(
			t,
		).QueryRow(
			t.Context(),
			`SELECT (SELECT string_agg(s::text, ' ') FROM gateway_shapes s) ||
			  (SELECT coalesce(string_agg(a::text, ' '), '') FROM alarms a)`,
		).Scan(&kept),
	)
	platform := &reader{t, w, "/v1/ops", w.token(t, nil, auth.RoleService, rest.AllScopes()...)}
	shown := platform.ok("/shapes").text
	for _, v := range values {
		for _, where := range []string{kept, shown} {
			require.NotContains(t, strings.ToLower(where), strings.ToLower(v))
		}
		for word := range strings.FieldsSeq(v) {
			if len(word) > 4 {
				require.NotContains(t, kept, word)
			}
		}
	}
}

// Words of an account's state are told of, though its events are not folded.
func TestAWordOfCommercialDataThatNobodyKnowsIsShown(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	w.applier.Radar = &radar.Recorder{DB: w.worker, Now: w.clock}
	w.deliver(
		t,
		w.clinic(t, "Vida"),
		edited("account_status_commercial_info_expired.made", `"commercialInfo": "APPROVED"`, `"commercialInfo": "EXPIRED"`),
	)
	require.NoError(t, w.applier.Radar.Flush(t.Context()))
	platform := &reader{t, w, "/v1/ops", w.token(t, nil, auth.RoleService, rest.AllScopes()...)}
	row := platform.ok("/shapes").data()[0]
	require.Equal(
		t,
		[]any{"word", "accountStatus.commercialInfo", "EXPIRED"},
		[]any{row["kind"], row["path"], row["form"]},
	)
}
